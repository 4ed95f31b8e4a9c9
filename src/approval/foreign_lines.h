/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of a card: a label's columns, then own words, or a bar and foreign text (card_text.h).
 */
#pragma once

#include "buf.h"
#include "inert.h"

#define FOREIGN_LABEL_COLUMNS 9U
/* Behind the label's columns. */
#define FOREIGN_FIRST "| "
#define FOREIGN_FURTHER ": "

struct lines {
        struct buf *out;
        unsigned width;
        bool letters;
        size_t letters_shown; /* outside ASCII */
        size_t hidden;        /* texts that were cut */
};

/* Appends a line of the card's own words. */
void lines_own(struct lines *l, const char *label, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Appends foreign text; an empty one makes no line. What takes more than @max lines (0: no limit), and one, is cut to
 * @max, and l->hidden grows by one. Returns the bytes of @text that were left out. */
size_t lines_foreign(struct lines *l, const char *label, struct str text, enum inert_kind kind, size_t max);
