/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of a plain command (plain_command.h says which those are).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "limit.h"
#include "str.h"

/* What stands before the quote, and what stands within. Both borrow the command's text. */
struct command_word {
        struct str head, tail;
        bool quoted; /* `tail` may hold spaces */
};

struct command_words {
        struct command_word word[LIMIT_COMMAND_WORDS];
        size_t count;
};

static inline size_t command_word_len(const struct command_word *w)
{
        return w->head.len + w->tail.len;
}

static inline char command_word_char(const struct command_word *w, size_t i)
{
        return i < w->head.len ? w->head.ptr[i] : w->tail.ptr[i - w->head.len];
}

/* False with *ret_why when @text is no plain command. */
bool command_words_read(struct command_words *ret, struct str text, const char **ret_why);

/* Can @c stand in a word at all, in quotes or without? */
bool command_word_may_hold(char c);
/* Without quotes? */
bool command_word_may_hold_bare(char c);

/* Can @name be the first word? NULL, or why not. */
const char *command_name_trouble(struct str name);
