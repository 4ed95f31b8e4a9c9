/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens of the SQL that SQLite, PostgreSQL, MySQL and T-SQL all cut alike. Whatever they cut differently makes a
 * broken token, which nothing in the grammar takes, and the reason that the statement is unreadable.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "str.h"

enum sql_token_kind {
        SQL_BROKEN,
        SQL_END,
        SQL_WORD,   /* a name or a keyword */
        SQL_QUOTED, /* "a name" */
        SQL_STRING,
        SQL_NUMBER,
        SQL_SIGN, /* an operator, a parenthesis, a comma, a dot or a semicolon */
};

struct sql_token {
        enum sql_token_kind kind;
        struct str text; /* SQL_QUOTED and SQL_STRING: what stands between the quotes */
        bool glued;      /* no white space before it */
};

/* A statement that is being read. A copy is a place to come back to. */
struct sql_reader {
        struct str text;
        size_t at; /* behind `token` */
        struct sql_token token;
        unsigned depth;
        const char *why; /* the first thing that did not derive */
};

/* At the first token of @text. */
void sql_begin(struct sql_reader *r, struct str text);

/* To the next token; stays on SQL_END and SQL_BROKEN. */
void sql_advance(struct sql_reader *r);

/* Keeps the first reason. Always false. */
bool sql_fail(struct sql_reader *r, const char *why);

/* Is the token this word, in any case, or this sign? @word is in lower case. */
bool sql_is_word(const struct sql_reader *r, const char *word);
bool sql_is_sign(const struct sql_reader *r, const char *sign);

/* The same, and goes on to the next token if it is. */
bool sql_take_word(struct sql_reader *r, const char *word);
bool sql_take_sign(struct sql_reader *r, const char *sign);
bool sql_take_kind(struct sql_reader *r, enum sql_token_kind kind);

/* The same, and a failure if it is not. */
bool sql_need_word(struct sql_reader *r, const char *word);
bool sql_need_sign(struct sql_reader *r, const char *sign);

/* Does a `(` follow the token with nothing between? */
bool sql_is_call(const struct sql_reader *r);
