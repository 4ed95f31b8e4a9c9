/* SPDX-License-Identifier: Apache-2.0
 *
 * Keywords that join schemas. What is noted on the way to a sure outcome is forgotten: the outcome does not hang on it.
 */
#include "evaluation.h"

/* How many schemas of the list the value fits, and of how many that is not sure. False when the list is malformed. */
static bool count_fits(struct evaluation *e, enum keyword keyword, uint32_t list, uint32_t value, uint32_t enough,
        uint32_t *ret_fit, uint32_t *ret_maybe)
{
        *ret_fit = *ret_maybe = 0;
        if (json_at(e->schema, list)->next == list + 1) {
                unsure_about(e, keyword, "is malformed: it is an empty list");
                return false;
        }
        json_each_item (e->schema, list, schema) {
                enum outcome one = evaluate_try(e, schema, value);

                *ret_fit += one == OUTCOME_FITS;
                *ret_maybe += one == OUTCOME_UNSURE;
                if (*ret_fit == enough)
                        break;
        }
        return true;
}

enum outcome check_all_of(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        uint32_t list = k->at[KEYWORD_ALL_OF];
        enum outcome outcome = OUTCOME_FITS;

        if (json_at(e->schema, list)->next == list + 1)
                return unsure_about(e, KEYWORD_ALL_OF, "is malformed: it is an empty list");
        json_each_item (e->schema, list, schema) {
                outcome = both(outcome, evaluate(e, schema, value));
                if (outcome == OUTCOME_FAILS)
                        break;
        }
        return outcome;
}

enum outcome check_any_of(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        struct note before = e->note;
        uint32_t fit, maybe;

        if (!count_fits(e, KEYWORD_ANY_OF, k->at[KEYWORD_ANY_OF], value, 1, &fit, &maybe))
                return OUTCOME_UNSURE;
        if (fit == 0 && maybe > 0)
                return OUTCOME_UNSURE;
        e->note = before;
        return fit ? OUTCOME_FITS : fails(e, KEYWORD_ANY_OF, "fits none of the forms that the schema allows");
}

enum outcome check_one_of(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        struct note before = e->note;
        uint32_t fit, maybe;

        if (!count_fits(e, KEYWORD_ONE_OF, k->at[KEYWORD_ONE_OF], value, 2, &fit, &maybe))
                return OUTCOME_UNSURE;
        if (fit < 2 && maybe > 0)
                return OUTCOME_UNSURE;
        e->note = before;
        if (fit == 1)
                return OUTCOME_FITS;
        return fails(e, KEYWORD_ONE_OF, fit ? "fits more than one of the forms that the schema allows, and must fit exactly one" :
                                              "fits none of the forms that the schema allows");
}

enum outcome check_not(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        struct note before = e->note;

        switch (evaluate_try(e, k->at[KEYWORD_NOT], value)) {
        case OUTCOME_FITS:
                return fails(e, KEYWORD_NOT, "has a form that the schema rules out");
        case OUTCOME_FAILS:
                e->note = before;
                return OUTCOME_FITS;
        case OUTCOME_UNSURE:
                break;
        }
        return OUTCOME_UNSURE;
}

static enum outcome check_branch(struct evaluation *e, const struct keywords *k, enum keyword keyword, uint32_t value, bool try)
{
        if (!keyword_is_present(k, keyword))
                return OUTCOME_FITS;
        return try ? evaluate_try(e, k->at[keyword], value) : evaluate(e, k->at[keyword], value);
}

enum outcome check_if(struct evaluation *e, const struct keywords *k, uint32_t value)
{
        struct note before = e->note;
        enum outcome condition = evaluate_try(e, k->at[KEYWORD_IF], value), then, otherwise;

        if (condition != OUTCOME_UNSURE) {
                e->note = before;
                return check_branch(e, k, condition == OUTCOME_FITS ? KEYWORD_THEN : KEYWORD_ELSE, value, false);
        }
        /* Whichever branch it is, both may say the same. */
        then = check_branch(e, k, KEYWORD_THEN, value, true);
        otherwise = check_branch(e, k, KEYWORD_ELSE, value, true);
        if (then != otherwise || then == OUTCOME_UNSURE)
                return OUTCOME_UNSURE;
        e->note = before;
        return then == OUTCOME_FITS ? then : fails(e, KEYWORD_IF, "fits neither form that the schema allows");
}
