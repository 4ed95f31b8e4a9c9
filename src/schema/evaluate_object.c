/* SPDX-License-Identifier: Apache-2.0
 *
 * Keywords about objects.
 */
#include "evaluation.h"

static uint64_t count_members(const struct json_doc *doc, uint32_t object)
{
        uint64_t count = 0;

        json_each_member (doc, object, name, value)
                count++;
        return count;
}

/* What looking at @count names for the one of token @name costs. */
static uint64_t cost_of_names(const struct json_doc *doc, uint32_t name, uint64_t count)
{
        return count * (1 + json_at(doc, name)->length / EVALUATION_BYTES_A_STEP);
}

/* The value's member of the name that the schema's string token has; 0: none. */
static uint32_t find_in_value(struct evaluation *e, uint32_t object, uint32_t name)
{
        uint64_t looked = 0;
        uint32_t found = 0;

        json_each_member (e->value, object, other, value) {
                looked++;
                if (json_same_string(e->value, other, e->schema, name)) {
                        found = value;
                        break;
                }
        }
        spend(e, cost_of_names(e->schema, name, looked));
        return found;
}

/* --- required and counts --- */

static enum outcome check_names(struct evaluation *e, enum keyword keyword, uint32_t list, uint32_t value)
{
        enum outcome outcome = OUTCOME_FITS;

        json_each_item (e->schema, list, name) {
                if (json_type_of(e->schema, name) != JSON_STRING) {
                        outcome = unsure_about(e, keyword, "is malformed: it lists something that is no name");
                        continue;
                }
                if (find_in_value(e, value, name))
                        continue;
                if (!spend(e, 1))
                        return OUTCOME_UNSURE;
                return fails_by_name(e, keyword, e->schema, name, "must have the member ", "");
        }
        return outcome;
}

enum outcome check_required(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        return check_names(e, KEYWORD_REQUIRED, k->at[KEYWORD_REQUIRED], value);
}

enum outcome check_min_properties(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        return check_count(e, k, KEYWORD_MIN_PROPERTIES, count_members(e->value, value), "members");
}

enum outcome check_max_properties(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        return check_count(e, k, KEYWORD_MAX_PROPERTIES, count_members(e->value, value), "members");
}

/* --- properties, patternProperties, additionalProperties --- */

/* The schema of the value's member @name, looked for from @from on and round, for arguments mostly come in the schema's order; 0:
 * none. *@ret_behind: where to look for the next. */
static uint32_t find_property(struct evaluation *e, uint32_t properties, uint32_t name, uint32_t from, uint32_t *ret_behind)
{
        uint32_t end = json_at(e->schema, properties)->next, at = from;
        uint64_t looked = 0;

        if (end == properties + 1)
                return 0;
        do {
                if (at == end)
                        at = properties + 1;
                looked++;
                if (json_same_string(e->schema, at, e->value, name)) {
                        spend(e, cost_of_names(e->value, name, looked));
                        *ret_behind = json_at(e->schema, at + 1)->next;
                        return at + 1;
                }
                at = json_at(e->schema, at + 1)->next;
        } while (at != from && !(at == end && from == properties + 1));
        spend(e, cost_of_names(e->value, name, looked));
        return 0;
}

/* *@ret_matched: some pattern matches the name; not settled makes it false, and *@ret_settled too. */
static enum outcome check_by_patterns(struct evaluation *e, const struct keywords *k, uint32_t name, uint32_t value,
        bool *ret_matched, bool *ret_settled)
{
        enum outcome outcome = OUTCOME_FITS;

        if (!keyword_is_present(k, KEYWORD_PATTERN_PROPERTIES))
                return outcome;
        json_each_member (e->schema, k->at[KEYWORD_PATTERN_PROPERTIES], pattern, schema) {
                switch (pattern_is_found(e, pattern, KEYWORD_PATTERN_PROPERTIES, name)) {
                case OUTCOME_FITS:
                        *ret_matched = true;
                        outcome = both(outcome, evaluate_member(e, schema, name, value));
                        break;
                case OUTCOME_UNSURE:
                        *ret_settled = false;
                        outcome = both(outcome, OUTCOME_UNSURE);
                        break;
                case OUTCOME_FAILS:
                        break;
                }
                if (outcome == OUTCOME_FAILS)
                        break;
        }
        return outcome;
}

static enum outcome check_additional(struct evaluation *e, const struct keywords *k, uint32_t name, uint32_t value)
{
        uint32_t schema = k->at[KEYWORD_ADDITIONAL_PROPERTIES];
        const struct place place = { .up = e->place, .name = name };
        enum outcome outcome;

        if (!keyword_is_present(k, KEYWORD_ADDITIONAL_PROPERTIES))
                return OUTCOME_FITS;
        if (json_type_of(e->schema, schema) != JSON_FALSE)
                return evaluate_member(e, schema, name, value);
        e->place = &place;
        outcome = fails(e, KEYWORD_ADDITIONAL_PROPERTIES, "is not a member that the schema knows");
        e->place = place.up;
        return outcome;
}

enum outcome check_members(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        uint32_t properties = keyword_is_present(k, KEYWORD_PROPERTIES) ? k->at[KEYWORD_PROPERTIES] : 0;
        uint32_t from = properties + 1;
        enum outcome outcome = OUTCOME_FITS;

        json_each_member (e->value, value, name, member) {
                uint32_t schema = properties ? find_property(e, properties, name, from, &from) : 0;
                bool matched = schema != 0, settled = true;

                if (!spend(e, 1))
                        return OUTCOME_UNSURE;
                if (schema)
                        outcome = both(outcome, evaluate_member(e, schema, name, member));
                if (outcome != OUTCOME_FAILS)
                        outcome = both(outcome, check_by_patterns(e, k, name, member, &matched, &settled));
                if (outcome != OUTCOME_FAILS && !matched && settled)
                        outcome = both(outcome, check_additional(e, k, name, member));
                if (outcome == OUTCOME_FAILS)
                        break;
        }
        return outcome;
}

enum outcome check_property_names(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        enum outcome outcome = OUTCOME_FITS;

        json_each_member (e->value, value, name, member) {
                enum outcome one;

                e->tries++;
                one = evaluate(e, k->at[KEYWORD_PROPERTY_NAMES], name);
                e->tries--;
                if (one == OUTCOME_FAILS)
                        return fails_by_name(e, KEYWORD_PROPERTY_NAMES, e->value, name, "has a member that may not be called ", "");
                outcome = both(outcome, one);
        }
        return outcome;
}

/* --- what a member's presence asks for --- */

enum outcome check_dependent_required(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        enum outcome outcome = OUTCOME_FITS;

        json_each_member (e->schema, k->at[KEYWORD_DEPENDENT_REQUIRED], name, list) {
                if (json_type_of(e->schema, list) != JSON_ARRAY)
                        outcome = both(outcome, unsure_about(e, KEYWORD_DEPENDENT_REQUIRED, "is malformed: it must hold lists of names"));
                else if (find_in_value(e, value, name))
                        outcome = both(outcome, check_names(e, KEYWORD_DEPENDENT_REQUIRED, list, value));
                if (outcome == OUTCOME_FAILS)
                        break;
        }
        return outcome;
}

enum outcome check_dependent_schemas(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        enum outcome outcome = OUTCOME_FITS;

        json_each_member (e->schema, k->at[KEYWORD_DEPENDENT_SCHEMAS], name, schema) {
                if (find_in_value(e, value, name))
                        outcome = both(outcome, evaluate(e, schema, value));
                if (outcome == OUTCOME_FAILS)
                        break;
        }
        return outcome;
}

/* The two above in one, as draft-07 has it. */
enum outcome check_dependencies(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        enum outcome outcome = OUTCOME_FITS;

        json_each_member (e->schema, k->at[KEYWORD_DEPENDENCIES], name, what) {
                if (!find_in_value(e, value, name))
                        continue;
                if (json_type_of(e->schema, what) == JSON_ARRAY)
                        outcome = both(outcome, check_names(e, KEYWORD_DEPENDENCIES, what, value));
                else
                        outcome = both(outcome, evaluate(e, what, value));
                if (outcome == OUTCOME_FAILS)
                        break;
        }
        return outcome;
}
