/* SPDX-License-Identifier: Apache-2.0
 *
 * A condition of the wide list is shown by one condition of the narrow list. Two things must follow: where the narrow one holds,
 * the wide one holds; and, where missing is taken, that the narrow one finds nothing means that the wide one does not fail.
 */
#include "condition_compare.h"

#include "cleanup.h"
#include "condition_parts.h"
#include "limit.h"
#include "pattern_compare.h"

/* --- one condition --- */

/* Where the narrow one holds, and nothing else is known, the value is of one of these types. */
static unsigned types_of(const struct condition *c)
{
        switch (c->kind) {
        case CONDITION_AT_LEAST:
        case CONDITION_AT_MOST:
        case CONDITION_ABOVE:
        case CONDITION_BELOW:
                return TYPE_NUMBER;
        case CONDITION_LIKE:
        case CONDITION_REGEX:
        case CONDITION_STARTS_WITH:
        case CONDITION_ENDS_WITH:
        case CONDITION_CONTAINS:
        case CONDITION_WITHIN:
        case CONDITION_URL:
        case CONDITION_COMMAND:
        case CONDITION_SQL:
                return TYPE_STRING;
        case CONDITION_MAIL:
        case CONDITION_LENGTH:
                return TYPE_STRING | TYPE_ARRAY;
        case CONDITION_EACH:
        case CONDITION_ANY:
                return TYPE_ARRAY;
        case CONDITION_TYPE:
        case CONDITION_ONE_OF:
                return c->types;
        case CONDITION_NONE_OF:
        case CONDITION_PRESENT:
        case CONDITION_ABSENT:
                break;
        }
        return 0;
}

/* An integer is a number as well. */
static bool type_implies(const struct condition *wide, const struct condition *narrow)
{
        unsigned types = types_of(narrow), wide_types = wide->types;

        if (wide_types & TYPE_NUMBER)
                wide_types |= TYPE_INTEGER;
        return types && !(types & ~wide_types);
}

/* What links lead to is known when a call is made, not before. */
static bool looks_at_files(const struct condition *list)
{
        for (; list; list = list->next) {
                if (list->kind == CONDITION_WITHIN ||
                        ((list->kind == CONDITION_EACH || list->kind == CONDITION_ANY) && looks_at_files(list->inner)))
                        return true;
        }
        return false;
}

/* Does the condition hold of the value? Token 0 is "no value" to conditions: it goes in as the only item of a list. */
static bool holds_of(const struct condition *wide, struct str value, struct policy_scratch *scratch)
{
        static const uint64_t no_seed[2] = { 0 };
        CLEANUP(json_doc_deinit) struct json_doc doc;
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_POLICY_BYTES + 2);
        struct condition_context context = { .doc = &doc, .scratch = scratch, .steps = LIMIT_CONDITION_STEPS };
        struct condition one = *wide;

        one.next = NULL;
        json_doc_init(&doc, no_seed);
        if (looks_at_files(&one))
                return false;
        buf_append_char(&text, '[');
        buf_append_str(&text, value);
        buf_append_char(&text, ']');
        return !text.failed && json_read(&doc, buf_str(&text)) == JSON_OK &&
               condition_check(&one, &context, 1, NULL) == CONDITION_HOLDS;
}

/* Of finitely many values each can be asked. */
static bool all_values_hold(
        const struct condition *wide, const struct condition *narrow, struct policy_scratch *scratch)
{
        for (size_t i = 0; i < narrow->count; ++i) {
                if (!holds_of(wide, narrow->values[i].text, scratch))
                        return false;
        }
        return true;
}

static bool list_implies(const struct condition *wide, const struct condition *narrow, struct policy_scratch *scratch,
        bool missing, bool same_cwd);

static bool none_of_implies(const struct condition *wide, const struct condition *narrow)
{
        bool readable = wide->types == narrow->types || wide->types == TYPE_NULL ||
                        (narrow->types != TYPE_NULL && !(narrow->types & ~wide->types));

        return readable && condition_values_include(narrow, wide);
}

static bool same_kind_implies(const struct condition *wide, const struct condition *narrow,
        struct policy_scratch *scratch, bool same_cwd)
{
        switch ((unsigned)wide->kind) {
        case CONDITION_NONE_OF:
                return none_of_implies(wide, narrow);
        case CONDITION_LIKE:
                return patterns_include(wide->patterns, wide->count, narrow->patterns, narrow->count);
        case CONDITION_REGEX:
                return wide->whole == narrow->whole && str_eq(wide->source, narrow->source);
        case CONDITION_WITHIN:
                return same_cwd && condition_texts_include(wide, narrow);
        case CONDITION_URL:
                return condition_url_includes(wide->url, narrow->url);
        case CONDITION_MAIL:
                return condition_mail_includes(wide, narrow);
        case CONDITION_COMMAND:
                return condition_commands_include(wide, narrow);
        case CONDITION_SQL:
        case CONDITION_PRESENT:
        case CONDITION_ABSENT:
                return true;
        case CONDITION_LENGTH:
                return condition_bounds_imply(wide->inner, narrow->inner);
        case CONDITION_EACH:
        case CONDITION_ANY:
                return list_implies(wide->inner, narrow->inner, scratch, false, same_cwd);
        default:
                return false;
        }
}

/* Does "the narrow one finds nothing" leave the wide one holding, or finding nothing either? An empty list is nothing to `each`
 * and `mail`, and something to all others. */
static bool missing_implies(const struct condition *wide, const struct condition *narrow)
{
        if (narrow->kind == CONDITION_EACH || narrow->kind == CONDITION_MAIL)
                return wide->kind == narrow->kind;
        if (wide->kind == CONDITION_PRESENT)
                return narrow->kind == CONDITION_PRESENT;
        return narrow->kind != CONDITION_ABSENT || wide->kind == CONDITION_ABSENT;
}

static bool implies(const struct condition *wide, const struct condition *narrow, struct policy_scratch *scratch,
        bool missing, bool same_cwd)
{
        if (narrow->never)
                return true;
        if (wide->never || (missing && !missing_implies(wide, narrow)))
                return false;
        if (narrow->kind == CONDITION_ONE_OF && wide->kind != CONDITION_ABSENT && wide->kind != CONDITION_PRESENT)
                return all_values_hold(wide, narrow, scratch);
        if (wide->kind == narrow->kind && same_kind_implies(wide, narrow, scratch, same_cwd))
                return true;
        switch ((unsigned)wide->kind) {
        case CONDITION_AT_LEAST:
        case CONDITION_AT_MOST:
        case CONDITION_ABOVE:
        case CONDITION_BELOW:
                return condition_bound_implies(wide, narrow);
        case CONDITION_STARTS_WITH:
        case CONDITION_ENDS_WITH:
        case CONDITION_CONTAINS:
                return (narrow->kind == CONDITION_LIKE || types_of(narrow) == TYPE_STRING) &&
                       (narrow->kind == CONDITION_LIKE || narrow->kind == CONDITION_STARTS_WITH ||
                               narrow->kind == CONDITION_ENDS_WITH || narrow->kind == CONDITION_CONTAINS) &&
                       condition_text_implies(wide, narrow);
        case CONDITION_ANY:
                return narrow->kind == CONDITION_EACH && !missing &&
                       list_implies(wide->inner, narrow->inner, scratch, false, same_cwd);
        case CONDITION_TYPE:
                return type_implies(wide, narrow);
        case CONDITION_PRESENT:
                return narrow->kind != CONDITION_ABSENT;
        default:
                return false;
        }
}

static bool list_implies(const struct condition *wide, const struct condition *narrow, struct policy_scratch *scratch,
        bool missing, bool same_cwd)
{
        for (; wide; wide = wide->next) {
                const struct condition *n = narrow;

                while (n && !implies(wide, n, scratch, missing, same_cwd))
                        n = n->next;
                if (!n)
                        return false;
        }
        return true;
}

bool conditions_allow_covers(const struct taken *wide, const struct taken *narrow, struct policy_scratch *scratch)
{
        bool same_cwd = narrow->cwd.len == 0 || str_eq(wide->cwd, narrow->cwd);

        if (narrow->optional && !wide->optional)
                return false;
        return list_implies(wide->conditions, narrow->conditions, scratch, narrow->optional, same_cwd);
}

/* --- deny --- */

/* Where the wide one surely fails, the narrow one does too: with doubt the other way round, only likes are compared. */
static bool deny_implies(const struct condition *wide, const struct condition *narrow)
{
        if (wide->kind != narrow->kind || wide->never || narrow->never)
                return false;
        switch ((unsigned)wide->kind) {
        case CONDITION_AT_LEAST:
        case CONDITION_AT_MOST:
        case CONDITION_ABOVE:
        case CONDITION_BELOW:
                return condition_bound_implies(wide, narrow);
        case CONDITION_ONE_OF:
                return wide->types == narrow->types && condition_values_include(wide, narrow);
        case CONDITION_NONE_OF:
                return wide->types == narrow->types && condition_values_include(narrow, wide);
        case CONDITION_STARTS_WITH:
        case CONDITION_ENDS_WITH:
        case CONDITION_CONTAINS:
                return condition_text_implies(wide, narrow);
        case CONDITION_LIKE:
                return patterns_include(wide->patterns, wide->count, narrow->patterns, narrow->count);
        case CONDITION_REGEX:
                return wide->whole == narrow->whole && str_eq(wide->source, narrow->source);
        case CONDITION_LENGTH:
                return condition_bounds_imply(wide->inner, narrow->inner);
        case CONDITION_TYPE:
                return type_implies(wide, narrow);
        case CONDITION_SQL:
        case CONDITION_PRESENT:
        case CONDITION_ABSENT:
                return true;
        case CONDITION_COMMAND:
                return condition_commands_include(wide, narrow) && wide->count == narrow->count;
        case CONDITION_WITHIN:
        case CONDITION_MAIL:
                return wide->count == narrow->count && condition_texts_include(wide, narrow) && condition_texts_include(narrow, wide);
        case CONDITION_URL:
                return condition_url_includes(wide->url, narrow->url) && condition_url_includes(narrow->url, wide->url);
        case CONDITION_EACH:
        case CONDITION_ANY:
                break;
        }
        return false;
}

static bool deny_lists_imply(const struct condition *wide, const struct condition *narrow)
{
        for (; wide && narrow; wide = wide->next, narrow = narrow->next) {
                bool inner = wide->kind == CONDITION_EACH || wide->kind == CONDITION_ANY;

                if (inner ? wide->kind != narrow->kind || !deny_lists_imply(wide->inner, narrow->inner)
                          : !deny_implies(wide, narrow))
                        return false;
        }
        return !wide && !narrow;
}

bool conditions_deny_covers(const struct taken *wide, const struct taken *narrow)
{
        return wide->optional == narrow->optional && str_eq(wide->cwd, narrow->cwd) &&
               deny_lists_imply(wide->conditions, narrow->conditions);
}

/* --- bounds --- */

static bool keep(const struct condition *list, enum condition_kind kind, const struct decimal *bound)
{
        const struct condition wide = { .kind = (uint8_t)kind, .number = *bound };

        for (; list; list = list->next) {
                if (condition_bound_implies(&wide, list) || (list->kind == CONDITION_ONE_OF && all_values_hold(&wide, list, NULL)))
                        return true;
        }
        return false;
}

bool conditions_keep_most(const struct condition *list, const struct decimal *bound)
{
        return keep(list, CONDITION_AT_MOST, bound);
}

bool conditions_keep_least(const struct condition *list, const struct decimal *bound)
{
        return keep(list, CONDITION_AT_LEAST, bound);
}
