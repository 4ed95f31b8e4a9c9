/* SPDX-License-Identifier: Apache-2.0 */
#include "decoded_search.h"

#include "alloc.h"

#define WINDOW_MIN_BYTES 4096U

/* Something decoded within the window. Between two of them the text is as it was. */
struct place {
        size_t at, taken; /* in the text */
        size_t in, count; /* in the window */
};

struct decoded_window {
        size_t longest, size; /* of a pattern; of the window */
        enum decoding decoding;
        bool json;
        struct str text;
        size_t begin, end;  /* what of the text is in the window */
        size_t length;      /* of the window's content */
        size_t known;       /* of it has been searched with the window before */
        size_t from;        /* the search goes on here */
        size_t place_count; /* at most `size` */
        struct place *places;
        char *bytes;
};

struct decoded_window *decoded_window_new(size_t longest)
{
        struct decoded_window *w = mem_calloc(1, sizeof(*w));

        if (!w)
                return NULL;
        w->longest = longest;
        w->size = 2 * longest > WINDOW_MIN_BYTES ? 2 * longest : WINDOW_MIN_BYTES;
        w->bytes = mem_alloc(w->size);
        w->places = mem_calloc(w->size, sizeof(*w->places));
        return w->bytes && w->places ? w : decoded_window_free(w);
}

struct decoded_window *decoded_window_free(struct decoded_window *w)
{
        if (!w)
                return NULL;
        if (w->bytes)
                explicit_bzero(w->bytes, w->size);
        mem_free(w->bytes);
        mem_free(w->places);
        mem_free(w);
        return NULL;
}

static void copy(struct decoded_window *w, const char *bytes, size_t count)
{
        if (count)
                memcpy(w->bytes + w->length, bytes, count);
        w->length += count;
}

/* Puts what the text decodes to from @begin on into the window, as much as there is room for. */
static void fill(struct decoded_window *w, size_t begin)
{
        size_t at = begin;

        w->begin = begin;
        w->length = w->place_count = 0;
        while (at < w->text.len && w->length < w->size && w->place_count < w->size) {
                const size_t room = w->size - w->length, left = w->text.len - at;
                /* No place that begins within the room is cut. */
                const size_t view = left > room + DECODE_TAKES_MAX ? at + room + DECODE_TAKES_MAX : w->text.len;
                const struct decoded_place p = decode_next(w->decoding, w->json, str_of(w->text.ptr, view), at);
                const size_t same = p.at - at < room ? p.at - at : room;

                copy(w, w->text.ptr + at, same);
                at += same;
                if (at != p.at || p.at == view || p.count > w->size - w->length)
                        break;
                w->places[w->place_count++] = (struct place){ p.at, p.taken, w->length, p.count };
                copy(w, p.bytes, p.count);
                at += p.taken;
        }
        w->end = at;
}

/* The last place that begins in the window at or before @in; NULL: there is none. */
static const struct place *place_before(const struct decoded_window *w, size_t in)
{
        size_t low = 0, high = w->place_count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (w->places[middle].in <= in)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low ? &w->places[low - 1] : NULL;
}

/* Where in the text the byte @in of the window begins, or with @behind ends. */
static size_t in_text(const struct decoded_window *w, size_t in, bool behind)
{
        const struct place *p = place_before(w, in);

        if (!p)
                return w->begin + in + behind;
        if (in < p->in + p->count)
                return behind ? p->at + p->taken : p->at;
        return p->at + p->taken + (in - p->in - p->count) + behind;
}

bool decoded_search_begin(struct decoded_window *w, enum decoding decoding, bool json, struct str text)
{
        if (decode_next(decoding, json, text, 0).at == text.len)
                return false;
        w->decoding = decoding;
        w->json = json;
        w->text = text;
        w->known = w->from = 0;
        fill(w, 0);
        return true;
}

/* Goes on by as much as leaves what a pattern may have begun in. False at the text's end. */
static bool slide(struct decoded_window *w)
{
        const size_t keep = w->longest - 1;
        size_t begin;

        if (w->end >= w->text.len)
                return false;
        begin = w->length > keep ? in_text(w, w->length - keep, false) : w->end;
        w->known = w->length > keep ? keep : 0;
        /* So much that vanishes that the window is full of it. */
        if (begin <= w->begin) {
                begin = w->end;
                w->known = 0;
        }
        fill(w, begin);
        w->from = 0;
        return true;
}

bool decoded_search_next(struct decoded_window *w, const struct finder *f, struct finder_match *ret)
{
        do {
                struct finder_match found;

                while (finder_next(f, str_of(w->bytes, w->length), w->from, &found)) {
                        w->from = found.begin + 1;
                        if (found.end <= w->known)
                                continue;
                        *ret = (struct finder_match){ in_text(w, found.begin, false), in_text(w, found.end - 1, true), found.pattern };
                        return true;
                }
        } while (slide(w));
        return false;
}
