/* SPDX-License-Identifier: Apache-2.0 */
#include "word_diff.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "buf.h"
#include "leaks.h"
#include "limit.h"

struct told {
        struct buf shown; /* "=a| -b|" */
        struct buf before, after;
        size_t runs;
};

static void take(void *userdata, enum word_run run, struct str text)
{
        struct told *t = userdata;

        cr_expect_gt(text.len, 0);
        t->runs++;
        buf_append_char(&t->shown, "=-+"[run]);
        buf_append_str(&t->shown, text);
        buf_append_char(&t->shown, '|');
        if (run != WORDS_ADDED)
                buf_append_str(&t->before, text);
        if (run != WORDS_REMOVED)
                buf_append_str(&t->after, text);
}

static void told_deinit(struct told *t)
{
        buf_deinit(&t->shown);
        buf_deinit(&t->before);
        buf_deinit(&t->after);
}

/* Whatever is told gives back both texts. */
static struct told diff(struct str before, struct str after)
{
        struct told t = { BUF_INIT(1U << 24), BUF_INIT(1U << 24), BUF_INIT(1U << 24) };

        cr_assert_eq(word_diff(before, after, take, &t), 0);
        cr_expect(str_eq(buf_str(&t.before), before));
        cr_expect(str_eq(buf_str(&t.after), after));
        return t;
}

Test(word_diff, rows)
{
        static const struct {
                struct str before, after, shown;
        } rows[] = {
                { STR_INIT(""), STR_INIT(""), STR_INIT("") },
                { STR_INIT("a b"), STR_INIT("a b"), STR_INIT("=a b|") },
                { STR_INIT(""), STR_INIT("a b"), STR_INIT("+a b|") },
                { STR_INIT("a b"), STR_INIT(""), STR_INIT("-a b|") },
                { STR_INIT("a b c"), STR_INIT("a x c"), STR_INIT("=a|- b|+ x|= c|") },
                { STR_INIT("a b"), STR_INIT("a b c d"), STR_INIT("=a b|+ c d|") },
                { STR_INIT("a b c d e"), STR_INIT("b c x e"), STR_INIT("-a b|+b|= c|- d|+ x|= e|") },
                { STR_INIT("a"), STR_INIT("a "), STR_INIT("=a|+ |") },
                { STR_INIT("a b"), STR_INIT("a  b"), STR_INIT("=a|- b|+  b|") },
                { STR_INIT("a b"), STR_INIT("a\nb"), STR_INIT("=a|- b|+\nb|") },
                { STR_INIT("1 2 3 4 5 6"), STR_INIT("1 3 2 4 6 5"), STR_INIT("=1|- 2|= 3|+ 2|= 4|- 5|= 6|+ 5|") },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct told t = diff(rows[i].before, rows[i].after);

                cr_expect(str_eq(buf_str(&t.shown), rows[i].shown), "row %zu: %.*s", i, STR_FMT(buf_str(&t.shown)));
                told_deinit(&t);
        }
        CHECK_NO_LEAKS();
}

static void random_text(struct buf *out, unsigned *seed, unsigned words)
{
        buf_clear(out, 0);
        for (unsigned i = rand_r(seed) % words; i > 0; i--)
                buf_printf(out, "%s%c", rand_r(seed) % 8 ? " " : "\n\t", 'a' + rand_r(seed) % 4);
}

Test(word_diff, both_texts_come_back)
{
        AUTO_BUF struct buf a = BUF_INIT(1U << 16);
        AUTO_BUF struct buf b = BUF_INIT(1U << 16);
        unsigned seed = 7;

        for (unsigned i = 0; i < 3000; i++) {
                struct told t;

                random_text(&a, &seed, 40);
                random_text(&b, &seed, 40);
                t = diff(buf_str(&a), buf_str(&b));
                told_deinit(&t);
        }
}

/* @words different ones, with a common one in the middle. */
static void long_text(struct buf *out, char c, unsigned words)
{
        for (unsigned i = 0; i < words; i++)
                buf_printf(out, " %c%u", i == words / 2 ? '=' : c, i == words / 2 ? 0 : i);
}

Test(word_diff, words_that_are_compared_are_limited)
{
        for (unsigned over = 0; over < 2; over++) {
                AUTO_BUF struct buf a = BUF_INIT(1U << 20);
                AUTO_BUF struct buf b = BUF_INIT(1U << 20);
                struct told t;

                long_text(&a, 'a', LIMIT_DIFF_WORDS + over);
                long_text(&b, 'b', LIMIT_DIFF_WORDS);
                t = diff(buf_str(&a), buf_str(&b));
                cr_expect_eq(t.runs, over ? 2 : 5, "%zu runs", t.runs);
                told_deinit(&t);
        }
}

Test(word_diff, words_are_counted)
{
        cr_expect_eq(word_count(STR("")), 0);
        cr_expect_eq(word_count(STR("a")), 1);
        cr_expect_eq(word_count(STR(" a\n b ")), 3);
}
