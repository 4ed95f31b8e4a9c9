/* SPDX-License-Identifier: Apache-2.0
 *
 * Policies, read from text and compiled. A policy here is one or several layers (texts of docs/policy-language.md) of which the
 * strictest verdict wins. It never changes once it is loaded: any number of threads may use one at the same time.
 *
 * The library reads no files, not even those of /etc/leastwise/policy.d: which layers are in force is the caller's to say.
 *
 * Structures that a caller fills in begin with their own size, as the caller's compiler knows it: set it to sizeof, and every
 * member that is not used to zero. So members can be added without breaking programs that are already built.
 */
#ifndef LEASTWISE_POLICY_H
#define LEASTWISE_POLICY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct leastwise_policy;

/* The text of one layer. */
struct leastwise_source {
        size_t size;      /* sizeof(struct leastwise_source); the same in each of an array */
        const char *name; /* for messages and decisions: the file's path, usually */
        const char *text; /* YAML; @length bytes, without need of a NUL */
        size_t length;
};

/* The value of a name that a policy lists under `bind:`. */
struct leastwise_binding {
        size_t size; /* sizeof(struct leastwise_binding); the same in each of an array */
        const char *name;
        const char *value;
};

enum leastwise_severity {
        LEASTWISE_SEVERITY_ERROR = 1,
        LEASTWISE_SEVERITY_WARNING = 2,
        _LEASTWISE_SEVERITY_FORCE_INT = 0x7fffffff
};

/* One thing that is wrong with a policy's text, or could be better. Filled in by the library; valid during the callback. */
struct leastwise_diagnostic {
        size_t size; /* as the library knows it */
        enum leastwise_severity severity;
        const char *code;    /* "P101": stable, told of in docs/policy-diagnostics.md */
        const char *source;  /* the source's name */
        uint32_t line;       /* from 1; 0: the source as a whole */
        uint32_t column;     /* from 1, in bytes */
        uint32_t length;     /* bytes that it is about */
        const char *message; /* one printable line */
        const char *help;    /* what would mend it; NULL when there is nothing to say */
};

typedef void (*leastwise_diagnostic_fn)(const struct leastwise_diagnostic *diagnostic, void *userdata);

/* What a policy can ask for that deciding about one call by itself does not do. A policy that asks for one of these is refused unless
 * the caller says, by these bits, that somebody sees to it: the caller itself, or (limits and results) a session of session.h. */
enum leastwise_enforces {
        LEASTWISE_ENFORCES_LIMITS = 1,  /* `limits:`: counting calls and sums, and refusing what goes beyond */
        LEASTWISE_ENFORCES_PINS = 2,    /* `pins:`: comparing tools' definitions with the lock */
        LEASTWISE_ENFORCES_LANES = 4,   /* `lane:`: sending a call to the server that leastwise_decision_lane() names */
        LEASTWISE_ENFORCES_RESULTS = 8, /* `results:`: taking out of what a server says what the policy wants out */
        /* `approvers:` with `signers`: LEASTWISE_APPROVE becomes a yes only by people on that list, as their signatures show */
        LEASTWISE_ENFORCES_APPROVERS = 16,
        _LEASTWISE_ENFORCES_FORCE_INT = 0x7fffffff
};

struct leastwise_load_options {
        size_t size; /* sizeof(struct leastwise_load_options) */
        const struct leastwise_binding *bindings;
        size_t binding_count;
        const char *agent; /* who calls are made for (`agents:`); NULL: not known */
        uint32_t enforces; /* enum leastwise_enforces, or-ed */
        /* Called for every diagnostic before loading returns, in the order of sources and lines; may be NULL. */
        leastwise_diagnostic_fn diagnose;
        void *userdata;
};

/* Reads and compiles @count layers (1 to 16). @options may be NULL. The sources may be freed afterwards. 0, with a reference in
 * *ret that the caller owns; -LEASTWISE_ERROR_POLICY or -LEASTWISE_ERROR_NOT_ENFORCED, with diagnostics that say why;
 * -LEASTWISE_ERROR_ARGUMENT, -LEASTWISE_ERROR_MEMORY, -LEASTWISE_ERROR_RANDOM. From any thread. Since 0.1. */
int leastwise_policy_load(struct leastwise_policy **ret, const struct leastwise_source *sources, size_t count,
        const struct leastwise_load_options *options);

/* The same of one layer, for programs with little to say: texts that end in a NUL, no bindings, no claims. When it fails and
 * @problem_size is not 0, @problem gets one printable line that ends in a NUL: the first error ("clerk.yaml:5:11: ..."), or what
 * leastwise_strerror() says; when it does not, an empty text. From any thread. Since 0.1. */
int leastwise_policy_load_text(
        struct leastwise_policy **ret, const char *name, const char *text, char *problem, size_t problem_size);

/* Another reference to the same policy: returns @policy. NULL is fine. From any thread. Since 0.1. */
struct leastwise_policy *leastwise_policy_ref(struct leastwise_policy *policy);

/* Gives a reference back; the last one frees the policy. Returns NULL. NULL is fine. From any thread. Since 0.1. */
struct leastwise_policy *leastwise_policy_unref(struct leastwise_policy *policy);

/* The same for the cleanup attribute of gcc and clang: leaves NULL in *@policy. Since 0.1. */
void leastwise_policy_unrefp(struct leastwise_policy **policy);

/* How many layers there are. From any thread. Since 0.1. */
size_t leastwise_policy_count(const struct leastwise_policy *policy);

/* What a layer is called, what it is for, and "sha256:" with 64 hexadecimal digits over its text, so that a record can name the
 * policy to the byte. NULL past the last layer; else valid as long as the policy. From any thread. Since 0.1. */
const char *leastwise_policy_name(const struct leastwise_policy *policy, size_t layer);
const char *leastwise_policy_purpose(const struct leastwise_policy *policy, size_t layer);
const char *leastwise_policy_digest(const struct leastwise_policy *policy, size_t layer);

#ifdef __cplusplus
}
#endif

#endif
