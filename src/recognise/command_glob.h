/* SPDX-License-Identifier: Apache-2.0
 *
 * A pattern's text, element by element. A space ends a word unless it stands in quotes or behind a backslash.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "str.h"

enum glob_kind { GLOB_LITERAL, GLOB_ONE, GLOB_CLASS, GLOB_STAR, GLOB_END /* of the word */ };

struct glob_element {
        enum glob_kind kind;
        char literal;
        struct str members; /* GLOB_CLASS: what stands between the brackets, without the `!` */
        bool inverted;
        bool quoted; /* stands in double quotes */
};

struct glob_cursor {
        size_t at;
        bool quoted;
};

/* The element at the cursor, which moves behind it (at GLOB_END it stays). The text has been through
 * command_pattern_compile(), or *ret_broken is set: a bracket without its end, a backslash with nothing behind. */
struct glob_element glob_next(struct str text, struct glob_cursor *cursor, bool *ret_broken);

/* The next byte or range of a class; *at moves behind it. False at the end. */
bool glob_class_next(struct str members, size_t *at, char *ret_first, char *ret_last);
