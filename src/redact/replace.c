/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "alloc.h"
#include "limit.h"
#include "looking.h"
#include "redact.h"

/* Texts that are made for it take three. */
#define ROUNDS 8U

/* What is looked for at one time: the listed forms in the text as it is, or in what it decodes to. */
struct pass {
        const struct looking *l;
        const struct route *route; /* NULL: as it is. Base64 and hex are undone at every alignment */
        bool json;                 /* the text is a canonical JSON line */
};

/* The matches of a pass over a text, in the order of their beginnings, and which of them is the next one to be looked at. */
struct search {
        struct finder_match *matches; /* owned */
        size_t count, room, next;
};

static void search_end(struct search *s)
{
        mem_free(s->matches);
}

/* Of those that overlap, the first to begin, or the longest of them, gives its name. */
static void join(struct finder_match *match, const struct finder_match *other)
{
        if (other->begin < match->begin) {
                match->begin = other->begin;
                match->pattern = other->pattern;
        }
        if (other->end > match->end)
                match->end = other->end;
}

/* One after the other they overlap: where a secret repeats itself, one may begin at each byte. */
static int keep_match(struct search *s, struct finder_match match)
{
        struct finder_match *last = s->count ? &s->matches[s->count - 1] : NULL;

        if (last && match.begin < last->end && last->begin < match.end) {
                join(last, &match);
                return 0;
        }
        if (s->count == LIMIT_REDACTED_MATCHES)
                return -EBADMSG;
        if (s->count == s->room) {
                const size_t room = s->room ? 2 * s->room : 16;
                struct finder_match *matches = mem_calloc(room, sizeof(*matches));

                if (!matches)
                        return -ENOMEM;
                if (s->count)
                        memcpy(matches, s->matches, s->count * sizeof(*matches));
                mem_free(s->matches);
                s->matches = matches;
                s->room = room;
        }
        s->matches[s->count++] = match;
        return 0;
}

static int search_as_it_is(struct search *s, const struct looking *l, struct str text)
{
        struct finder_match match;
        int result = 0;

        for (size_t from = 0; result == 0 && finder_next(l->finder, text, from, &match);) {
                from = match.begin + 1;
                pattern_take_edges(&l->info[match.pattern], text, &match);
                result = keep_match(s, match);
        }
        return result;
}

static int search_route(struct search *s, const struct pass *pass, const struct route *route, struct str text)
{
        struct decoded_search *decoded = pass->l->search;
        struct finder_match match;
        int result = decoded_search_begin(decoded, route, pass->json, text);

        if (result <= 0)
                return result;
        for (result = 0; result == 0 && decoded_search_next(decoded, &match);)
                result = keep_match(s, match);
        return result == 0 && decoded_search_is_lost(decoded) ? -EBADMSG : result;
}

static unsigned alignments_of(enum decoding decoding)
{
        return decoding == DECODE_BASE64 ? BASE64_ALIGNMENTS : decoding == DECODE_HEX ? HEX_ALIGNMENTS : 1;
}

/* The first to begin; of those the longest. */
static int match_order(const void *a, const void *b)
{
        const struct finder_match *x = a, *y = b;

        if (x->begin != y->begin)
                return x->begin < y->begin ? -1 : 1;
        return x->end > y->end ? -1 : x->end < y->end;
}

/* Where in a line the first group of a value begins is another matter than in the value itself, and a mark moves all groups behind it: so
 * what begins anywhere is found before anything is replaced. */
static int search_alignments(struct search *s, const struct pass *pass, struct str text)
{
        struct route route = *pass->route;
        struct route_step *blob = &route.steps[0];
        int result = 0;

        for (unsigned i = 0; i < route.count; i++) {
                if (alignments_of(route.steps[i].decoding) > 1)
                        blob = &route.steps[i];
        }
        for (blob->alignment = 0; result == 0 && blob->alignment < alignments_of(blob->decoding); blob->alignment++)
                result = search_route(s, pass, &route, text);
        if (s->count)
                qsort(s->matches, s->count, sizeof(*s->matches), match_order);
        return result;
}

/* 0, -EBADMSG or -ENOMEM; ended by search_end() in any case. */
static int search_begin(struct search *s, const struct pass *pass, struct str text)
{
        *s = (struct search){ 0 };
        /* Nothing decodes to more than it was, and a line may have millions of short values. */
        if (text.len < pass->l->finder->window)
                return 0;
        return pass->route ? search_alignments(s, pass, text) : search_as_it_is(s, pass->l, text);
}

/* The next stretch to replace: a match with all that overlap it. */
static bool search_next(struct search *s, struct finder_match *ret)
{
        if (s->next == s->count)
                return false;
        *ret = s->matches[s->next++];
        for (; s->next < s->count && s->matches[s->next].begin < ret->end; s->next++)
                join(ret, &s->matches[s->next]);
        return true;
}

/* Length of the unit at the start of @rest (the inside of a canonical JSON string) that may not be torn. */
static size_t string_unit(struct str rest)
{
        uint8_t first = (uint8_t)rest.ptr[0];
        size_t n = 1;

        if (first == '\\')
                n = rest.len > 1 && rest.ptr[1] == 'u' ? 6 : 2;
        else if (first >= 0xC0)
                n = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        return n < rest.len ? n : rest.len;
}

/* Moves @begin back and @end on to borders of units; @unit is a border at or before @begin, and moves on with it. */
static void take_units(struct str text, struct finder_match *match, size_t *unit)
{
        while (*unit < match->end) {
                size_t next = *unit + string_unit(str_skip(text, *unit));

                if (*unit <= match->begin && next > match->begin)
                        match->begin = *unit;
                *unit = next;
        }
        match->end = *unit;
}

static int replace_matches(const struct pass *pass, struct str text, struct search *search, struct buf *out)
{
        struct finder_match match;
        size_t copied = 0, unit = 0;

        while (search_next(search, &match)) {
                int result;

                if (pass->json)
                        take_units(text, &match, &unit);
                /* What was found in two ways, or touches what was. */
                if (match.end <= copied)
                        continue;
                if (match.begin < copied)
                        match.begin = copied;
                result = buf_append(out, text.ptr + copied, match.begin - copied);
                if (result == 0)
                        result = buf_append_str(out, pass->l->info[match.pattern].mark);
                if (result < 0)
                        return result;
                copied = match.end;
        }
        return buf_append_str(out, str_skip(text, copied));
}

static int replace(const struct pass *pass, struct str text, struct buf *out)
{
        struct search search;
        int result = search_begin(&search, pass, text);

        if (result == 0)
                result = replace_matches(pass, text, &search, out);
        search_end(&search);
        return result;
}

/* Index behind the last byte of the string's inside that begins at @at. */
static size_t string_end(struct str line, size_t at)
{
        while (at < line.len && line.ptr[at] != '"')
                at += line.ptr[at] == '\\' ? 2 : 1;
        return at < line.len ? at : line.len;
}

static size_t number_end(struct str line, size_t at)
{
        while (at < line.len && line.ptr[at] && strchr("0123456789+-.eE", line.ptr[at]))
                at++;
        return at;
}

/* A number stays one: structured content is held against a schema by the client, which a text in its place would break. */
static int replace_number(const struct pass *pass, struct str number, struct buf *out)
{
        struct search search;

        int result = search_begin(&search, pass, number);

        if (result == 0)
                result = buf_append_str(out, search.count ? STR("0") : number);
        search_end(&search);
        return result;
}

static int replace_values(const struct pass *pass, struct str line, struct buf *out)
{
        size_t at = 0;

        while (at < line.len) {
                char c = line.ptr[at];
                size_t end;
                int result;

                if (c == '"') {
                        end = string_end(line, at + 1);
                        result = buf_append_char(out, '"');
                        if (result == 0)
                                result = replace(pass, str_of(line.ptr + at + 1, end - at - 1), out);
                        if (result == 0 && end < line.len)
                                result = buf_append_char(out, line.ptr[end++]);
                } else if (c == '-' || (c >= '0' && c <= '9')) {
                        end = number_end(line, at);
                        result = replace_number(pass, str_of(line.ptr + at, end - at), out);
                } else {
                        end = at + 1;
                        result = buf_append_char(out, c);
                }
                if (result < 0)
                        return result;
                at = end;
        }
        return 0;
}

/* What passes over a text make of it, in two buffers in turn. */
struct work {
        const struct looking *l;
        bool json;
        struct str text; /* so far */
        struct buf bufs[2];
        unsigned next; /* of the two */
        bool changed;  /* in this round */
        size_t work;   /* what there was of it before */
};

static int make_pass(struct work *w, const struct route *route)
{
        const struct pass pass = { w->l, route, w->json };
        const struct str before = w->text;
        struct buf *out = &w->bufs[w->next];
        int result;

        buf_clear(out, out->limit);
        result = w->json ? replace_values(&pass, w->text, out) : replace(&pass, w->text, out);
        w->text = buf_str(out);
        w->next = 1 - w->next;
        w->changed = w->changed || !str_eq(w->text, before);
        if (result == 0 && route && decoded_search_work(w->l->search) - w->work > LIMIT_REDACTED_WORK)
                result = -EBADMSG;
        return result;
}

/* One pass after the other, those that find something. */
static int make_round(struct work *w)
{
        struct route route;
        int result = 0;

        w->changed = false;
        if (finder_finds(w->l->finder, w->text))
                result = make_pass(w, NULL);
        for (unsigned from = 0; result == 0 && looking_find_route(w->l, w->text, w->json, &from, &route); from++)
                result = make_pass(w, &route);
        return result;
}

/* Replaces what there is in @text; the result is behind what was in @out. */
static int apply(const struct redactor *r, struct str text, bool json, struct buf *out)
{
        struct work w = { redactor_looking(r), json, text, { BUF_INIT(out->limit), BUF_INIT(out->limit) }, .work = 0 };
        bool left = true;
        int result = 0;

        w.work = decoded_search_work(w.l->search);
        /* What stands behind a mark is at another alignment than it was, at one perhaps that has been gone by. */
        for (unsigned round = 0; result == 0 && left && (round == 0 || w.changed) && round < ROUNDS; round++) {
                result = make_round(&w);
                left = result == 0 && looking_finds(w.l, w.text, json);
        }
        /* What is left is a secret that no single value holds, or a text made for it. */
        if (result == 0 && left)
                result = -EBADMSG;
        if (result == 0)
                result = buf_append_str(out, w.text);
        /* Of the passes before the last one, parts of secrets may be there. */
        buf_wipe(&w.bufs[0]);
        buf_wipe(&w.bufs[1]);
        return result;
}

int redactor_apply(const struct redactor *r, struct str text, struct buf *out)
{
        return redactor_finds(r, text) ? apply(r, text, false, out) : buf_append_str(out, text);
}

int redactor_apply_json(const struct redactor *r, struct str line, struct buf *out)
{
        return redactor_finds_json(r, line) ? apply(r, line, true, out) : buf_append_str(out, line);
}
