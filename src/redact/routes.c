/* SPDX-License-Identifier: Apache-2.0 */
#include "looking.h"

#include <stdint.h>

/* An encoding, and what may be encoded within it: nothing, or one of these. Base64 and hex within it, and what common encoders make of
 * a text otherwise, are among the listed forms (forms.h). */
static const enum decoding within[] = { DECODE_ESCAPES, DECODE_PERCENT, DECODE_ENTITIES, DECODE_WRAPS };

#define WITHIN (sizeof(within) / sizeof(within[0]))
#define ROUTES_OF_ONE (1 + WITHIN)

static const struct route_step outer_wraps = { .decoding = DECODE_WRAPS };

/* Outer encodings. Lines that are joined are no encoding of their own: with them, base64 and hex are read over their breaks. */
static const struct route outers[] = {
        { 1, { { .decoding = DECODE_ESCAPES } } },
        { 1, { { .decoding = DECODE_PERCENT } } },
        { 1, { { .decoding = DECODE_ENTITIES } } },
        { 2, { { .decoding = DECODE_PERCENT }, { .decoding = DECODE_PERCENT } } },
        { 1, { { .decoding = DECODE_WRAPS } } },
        { 1, { { .decoding = DECODE_BASE64, .alignment = 0 } } },
        { 1, { { .decoding = DECODE_BASE64, .alignment = 1 } } },
        { 1, { { .decoding = DECODE_BASE64, .alignment = 2 } } },
        { 1, { { .decoding = DECODE_BASE64, .alignment = 3 } } },
        { 1, { { .decoding = DECODE_HEX, .alignment = 0 } } },
        { 1, { { .decoding = DECODE_HEX, .alignment = 1 } } },
};

#define OUTERS (sizeof(outers) / sizeof(outers[0]))

/* What is known of a text before its routes are tried. */
struct survey {
        const struct looking *l;
        struct str text;
        bool json;
        bool wrapped; /* it has lines to join */
        struct route_hints hints; /* of it, its lines joined */
};

/* As much as the nearest cache holds of a large text while it is looked at for one thing after the other. */
#define BLOCK_BYTES 16384U

/* Where an encoding has a place there is this. */
static char sign_of(enum decoding decoding, bool json)
{
        switch (decoding) {
        case DECODE_ESCAPES:
                return '\\';
        case DECODE_PERCENT:
                return '%';
        case DECODE_ENTITIES:
                return '&';
        case DECODE_WRAPS:
                return json ? '\\' : '\n';
        case DECODE_BASE64:
        case DECODE_HEX:
        case DECODE_MAX_:
                break;
        }
        return '\0';
}

/* Routes to @outer and what is within it; false: there is nothing there. */
static bool is_due(const struct survey *s, const struct route *outer)
{
        switch (outer->steps[0].decoding) {
        case DECODE_BASE64:
                return s->hints.blobs.base64;
        case DECODE_HEX:
                return s->hints.blobs.hex;
        case DECODE_WRAPS:
                return s->wrapped;
        case DECODE_ESCAPES:
        case DECODE_PERCENT:
        case DECODE_ENTITIES:
        case DECODE_MAX_:
                break;
        }
        return s->hints.encoded[outer->steps[0].decoding];
}

static void add_step(struct route *route, struct route_step step)
{
        route->steps[route->count++] = step;
}

static struct route route_to(const struct survey *s, const struct route *outer)
{
        struct route route = { 0 };
        const enum decoding first = outer->steps[0].decoding;

        if (s->wrapped && (first == DECODE_BASE64 || first == DECODE_HEX))
                add_step(&route, outer_wraps);
        for (unsigned i = 0; i < outer->count; i++)
                add_step(&route, outer->steps[i]);
        return route;
}

/* The first of what is within @route, or it itself, that finds something in @text: @from to ROUTES_OF_ONE, which is none. */
static unsigned try_within(
        const struct survey *s, const struct route *route, struct str text, unsigned from, struct route_hints *hints, struct route *ret)
{
        *ret = *route;
        if (decoded_search_finds(s->l->search, ret, s->json, text, hints) && from == 0)
                return 0;
        for (unsigned i = from ? from : 1; i < ROUTES_OF_ONE; i++) {
                if (!hints->encoded[within[i - 1]])
                        continue;
                *ret = *route;
                add_step(ret, (struct route_step){ .decoding = within[i - 1] });
                if (decoded_search_finds(s->l->search, ret, s->json, text, NULL))
                        return i;
        }
        return ROUTES_OF_ONE;
}

/* The same in the stretch of base64 from @begin to @end. */
static unsigned try_stretch(const struct survey *s, size_t begin, size_t end, unsigned from)
{
        static const struct route route = { 1, { { .decoding = DECODE_BASE64 } } };
        struct route_hints hints = { 0 };
        struct route found;

        /* What is looked for may begin and end within the groups beside it. */
        begin -= begin < BASE64_GROUP ? 0 : BASE64_GROUP;
        end = end + BASE64_GROUP < s->text.len ? end + BASE64_GROUP : s->text.len;
        return try_within(s, &route, str_of(s->text.ptr + begin, end - begin), from, &hints, &found);
}

/* The same for base64 that is in one line: of a large picture only the few stretches are decoded that might be text by chance. */
static unsigned try_stretches(const struct survey *s, const struct route *route, unsigned from, struct route *ret)
{
        const struct blob_search *b = decoded_search_blobs(s->l->search);
        unsigned first = ROUTES_OF_ONE;
        size_t at, end = route->steps[0].alignment;

        while ((at = blob_base64_next(b, s->text, end)) != SIZE_MAX && first > from) {
                unsigned which;

                end = blob_base64_end(b, s->text, at);
                which = try_stretch(s, at, end, from);
                first = which < first ? which : first;
        }
        if (first == ROUTES_OF_ONE)
                return first;
        *ret = *route;
        if (first > 0)
                add_step(ret, (struct route_step){ .decoding = within[first - 1] });
        return first;
}

/* The first route at or behind @from to @outer, or to what is within it, that finds something: 0 to ROUTES_OF_ONE, which is none. */
static unsigned try_outer(struct survey *s, const struct route *outer, unsigned from, struct route *ret)
{
        struct route_hints hints = { 0 };
        const struct route route = route_to(s, outer);

        switch (route.steps[0].decoding) {
        case DECODE_WRAPS:
                if (route.count > 1)
                        return try_within(s, &route, s->text, from, &hints, ret);
                *ret = route;
                if (decoded_search_finds(s->l->search, ret, s->json, s->text, &s->hints) && from == 0)
                        return 0;
                return ROUTES_OF_ONE;
        case DECODE_BASE64:
                return try_stretches(s, &route, from, ret);
        case DECODE_ESCAPES:
        case DECODE_PERCENT:
        case DECODE_ENTITIES:
        case DECODE_HEX:
        case DECODE_MAX_:
                break;
        }
        return try_within(s, &route, s->text, from, &hints, ret);
}

static bool says_something(void *userdata, size_t begin, size_t end)
{
        const struct survey *s = userdata;

        return try_stretch(s, begin, end, 0) < ROUTES_OF_ONE;
}

static void look_around(struct survey *s)
{
        const struct blob_search *b = decoded_search_blobs(s->l->search);
        const struct blob_judge judge = { says_something, s };
        bool *encoded = s->hints.encoded;

        for (size_t at = 0; at < s->text.len; at += BLOCK_BYTES) {
                const size_t end = at + BLOCK_BYTES < s->text.len ? at + BLOCK_BYTES : s->text.len;

                for (size_t i = 0; i < WITHIN; i++)
                        encoded[within[i]] = encoded[within[i]] || memchr(s->text.ptr + at, sign_of(within[i], s->json), end - at);
                /* Of lines that are to be joined none is judged by itself. */
                blob_look(b, s->text, end, encoded[DECODE_WRAPS] ? NULL : &judge, &s->hints.blobs);
        }
        for (size_t i = 0; i < WITHIN; i++)
                encoded[within[i]] = encoded[within[i]] && decode_next(within[i], s->json, s->text, 0).at < s->text.len;
        s->wrapped = encoded[DECODE_WRAPS];
        if (s->wrapped)
                s->hints.blobs = (struct blob_hints){ 0 };
}

bool looking_find_route(const struct looking *l, struct str text, bool json, unsigned *from, struct route *ret)
{
        struct survey s = { .l = l, .text = text, .json = json };

        look_around(&s);
        for (unsigned i = 0; i < OUTERS; i++) {
                const unsigned first = i * ROUTES_OF_ONE, begin = *from > first ? *from - first : 0;
                unsigned found;

                /* Of lines that are joined something must be known for what comes behind them. */
                if ((begin >= ROUTES_OF_ONE && outers[i].steps[0].decoding != DECODE_WRAPS) || !is_due(&s, &outers[i]))
                        continue;
                found = try_outer(&s, &outers[i], begin, ret);
                if (found < ROUTES_OF_ONE) {
                        *from = first + found;
                        return true;
                }
        }
        return false;
}

bool looking_finds(const struct looking *l, struct str text, bool json)
{
        struct route route;
        unsigned from = 0;

        /* Nothing decodes to more than it was: what is shorter than every form holds none. Most texts of a record are. */
        if (l->count == 0 || text.len < l->finder->window)
                return false;
        return finder_finds(l->finder, text) || looking_find_route(l, text, json, &from, &route);
}
