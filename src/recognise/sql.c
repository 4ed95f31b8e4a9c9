/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements and queries; expressions are in sql_expression.c.
 */
#include "sql.h"

#include "limit.h"
#include "sql_grammar.h"
#include "sql_words.h"

bool sql_enter(struct sql_reader *r)
{
        if (r->depth == LIMIT_SQL_DEPTH)
                return sql_fail(r, "it is nested too deep");
        ++r->depth;
        return true;
}

void sql_leave(struct sql_reader *r)
{
        --r->depth;
}

bool sql_is_query(const struct sql_reader *r)
{
        return sql_is_word(r, "select") || sql_is_word(r, "values");
}

bool sql_name(struct sql_reader *r, bool bare)
{
        if (sql_take_kind(r, SQL_QUOTED))
                return true;
        if (r->token.kind != SQL_WORD)
                return sql_fail(r, "a name is missing, or something stands where a name should");
        if (!sql_is_name(r->token.text))
                return sql_fail(r, "a keyword stands where the grammar of a plain SELECT has a name");
        if (bare && !sql_is_bare_alias(r->token.text))
                return sql_fail(r, "a reserved word stands where a name without AS could: write AS before a name");
        sql_advance(r);
        return true;
}

bool sql_dotted_name(struct sql_reader *r, struct str *ret_last)
{
        for (int parts = 0; parts < 3; ++parts) {
                *ret_last = r->token.text;
                if (!sql_name(r, false))
                        return false;
                if (!sql_is_sign(r, "."))
                        return true;
                if (!r->token.glued)
                        break;
                sql_advance(r);
                if (!r->token.glued)
                        break;
        }
        return sql_fail(r, "a name has more than three parts, or white space beside a dot");
}

static bool alias(struct sql_reader *r)
{
        if (sql_take_word(r, "as"))
                return sql_name(r, false);
        /* What cannot be a name is left to whoever comes next in the grammar. */
        if (r->token.kind == SQL_QUOTED || (r->token.kind == SQL_WORD && sql_is_name(r->token.text)))
                return sql_name(r, true);
        return true;
}

/* Takes `*` or `t.*`; leaves everything as it is otherwise. */
static bool take_star(struct sql_reader *r)
{
        struct sql_reader start = *r;

        if (sql_take_sign(r, "*"))
                return true;
        for (int parts = 0; parts < 3; ++parts) {
                if (!sql_name(r, false) || !sql_is_sign(r, ".") || !r->token.glued)
                        break;
                sql_advance(r);
                if (r->token.glued && sql_take_sign(r, "*"))
                        return true;
        }
        *r = start;
        return false;
}

static bool result_list(struct sql_reader *r)
{
        do {
                if (!take_star(r) && (!sql_expression(r) || !alias(r)))
                        return false;
        } while (sql_take_sign(r, ","));
        return true;
}

static bool subquery(struct sql_reader *r)
{
        return sql_enter(r) && sql_query(r) && sql_need_sign(r, ")") && (sql_leave(r), true);
}

static bool table(struct sql_reader *r)
{
        struct str name;

        if (sql_take_sign(r, "(")) {
                if (!sql_is_query(r))
                        return sql_fail(r, "a parenthesis behind FROM or JOIN does not begin with SELECT or VALUES");
                return subquery(r) && alias(r);
        }
        if (!sql_dotted_name(r, &name))
                return false;
        if (sql_is_odd_table(name))
                return sql_fail(r, "it reads a table that stands for a PRAGMA or for files");
        if (sql_is_sign(r, "("))
                return sql_fail(r, "a table is called like a function, or has a hint");
        return alias(r);
}

/* Everything in front of the word JOIN. Sets *ret_is when there is a join at all. */
static bool join_words(struct sql_reader *r, bool *ret_is)
{
        bool natural = sql_take_word(r, "natural");
        bool sided = sql_take_word(r, "left") || sql_take_word(r, "right") || sql_take_word(r, "full");
        bool other = false;

        if (sided)
                (void)sql_take_word(r, "outer");
        else
                other = sql_take_word(r, "inner") || (!natural && sql_take_word(r, "cross"));
        *ret_is = sql_take_word(r, "join");
        if (!*ret_is && (natural || sided || other))
                return sql_need_word(r, "join");
        return true;
}

static bool using_list(struct sql_reader *r)
{
        if (!sql_need_sign(r, "("))
                return false;
        do {
                if (!sql_name(r, false))
                        return false;
        } while (sql_take_sign(r, ","));
        return sql_need_sign(r, ")");
}

static bool joined_tables(struct sql_reader *r)
{
        if (!table(r))
                return false;
        for (;;) {
                bool is;

                if (!join_words(r, &is))
                        return false;
                if (!is)
                        return true;
                if (!table(r))
                        return false;
                if (sql_take_word(r, "on")) {
                        if (!sql_expression(r))
                                return false;
                } else if (sql_take_word(r, "using") && !using_list(r))
                        return false;
        }
}

static bool from_list(struct sql_reader *r)
{
        do {
                if (!joined_tables(r))
                        return false;
        } while (sql_take_sign(r, ","));
        return true;
}

static bool need_number(struct sql_reader *r)
{
        return sql_take_kind(r, SQL_NUMBER) || sql_fail(r, "a limit or an offset is not a number");
}

/* Behind SELECT. */
static bool select_body(struct sql_reader *r)
{
        if (!sql_take_word(r, "distinct"))
                (void)sql_take_word(r, "all");
        if (sql_take_word(r, "top") && !need_number(r))
                return false;
        if (!result_list(r))
                return false;
        if (sql_take_word(r, "from") && !from_list(r))
                return false;
        if (sql_take_word(r, "where") && !sql_expression(r))
                return false;
        if (sql_take_word(r, "group") && (!sql_need_word(r, "by") || !sql_expressions(r)))
                return false;
        return !sql_take_word(r, "having") || sql_expression(r);
}

bool sql_order_list(struct sql_reader *r)
{
        do {
                if (!sql_expression(r))
                        return false;
                if (!sql_take_word(r, "asc"))
                        (void)sql_take_word(r, "desc");
                if (sql_take_word(r, "nulls") && !sql_take_word(r, "first") && !sql_need_word(r, "last"))
                        return false;
        } while (sql_take_sign(r, ","));
        return true;
}

static bool rows_word(struct sql_reader *r)
{
        return sql_take_word(r, "rows") || sql_need_word(r, "row");
}

static bool fetch(struct sql_reader *r)
{
        if (!sql_take_word(r, "first") && !sql_need_word(r, "next"))
                return false;
        return need_number(r) && rows_word(r) && sql_need_word(r, "only");
}

static bool limits(struct sql_reader *r)
{
        if (sql_take_word(r, "limit")) {
                if (!need_number(r))
                        return false;
                if (sql_take_word(r, "offset") || sql_take_sign(r, ","))
                        return need_number(r);
                return true;
        }
        if (sql_take_word(r, "offset")) {
                if (!need_number(r))
                        return false;
                if (!sql_take_word(r, "rows"))
                        (void)sql_take_word(r, "row");
        }
        return !sql_take_word(r, "fetch") || fetch(r);
}

/* Behind VALUES. */
static bool values_rows(struct sql_reader *r)
{
        do {
                if (!sql_need_sign(r, "(") || !sql_expressions(r) || !sql_need_sign(r, ")"))
                        return false;
        } while (sql_take_sign(r, ","));
        return true;
}

bool sql_query(struct sql_reader *r)
{
        if (sql_take_word(r, "values"))
                return values_rows(r);
        for (;;) {
                if (!sql_need_word(r, "select") || !select_body(r))
                        return false;
                if (sql_take_word(r, "union"))
                        (void)sql_take_word(r, "all");
                else if (!sql_take_word(r, "except") && !sql_take_word(r, "intersect"))
                        break;
        }
        if (sql_take_word(r, "order") && (!sql_need_word(r, "by") || !sql_order_list(r)))
                return false;
        return limits(r);
}

/* Behind WITH. */
static bool common_tables(struct sql_reader *r)
{
        (void)sql_take_word(r, "recursive");
        do {
                if (!sql_name(r, false))
                        return false;
                if (sql_is_sign(r, "(") && !using_list(r))
                        return false;
                if (!sql_need_word(r, "as") || !sql_need_sign(r, "("))
                        return false;
                if (!sql_is_query(r))
                        return sql_fail(r, "a WITH holds something else than SELECT or VALUES");
                if (!subquery(r))
                        return false;
        } while (sql_take_sign(r, ","));
        return true;
}

static bool statement(struct sql_reader *r)
{
        if (sql_take_word(r, "with") && !common_tables(r))
                return false;
        if (!sql_is_query(r))
                return sql_fail(r, "it is not a SELECT or VALUES, with or without WITH before it");
        if (!sql_query(r))
                return false;
        if (sql_take_sign(r, ";") && r->token.kind != SQL_END)
                return sql_fail(r, "something stands behind the semicolon: only one statement is read");
        return r->token.kind == SQL_END ||
               sql_fail(r, "a word or sign stands where the grammar of a plain SELECT has none");
}

enum recognised sql_read(struct str text, const char **ret_why)
{
        struct sql_reader r;

        if (text.len > LIMIT_SQL_BYTES) {
                *ret_why = "it is too long";
                return RECOGNISED_UNREADABLE;
        }
        sql_begin(&r, text);
        if (!statement(&r)) {
                *ret_why = r.why;
                return RECOGNISED_UNREADABLE;
        }
        *ret_why = NULL;
        return RECOGNISED_HOLDS;
}
