/* SPDX-License-Identifier: Apache-2.0
 *
 * Does a JSON value fit a JSON Schema? Both are read documents; the schema is evaluated as it stands on its tape, without
 * a compiled form and without memory, so that it may come from anybody: what it can cost is bounded by steps and depth.
 *
 * The subset: what real tools use of 2020-12, 2019-09, draft-07 and draft-06 (docs/schema.md has the list). A verdict is
 * given only where it is sure: SCHEMA_INVALID means that no reading of what was not evaluated could make the value fit,
 * SCHEMA_VALID that everything the schema asserts was evaluated. Keywords that are not known, references to elsewhere,
 * malformed schemas, patterns that not all engines read alike and whatever runs out of a limit are "not evaluated".
 */
#pragma once

#include "json.h"

/* Zeroed memory claims nothing. */
enum schema_verdict {
        SCHEMA_NOT_EVALUATED = 0,
        SCHEMA_INVALID,
        SCHEMA_VALID,
};

#define SCHEMA_PATH_BYTES 256
#define SCHEMA_KEYWORD_BYTES 64
#define SCHEMA_REASON_BYTES 256
#define SCHEMA_REFUSAL_BYTES 512

/* NUL-terminated printable ASCII; empty where there is nothing to say. */
struct schema_result {
        enum schema_verdict verdict;
        char path[SCHEMA_PATH_BYTES];       /* SCHEMA_INVALID: into the value, as in `a.b[3].c`; empty: the value itself */
        char keyword[SCHEMA_KEYWORD_BYTES]; /* that the value does not fit, or that was not evaluated */
        char reason[SCHEMA_REASON_BYTES];   /* "must be at most 100", "is not known" */
        uint64_t steps;                     /* that it took, of LIMIT_SCHEMA_STEPS */
};

/* A working memory for compiled patterns: one for each thread, kept from one check to the next. */
struct schema_scratch;

struct schema_scratch *schema_scratch_new(void);                              /* NULL without memory */
struct schema_scratch *schema_scratch_free(struct schema_scratch *scratch); /* NULL is fine; returns NULL */

/* Checks the value @token of @value against the schema at @root of @schema; `#` is that schema. Without @scratch patterns are
 * not evaluated. */
void schema_check(const struct json_doc *schema, uint32_t root, const struct json_doc *value, uint32_t token,
        struct schema_scratch *scratch, struct schema_result *ret);

/* SCHEMA_INVALID: what the caller of a tool is told, one printable sentence or two that end in a NUL. @narrowed: of arguments that
 * are not as he gave them. */
void schema_refusal(const struct schema_result *result, bool narrowed, char ret[SCHEMA_REFUSAL_BYTES]);
