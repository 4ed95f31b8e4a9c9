/* SPDX-License-Identifier: Apache-2.0
 *
 * Foreign text for a terminal, piece by piece: what a server, a client or a model wrote, so that it can do nothing
 * there but be read.
 *
 * A piece is a printable ASCII character, an escape, or a letter of a script that terminals show from left to right,
 * one by one, with nothing above or below it that has a width of its own: Latin, Greek, Cyrillic, Armenian, Georgian,
 * Kana, Hangul, Han. Whatever else there is becomes an escape (threat T68): controls, marks that turn the direction,
 * letters that are written from right to left, combining marks, symbols, what is no character. In a word that mixes
 * letters which are read for one another (a Cyrillic one among Latin ones), those that are not Latin are escaped.
 */
#pragma once

#include <stdbool.h>

#include "str.h"

enum inert_kind {
        INERT_PLAIN,   /* any bytes: a backslash becomes two, the rest \n, \t, \xHH, \u{HHHH} */
        INERT_VISIBLE, /* text that was made visible before: its backslashes stay */
        INERT_JSON, /* JSON text: its escapes stay whole, and new ones are JSON's (\u202e), so that it is still the same
                       value */
};

struct inert {
        struct str rest;
        enum inert_kind kind;
        bool letters;   /* else every character outside ASCII is escaped */
        size_t in_word; /* bytes of the current word that are left */
        bool mixed;     /* is it of several scripts? */
};

struct inert_piece {
        char text[16]; /* no NUL at its end */
        uint8_t length;
        uint8_t columns; /* that it takes at most: a letter outside ASCII counts as two */
};

void inert_init(struct inert *t, struct str s, enum inert_kind kind, bool letters);

/* The next piece; false at the end. Each takes at least one byte of the text. */
bool inert_next(struct inert *t, struct inert_piece *ret);
