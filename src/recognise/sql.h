/* SPDX-License-Identifier: Apache-2.0
 *
 * `sql: read`: is a text one statement that only reads, whether SQLite, PostgreSQL, MySQL or T-SQL gets it?
 *
 * The reader derives the text from a grammar of its own, of what these four have in common and of what some of them
 * lack but none understands otherwise: SELECT and VALUES with everything usual, WITH before them, and nothing else.
 * Whatever does not derive is unreadable, so there is no list of forbidden words to get round. Where the four cut text
 * into tokens differently (comments, backslashes, `$`, `#`, `@`, `:`, `?`, brackets, backticks, prefixed strings,
 * operators in a row), it is refused at the token. Functions are called by plain names of a list; tables are never
 * called.
 *
 * What is read, and how much of it, is not judged: any table, also of the catalogue, and any amount of work.
 */
#pragma once

#include "recognise.h"
#include "str.h"

/* HOLDS or UNREADABLE; @ret_why: the first thing that does not derive, or NULL. */
enum recognised sql_read(struct str text, const char **ret_why);
