/* SPDX-License-Identifier: Apache-2.0
 *
 * May this pass? A request says what is about to be done; the decision says whether it may, by which rule, and with which
 * arguments. Deny beats approve beats allow, and what no rule allows is denied.
 *
 * Only LEASTWISE_ALLOW lets something pass, and what passes is leastwise_decision_arguments(), not the text that was asked about:
 * rules may have narrowed it, and it is free of spellings that another reader could take for something else.
 */
#ifndef LEASTWISE_DECISION_H
#define LEASTWISE_DECISION_H

#include <stddef.h>
#include <stdint.h>

#include <leastwise/policy.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Zeroed memory denies; the stricter of two verdicts is the smaller number. */
enum leastwise_verdict {
        LEASTWISE_DENY = 0,
        LEASTWISE_APPROVE = 1, /* only after people have approved it: leastwise_decision_approvers() of them */
        LEASTWISE_ALLOW = 2,
        _LEASTWISE_VERDICT_FORCE_INT = 0x7fffffff
};

/* What is asked about, and what its name is. */
enum leastwise_subject {
        LEASTWISE_TOOL = 1,              /* calling a tool: its name; takes arguments */
        LEASTWISE_RESOURCE = 2,          /* reading a resource: its URI */
        LEASTWISE_PROMPT = 3,            /* getting a prompt: its name; takes arguments */
        LEASTWISE_METHOD = 4,            /* a method that the protocol does not define: its name */
        LEASTWISE_SAMPLING = 5,          /* a server's use of the client's model: no name */
        LEASTWISE_ELICITATION_FORM = 6,  /* a server's wish that the user fill in a form: no name */
        LEASTWISE_ELICITATION_URL = 7,   /* a server's wish that the user open a URL: the URL */
        LEASTWISE_ROOT = 8,              /* telling a server of a root: its URI */
        LEASTWISE_RESOURCE_TEMPLATE = 9, /* for leastwise_policy_could_allow() alone: a URI template */
        _LEASTWISE_SUBJECT_FORCE_INT = 0x7fffffff
};

/* Why. New ones may come. */
enum leastwise_reason {
        LEASTWISE_REASON_RULE = 1,             /* a rule says so */
        LEASTWISE_REASON_NO_RULE = 2,          /* nothing allows it */
        LEASTWISE_REASON_EXPIRED = 3,          /* the policy's `until` is past */
        LEASTWISE_REASON_BAD_NAME = 4,         /* empty, too long, or with control characters in it */
        LEASTWISE_REASON_AMBIGUOUS_URI = 5,    /* it can be read in more than one way */
        LEASTWISE_REASON_CONDITION = 6,        /* a condition on the arguments does not hold */
        LEASTWISE_REASON_UNNAMED_ARGUMENT = 7, /* an argument that the rule does not name */
        LEASTWISE_REASON_NARROW_CONFLICT = 8,  /* rules force different values on one argument */
        LEASTWISE_REASON_ARGUMENTS = 9,        /* the arguments are not a JSON object that everybody reads alike */
        LEASTWISE_REASON_SCHEMA = 10,          /* the arguments do not fit the tool's schema */
        LEASTWISE_REASON_DEFINITION = 11,      /* the tool's definition or schema cannot be read, or is another tool's */
        _LEASTWISE_REASON_FORCE_INT = 0x7fffffff
};

/* What the tool's schema says of the arguments that would be sent. Only LEASTWISE_SCHEMA_FITS means that they fit. */
enum leastwise_schema {
        LEASTWISE_SCHEMA_NOT_EVALUATED = 0, /* it asserts what is not evaluated: docs/schema.md */
        LEASTWISE_SCHEMA_MISMATCH = 1,      /* they do not fit: the verdict is LEASTWISE_DENY */
        LEASTWISE_SCHEMA_FITS = 2,
        LEASTWISE_SCHEMA_UNKNOWN = 3,       /* the request has none, or one past 128 KiB */
        LEASTWISE_SCHEMA_NOT_CHECKED = 4,   /* every layer says `schema: off`, or it is no tool, or it was denied before */
        _LEASTWISE_SCHEMA_FORCE_INT = 0x7fffffff
};

/* What a session has met so far, as far as rules under `flow:` ask about it. One thread at a time. */
struct leastwise_marks;

/* Marks of a session that has met nothing. They hold a reference to the policy. 0 with *ret owned by the caller,
 * -LEASTWISE_ERROR_ARGUMENT or -LEASTWISE_ERROR_MEMORY. Since 0.1. */
int leastwise_marks_new(struct leastwise_marks **ret, struct leastwise_policy *policy);

/* Frees them; returns NULL. NULL is fine. Since 0.1. */
struct leastwise_marks *leastwise_marks_free(struct leastwise_marks *marks);

/* The same for the cleanup attribute: leaves NULL in *@marks. Since 0.1. */
void leastwise_marks_freep(struct leastwise_marks **marks);

/* To be called before an answer of the tool, resource or prompt is handed on, an error and a part of an answer too:
 * from then on rules about what it gives are in force. A LEASTWISE_RESOURCE_TEMPLATE stands for all resources that it
 * could be: to be called before completions of it are handed on. Things of other kinds give no marks. 0 or
 * -LEASTWISE_ERROR_ARGUMENT. Since 0.1. */
int leastwise_marks_add(
        struct leastwise_marks *marks, enum leastwise_subject subject, const char *name, size_t name_length);

/* The real path of the absolute @path, every symbolic link resolved as far as it exists, written to @ret with a NUL: 0, or anything
 * else when it is not known; then conditions on the path do not hold. Called from within the function that decides, in
 * its thread. */
typedef int (*leastwise_resolve_fn)(const char *path, char *ret, size_t ret_size, void *userdata);

struct leastwise_request {
        size_t size; /* sizeof(struct leastwise_request) */
        enum leastwise_subject subject;
        const char *name; /* unescaped bytes; need not end in a NUL */
        size_t name_length;
        const char *arguments; /* the text of a JSON object; NULL: there are none */
        size_t arguments_length;
        uint64_t now_ms; /* the time in milliseconds since 1970; never 0 */
        /* Of the same policy. They may be NULL when no layer has `flow:`; else tools, resources and prompts are decided
         * about only with them. */
        const struct leastwise_marks *marks;
        /* NULL: paths are read by their text alone, and a symbolic link may lead out of a directory that a rule allows. */
        leastwise_resolve_fn resolve;
        void *userdata; /* of @resolve */
        /* Of a tool, as the server lists it: the text of a JSON object with `name` and `inputSchema`. Unless every layer says
         * `schema: off`, arguments that do not fit that schema are denied. NULL: not known; then nobody looks. */
        const char *definition;
        size_t definition_length;
        /* The same schema by itself, in place of @definition. */
        const char *input_schema;
        size_t input_schema_length;
};

struct leastwise_decision;

/* Decides. 0 with *ret owned by the caller, whatever the verdict; negative when nothing was decided, and then nothing may
 * pass: -LEASTWISE_ERROR_ARGUMENT, -LEASTWISE_ERROR_MEMORY, -LEASTWISE_ERROR_NOT_ENFORCED (`flow:`, and no marks). What a peer
 * can get wrong (names, arguments) is a denial, not an error. From any thread, many at a time. Since 0.1. */
int leastwise_policy_decide(const struct leastwise_policy *policy, const struct leastwise_request *request,
        struct leastwise_decision **ret);

/* The same about a tool, for programs with little to say: texts that end in a NUL, and no marks, so that a policy with `flow:` is
 * not for it; paths are read by their text alone. @arguments and @definition may be NULL. From any thread, many at a time.
 * Since 0.1. */
int leastwise_policy_decide_tool(const struct leastwise_policy *policy, const char *tool, const char *arguments,
        const char *definition, uint64_t now_ms, struct leastwise_decision **ret);

/* One step of a decision: a rule whose name matches, or (@rule is NULL) what a layer says as a whole, or at last, of the layer that
 * decided, that the arguments do not fit the tool's schema. Filled in by the library; valid during the callback. */
struct leastwise_step {
        size_t size;        /* as the library knows it */
        const char *policy; /* the layer's name */
        const char *source; /* its source's name */
        const char *rule;
        enum leastwise_verdict verdict; /* that the rule gives where it matches */
        enum leastwise_reason reason;   /* of a rule: LEASTWISE_REASON_RULE when it matches, else why it does not */
        const char *because;            /* what the rule gives as its reason, or what does not fit; NULL: nothing */
        uint32_t line, column;          /* of the rule; 0: none */
        const char *condition;          /* that did not hold, or that made a deny rule match; NULL: none had a say */
        uint32_t condition_line, condition_column;
        int decides; /* 1: this is where the verdict comes from; else 0 */
};

typedef void (*leastwise_step_fn)(const struct leastwise_step *step, void *userdata);

/* Decides in the same way, and tells of each step: of the call as it was narrowed, if it was. *ret (@ret may be NULL) as above.
 * When it fails some steps may have been told. From any thread, many at a time. Since 0.1. */
int leastwise_policy_explain(const struct leastwise_policy *policy, const struct leastwise_request *request,
        leastwise_step_fn tell, void *userdata, struct leastwise_decision **ret);

/* For lists: could some call by that name be allowed, or need approval? 1 or 0; 0 too when the request is not a good one. Its arguments
 * and marks are not looked at. Hiding what could not is a courtesy: the decision counts. From any thread. Since 0.1. */
int leastwise_policy_could_allow(const struct leastwise_policy *policy, const struct leastwise_request *request);

/* --- The decision. It never changes: any thread may read it. Texts end in a NUL and live as long as the decision; NULL means that
 * there is nothing of the kind. Of NULL, as after an error, each of these gives the strictest answer: the verdict LEASTWISE_DENY, no
 * arguments, LEASTWISE_SCHEMA_NOT_EVALUATED, 0. Since 0.1. --- */

/* Frees it; returns NULL. NULL is fine. */
struct leastwise_decision *leastwise_decision_free(struct leastwise_decision *decision);
/* The same for the cleanup attribute: leaves NULL in *@decision. */
void leastwise_decision_freep(struct leastwise_decision **decision);

enum leastwise_verdict leastwise_decision_verdict(const struct leastwise_decision *decision);
enum leastwise_reason leastwise_decision_reason(const struct leastwise_decision *decision);

/* One printable line for people: the verdict, the rule, and why. Never NULL. */
const char *leastwise_decision_text(const struct leastwise_decision *decision);

/* What is to be sent in place of the arguments that were asked about: canonical JSON, *ret_length bytes (@ret_length may be
 * NULL) and a NUL. NULL when there are none, and whenever the verdict is LEASTWISE_DENY. */
const char *leastwise_decision_arguments(const struct leastwise_decision *decision, size_t *ret_length);
/* 1 when rules changed the arguments; else 0. */
int leastwise_decision_is_narrowed(const struct leastwise_decision *decision);

/* What the tool's schema says; and where it is not evaluated, or does not fit, the keyword that this hangs on, if there is one. */
enum leastwise_schema leastwise_decision_schema(const struct leastwise_decision *decision);
const char *leastwise_decision_schema_keyword(const struct leastwise_decision *decision);

/* The layer that decided, its source, the rule with its place, and what the policy's author wrote there. */
const char *leastwise_decision_policy(const struct leastwise_decision *decision);
const char *leastwise_decision_source(const struct leastwise_decision *decision);
const char *leastwise_decision_rule(const struct leastwise_decision *decision);
const char *leastwise_decision_because(const struct leastwise_decision *decision);
const char *leastwise_decision_condition(const struct leastwise_decision *decision);
uint32_t leastwise_decision_line(const struct leastwise_decision *decision);
uint32_t leastwise_decision_column(const struct leastwise_decision *decision);

/* Of LEASTWISE_APPROVE: how many different people must approve, at least 1; and what they are to be told. */
uint32_t leastwise_decision_approvers(const struct leastwise_decision *decision);
const char *leastwise_decision_say(const struct leastwise_decision *decision);
const char *leastwise_decision_undo(const struct leastwise_decision *decision);
/* The server that the call must go to (`lane:`); NULL: the ordinary one. */
const char *leastwise_decision_lane(const struct leastwise_decision *decision);

/* "deny", "approve", "allow"; "deny" for anything else. */
const char *leastwise_verdict_name(enum leastwise_verdict verdict);
/* The word that audit records have for it ("no-rule"), or would have, "unknown" for anything else. */
const char *leastwise_reason_name(enum leastwise_reason reason);
/* "not-evaluated", "mismatch", "fits", "unknown", "not-checked"; "not-evaluated" for anything else. */
const char *leastwise_schema_name(enum leastwise_schema schema);

#ifdef __cplusplus
}
#endif

#endif
