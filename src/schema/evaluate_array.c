/* SPDX-License-Identifier: Apache-2.0
 *
 * Keywords about arrays.
 */
#include "decimal.h"
#include "evaluation.h"

static uint64_t count_items(const struct json_doc *doc, uint32_t array)
{
        uint64_t count = 0;

        json_each_item (doc, array, item)
                count++;
        return count;
}

enum outcome check_min_items(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        return check_count(e, k, KEYWORD_MIN_ITEMS, count_items(e->value, value), "items");
}

enum outcome check_max_items(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        return check_count(e, k, KEYWORD_MAX_ITEMS, count_items(e->value, value), "items");
}

/* --- prefixItems, items, additionalItems --- */

/* The schemas of the first items, one each, and the one of the rest; 0: none. */
struct item_schemas {
        uint32_t next, end; /* of the list; equal: no more */
        uint32_t rest;
};

/* Two ways to say the same: `prefixItems` and `items`, or up to 2019-09 `items` as a list and `additionalItems`. */
static enum outcome item_schemas(struct evaluation *e, const struct keywords *k, struct item_schemas *ret)
{
        uint32_t items = keyword_is_present(k, KEYWORD_ITEMS) ? k->at[KEYWORD_ITEMS] : 0;
        bool is_list = items && json_type_of(e->schema, items) == JSON_ARRAY;
        uint32_t list = is_list ? items : keyword_is_present(k, KEYWORD_PREFIX_ITEMS) ? k->at[KEYWORD_PREFIX_ITEMS] : 0;

        *ret = (struct item_schemas){ 0 };
        if (is_list && (keyword_is_present(k, KEYWORD_PREFIX_ITEMS) || e->drafts == DRAFT_2020_12))
                return unsure_about(e, KEYWORD_ITEMS, "is malformed: it is a list where the draft wants one schema");
        if (list) {
                ret->next = list + 1;
                ret->end = json_at(e->schema, list)->next;
        }
        if (items && !is_list)
                ret->rest = items;
        else if (is_list && keyword_is_present(k, KEYWORD_ADDITIONAL_ITEMS))
                ret->rest = k->at[KEYWORD_ADDITIONAL_ITEMS];
        return OUTCOME_FITS;
}

enum outcome check_elements(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        struct item_schemas schemas;
        enum outcome outcome = item_schemas(e, k, &schemas);
        uint32_t index = 0;

        json_each_item (e->value, value, item) {
                if (schemas.next < schemas.end) {
                        outcome = both(outcome, evaluate_item(e, schemas.next, index, item));
                        schemas.next = json_at(e->schema, schemas.next)->next;
                } else if (schemas.rest) {
                        outcome = both(outcome, evaluate_item(e, schemas.rest, index, item));
                } else {
                        break;
                }
                if (outcome == OUTCOME_FAILS || e->steps == 0)
                        break;
                index++;
        }
        return e->steps == 0 && outcome != OUTCOME_FAILS ? OUTCOME_UNSURE : outcome;
}

/* --- contains --- */

static bool read_bound(struct evaluation *e, const struct keywords *k, enum keyword keyword, uint64_t otherwise, uint64_t *ret)
{
        struct decimal number;

        *ret = otherwise;
        if (!keyword_is_present(k, keyword))
                return true;
        if (decimal_read(json_text(e->schema, k->at[keyword]), &number) && decimal_count(&number, ret))
                return true;
        unsure_about(e, keyword, "is malformed: it must be an integer from 0 on");
        return false;
}

enum outcome check_contains(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        struct note before = e->note;
        uint64_t least, most, fit = 0, maybe = 0;

        if (!read_bound(e, k, KEYWORD_MIN_CONTAINS, 1, &least) || !read_bound(e, k, KEYWORD_MAX_CONTAINS, UINT64_MAX, &most))
                return OUTCOME_UNSURE;
        json_each_item (e->value, value, item) {
                enum outcome one = evaluate_try(e, k->at[KEYWORD_CONTAINS], item);

                fit += one == OUTCOME_FITS;
                maybe += one == OUTCOME_UNSURE;
        }
        if (fit > most)
                return fails(e, KEYWORD_MAX_CONTAINS, "has too many items of the kind that the schema counts");
        if (fit + maybe < least)
                return fails(e, KEYWORD_CONTAINS, "has too few items of the kind that the schema asks for");
        if (fit < least || fit + maybe > most)
                return OUTCOME_UNSURE;
        e->note = before;
        return OUTCOME_FITS;
}

/* --- uniqueItems --- */

enum outcome check_unique_items(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        enum outcome outcome = OUTCOME_FITS;

        if (json_type_of(e->schema, k->at[KEYWORD_UNIQUE_ITEMS]) == JSON_FALSE)
                return outcome;
        json_each_item (e->value, value, item) {
                for (uint32_t other = value + 1; other < item; other = json_at(e->value, other)->next) {
                        switch (json_equal(e->value, other, e->value, item, &e->steps)) {
                        case JSON_EQUAL:
                                return fails(e, KEYWORD_UNIQUE_ITEMS, "must not have the same item twice");
                        case JSON_EQUALITY_UNSETTLED:
                                outcome = unsure_about(e, KEYWORD_UNIQUE_ITEMS, "could not be compared");
                                break;
                        case JSON_DIFFERENT:
                                break;
                        }
                        if (e->steps == 0)
                                return unsure_about(e, KEYWORD_UNIQUE_ITEMS, "has too many items to compare");
                }
        }
        return outcome;
}
