/* SPDX-License-Identifier: Apache-2.0 */
#include "finder.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "alloc.h"
#include "leaks.h"
#include "random.h"

/* What finder_next() promises, said as plainly as possible. */
static bool find_plainly(const struct str *patterns, size_t count, struct str text, size_t from, struct finder_match *ret)
{
        for (size_t at = from; at < text.len; at++) {
                bool found = false;

                for (size_t i = 0; i < count; i++) {
                        if (!str_starts_with(str_skip(text, at), patterns[i]))
                                continue;
                        if (found && ret->end - ret->begin >= patterns[i].len)
                                continue;
                        *ret = (struct finder_match){ at, at + patterns[i].len, i };
                        found = true;
                }
                if (found)
                        return true;
        }
        return false;
}

static void fill(uint64_t *seed, char *to, size_t len, unsigned letters)
{
        for (size_t i = 0; i < len; i++)
                to[i] = (char)('a' + random_below(seed, letters));
}

Test(finder, agrees_with_the_plain_search)
{
        uint64_t seed = 7;
        size_t matches = 0;

        for (int round = 0; round < 3000; round++) {
                char space[8][24], text[400];
                struct str patterns[8], t = { text, random_below(&seed, sizeof(text)) };
                size_t count = random_below(&seed, 9);
                struct finder f;

                fill(&seed, text, sizeof(text), 2);
                for (size_t i = 0; i < count; i++) {
                        patterns[i] = str_of(space[i], 8 + random_below(&seed, 17));
                        fill(&seed, space[i], sizeof(space[i]), 2);
                }
                cr_assert_eq(finder_init(&f, patterns, count), 0);
                for (size_t from = 0; from <= t.len;) {
                        struct finder_match a = { 0 }, b = { 0 };
                        bool found = find_plainly(patterns, count, t, from, &a);

                        cr_assert_eq(finder_next(&f, t, from, &b), found, "round %d from %zu", round, from);
                        cr_assert(!found || (a.begin == b.begin && a.end == b.end), "round %d from %zu", round, from);
                        cr_assert(!found || str_eq(patterns[a.pattern], patterns[b.pattern]));
                        matches += found;
                        from = found ? a.begin + 1 : t.len + 1;
                }
                finder_deinit(&f);
        }
        cr_expect_gt(matches, 1000U, "the rows have matches to find");
        CHECK_NO_LEAKS();
}

Test(finder, finds_at_every_place_of_a_long_text)
{
        static const struct str pattern[] = { STR_INIT("needle-in-hay") };
        static char text[3 * 4096 + 5];
        struct finder f;

        memset(text, '.', sizeof(text));
        cr_assert_eq(finder_init(&f, pattern, 1), 0);
        cr_expect_not(finder_finds(&f, str_of(text, sizeof(text))));
        for (size_t at = 0; at + pattern[0].len <= sizeof(text); at++) {
                memcpy(text + at, pattern[0].ptr, pattern[0].len);
                cr_assert(finder_finds(&f, str_of(text, sizeof(text))), "at %zu", at);
                memset(text + at, '.', pattern[0].len);
        }
        cr_expect_not(finder_finds(&f, str_of(text, sizeof(text))));
        finder_deinit(&f);
        CHECK_NO_LEAKS();
}

Test(finder, does_not_read_past_the_text)
{
        static const struct str pattern[] = { STR_INIT("12345678"), STR_INIT("1234567890") };
        struct finder_match match;
        struct finder f;
        char *text = malloc(8); /* its end is watched by the address sanitizer */

        memcpy(text, "12345678", 8);
        cr_assert_eq(finder_init(&f, pattern, 2), 0);
        cr_expect(finder_next(&f, str_of(text, 8), 0, &match));
        cr_expect_eq(match.end, 8U);
        cr_expect_not(finder_next(&f, str_of(text, 7), 0, &match));
        cr_expect_not(finder_next(&f, str_of(text, 8), 1, &match));
        cr_expect_not(finder_next(&f, str_of(text, 8), 9, &match));
        cr_expect_not(finder_next(&f, str_of(NULL, 0), 0, &match));
        finder_deinit(&f);
        free(text);
        CHECK_NO_LEAKS();
}

Test(finder, short_patterns_are_refused_and_no_patterns_find_nothing)
{
        static const struct str short_one[] = { STR_INIT("12345678"), STR_INIT("1234567") };
        struct finder_match match;
        struct finder f;

        cr_expect_eq(finder_init(&f, short_one, 2), -EINVAL);
        cr_expect_eq(finder_init(&f, short_one, 1), 0);
        finder_deinit(&f);
        cr_expect_eq(finder_init(&f, NULL, 0), 0);
        cr_expect_not(finder_next(&f, STR("12345678"), 0, &match));
        cr_expect_not(finder_finds(&f, STR("12345678")));
        finder_deinit(&f);
        CHECK_NO_LEAKS();
}
