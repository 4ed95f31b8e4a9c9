/* SPDX-License-Identifier: Apache-2.0
 *
 * Expressions, loosest operator first. Precedence between the dialects' operators does not matter here: only whether
 * the text derives does.
 */
#include "sql_grammar.h"
#include "sql_words.h"

bool sql_expressions(struct sql_reader *r)
{
        do {
                if (!sql_expression(r))
                        return false;
        } while (sql_take_sign(r, ","));
        return true;
}

/* Behind `(`: a query, or expressions when @list, or one. Takes the `)`. */
static bool parenthesis(struct sql_reader *r, bool list)
{
        if (!sql_enter(r))
                return false;
        if (sql_is_query(r) ? !sql_query(r) : list ? !sql_expressions(r) : !sql_expression(r))
                return false;
        sql_leave(r);
        return sql_need_sign(r, ")");
}

static bool case_expression(struct sql_reader *r)
{
        if (!sql_is_word(r, "when") && !sql_expression(r))
                return false;
        if (!sql_is_word(r, "when"))
                return sql_need_word(r, "when");
        while (sql_take_word(r, "when")) {
                if (!sql_expression(r) || !sql_need_word(r, "then") || !sql_expression(r))
                        return false;
        }
        if (sql_take_word(r, "else") && !sql_expression(r))
                return false;
        return sql_need_word(r, "end");
}

static bool type_size(struct sql_reader *r)
{
        if (!sql_take_sign(r, "("))
                return true;
        if (sql_take_word(r, "max"))
                return sql_need_sign(r, ")");
        do {
                if (!sql_take_kind(r, SQL_NUMBER))
                        return sql_fail(r, "a type's size is not a number");
        } while (sql_take_sign(r, ","));
        return sql_need_sign(r, ")");
}

static bool type(struct sql_reader *r)
{
        if (r->token.kind != SQL_WORD || !sql_is_type(r->token.text))
                return sql_fail(r, "CAST names a type that is not known to be harmless");
        if (sql_take_word(r, "double"))
                return sql_take_word(r, "precision") || sql_is_sign(r, ")") || sql_need_word(r, "precision");
        if (sql_take_word(r, "character"))
                (void)sql_take_word(r, "varying");
        else if (sql_take_word(r, "signed") || sql_take_word(r, "unsigned"))
                return sql_take_word(r, "integer") || sql_is_sign(r, ")") || sql_need_word(r, "integer");
        else
                sql_advance(r);
        return type_size(r);
}

/* Behind CAST( */
static bool cast(struct sql_reader *r)
{
        return sql_expression(r) && sql_need_word(r, "as") && type(r) && sql_need_sign(r, ")");
}

static bool date_part(struct sql_reader *r)
{
        if (r->token.kind != SQL_WORD || !sql_is_date_part(r->token.text))
                return sql_fail(r, "EXTRACT or INTERVAL names no known part of a date");
        sql_advance(r);
        return true;
}

/* Behind EXTRACT( */
static bool extract(struct sql_reader *r)
{
        return date_part(r) && sql_need_word(r, "from") && sql_expression(r) && sql_need_sign(r, ")");
}

/* INTERVAL '1 day', INTERVAL '1' DAY, INTERVAL 1 DAY; behind the word. */
static bool interval(struct sql_reader *r)
{
        if (sql_take_kind(r, SQL_NUMBER))
                return date_part(r);
        if (!sql_take_kind(r, SQL_STRING))
                return sql_fail(r, "no text or number stands behind INTERVAL");
        return r->token.kind != SQL_WORD || !sql_is_date_part(r->token.text) || date_part(r);
}

static bool frame_bound(struct sql_reader *r)
{
        if (sql_take_word(r, "current"))
                return sql_need_word(r, "row");
        if (!sql_take_word(r, "unbounded") && !sql_take_kind(r, SQL_NUMBER))
                return sql_fail(r, "a window's frame does not say how far it goes");
        return sql_take_word(r, "preceding") || sql_need_word(r, "following");
}

static bool frame(struct sql_reader *r)
{
        if (!sql_take_word(r, "between"))
                return frame_bound(r);
        return frame_bound(r) && sql_need_word(r, "and") && frame_bound(r);
}

/* Behind OVER. */
static bool window(struct sql_reader *r)
{
        if (!sql_need_sign(r, "("))
                return false;
        if (sql_take_word(r, "partition") && (!sql_need_word(r, "by") || !sql_expressions(r)))
                return false;
        if (sql_take_word(r, "order") && (!sql_need_word(r, "by") || !sql_order_list(r)))
                return false;
        if ((sql_take_word(r, "rows") || sql_take_word(r, "range")) && !frame(r))
                return false;
        return sql_need_sign(r, ")");
}

static bool arguments(struct sql_reader *r, unsigned flags)
{
        if ((flags & SQL_FUNCTION_STAR) && sql_take_sign(r, "*"))
                return sql_need_sign(r, ")");
        if (sql_take_sign(r, ")"))
                return true;
        if ((flags & SQL_FUNCTION_AGGREGATE) && !sql_take_word(r, "distinct"))
                (void)sql_take_word(r, "all");
        return sql_expressions(r) && sql_need_sign(r, ")");
}

/* At the name, with its parenthesis behind it. */
static bool call(struct sql_reader *r)
{
        unsigned flags = sql_function_flags(r->token.text);

        if (!flags)
                return sql_fail(r, "it calls a function that is not among those known to be harmless");
        sql_advance(r);
        sql_advance(r);
        if (!sql_enter(r) || !arguments(r, flags))
                return false;
        if ((flags & SQL_FUNCTION_AGGREGATE) && sql_take_word(r, "filter")) {
                if (!sql_need_sign(r, "(") || !sql_need_word(r, "where") || !sql_expression(r) ||
                        !sql_need_sign(r, ")"))
                        return false;
        }
        if (flags & SQL_FUNCTION_WINDOW ? !sql_need_word(r, "over") || !window(r)
                                        : (flags & SQL_FUNCTION_AGGREGATE) && sql_take_word(r, "over") && !window(r))
                return false;
        sql_leave(r);
        return true;
}

static bool column(struct sql_reader *r)
{
        struct str name;

        if (!sql_dotted_name(r, &name))
                return false;
        return !sql_is_sign(r, "(") ||
               sql_fail(r, "a parenthesis stands behind a name: functions are called by a plain name, without a space");
}

static bool is_constant(const struct sql_reader *r)
{
        return sql_is_word(r, "null") || sql_is_word(r, "true") || sql_is_word(r, "false") ||
               sql_is_word(r, "current_date") || sql_is_word(r, "current_time") || sql_is_word(r, "current_timestamp");
}

/* What begins with a word that is no operator. */
static bool word(struct sql_reader *r)
{
        bool called = sql_is_call(r);

        if (!called && is_constant(r)) {
                sql_advance(r);
                return true;
        }
        if (sql_take_word(r, "case"))
                return case_expression(r);
        if (sql_take_word(r, "interval"))
                return interval(r);
        if (sql_take_word(r, "exists"))
                return sql_need_sign(r, "(") && (sql_is_query(r) || sql_need_word(r, "select")) &&
                       parenthesis(r, false);
        if (called && sql_take_word(r, "cast"))
                return sql_need_sign(r, "(") && cast(r);
        if (called && sql_take_word(r, "extract"))
                return sql_need_sign(r, "(") && extract(r);
        if (called)
                return call(r);
        if (sql_is_word(r, "date") || sql_is_word(r, "time") || sql_is_word(r, "timestamp")) {
                struct sql_reader behind = *r;

                sql_advance(&behind);
                if (sql_take_kind(&behind, SQL_STRING)) {
                        *r = behind;
                        return true;
                }
        }
        return column(r);
}

static bool operand(struct sql_reader *r)
{
        if (sql_take_kind(r, SQL_NUMBER) || sql_take_kind(r, SQL_STRING))
                return true;
        if (sql_take_sign(r, "("))
                return parenthesis(r, false);
        if (r->token.kind == SQL_QUOTED)
                return column(r);
        if (r->token.kind != SQL_WORD)
                return sql_fail(r, "a value, a name or an expression is missing");
        return word(r);
}

static bool value(struct sql_reader *r)
{
        while (sql_take_sign(r, "-") || sql_take_sign(r, "+"))
                continue;
        if (!operand(r))
                return false;
        while (sql_take_word(r, "at")) {
                if (!sql_need_word(r, "time") || !sql_need_word(r, "zone") || !operand(r))
                        return false;
        }
        return true;
}

static bool take_any(struct sql_reader *r, const char *const *signs)
{
        for (; *signs; ++signs) {
                if (sql_take_sign(r, *signs))
                        return true;
        }
        return false;
}

/* Values with arithmetic and || between them. */
static bool sum(struct sql_reader *r)
{
        static const char *const operators[] = { "+", "-", "*", "/", "%", "||", NULL };

        do {
                if (!value(r))
                        return false;
        } while (take_any(r, operators));
        return true;
}

/* Behind IS. */
static bool is_test(struct sql_reader *r)
{
        (void)sql_take_word(r, "not");
        if (sql_take_word(r, "distinct"))
                return sql_need_word(r, "from") && sum(r);
        return sql_take_word(r, "null") || sql_take_word(r, "true") || sql_take_word(r, "false") ||
               sql_need_word(r, "null");
}

/* One test behind a value. *ret_is: there was one. */
static bool test(struct sql_reader *r, bool *ret_is)
{
        static const char *const comparisons[] = { "=", "<>", "!=", "<", "<=", ">", ">=", NULL };
        bool negated;

        *ret_is = true;
        if (take_any(r, comparisons))
                return sum(r);
        if (sql_take_word(r, "is"))
                return is_test(r);
        negated = sql_take_word(r, "not");
        if (sql_take_word(r, "in"))
                return sql_need_sign(r, "(") && parenthesis(r, true);
        if (sql_take_word(r, "between"))
                return sum(r) && sql_need_word(r, "and") && sum(r);
        if (sql_take_word(r, "like") || sql_take_word(r, "ilike")) {
                if (!sum(r))
                        return false;
                return !sql_take_word(r, "escape") || sql_take_kind(r, SQL_STRING) ||
                       sql_fail(r, "no text stands behind ESCAPE");
        }
        *ret_is = negated;
        return !negated || sql_need_word(r, "in");
}

static bool condition(struct sql_reader *r)
{
        bool more = true;

        while (sql_take_word(r, "not"))
                continue;
        if (!sum(r))
                return false;
        while (more) {
                if (!test(r, &more))
                        return false;
        }
        return true;
}

bool sql_expression(struct sql_reader *r)
{
        if (!sql_enter(r))
                return false;
        do {
                if (!condition(r))
                        return false;
        } while (sql_take_word(r, "and") || sql_take_word(r, "or"));
        sql_leave(r);
        return true;
}
