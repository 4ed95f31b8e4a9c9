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

/* Each call of a pattern costs so much besides the bytes it goes over, and each of its items that is tried. */
#define CALL_WORK 256U
#define ITEM_WORK 32U

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

/* PCRE2's own limits count backtracking, and begin anew at each place where a match may begin; none counts the bytes
 * that an item such as `\w+` goes over, which in a long word are as many as its square. */
struct meter {
        uint64_t *work;
        uint64_t item; /* of each that is tried */
        size_t last;   /* where the one before was tried */
};

/* In front of each item: what lies between the last one and here has been gone over, forwards or back. */
static int on_item(pcre2_callout_block *block, void *userdata)
{
        struct meter *m = userdata;
        const size_t at = block->current_position;

        *m->work += m->item + (at > m->last ? at - m->last : m->last - at);
        m->last = at;
        return *m->work > LIMIT_RESULT_WORK ? PCRE2_ERROR_CALLOUT : 0;
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

struct finding {
        struct policy_scratch *scratch;
        struct policy_filtering *count;
        struct stretches *found;
};

/* 1: all matches are found; 0: that cannot be told, and *ret_why says why; negative: no memory. */
static int find_all(const struct finding *f, const struct result_pattern *p, struct str text, const char **ret_why)
{
        uint64_t *work = &f->count->work;
        struct meter meter = { .work = work, .item = ITEM_WORK + (uint64_t)p->blind };
        size_t at = 0, begin = 0, end = 0;

        *ret_why = "was too much work";
        pcre2_set_callout(f->scratch->limits, on_item, &meter);
        while (at < text.len) {
                struct str window = str_of(text.ptr, window_end(text, at));
                bool is_last = window.len == text.len;

                *work += CALL_WORK;
                meter.last = at;
                if (*work > LIMIT_RESULT_WORK)
                        return 0;
                switch (find(p, f->scratch, window, is_last, at, &begin, &end)) {
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
                        if (f->found->count >= LIMIT_RESULT_MATCHES) {
                                *ret_why = "has too many matches in one text";
                                return 0;
                        }
                        if (add_stretch(f->found, begin, end, p->name) < 0)
                                return -ENOMEM;
                        break;
                case FOUND_UNSETTLED:
                default:
                        if (*work <= LIMIT_RESULT_WORK)
                                *ret_why = "does not come to an end, or might match more text than one match may have";
                        return 0;
                }
        }
        return 1;
}

static int withhold(const struct finding *f, const struct policy *policy, const struct result_pattern *p,
        struct str text, const char *why)
{
        if (f->count->withheld++ == 0) {
                f->count->withheld_by = p->name;
                f->count->withheld_policy = policy->name;
                f->count->withheld_why = why;
        }
        f->found->count = 0;
        return add_stretch(f->found, 0, text.len, p->name);
}

static int find_with_all(const struct policy_set *set, const struct finding *f, struct str text)
{
        const char *why;

        for (size_t i = 0; i < set->count; ++i) {
                const struct policy_results *results = &set->policies[i].results;

                for (size_t n = 0; n < results->pattern_count; ++n) {
                        int r = find_all(f, &results->patterns[n], text, &why);

                        /* Conditions have none, and the meter is gone. */
                        pcre2_set_callout(f->scratch->limits, NULL, NULL);
                        if (r < 0)
                                return r;
                        if (r == 0)
                                return withhold(f, &set->policies[i], &results->patterns[n], text, why);
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
        int r = find_with_all(set, &(struct finding){ scratch, count, &found }, text);

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
