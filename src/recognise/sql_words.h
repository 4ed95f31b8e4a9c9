/* SPDX-License-Identifier: Apache-2.0
 *
 * What the reader of SQL knows about words. All of it in any case.
 */
#pragma once

#include <stdbool.h>

#include "str.h"

/* Can @word, without quotes, name a table, column or alias? Not what opens a clause or a statement in some dialect. */
bool sql_is_name(struct str word);

/* Can it be an alias without AS before it? T-SQL begins a new statement with any of its reserved words, and needs no
 * semicolon for that: `SELECT 1 SHUTDOWN` are two. So no word that is reserved anywhere can. */
bool sql_is_bare_alias(struct str word);

enum sql_function {
        SQL_FUNCTION_SCALAR = 1,
        SQL_FUNCTION_AGGREGATE = 2, /* DISTINCT, FILTER and OVER go with it */
        SQL_FUNCTION_WINDOW = 4,    /* OVER must */
        SQL_FUNCTION_STAR = 8,      /* (*) may be its argument */
};

/* The function's flags, 0 for none that is known to be harmless wherever it is known. */
unsigned sql_function_flags(struct str name);

/* Can CAST name this as a type? The types of two words are spelt out in the grammar. */
bool sql_is_type(struct str word);

/* A part of a date, for EXTRACT and INTERVAL. */
bool sql_is_date_part(struct str word);

/* Does a table of this name do or reach more than the database's own data, once it is read? */
bool sql_is_odd_table(struct str name);

/* Are the tables in the order that the search relies on? For the tests. */
bool sql_words_are_sorted(void);
