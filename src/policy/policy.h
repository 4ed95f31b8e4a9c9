/* SPDX-License-Identifier: Apache-2.0
 *
 * A compiled policy and the one evaluator. Immutable once made, shared by reference count; deciding
 * allocates nothing but in the caller's scratch memory, and never fails: whatever it cannot settle is a denial (laws L4, L7).
 *
 * The language is specified in docs/policy-language.md. Deny beats approve beats allow, nothing matching
 * means deny, and of several policies the strictest verdict wins.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "diagnostic.h"
#include "json.h"
#include "str.h"

/* Zeroed memory denies; the stricter of two verdicts is the smaller. Only `== VERDICT_ALLOW` opens the gate. */
enum verdict {
        VERDICT_DENY = 0,
        VERDICT_APPROVE = 1,
        VERDICT_ALLOW = 2,
};

const char *verdict_name(enum verdict verdict); /* "deny", "approve", "allow" */

/* What is decided about. */
enum policy_subject {
        POLICY_TOOL,              /* name = the tool's */
        POLICY_RESOURCE,          /* name = URI */
        POLICY_RESOURCE_TEMPLATE, /* name = URI template (RFC 6570): allowed when some URI of it could be */
        POLICY_PROMPT,            /* name = the prompt's */
        POLICY_METHOD,            /* name = a method or notification that the method table has no row for */
        POLICY_SAMPLING,          /* no name */
        POLICY_ELICITATION_FORM,  /* no name */
        POLICY_ELICITATION_URL,   /* name = the URL; empty: could any URL be allowed? */
        POLICY_ROOTS,             /* name = a root's URI (file://...); empty: could any root be allowed? */
        POLICY_SUBJECT_MAX_,
};

enum policy_reason {
        POLICY_BY_RULE = 1,   /* `rule_*` and the position name it */
        POLICY_NO_RULE,       /* nothing matched: deny by default */
        POLICY_EXPIRED,       /* past `until` */
        POLICY_BAD_NAME,      /* empty, over-long, or with a NUL or control character */
        POLICY_AMBIGUOUS_URI, /* spelled so that a pattern cannot be trusted to see what a server would see */
        POLICY_CONDITION,     /* rules speak of the name, but none of their conditions hold: one rule and its condition are named */
        POLICY_UNNAMED_ARGUMENT, /* the same, where the call has an argument that the rule does not name */
        POLICY_NARROW_CONFLICT,  /* rules that match force different values on an argument */
};

/* The marks that a session has been given (`flow:`). */
struct policy_marks;

/* What conditions need while they are looked at: regular expressions' working memory and room for unescaped strings. The
 * caller keeps one for its lifetime; no two decisions may use one at the same time. */
struct policy_scratch;
struct policy_scratch *policy_scratch_new(void);                     /* NULL without memory */
struct policy_scratch *policy_scratch_free(struct policy_scratch *); /* NULL is fine; returns NULL */

/* What the proxy can find out about the machine that the server runs on. */
struct policy_host {
        /* The real path of the absolute @path, with every symbolic link resolved as far as it exists, appended to @ret: 0 or
         * negative, and then the path counts as unreadable. */
        int (*resolve)(void *userdata, struct str path, struct buf *ret);
        void *userdata;
};

struct policy_request {
        enum policy_subject subject;
        struct str name;            /* unescaped bytes */
        const struct json_doc *doc; /* of the call, or NULL */
        uint32_t arguments;         /* token of the arguments object in @doc; 0 = none */
        int64_t now_s;              /* seconds since the epoch, for `until` */
        const struct policy_marks *marks; /* NULL: none */
        struct policy_scratch *scratch;   /* NULL: what needs it is unreadable */
        const struct policy_host *host;   /* NULL: paths are read by their text alone */
};

/* Borrows from the policy set: valid as long as it is. */
struct policy_decision {
        enum verdict verdict;
        enum policy_reason reason;
        struct str policy_name; /* `name:` of the policy that decided */
        struct str file;        /* its path, as given */
        struct str rule_id;     /* `id:`, or "<section>.<list>[<index>]" such as "tools.deny[0]"; empty without a rule */
        struct str because;     /* empty when the rule has none */
        uint32_t line, column;  /* of the rule (1-based; column in bytes); 0 without a rule */
        /* Of a rule with conditions: the one that did not hold, or that made a deny rule match; as in "perPage: at most 100".
         * With POLICY_UNNAMED_ARGUMENT the arguments that the rule takes. Empty when no condition had a say. */
        struct str condition;
        uint32_t condition_line, condition_column;
        uint32_t argument;      /* with POLICY_UNNAMED_ARGUMENT: the token of the argument's name; else 0 */
        struct str lane;        /* unless it is denied: of the rule that decides, before flow rules, or where that says none, of the
                                 * first policy whose own deciding rule does; empty: the ordinary one */
        struct str say, undo;   /* of an approve rule; @say holds {argument} where an argument is to be shown */
        uint32_t hold_ms;       /* of an approve rule that says so: how long the call waits; else 0 */
        uint32_t by;            /* of an approve rule: how many different people must approve, at least 1 */
        bool narrows;           /* a rule that matches may change the arguments: ask policy_set_narrow() */
};

enum credential_from {
        CREDENTIAL_ENV,
        CREDENTIAL_FILE,
        CREDENTIAL_SYSTEMD,
        CREDENTIAL_KEYRING,
        CREDENTIAL_VAULT,
        CREDENTIAL_EXEC,
        CREDENTIAL_FROM_MAX_,
};

/* How a program says what it has. */
enum credential_protocol {
        CREDENTIAL_PLAIN,
        CREDENTIAL_AWS,
        CREDENTIAL_EXEC_CREDENTIAL,
        CREDENTIAL_GIT,
        CREDENTIAL_DOCKER,
        CREDENTIAL_GOOGLE,
        CREDENTIAL_BAZEL,
        CREDENTIAL_PROTOCOL_MAX_,
};

struct policy_credential {
        struct str env_name; /* what the upstream sees */
        enum credential_from from;
        struct str source;      /* env: variable name; file: absolute path; systemd, vault: the name there; else empty */
        struct str vault;       /* vault: absolute path of its file; empty: the user's own */
        const struct str *argv; /* exec: program and arguments; keyring: attributes and their values in turn */
        size_t argc;
        const struct str *inherit; /* exec: names of our environment that the program gets besides */
        size_t inherit_count;
        enum credential_protocol protocol; /* exec */
        struct str field;    /* exec: what of the answer; never empty but for CREDENTIAL_PLAIN */
        struct str url;      /* exec: what for, with the protocols git, docker and bazel */
        uint32_t ttl_ms;     /* good for so long when nothing else says; 0: nobody knows */
        uint32_t timeout_ms; /* exec and keyring; default 10 s */
        bool as_file;        /* the variable holds the path of a file with the value in it */
        struct str file;     /* where the policy says so */
        uint32_t line, column;
};

/* Do they come from the same place in the same way? Their names do not count, nor where that is said. */
bool policy_credential_eq(const struct policy_credential *a, const struct policy_credential *b);

/* Appends where it comes from, for a person: "the environment variable GH_TOKEN", "`op read ...`". Nothing in it is a secret. */
void policy_credential_describe(const struct policy_credential *credential, struct buf *out);

struct policy_pair {
        struct str name, value;
};

enum policy_audit_arguments { POLICY_AUDIT_DIGEST, POLICY_AUDIT_REDACTED };

/* What becomes of the session when the server fails. */
enum policy_restart { POLICY_RESTART_NEVER, POLICY_RESTART_ON_FAILURE };

/* What the policies say about starting the server, merged over the set; borrows from the set. */
struct policy_launch {
        const struct str *command; /* from `server.command`; count 0 when none says */
        size_t command_count;
        const struct policy_pair *env;
        size_t env_count;
        const struct str *inherit;
        size_t inherit_count;
        const struct policy_credential *credentials;
        size_t credential_count;
        enum policy_audit_arguments audit_arguments; /* redacted only when every policy that speaks of it says so */
        bool audit_durable;                          /* when any says so */
        enum policy_restart restart;                 /* on failure when any says so */
        bool keeps_state;                            /* the same: another process would not be as good as the one before */
};

struct policy_input {
        struct str path; /* for diagnostics */
        struct str text; /* the file's contents */
};

struct policy_options {
        const struct policy_pair *bindings; /* --bind */
        size_t binding_count;
        bool any_binding;       /* `check` without --bind: unbound names take a value that matches nothing */
        struct str agent;       /* --agent; empty when not given */
        bool spare_bindings;    /* `diff`: one that the policy does not declare is no mistake */
        bool any_agent;         /* `check`: do not hold `agents:` against it */
        bool lint;              /* tell of what is right and may not be meant (lint.h) */
        bool tests;             /* read `tests:` (policy_test.h) and keep them; else the key is passed over */
        size_t administrators;  /* so many of the inputs, the first ones, are the administrator's */
};

/* Where the policy says that tools are pinned. */
struct policy_pins {
        struct str file; /* as written: absolute, or relative to the policy's directory */
        uint32_t line, column, length;
};

/* Who may answer what the policy wants approved. */
struct policy_approvers {
        struct str signers; /* a list of people, as written: absolute, or relative to the policy's directory. Empty: `local` */
        struct str revoked; /* keys that do not count any more; the same; empty: none */
        uint32_t line, column;
};

struct policy_set;

/* Parses and compiles all inputs (1 to LIMIT_POLICIES). 0 with *ret owned by the caller; -EINVAL when @diags holds
 * errors (all of them: one bad file does not hide the next); -ENOMEM. Inputs may be freed afterwards. */
int policy_set_new(struct policy_set **ret, const struct policy_input *inputs, size_t count,
        const struct policy_options *options, struct diagnostics *diags);
struct policy_set *policy_set_ref(struct policy_set *set);
struct policy_set *policy_set_unref(struct policy_set *set); /* NULL is fine; returns NULL */

void policy_set_decide(const struct policy_set *set, const struct policy_request *request, struct policy_decision *ret);

/* Everything that the session need not look at again when no rule of any policy has a condition on arguments: then a name
 * and its verdict do for all calls. */
bool policy_set_has_conditions(const struct policy_set *set, enum policy_subject subject);

/* For lists: could some call by that name be allowed or need approval? With allow, @ret says by which rule; with deny, why
 * not. Deny rules with conditions do not settle it. */
bool policy_set_could_allow(const struct policy_set *set, enum policy_subject subject, struct str name, int64_t now_s,
        struct policy_decision *ret);

enum policy_narrowing {
        NARROW_CONFLICT = 0, /* rules force different values, or a value cannot be changed: the call is denied */
        NARROW_NONE,         /* the arguments stay as they are; nothing was written */
        NARROW_DONE,         /* @out has the arguments to decide about again, and to send instead */
};

/* Applies the narrowing of every allow and approve rule that matches, of every policy. Appends the object as canonical JSON,
 * members in the order of the call and new ones at the end. Applied to its own result it changes nothing. */
enum policy_narrowing policy_set_narrow(
        const struct policy_set *set, const struct policy_request *request, struct buf *out);

/* The whole way of one call, as a session goes it: decides, narrows, and decides about the narrowed call. Afterwards @request
 * is about what would be sent, which lies in @text and @doc (initialised by the caller) when it was narrowed. True when it was. */
bool policy_set_settle(const struct policy_set *set, struct policy_request *request, struct buf *text, struct json_doc *doc,
        struct policy_decision *ret);

/* What a model should know of the limits before it calls the tool, in a sentence or two of plain text; nothing when there are
 * none. */
void policy_set_hint(const struct policy_set *set, struct str name, struct buf *out);

/* Does a policy say `hints: off`? Then lists are not added to. */
bool policy_set_hints_off(const struct policy_set *set);

/* Is there any tool of which that could be said, and does no policy say `hints: off`? */
bool policy_set_gives_hints(const struct policy_set *set);

/* One per policy considered and one per rule whose name matched, from the same evaluation as decide(). */
struct policy_step {
        struct str policy_name, file;
        struct str rule_id; /* empty for the policy's own result */
        enum verdict verdict;
        enum policy_reason reason; /* of a rule: POLICY_BY_RULE when it matches; else why it does not */
        struct str because;
        uint32_t line, column;
        struct str condition; /* as in a decision; also of a rule that does not match */
        uint32_t condition_line, condition_column;
        uint32_t argument;
        bool decides; /* this is the step that the verdict comes from */
};
typedef void (*policy_observer)(void *userdata, const struct policy_step *step);
void policy_set_explain(const struct policy_set *set, const struct policy_request *request, policy_observer observer,
        void *userdata, struct policy_decision *ret);

/* Is everything of this kind allowed, with no exception, whatever its name and arguments? Then lists pass unfiltered. For
 * POLICY_METHOD: the protocol itself is open (unknown methods, capabilities and revisions pass). */
bool policy_set_allows_all(const struct policy_set *set, enum policy_subject subject);

/* A second server of the same command, which holds these credentials and no others; merged over the set, from which it borrows. */
struct policy_lane {
        struct str name;
        const struct policy_credential *credentials;
        size_t credential_count;
        bool per_call;    /* it lives for one call */
        uint32_t live_ms; /* else: it is kept so long without a call */
};

/* At most LIMIT_LANES, each name once. */
size_t policy_set_lane_count(const struct policy_set *set);
const struct policy_lane *policy_set_lane(const struct policy_set *set, size_t index);

/* Does a policy have `lanes:`? */
bool policy_set_has_lanes(const struct policy_set *set);
/* Are arguments held against the tool's schema? Not when every policy says `schema: off`. */
bool policy_set_checks_schema(const struct policy_set *set);

void policy_set_launch(const struct policy_set *set, struct policy_launch *ret);

/* Every credential that a policy names, those of lanes included: @lane is empty for the others. @policy is the policy's index. */
typedef void (*policy_credential_observer)(
        void *userdata, size_t policy, struct str lane, const struct policy_credential *credential);
void policy_set_each_credential(const struct policy_set *set, policy_credential_observer observer, void *userdata);
size_t policy_set_count(const struct policy_set *set);
struct str policy_set_name(const struct policy_set *set, size_t index);
struct str policy_set_purpose(const struct policy_set *set, size_t index);
struct str policy_set_path(const struct policy_set *set, size_t index);
/* "sha256:" and 64 hexadecimal digits over the file's bytes. */
struct str policy_set_digest(const struct policy_set *set, size_t index);
/* False when the policy has no `pins:`. The layer reads no files: who puts the set in force must see to it that what the policy
 * pins holds. */
bool policy_set_pins(const struct policy_set *set, size_t index, struct policy_pins *ret);
/* False when anybody at this machine may answer, as far as the policy is concerned (`approvers: local`, or none). As with pins. */
bool policy_set_approvers(const struct policy_set *set, size_t index, struct policy_approvers *ret);
