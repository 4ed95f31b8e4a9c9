/* SPDX-License-Identifier: Apache-2.0
 *
 * Every pattern looks at the text as it came, so that no mark of one hides text from another; where their matches overlap, one
 * mark stands for all. Long text is gone over in windows by PCRE2's partial matching: a match that may go on behind the window is
 * looked for again in a window of its own, and one that does not fit even there has the whole text withheld. So has whatever else
 * a pattern cannot settle.
 */
#include <errno.h>
#include <stdlib.h>

#include "alloc.h"
#include "cleanup.h"
#include "limit.h"
#include "policy_results.h"
#include "scratch.h"
#include "set.h"
#include "strip.h"

/* Each call of a pattern costs so much besides the bytes it goes over, and so much where it is given up. */
#define CALL_WORK 256U
#define FAILURE_WORK (1U << 20)

struct stretch {
        size_t begin, end;
        struct str name; /* of the pattern */
};

struct stretches {
        struct stretch *list;
        size_t count, cap;
};

static void stretches_deinit(struct stretches *s)
{
        mem_free(s->list);
}

static int add_stretch(struct stretches *s, size_t begin, size_t end, struct str name)
{
        if (s->count == s->cap) {
                size_t cap = s->cap ? s->cap * 2 : 16;
                struct stretch *bigger = mem_resize(s->list, cap * sizeof(*bigger));

                if (!bigger)
                        return -ENOMEM;
                s->list = bigger;
                s->cap = cap;
        }
        s->list[s->count++] = (struct stretch){ begin, end, name };
        return 0;
}

static size_t window_end(struct str text, size_t at)
{
        size_t end = at + LIMIT_RESULT_MATCH_BYTES;

        if (end >= text.len)
                return text.len;
        while (((unsigned char)text.ptr[end] & 0xC0) == 0x80)
                ++end;
        return end;
}

enum found { FOUND_NONE, FOUND_MATCH, FOUND_START /* of what may be a match in a longer window */, FOUND_UNSETTLED };

static enum found find(const struct result_pattern *p, struct policy_scratch *scratch, struct str window, bool is_last, size_t at,
        size_t *ret_begin, size_t *ret_end)
{
        uint32_t options = PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY | (is_last ? 0 : PCRE2_PARTIAL_HARD);
        int r = pcre2_match(p->regex, (PCRE2_SPTR)window.ptr, window.len, at, options, scratch->match, scratch->limits);
        const PCRE2_SIZE *range = pcre2_get_ovector_pointer(scratch->match);

        if (r == PCRE2_ERROR_NOMATCH)
                return FOUND_NONE;
        if (r < 0 && r != PCRE2_ERROR_PARTIAL)
                return FOUND_UNSETTLED;
        *ret_begin = range[0];
        *ret_end = range[1];
        if (r == PCRE2_ERROR_PARTIAL)
                return *ret_begin > at ? FOUND_START : FOUND_UNSETTLED;
        /* By `\K` a match can begin before the place that was asked for, or end before it begins. */
        return *ret_begin >= at && *ret_end > *ret_begin ? FOUND_MATCH : FOUND_UNSETTLED;
}

/* 1: all matches are in @found; 0: that cannot be told; negative: no memory. */
static int find_all(const struct result_pattern *p, struct policy_scratch *scratch, struct str text, uint64_t *work,
        struct stretches *found)
{
        size_t at = 0, begin = 0, end = 0;

        while (at < text.len) {
                struct str window = str_of(text.ptr, window_end(text, at));
                bool is_last = window.len == text.len;

                *work += CALL_WORK;
                if (*work > LIMIT_RESULT_WORK)
                        return 0;
                switch (find(p, scratch, window, is_last, at, &begin, &end)) {
                case FOUND_NONE:
                        *work += window.len - at;
                        at = window.len;
                        break;
                case FOUND_START:
                        *work += window.len - at;
                        at = begin;
                        break;
                case FOUND_MATCH:
                        *work += end - at;
                        at = end;
                        if (found->count >= LIMIT_RESULT_MATCHES)
                                return 0;
                        if (add_stretch(found, begin, end, p->name) < 0)
                                return -ENOMEM;
                        break;
                case FOUND_UNSETTLED:
                default:
                        *work += FAILURE_WORK;
                        return 0;
                }
        }
        return 1;
}

static int find_with_all(const struct policy_set *set, struct policy_scratch *scratch, struct str text, uint64_t *work,
        struct stretches *found)
{
        for (size_t i = 0; i < set->count; ++i) {
                const struct policy_results *results = &set->policies[i].results;

                for (size_t n = 0; n < results->pattern_count; ++n) {
                        int r = find_all(&results->patterns[n], scratch, text, work, found);

                        if (r < 0)
                                return r;
                        if (r > 0)
                                continue;
                        found->count = 0;
                        return add_stretch(found, 0, text.len, results->patterns[n].name);
                }
        }
        return 0;
}

static int by_begin(const void *a, const void *b)
{
        const struct stretch *x = a, *y = b;

        if (x->begin != y->begin)
                return x->begin < y->begin ? -1 : 1;
        if (x->end != y->end)
                return x->end > y->end ? -1 : 1;
        return str_cmp(x->name, y->name);
}

static int put_marked(struct buf *out, struct str text, struct stretches *found, uint64_t *redacted)
{
        size_t copied = 0;

        qsort(found->list, found->count, sizeof(*found->list), by_begin);
        for (size_t i = 0; i < found->count; ++i) {
                const struct stretch *s = &found->list[i];

                if (s->begin < copied) {
                        copied = s->end > copied ? s->end : copied;
                        continue;
                }
                buf_append(out, text.ptr + copied, s->begin - copied);
                buf_append_str(out, STR("[redacted:"));
                buf_append_str(out, s->name);
                buf_append_char(out, ']');
                copied = s->end;
                ++*redacted;
        }
        buf_append_str(out, str_skip(text, copied));
        return out->failed ? -ENOMEM : 1;
}

static int redact(const struct policy_set *set, struct policy_scratch *scratch, struct str text, struct policy_filtering *count,
        struct buf *out)
{
        CLEANUP(stretches_deinit) struct stretches found = { NULL };
        int r = find_with_all(set, scratch, text, &count->work, &found);

        if (r < 0 || found.count == 0)
                return r;
        return put_marked(out, text, &found, &count->redacted);
}

static unsigned strips(const struct policy_set *set)
{
        unsigned what = 0;

        for (size_t i = 0; i < set->count; ++i)
                what |= set->policies[i].results.strip;
        return what;
}

bool policy_set_strips(const struct policy_set *set)
{
        return strips(set) != 0;
}

bool policy_set_filters_results(const struct policy_set *set)
{
        for (size_t i = 0; i < set->count; ++i) {
                if (set->policies[i].results.pattern_count)
                        return true;
        }
        return strips(set) != 0;
}

/* What is stripped first cannot hide anything from the patterns. */
int policy_set_filter_text(const struct policy_set *set, struct policy_scratch *scratch, struct str text, bool only_strip,
        struct policy_filtering *count, struct buf *out)
{
        AUTO_BUF struct buf stripped = BUF_INIT(text.len);
        unsigned what = strips(set);
        bool changed = what && strip_finds(text, what);
        int r;

        if (changed) {
                r = strip_append(&stripped, text, what, &count->stripped);
                if (r < 0)
                        return r;
                text = buf_str(&stripped);
        }
        r = only_strip ? 0 : redact(set, scratch, text, count, out);
        if (r != 0 || !changed)
                return r;
        r = buf_append_str(out, text);
        return r < 0 ? r : 1;
}
