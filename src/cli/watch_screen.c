/* SPDX-License-Identifier: Apache-2.0
 *
 * The screen of watch_view.h. Foreign text is on it behind a bar only, as on cards.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "inert.h"
#include "policy_edit.h"
#include "watch_view.h"

#define BOLD "\x1b[1m"
#define REVERSE "\x1b[7m"
#define PLAIN "\x1b[0m"

struct screen {
        struct watch_view *view;
        struct buf *out;
        size_t rows; /* written */
        uint64_t now_ms, mono_ms;
};

/* One line, cut to the width; @style: an escape sequence for all of it, or NULL. */
static void put_line(struct screen *s, const char *style, struct str text)
{
        if (s->rows == s->view->height)
                return;
        if (s->rows++ > 0)
                buf_append_str(s->out, STR("\r\n"));
        if (s->view->styles && style)
                buf_append_str(s->out, str_from(style));
        buf_append(s->out, text.ptr, text.len < s->view->width ? text.len : s->view->width);
        if (s->view->styles && style)
                buf_append_str(s->out, STR(PLAIN));
}

/* Own words, which are ASCII. */
static void put_own(struct screen *s, const char *style, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void put_own(struct screen *s, const char *style, const char *format, ...)
{
        char text[256];
        va_list args;

        va_start(args, format);
        vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        put_line(s, style, str_from(text));
}

static void put_blank_to(struct screen *s, size_t row)
{
        while (s->rows < row && s->rows < s->view->height)
                put_line(s, NULL, STR(""));
}

/* As much of @text as fits @columns; what is cut ends in "...". */
static void append_cut(struct buf *out, struct str text, enum inert_kind kind, bool letters, unsigned columns)
{
        const size_t start = out->len;
        size_t length_with_dots = start;
        struct inert t;
        struct inert_piece piece;
        unsigned used = 0;

        inert_init(&t, text, kind, letters);
        while (inert_next(&t, &piece)) {
                if (used + piece.columns > columns) {
                        if (!out->failed)
                                out->len = length_with_dots;
                        buf_append_str(out, STR("..."));
                        return;
                }
                buf_append(out, piece.text, piece.length);
                used += piece.columns;
                if (used + 3 <= columns)
                        length_with_dots = out->len;
        }
}

static void put_row(struct screen *s, const struct watch_card *row, bool selected)
{
        const struct watch_view *v = s->view;
        const struct card *card = &row->card;
        struct buf line = BUF_INIT(8192), left = BUF_INIT(64);
        char counts[32];

        if (card->state == CARD_APPROVED)
                buf_append_str(&left, STR("approved"));
        else
                card_text_left(&left, s->now_ms, card->expires_ms);
        snprintf(counts, sizeof(counts), "%" PRIu32 "/%" PRIu32, card->approvals_before, card->denials_before);
        buf_printf(&line, "%c %s %8.*s %4" PRIu32 "x %6s ", selected ? '>' : ' ', card->id, STR_FMT(buf_str(&left)),
                card->asked < 9999 ? card->asked : 9999, counts);
        if (v->width > line.len + 8) {
                const struct str text = card->say.len > 0 ? card->say : card->tool;

                buf_append_str(&line, STR("| "));
                append_cut(&line, text, card->say.len > 0 ? INERT_VISIBLE : INERT_PLAIN, v->letters && !v->codes,
                        v->width - (unsigned)line.len);
        }
        s->out->failed |= line.failed || left.failed;
        if (s->rows++ > 0)
                buf_append_str(s->out, STR("\r\n"));
        if (v->styles && selected)
                buf_append_str(s->out, STR(BOLD));
        buf_append_str(s->out, buf_str(&line));
        if (v->styles && selected)
                buf_append_str(s->out, STR(PLAIN));
        buf_deinit(&line);
        buf_deinit(&left);
}

/* What no policy and no approval lets run. */
static void put_stops(struct screen *s)
{
        const struct watch_view *v = s->view;

        for (size_t i = 0; i < watch_view_stop_rows(v); i++) {
                const struct watch_stop *stop = &v->stops.list[i];
                struct buf line = BUF_INIT(8192);

                buf_printf(&line, "  %-6s          STOPPED      | ", stop->id);
                if (v->width > line.len + 8)
                        append_cut(&line, str_from(stop->text), INERT_VISIBLE, false, v->width - (unsigned)line.len);
                s->out->failed |= line.failed;
                put_line(s, BOLD, buf_str(&line));
                buf_deinit(&line);
        }
}

/* What is let through without anybody being asked. */
static void put_grants(struct screen *s)
{
        const struct watch_view *v = s->view;

        for (size_t i = 0; i < watch_view_grant_rows(v); i++) {
                const struct watch_grant *grant = &v->grants.list[i];
                struct buf line = BUF_INIT(8192), left = BUF_INIT(64);

                card_text_left(&left, s->now_ms, grant->expires_ms);
                buf_printf(&line, "  %s %8.*s GRANTED      | ", grant->id, STR_FMT(buf_str(&left)));
                if (v->width > line.len + 8)
                        append_cut(&line, str_from(grant->tool), INERT_PLAIN, false, v->width - (unsigned)line.len);
                s->out->failed |= line.failed || left.failed;
                put_line(s, BOLD, buf_str(&line));
                buf_deinit(&line);
                buf_deinit(&left);
        }
}

static void put_list(struct screen *s)
{
        struct watch_view *v = s->view;
        const size_t rows = watch_view_rows(v);
        const struct watch_card *selected = watch_view_selected(v);
        const size_t index = selected ? (size_t)(selected - v->cards.cards) : 0;
        const size_t stops = v->stops.count, lost = watch_stops_lost(&v->stops);
        char stopped[64] = "", granted[48] = "";

        if (stops)
                snprintf(stopped, sizeof(stopped), ", %zu STOP%s", stops, stops == 1 ? "" : "S");
        if (lost)
                snprintf(stopped, sizeof(stopped), ", %zu TO %zu STOPS", stops, stops + lost);
        if (v->grants.count)
                snprintf(granted, sizeof(granted), ", %zu GRANT%s IN FORCE", v->grants.count, v->grants.count == 1 ? "" : "S");
        put_own(s, REVERSE, "leastwise watch: %zu call%s for a person, %u session%s%s%s", v->cards.count,
                v->cards.count == 1 ? " waits" : "s wait", v->sessions, v->sessions == 1 ? "" : "s", stopped, granted);
        put_own(s, BOLD, "  ID         LEFT ASKED YES/NO  WHAT");
        put_stops(s);
        put_grants(s);
        if (v->cards.count == 0)
                put_own(s, NULL, "  Nothing waits.");
        if (index < v->list_top)
                v->list_top = index;
        if (index >= v->list_top + rows)
                v->list_top = index - rows + 1;
        for (size_t i = v->list_top; i < v->cards.count && i < v->list_top + rows; i++)
                put_row(s, &v->cards.cards[i], selected == &v->cards.cards[i]);
}

static size_t count_lines(struct str text)
{
        size_t count = 0;

        for (size_t i = 0; i < text.len; i++)
                count += text.ptr[i] == '\n';
        return count;
}

/* The head's line has the time, so the lines are made anew for each screen; their number does not change with it. */
static int lay_out_card(struct screen *s)
{
        struct watch_view *v = s->view;
        const struct watch_card *selected = watch_view_selected(v);
        const struct card_text_options options = {
                .width = v->width,
                .letters = v->letters && !v->codes,
                .unfolded = v->unfolded,
                .now_ms = s->now_ms,
                .seed = { v->seed[0], v->seed[1] },
        };
        int r;

        buf_clear(&v->text, SIZE_MAX);
        v->lines = 0;
        if (!selected)
                return 0;
        r = card_text_write(&v->text, &selected->card, &options, &v->hidden);
        if (r == 0)
                r = policy_edit_write(&v->text, &selected->card, &options);
        if (r == 0)
                v->lines = count_lines(buf_str(&v->text));
        return r;
}

/* A label stands in bold. */
static void put_card_line(struct screen *s, struct str line)
{
        const bool labelled = s->view->styles && line.len > CARD_TEXT_LABEL && line.ptr[0] != ' ';

        if (s->rows++ > 0)
                buf_append_str(s->out, STR("\r\n"));
        if (labelled) {
                buf_append_str(s->out, STR(BOLD));
                buf_append(s->out, line.ptr, CARD_TEXT_LABEL);
                buf_append_str(s->out, STR(PLAIN));
                line = str_skip(line, CARD_TEXT_LABEL);
        }
        buf_append_str(s->out, line);
}

static void put_card(struct screen *s)
{
        struct watch_view *v = s->view;
        const size_t rows = watch_view_rows(v);
        struct str rest = buf_str(&v->text);

        for (size_t i = 0; rest.len > 0 && i < v->top + rows; i++) {
                const char *end = memchr(rest.ptr, '\n', rest.len);
                const struct str line = str_of(rest.ptr, (size_t)(end - rest.ptr));

                if (i >= v->top)
                        put_card_line(s, line);
                rest = str_skip(rest, line.len + 1);
        }
        /* Lines count as seen in their order: who jumps to the end has not seen what is between. */
        if (v->top <= v->seen && v->seen < v->top + rows)
                v->seen = v->top + rows < v->lines ? v->top + rows : v->lines;
}

static void put_state(struct screen *s)
{
        const struct watch_view *v = s->view;
        const size_t rows = watch_view_rows(v), end = v->top + rows < v->lines ? v->top + rows : v->lines;

        if (v->note.len > 0) {
                struct buf line = BUF_INIT(8192);

                buf_append_str(&line, STR("| "));
                /* Sessions say everything printable. */
                append_cut(&line, buf_str(&v->note), INERT_VISIBLE, false, v->width - 2);
                s->out->failed |= line.failed;
                put_line(s, NULL, buf_str(&line));
                buf_deinit(&line);
        } else if (v->message[0])
                put_own(s, BOLD, "%s", v->message);
        else if (v->mode == WATCH_LIST)
                put_line(s, NULL, STR(""));
        else if (v->hidden > 0)
                put_own(s, BOLD, "Lines %zu to %zu of %zu. Some texts are cut: v shows all.", v->top + 1, end,
                        v->lines);
        else if (v->seen < v->lines)
                put_own(s, BOLD, "Lines %zu to %zu of %zu. Space shows more.", v->top + 1, end, v->lines);
        else
                put_own(s, NULL, "Lines %zu to %zu of %zu. All of it has been shown.", v->top + 1, end, v->lines);
}

static const char *keys_of(const struct watch_view *v)
{
        const struct watch_card *selected = watch_view_selected(v);

        if (v->mode == WATCH_LIST)
                return "[enter] open  [up, down] choose  [d] deny  [q] quit";
        if (v->gone)
                return "[any key] back to the list  [q] quit";
        /* One column is all there is to spare of eighty. */
        if (selected && selected->card.must_sign)
                return "[a] sign, approve  [d, enter] DENY  [v] show all  [u] codes  [esc] list  [q] end";
        return "[a] approve once  [d, enter] DENY  [v] show all  [u] codes  [esc] list  [q] quit";
}

int watch_view_screen(struct watch_view *v, struct buf *out, uint64_t now_ms, uint64_t mono_ms)
{
        struct screen s = { .view = v, .out = out, .now_ms = now_ms, .mono_ms = mono_ms };
        const size_t before = out->len, seen = v->seen;

        if (v->height < WATCH_MIN_HEIGHT || v->width < WATCH_MIN_WIDTH) {
                put_own(&s, NULL, "leastwise watch: %zu wait;", v->cards.count);
                put_own(&s, NULL, "the window is too small");
                put_blank_to(&s, v->height);
        } else {
                if (v->mode == WATCH_CARD) {
                        if (lay_out_card(&s) < 0)
                                out->failed = true;
                        else
                                put_card(&s);
                } else
                        put_list(&s);
                put_blank_to(&s, v->height - 2);
                put_state(&s);
                put_own(&s, REVERSE, "%s", keys_of(v));
        }
        if (out->failed) {
                out->len = before;
                v->seen = seen;
                return -ENOMEM;
        }
        return 0;
}
