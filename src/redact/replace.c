/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>

#include "looking.h"
#include "redact.h"

static bool is_base64(char c)
{
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' || c == '/' ||
               c == '-' || c == '_';
}

/* Widens a match by the characters beside it that hold bits of the secret. */
static void take_edges(const struct looking *l, struct str text, struct finder_match *match)
{
        const struct pattern_info *info = &l->info[match->pattern];

        if (info->edge_before && match->begin > 0 && is_base64(text.ptr[match->begin - 1]))
                match->begin--;
        if (info->edge_behind && match->end < text.len && is_base64(text.ptr[match->end]))
                match->end++;
}

/* What is looked for at one time: the listed forms in the text as it is, or in what it decodes to. */
#define AS_IT_IS DECODE_MAX_

struct pass {
        const struct looking *l;
        unsigned decoding; /* AS_IT_IS, or an enum decoding */
        bool json;         /* the text is a canonical JSON line */
};

/* The next stretch to replace: a match with all that overlap it. @pending is a match found but not used yet. */
struct search {
        const struct pass *pass;
        struct str text;
        struct finder_match pending;
        bool has_pending;
};

static void search_begin(struct search *s, const struct pass *pass, struct str text)
{
        const struct looking *l = pass->l;

        *s = (struct search){ .pass = pass, .text = text };
        if (pass->decoding == AS_IT_IS)
                s->has_pending = finder_next(l->finder, text, 0, &s->pending);
        else if (decoded_search_begin(l->window, (enum decoding)pass->decoding, pass->json, text))
                s->has_pending = decoded_search_next(l->window, l->finder, &s->pending);
}

static void search_advance(struct search *s)
{
        const struct looking *l = s->pass->l;

        if (s->pass->decoding == AS_IT_IS)
                s->has_pending = finder_next(l->finder, s->text, s->pending.begin + 1, &s->pending);
        else
                s->has_pending = decoded_search_next(l->window, l->finder, &s->pending);
}

static bool search_next(struct search *s, struct finder_match *ret)
{
        struct finder_match whole;

        if (!s->has_pending)
                return false;
        whole = s->pending;
        search_advance(s);
        take_edges(s->pass->l, s->text, &whole);
        while (s->has_pending && s->pending.begin < whole.end) {
                struct finder_match other = s->pending;

                search_advance(s);
                take_edges(s->pass->l, s->text, &other);
                if (other.begin < whole.begin)
                        whole.begin = other.begin;
                if (other.end > whole.end)
                        whole.end = other.end;
        }
        *ret = whole;
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

static int replace(const struct pass *pass, struct str text, struct buf *out)
{
        const struct looking *l = pass->l;
        struct finder_match match;
        size_t copied = 0, unit = 0;
        struct search search;

        search_begin(&search, pass, text);
        while (search_next(&search, &match)) {
                int result = 0;

                if (pass->json)
                        take_units(text, &match, &unit);
                /* What was found in two ways, or touches what was. */
                if (match.end <= copied)
                        continue;
                if (match.begin < copied)
                        match.begin = copied;
                result = buf_append(out, text.ptr + copied, match.begin - copied);
                if (result == 0)
                        result = buf_append_str(out, l->info[match.pattern].mark);
                if (result < 0)
                        return result;
                copied = match.end;
        }
        return buf_append_str(out, str_skip(text, copied));
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
        struct finder_match match;
        const bool found = pass->decoding == AS_IT_IS && finder_next(pass->l->finder, number, 0, &match);

        return buf_append_str(out, found ? STR("0") : number);
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

static bool pass_is_due(const struct pass *pass, struct str text)
{
        if (pass->decoding == AS_IT_IS)
                return finder_finds(pass->l->finder, text);
        return looking_finds_decoded(pass->l, text, pass->json, (enum decoding)pass->decoding);
}

/* Makes one pass after the other over @text, those that find something; the result is behind what was in @out. */
static int apply(const struct redactor *r, struct str text, bool json, struct buf *out)
{
        static const unsigned order[] = { AS_IT_IS, DECODE_ESCAPES, DECODE_PERCENT, DECODE_ENTITIES, DECODE_WRAPS };
        struct buf one = BUF_INIT(out->limit), other = BUF_INIT(out->limit), *next = &one;
        int result = 0;

        for (size_t i = 0; i < sizeof(order) / sizeof(order[0]) && result == 0; i++) {
                const struct pass pass = { redactor_looking(r), order[i], json };

                if (!pass_is_due(&pass, text))
                        continue;
                buf_clear(next, next->limit);
                result = json ? replace_values(&pass, text, next) : replace(&pass, text, next);
                text = buf_str(next);
                next = next == &one ? &other : &one;
        }
        /* What is left is a secret that no single value holds. */
        if (result == 0 && json && redactor_finds_json(r, text))
                result = -EBADMSG;
        if (result == 0)
                result = buf_append_str(out, text);
        /* Of the passes before the last one, parts of secrets may be there. */
        buf_wipe(&one);
        buf_wipe(&other);
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
