/* SPDX-License-Identifier: Apache-2.0
 *
 * Conditions on one value of a call's arguments, compiled. A condition has more than two outcomes, so that whoever asks
 * can err on refusing: an allow rule takes only what holds, a deny rule lets go only what does not.
 */
#pragma once

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "decimal.h"
#include "mail.h"
#include "pattern.h"
#include "plain_command.h"
#include "policy.h"
#include "url.h"

/* Memory of zeros refuses. */
enum condition_outcome {
        CONDITION_UNREADABLE = 0, /* of another type, past a limit, or not understood */
        CONDITION_MISSING,        /* there is no value */
        CONDITION_FAILS,
        CONDITION_HOLDS,
};

enum condition_kind {
        CONDITION_ONE_OF, /* `is` as well */
        CONDITION_NONE_OF,
        CONDITION_AT_LEAST,
        CONDITION_AT_MOST,
        CONDITION_ABOVE,
        CONDITION_BELOW,
        CONDITION_LIKE,
        CONDITION_REGEX,
        CONDITION_STARTS_WITH,
        CONDITION_ENDS_WITH,
        CONDITION_CONTAINS,
        CONDITION_WITHIN,
        CONDITION_URL,
        CONDITION_MAIL,
        CONDITION_COMMAND,
        CONDITION_SQL,
        CONDITION_LENGTH,
        CONDITION_EACH,
        CONDITION_ANY,
        CONDITION_PRESENT,
        CONDITION_ABSENT,
        CONDITION_TYPE,
};

/* Bits of `type:` (and of the types among the values of CONDITION_ONE_OF). */
enum {
        TYPE_NULL = 1U << 0,
        TYPE_BOOLEAN = 1U << 1,
        TYPE_NUMBER = 1U << 2,
        TYPE_INTEGER = 1U << 3,
        TYPE_STRING = 1U << 4,
        TYPE_ARRAY = 1U << 5,
        TYPE_OBJECT = 1U << 6,
};

/* The paths of a URL rule (`path_userdata`): any of them. */
struct url_paths {
        struct pattern *patterns;
        size_t count;
};

struct condition {
        struct condition *next; /* all must hold */
        struct str text;   /* "perPage: at most 100"; within `each` and the like empty */
        struct str words;  /* "at most 100" */
        uint32_t line, column;
        uint32_t count; /* of values, patterns or texts: any of them */
        unsigned types;
        uint8_t kind; /* enum condition_kind */
        bool implied; /* by another key of the rule */
        bool never;   /* its value holds a name that `check` has no value for: unreadable */
        bool whole;   /* of CONDITION_REGEX: of the text */
        union {
                const struct json_doc *values;
                struct decimal number;
                const struct pattern *patterns;
                const struct str *texts; /* also directories, and domains of mail */
                struct {
                        const pcre2_code *regex;
                        struct str source; /* as it was compiled */
                };
                const struct url_rule *url;
                const struct command_pattern *commands;
                const struct condition *inner; /* length, each, any */
        };
};

/* All that a list of conditions asks for, for people: "at least 1 and at most 100". */
void condition_words(const struct condition *list, struct buf *out);

struct condition_context {
        const struct json_doc *doc;
        struct policy_scratch *scratch; /* may be NULL */
        const struct policy_host *host; /* may be NULL */
        struct str cwd;                 /* of the rule; may be empty */
        uint64_t steps;                 /* of comparing that are left */
};

/* What all conditions of the list together say of the value; @token 0: there is none. *ret_which (NULL is fine) is the one
 * that the outcome comes from: the first that does not hold, or the first of all. */
enum condition_outcome condition_check(const struct condition *list, struct condition_context *context, uint32_t token,
        const struct condition **ret_which);

/* The conditions that src/recognise reads: CONDITION_WITHIN to CONDITION_SQL, on one text. */
enum condition_outcome condition_recognise(
        const struct condition *c, const struct condition_context *context, struct str text);

/* The bits of a value's type. */
unsigned condition_type_of(const struct json_doc *doc, uint32_t token);
