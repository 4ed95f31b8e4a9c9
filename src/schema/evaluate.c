/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluation.h"

#include "limit.h"

#define BIT(type) (1U << JSON_##type)
#define ANY_TYPE (~0U)

/* What each keyword checks, of values of which types: it says nothing about others. */
static const struct {
        keyword_check check;
        unsigned types;
} checks[KEYWORD_EVALUATED_] = {
        [KEYWORD_TYPE] = { check_type, ANY_TYPE },
        [KEYWORD_CONST] = { check_const, ANY_TYPE },
        [KEYWORD_ENUM] = { check_enum, ANY_TYPE },
        [KEYWORD_MINIMUM] = { check_minimum, BIT(NUMBER) },
        [KEYWORD_MAXIMUM] = { check_maximum, BIT(NUMBER) },
        [KEYWORD_EXCLUSIVE_MINIMUM] = { check_exclusive_minimum, BIT(NUMBER) },
        [KEYWORD_EXCLUSIVE_MAXIMUM] = { check_exclusive_maximum, BIT(NUMBER) },
        [KEYWORD_MULTIPLE_OF] = { check_multiple_of, BIT(NUMBER) },
        [KEYWORD_MIN_LENGTH] = { check_min_length, BIT(STRING) },
        [KEYWORD_MAX_LENGTH] = { check_max_length, BIT(STRING) },
        [KEYWORD_PATTERN] = { check_pattern, BIT(STRING) },
        [KEYWORD_REQUIRED] = { check_required, BIT(OBJECT) },
        [KEYWORD_MIN_PROPERTIES] = { check_min_properties, BIT(OBJECT) },
        [KEYWORD_MAX_PROPERTIES] = { check_max_properties, BIT(OBJECT) },
        [KEYWORD_MEMBERS] = { check_members, BIT(OBJECT) },
        [KEYWORD_PROPERTY_NAMES] = { check_property_names, BIT(OBJECT) },
        [KEYWORD_DEPENDENT_REQUIRED] = { check_dependent_required, BIT(OBJECT) },
        [KEYWORD_DEPENDENT_SCHEMAS] = { check_dependent_schemas, BIT(OBJECT) },
        [KEYWORD_DEPENDENCIES] = { check_dependencies, BIT(OBJECT) },
        [KEYWORD_MIN_ITEMS] = { check_min_items, BIT(ARRAY) },
        [KEYWORD_MAX_ITEMS] = { check_max_items, BIT(ARRAY) },
        [KEYWORD_ELEMENTS] = { check_elements, BIT(ARRAY) },
        [KEYWORD_CONTAINS] = { check_contains, BIT(ARRAY) },
        [KEYWORD_UNIQUE_ITEMS] = { check_unique_items, BIT(ARRAY) },
        [KEYWORD_REF] = { check_ref, ANY_TYPE },
        [KEYWORD_ALL_OF] = { check_all_of, ANY_TYPE },
        [KEYWORD_ANY_OF] = { check_any_of, ANY_TYPE },
        [KEYWORD_ONE_OF] = { check_one_of, ANY_TYPE },
        [KEYWORD_NOT] = { check_not, ANY_TYPE },
        [KEYWORD_IF] = { check_if, ANY_TYPE },
};

#define MEMBERS_BITS                                                                     \
        (KEYWORD_BIT(KEYWORD_PROPERTIES) | KEYWORD_BIT(KEYWORD_PATTERN_PROPERTIES) |     \
                KEYWORD_BIT(KEYWORD_ADDITIONAL_PROPERTIES))
#define ELEMENTS_BITS \
        (KEYWORD_BIT(KEYWORD_PREFIX_ITEMS) | KEYWORD_BIT(KEYWORD_ITEMS) | KEYWORD_BIT(KEYWORD_ADDITIONAL_ITEMS))

bool spend(struct evaluation *e, uint64_t steps)
{
        if (e->steps >= steps) {
                e->steps -= steps;
                return true;
        }
        e->steps = 0;
        unsure(e, STR(""), "takes more steps than a check may take");
        return false;
}

/* `x-` is left to whoever writes schemas; it never asserts. */
static bool is_private_annotation(const struct json_doc *doc, uint32_t name)
{
        struct str raw = json_raw_string(doc, name);

        return str_starts_with(raw, STR("x-"));
}

/* Takes one keyword in; unsure when it is one that is not evaluated. */
static enum outcome take_keyword(struct evaluation *e, struct keywords *k, uint32_t schema, uint32_t name, uint32_t value)
{
        const struct keyword_row *row = keyword_find(e->schema, name);
        enum keyword keyword = row ? row->keyword : KEYWORD_OTHER;

        if (!row && is_private_annotation(e->schema, name))
                return OUTCOME_FITS;
        if (!row)
                return unsure(e, json_raw_string(e->schema, name), "is not a keyword that is evaluated");
        if (!(row->drafts & e->drafts))
                return unsure(e, row->name, "is not a keyword of the draft that the schema names");
        if (row->takes && !(row->takes & 1U << json_type_of(e->schema, value)))
                return unsure(e, row->name, "is malformed: its value is of the wrong type");
        if (keyword < KEYWORD_EVALUATED_) {
                k->present |= KEYWORD_BIT(keyword);
                k->at[keyword] = value;
        } else if (keyword == KEYWORD_SCHEMA && schema != e->root) {
                if (draft_of(e->schema, value) != e->drafts)
                        return unsure(e, row->name, "changes within the schema");
        } else if (keyword == KEYWORD_ID && schema != e->root && !str_starts_with(json_raw_string(e->schema, value), STR("#"))) {
                e->embedded = true;
        }
        return OUTCOME_FITS;
}

static enum outcome take_keywords(struct evaluation *e, struct keywords *k, uint32_t schema)
{
        enum outcome outcome = OUTCOME_FITS;
        uint32_t count = 0;

        json_each_member (e->schema, schema, name, value) {
                count++;
                outcome = both(outcome, take_keyword(e, k, schema, name, value));
        }
        if (!spend(e, count))
                return OUTCOME_UNSURE;
        /* Up to draft-07 a reference is alone: what stands beside it means nothing. */
        if (keyword_is_present(k, KEYWORD_REF) && !(e->drafts & (DRAFT_2019_09 | DRAFT_2020_12))) {
                k->present = KEYWORD_BIT(KEYWORD_REF);
                return OUTCOME_FITS;
        }
        if (k->present & MEMBERS_BITS)
                k->present |= KEYWORD_BIT(KEYWORD_MEMBERS);
        if (k->present & ELEMENTS_BITS)
                k->present |= KEYWORD_BIT(KEYWORD_ELEMENTS);
        return outcome;
}

static enum outcome evaluate_object(struct evaluation *e, uint32_t schema, uint32_t value)
{
        unsigned type = 1U << json_type_of(e->value, value);
        struct keywords k;
        enum outcome outcome;

        k.present = 0;
        outcome = take_keywords(e, &k, schema);
        for (uint64_t left = k.present; left && outcome != OUTCOME_FAILS; left &= left - 1) {
                int keyword = __builtin_ctzll(left);

                if (checks[keyword].types & type && checks[keyword].check)
                        outcome = both(outcome, checks[keyword].check(e, &k, value));
        }
        return outcome;
}

enum outcome evaluate(struct evaluation *e, uint32_t schema, uint32_t value)
{
        enum json_type type = json_type_of(e->schema, schema);
        bool embedded = e->embedded;
        enum outcome outcome;

        if (!spend(e, 1))
                return OUTCOME_UNSURE;
        if (type == JSON_TRUE)
                return OUTCOME_FITS;
        if (type == JSON_FALSE)
                return fails(e, KEYWORD_OTHER, "is not allowed here");
        if (type != JSON_OBJECT)
                return unsure(e, STR(""), "has a schema that is neither an object nor true or false");
        if (e->depth == LIMIT_SCHEMA_DEPTH)
                return unsure(e, STR(""), "is nested deeper than a check may go");
        e->depth++;
        outcome = evaluate_object(e, schema, value);
        e->depth--;
        e->embedded = embedded;
        return outcome;
}

enum outcome evaluate_member(struct evaluation *e, uint32_t schema, uint32_t name, uint32_t value)
{
        const struct place place = { .up = e->place, .name = name };
        enum outcome outcome;

        e->place = &place;
        outcome = evaluate(e, schema, value);
        e->place = place.up;
        return outcome;
}

enum outcome evaluate_item(struct evaluation *e, uint32_t schema, uint32_t index, uint32_t value)
{
        const struct place place = { .up = e->place, .index = index };
        enum outcome outcome;

        e->place = &place;
        outcome = evaluate(e, schema, value);
        e->place = place.up;
        return outcome;
}

enum outcome evaluate_try(struct evaluation *e, uint32_t schema, uint32_t value)
{
        enum outcome outcome;

        e->tries++;
        outcome = evaluate(e, schema, value);
        e->tries--;
        return outcome;
}

void schema_check(const struct json_doc *schema, uint32_t root, const struct json_doc *value, uint32_t token,
        struct schema_scratch *scratch, struct schema_result *ret)
{
        struct evaluation e = {
                .schema = schema,
                .value = value,
                .root = root,
                .drafts = DRAFT_ALL,
                .scratch = scratch,
                .result = ret,
                .steps = LIMIT_SCHEMA_STEPS,
        };
        uint32_t named;

        ret->verdict = SCHEMA_NOT_EVALUATED;
        ret->steps = 0;
        ret->path[0] = ret->keyword[0] = ret->reason[0] = '\0';
        if (root >= schema->count || token >= value->count)
                return;
        named = json_member(schema, root, STR("$schema"));
        if (named)
                e.drafts = draft_of(schema, named);
        if (!e.drafts) {
                unsure_about(&e, KEYWORD_SCHEMA, "names a draft that is not known");
                report_note(&e);
                return;
        }
        switch (evaluate(&e, root, token)) {
        case OUTCOME_FITS:
                ret->verdict = SCHEMA_VALID;
                break;
        case OUTCOME_FAILS:
                ret->verdict = SCHEMA_INVALID;
                break;
        case OUTCOME_UNSURE:
                report_note(&e);
                break;
        }
        ret->steps = LIMIT_SCHEMA_STEPS - e.steps;
}
