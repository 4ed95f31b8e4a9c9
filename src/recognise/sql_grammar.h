/* SPDX-License-Identifier: Apache-2.0
 *
 * The grammar's parts that call each other across files. Each takes tokens as far as its part goes; false, with the
 * reason in the reader, when they do not derive.
 */
#pragma once

#include <stdbool.h>

#include "sql_token.h"

/* SELECT ... with set operations, ORDER BY and limits, or VALUES. Not its parentheses. */
bool sql_query(struct sql_reader *r);

bool sql_expression(struct sql_reader *r);

/* expression {, expression} */
bool sql_expressions(struct sql_reader *r);

/* ORDER BY's list, behind BY. */
bool sql_order_list(struct sql_reader *r);

/* A plain or quoted name that can stand without AS before it only where @bare says so. */
bool sql_name(struct sql_reader *r, bool bare);

/* name {. name}, of at most three; *ret_last is the last. */
bool sql_dotted_name(struct sql_reader *r, struct str *ret_last);

/* Is a query's first word here? */
bool sql_is_query(const struct sql_reader *r);

/* Depth is bounded, for each level is some frames of our stack. sql_leave() only after a sql_enter() that was true. */
bool sql_enter(struct sql_reader *r);
void sql_leave(struct sql_reader *r);
