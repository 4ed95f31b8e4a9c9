/* SPDX-License-Identifier: Apache-2.0 */
#include "foreign_lines.h"

#include <stdarg.h>
#include <stdio.h>

static void put_label(struct lines *l, const char *label)
{
        buf_printf(l->out, "%-*s", (int)FOREIGN_LABEL_COLUMNS, label);
}

/* Own words are wrapped between words; no word of ours is longer than a line. */
void lines_own(struct lines *l, const char *label, const char *format, ...)
{
        const unsigned room = l->width - FOREIGN_LABEL_COLUMNS;
        char text[512];
        struct str rest;
        va_list args;
        int n;

        va_start(args, format);
        n = vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        if (n < 0 || (size_t)n >= sizeof(text)) {
                l->out->failed = true;
                return;
        }
        rest = str_of(text, (size_t)n);
        do {
                size_t length = rest.len;

                if (length > room) {
                        length = room;
                        while (length > 0 && rest.ptr[length] != ' ')
                                length--;
                        if (length == 0)
                                length = room;
                }
                put_label(l, label);
                buf_append(l->out, rest.ptr, length);
                buf_append_char(l->out, '\n');
                rest = str_skip(rest, length < rest.len && rest.ptr[length] == ' ' ? length + 1 : length);
                label = "";
        } while (rest.len > 0);
}

/* One line's worth of @t, which is left behind it: as many pieces as fit, and back to the last blank when that is not
 * far. */
static void put_line(struct lines *l, struct inert *t, unsigned room)
{
        struct inert at_blank = *t, before = *t;
        size_t length_at_blank = 0, start = l->out->len, letters = 0, letters_at_blank = 0;
        unsigned columns = 0, columns_at_blank = 0;
        struct inert_piece piece;

        while (before = *t, inert_next(t, &piece)) {
                if (columns + piece.columns > room) {
                        *t = before;
                        break;
                }
                columns += piece.columns;
                letters += piece.columns > piece.length || (unsigned char)piece.text[0] >= 0x80;
                buf_append(l->out, piece.text, piece.length);
                if (piece.text[0] == ' ') {
                        at_blank = *t;
                        columns_at_blank = columns;
                        letters_at_blank = letters;
                        length_at_blank = l->out->len - start;
                }
        }
        if (t->rest.len > 0 && columns_at_blank * 3 >= room * 2 && !l->out->failed) {
                *t = at_blank;
                l->out->len = start + length_at_blank;
                letters = letters_at_blank;
        }
        l->letters_shown += letters;
}

static void put_foreign_line(struct lines *l, const char *label, const char *mark, struct inert *t)
{
        put_label(l, label);
        buf_append_str(l->out, str_from(mark));
        put_line(l, t, l->width - FOREIGN_LABEL_COLUMNS - (unsigned)(sizeof(FOREIGN_FIRST) - 1));
        buf_append_char(l->out, '\n');
}

/* One line more, if that is the last: to say that it is left out would take as much. */
static bool put_last_line(struct lines *l, const char *mark, struct inert *t)
{
        const struct inert before = *t;
        const size_t length = l->out->len, letters = l->letters_shown;

        put_foreign_line(l, "", mark, t);
        if (t->rest.len == 0 || l->out->failed)
                return true;
        *t = before;
        l->out->len = length;
        l->letters_shown = letters;
        return false;
}

size_t lines_foreign(struct lines *l, const char *label, struct str text, enum inert_kind kind, size_t max)
{
        const char *mark = FOREIGN_FIRST;
        struct inert t;

        inert_init(&t, text, kind, l->letters);
        for (size_t line = 0; t.rest.len > 0 && !l->out->failed; line++) {
                if (max && line == max) {
                        if (put_last_line(l, mark, &t))
                                return 0;
                        l->hidden++;
                        return t.rest.len;
                }
                put_foreign_line(l, label, mark, &t);
                mark = FOREIGN_FURTHER;
                label = "";
        }
        return 0;
}
