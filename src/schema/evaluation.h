/* SPDX-License-Identifier: Apache-2.0
 *
 * The evaluator's parts, for the files of this layer only.
 *
 * Every check has one of three outcomes. A conjunction fails if any part fails, and is unsure if none does but some part
 * is; `not`, `oneOf` and the like take an unsure part for what it is: either. So no verdict hangs on what was not evaluated.
 */
#pragma once

#include "equal.h"
#include "keyword.h"
#include "schema.h"

enum outcome { OUTCOME_UNSURE, OUTCOME_FAILS, OUTCOME_FITS };

/* Where in the value the evaluation is: a chain along the C stack. */
struct place {
        const struct place *up;
        uint32_t name;  /* token of the member's name; 0: an item */
        uint32_t index; /* of the item */
};

/* What was not evaluated, and why. Borrows from the schema and static text. */
struct note {
        const char *why; /* NULL: nothing so far */
        struct str keyword;
};

struct evaluation {
        const struct json_doc *schema, *value;
        uint32_t root;
        unsigned drafts;
        struct schema_scratch *scratch;
        struct schema_result *result;
        uint64_t steps; /* left */
        unsigned depth;
        unsigned tries; /* inside what may fail without the value failing: nothing is reported */
        bool embedded;  /* inside a schema with an `$id` of its own, which references are relative to */
        const struct place *place;
        struct note note;
};

/* The evaluated keywords of one schema object. */
struct keywords {
        uint64_t present;                  /* KEYWORD_BIT() of each */
        uint32_t at[KEYWORD_EVALUATED_]; /* token of its value, where present */
};

static inline bool keyword_is_present(const struct keywords *k, enum keyword keyword)
{
        return k->present & KEYWORD_BIT(keyword);
}

/* The value of @e->value's @value against the schema at @schema. */
enum outcome evaluate(struct evaluation *e, uint32_t schema, uint32_t value);
/* The same one step further in: a member by its name's token, an item by its index. */
enum outcome evaluate_member(struct evaluation *e, uint32_t schema, uint32_t name, uint32_t value);
enum outcome evaluate_item(struct evaluation *e, uint32_t schema, uint32_t index, uint32_t value);
/* As a part whose failing is not yet the value's. */
enum outcome evaluate_try(struct evaluation *e, uint32_t schema, uint32_t value);

static inline enum outcome both(enum outcome a, enum outcome b)
{
        if (a == OUTCOME_FAILS || b == OUTCOME_FAILS)
                return OUTCOME_FAILS;
        return a == OUTCOME_FITS ? b : a;
}

/* Bytes of text that count as one step. */
#define EVALUATION_BYTES_A_STEP 64

/* Takes steps from the budget; false when it is used up, and the caller's outcome is unsure (noted). */
bool spend(struct evaluation *e, uint64_t steps);

/* --- report.c --- */

/* Both return the outcome. @format is about the value: "must be at most %s". */
enum outcome fails(struct evaluation *e, enum keyword keyword, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same in words around a name in quotes, by its token in @doc. */
enum outcome fails_by_name(struct evaluation *e, enum keyword keyword, const struct json_doc *doc, uint32_t name,
        const char *before, const char *after);
enum outcome unsure(struct evaluation *e, struct str keyword, const char *why);
enum outcome unsure_about(struct evaluation *e, enum keyword keyword, const char *why);
/* At the end. */
void report_note(struct evaluation *e);

/* --- evaluate_scalar.c, evaluate_object.c, evaluate_array.c, evaluate_logic.c, reference.c: a keyword each, or
 * a group --- */

typedef enum outcome (*keyword_check)(struct evaluation *e, const struct keywords *k, uint32_t value);

enum outcome check_type(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_const(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_enum(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_minimum(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_maximum(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_exclusive_minimum(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_exclusive_maximum(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_multiple_of(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_min_length(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_max_length(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_pattern(struct evaluation *e, const struct keywords *k, uint32_t value);

/* Is @count at least, or at most, what the keyword says? */
enum outcome check_count(struct evaluation *e, const struct keywords *k, enum keyword keyword, uint64_t count,
        const char *of_what);

enum outcome check_required(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_min_properties(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_max_properties(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_members(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_property_names(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_dependent_required(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_dependent_schemas(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_dependencies(struct evaluation *e, const struct keywords *k, uint32_t value);

enum outcome check_min_items(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_max_items(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_elements(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_contains(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_unique_items(struct evaluation *e, const struct keywords *k, uint32_t value);

enum outcome check_all_of(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_any_of(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_one_of(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_not(struct evaluation *e, const struct keywords *k, uint32_t value);
enum outcome check_if(struct evaluation *e, const struct keywords *k, uint32_t value);

enum outcome check_ref(struct evaluation *e, const struct keywords *k, uint32_t value);

/* --- schema_pattern.c --- */

/* Is the schema's pattern (a string token, or a name) found in the value's string @text? */
enum outcome pattern_is_found(struct evaluation *e, uint32_t pattern, enum keyword keyword, uint32_t text);
