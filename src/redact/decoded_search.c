/* SPDX-License-Identifier: Apache-2.0 */
#include "decoded_search.h"

#include <errno.h>

#include "alloc.h"
#include "looking.h"
#include "stage.h"

#define WINDOW_MIN_BYTES 4096U
#define SEARCH_WORK 64U

struct decoded_search {
        const struct finder *finder;
        const struct pattern_info *info;
        struct blob_search blobs;
        size_t longest;
        struct stage text, stages[ROUTE_STEPS_MAX];
        struct stage *last;
        bool last_json;
        size_t known; /* of it has been searched before */
        size_t from;  /* the search goes on here */
        size_t work;
        bool lost; /* a stage was stuck */
};

struct decoded_search *decoded_search_new(const struct finder *f, const struct pattern_info *info, size_t longest)
{
        struct decoded_search *s = mem_calloc(1, sizeof(*s));
        int result = s ? 0 : -1;

        if (!s)
                return NULL;
        s->finder = f;
        s->info = info;
        s->longest = longest;
        blob_search_init(&s->blobs, f->patterns, f->count, f->window);
        for (unsigned i = 0; i < ROUTE_STEPS_MAX && result == 0; i++) {
                result = stage_init(&s->stages[i], 2 * longest + WINDOW_MIN_BYTES);
                s->stages[i].blobs = &s->blobs;
        }
        return result == 0 ? s : decoded_search_free(s);
}

struct decoded_search *decoded_search_free(struct decoded_search *s)
{
        if (!s)
                return NULL;
        for (unsigned i = 0; i < ROUTE_STEPS_MAX; i++)
                stage_deinit(&s->stages[i]);
        explicit_bzero(&s->blobs, sizeof(s->blobs));
        mem_free(s);
        return NULL;
}

static bool is_blob(enum decoding decoding)
{
        return decoding == DECODE_BASE64 || decoding == DECODE_HEX;
}

static bool begin(struct decoded_search *s, const struct route *route, bool json, struct str text, bool places)
{
        const enum decoding first = route->steps[0].decoding;
        unsigned i = 0;

        if (!is_blob(first) && decode_next(first, json, text, 0).at == text.len) {
                /* Where nothing is to be joined, it is as if it were. */
                if (first != DECODE_WRAPS || route->count == 1)
                        return false;
                i = 1;
        }
        stage_of_text(&s->text, text);
        s->last = &s->text;
        for (; i < route->count; i++) {
                const struct route_step *step = &route->steps[i];

                stage_begin(&s->stages[i], s->last, step->decoding, step->alignment, json, places);
                s->last = &s->stages[i];
                json = json && !is_blob(step->decoding);
        }
        s->last_json = json;
        s->known = s->from = 0;
        s->lost = false;
        s->work += SEARCH_WORK;
        stage_more(s->last);
        return true;
}

int decoded_search_begin(struct decoded_search *s, const struct route *route, bool json, struct str text)
{
        for (unsigned i = 0; i < route->count; i++) {
                if (stage_want_spans(&s->stages[i]) < 0)
                        return -ENOMEM;
        }
        return begin(s, route, json, text, true);
}

static void count_work(struct decoded_search *s)
{
        for (struct stage *stage = s->last; stage->source; stage = stage->source) {
                s->work += stage->work;
                stage->work = 0;
        }
}

/* Goes on by as much as leaves what a pattern may have begun in. False at the text's end. */
static bool slide(struct decoded_search *s)
{
        struct stage *last = s->last;
        const size_t keep = s->longest - 1;

        if (last->ended) {
                s->lost = s->lost || last->stuck;
                count_work(s);
                return false;
        }
        last->taken = last->length > keep ? stage_border(last, last->length - keep, s->last_json) : 0;
        /* The last one may have an edge that comes now. */
        s->known = last->length - last->taken;
        s->known -= s->known > 0;
        stage_more(last);
        s->from = 0;
        return true;
}

static struct str content(const struct decoded_search *s)
{
        return str_of(s->last->bytes, s->last->length);
}

void pattern_take_edges(const struct pattern_info *info, struct str text, struct finder_match *match)
{
        if (info->edge_before && match->begin > 0 && base64_value(text.ptr[match->begin - 1]) >= 0)
                match->begin--;
        if (info->edge_behind && match->end < text.len && base64_value(text.ptr[match->end]) >= 0)
                match->end++;
}

bool decoded_search_next(struct decoded_search *s, struct finder_match *ret)
{
        do {
                struct finder_match found;

                while (finder_next(s->finder, content(s), s->from, &found)) {
                        s->from = found.begin + 1;
                        if (found.end <= s->known)
                                continue;
                        pattern_take_edges(&s->info[found.pattern], content(s), &found);
                        *ret = (struct finder_match){ s->last->spans[found.begin].begin, s->last->spans[found.end - 1].end, found.pattern };
                        return true;
                }
        } while (slide(s));
        return false;
}

const struct blob_search *decoded_search_blobs(const struct decoded_search *s)
{
        return &s->blobs;
}

/* In the window, whose part that is kept is long enough for everything that is looked for to lie in one of them as a whole. */
static void look_around(const struct decoded_search *s, struct route_hints *ret)
{
        if (s->last->decoding == DECODE_WRAPS) {
                ret->blobs.at = 0;
                blob_look(&s->blobs, content(s), s->last->length, NULL, &ret->blobs);
                return;
        }
        for (unsigned i = 0; i < DECODE_MAX_; i++) {
                if (!ret->encoded[i] && !is_blob((enum decoding)i))
                        ret->encoded[i] = decode_next((enum decoding)i, s->last_json, content(s), 0).at < s->last->length;
        }
}

bool decoded_search_finds(struct decoded_search *s, const struct route *route, bool json, struct str text, struct route_hints *ret)
{
        if (!begin(s, route, json, text, false))
                return false;
        do {
                if (finder_finds(s->finder, content(s))) {
                        count_work(s);
                        return true;
                }
                if (ret)
                        look_around(s, ret);
        } while (slide(s));
        return s->lost;
}

bool decoded_search_is_lost(const struct decoded_search *s)
{
        return s->lost;
}

size_t decoded_search_work(const struct decoded_search *s)
{
        return s->work;
}
