/* SPDX-License-Identifier: Apache-2.0 */
#include "word_diff.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>

#include "cleanup.h"
#include "limit.h"

static_assert(LIMIT_DIFF_WORDS <= UINT16_MAX, "lengths of common subsequences are 16 bits");

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

/* The first word with the white space in front of it; what has no word left is white space alone. */
static struct str first_word(struct str text)
{
        size_t n = 0;

        while (n < text.len && is_blank(text.ptr[n]))
                n++;
        while (n < text.len && !is_blank(text.ptr[n]))
                n++;
        return str_of(text.ptr, n);
}

size_t word_count(struct str text)
{
        size_t count = 0;

        for (; text.len; text = str_skip(text, first_word(text).len))
                count++;
        return count;
}

struct words {
        struct str *words;
        size_t count;
        struct str text;
};

static int split(struct words *w, struct str text)
{
        size_t at = 0;

        w->text = text;
        w->count = word_count(text);
        w->words = mem_alloc((w->count + 1) * sizeof(*w->words));
        if (!w->words)
                return -ENOMEM;
        for (; text.len; text = str_skip(text, w->words[at++].len))
                w->words[at] = first_word(text);
        return 0;
}

static void words_deinit(struct words *w)
{
        mem_free(w->words);
}

/* Neighbours of one kind are told as one run. */
struct telling {
        word_diff_fn fn;
        void *userdata;
        enum word_run run;
        struct str text;
};

static void flush(struct telling *t)
{
        if (t->text.len)
                t->fn(t->userdata, t->run, t->text);
        t->text.len = 0;
}

static void tell(struct telling *t, enum word_run run, struct str text)
{
        if (text.len == 0)
                return;
        if (t->text.len && t->run == run && t->text.ptr + t->text.len == text.ptr) {
                t->text.len += text.len;
                return;
        }
        flush(t);
        t->run = run;
        t->text = text;
}

static struct str span(const struct words *w, size_t from, size_t to)
{
        const char *start = from < w->count ? w->words[from].ptr : w->text.ptr + w->text.len;
        const char *end = to < w->count ? w->words[to].ptr : w->text.ptr + w->text.len;

        return str_of(start, (size_t)(end - start));
}

/* The part between the common beginning and the common end. */
struct middle {
        const struct words *a, *b;
        size_t from, a_to, b_to;
};

/* length[i][j]: of the longest common subsequence of a's words from i on and b's from j on. */
static uint16_t *lengths_of(const struct middle *m)
{
        const size_t rows = m->a_to - m->from, columns = m->b_to - m->from;
        uint16_t *length = mem_calloc((rows + 1) * (columns + 1), sizeof(*length));

        for (size_t i = rows; length && i-- > 0;) {
                for (size_t j = columns; j-- > 0;) {
                        uint16_t *at = &length[i * (columns + 1) + j];
                        const uint16_t down = at[columns + 1], right = at[1];

                        if (str_eq(m->a->words[m->from + i], m->b->words[m->from + j]))
                                *at = (uint16_t)(at[columns + 2] + 1);
                        else
                                *at = down > right ? down : right;
                }
        }
        return length;
}

static int tell_middle(struct telling *t, const struct middle *m)
{
        const size_t rows = m->a_to - m->from, columns = m->b_to - m->from;
        AUTO_FREE uint16_t *length = NULL;
        size_t i = 0, j = 0;

        if (rows && columns && rows <= LIMIT_DIFF_WORDS && columns <= LIMIT_DIFF_WORDS) {
                length = lengths_of(m);
                if (!length)
                        return -ENOMEM;
        }
        while (length && i < rows && j < columns) {
                const uint16_t *at = &length[i * (columns + 1) + j];

                if (str_eq(m->a->words[m->from + i], m->b->words[m->from + j])) {
                        tell(t, WORDS_SAME, m->a->words[m->from + i]);
                        i++;
                        j++;
                } else if (at[columns + 1] >= at[1]) {
                        tell(t, WORDS_REMOVED, m->a->words[m->from + i++]);
                } else {
                        tell(t, WORDS_ADDED, m->b->words[m->from + j++]);
                }
        }
        tell(t, WORDS_REMOVED, span(m->a, m->from + i, m->a_to));
        tell(t, WORDS_ADDED, span(m->b, m->from + j, m->b_to));
        return 0;
}

int word_diff(struct str before, struct str after, word_diff_fn fn, void *userdata)
{
        CLEANUP(words_deinit) struct words a = { 0 };
        CLEANUP(words_deinit) struct words b = { 0 };
        struct telling t = { .fn = fn, .userdata = userdata };
        struct middle m = { .a = &a, .b = &b };
        int r = split(&a, before);

        if (r == 0)
                r = split(&b, after);
        if (r < 0)
                return r;
        while (m.from < a.count && m.from < b.count && str_eq(a.words[m.from], b.words[m.from]))
                m.from++;
        m.a_to = a.count;
        m.b_to = b.count;
        while (m.a_to > m.from && m.b_to > m.from && str_eq(a.words[m.a_to - 1], b.words[m.b_to - 1])) {
                m.a_to--;
                m.b_to--;
        }
        tell(&t, WORDS_SAME, span(&a, 0, m.from));
        r = tell_middle(&t, &m);
        tell(&t, WORDS_SAME, span(&a, m.a_to, a.count));
        flush(&t);
        return r;
}
