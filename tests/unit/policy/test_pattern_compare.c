/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern_compare.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "leaks.h"
#include "uri.h"

static unsigned below(unsigned *seed, unsigned n)
{
        return (unsigned)rand_r(seed) % n;
}

static struct str random_text(unsigned *seed, char *out, const char *const *pieces, unsigned count, unsigned most)
{
        size_t n = 0;

        for (unsigned left = 1 + below(seed, most); left; --left) {
                const char *piece = pieces[below(seed, count)];

                memcpy(out + n, piece, strlen(piece));
                n += strlen(piece);
        }
        return str_of(out, n);
}

static bool random_pattern(unsigned *seed, struct pattern *ret, struct arena *arena, enum pattern_kind kind)
{
        static const char *const pieces[] = { "a", "b", "*", "?", "[ab]", "**", "/", "*", "[!a]", "\xC3\xA9", "[ -~]" };
        struct pattern_problem problem;
        struct pattern p;
        char text[64];

        if (pattern_compile(&p, arena, random_text(seed, text, pieces, 11, 4), kind, below(seed, 2), NULL, NULL, &problem) != 0)
                return false;
        *ret = p;
        return true;
}

/* A pattern that is said to take all of another takes what that one takes, and two that are said to have nothing in common have
 * nothing. */
Test(pattern_compare, patterns_are_never_compared_wrongly)
{
        static const char *const pieces[] = { "a", "b", "/", "c", "\xC3\xA9", " ", "~", "\xC2\x85", "\t" };
        size_t includes = 0, apart = 0, tried = 0;
        unsigned seed = 20261121;

        for (unsigned round = 0; round < 20000; ++round) {
                struct arena arena = { 0 };
                enum pattern_kind kind = (enum pattern_kind)below(&seed, 3);
                struct pattern a = { 0 }, b = { 0 };
                bool good = random_pattern(&seed, &a, &arena, kind) && random_pattern(&seed, &b, &arena, kind);
                bool wide = good && pattern_includes(&a, &b), meet = good && pattern_may_meet(&a, &b);

                includes += wide;
                apart += good && !meet;
                for (unsigned i = 0; good && (wide || !meet) && i < 50; ++i) {
                        char text[64];
                        /* Names have no control characters. */
                        struct str s = random_text(&seed, text, pieces, kind == PATTERN_TEXT ? 9 : 7, 6);
                        bool by_a = pattern_match(&a, s) == MATCH_YES, by_b = pattern_match(&b, s) == MATCH_YES;

                        if (kind == PATTERN_URI && uri_form_of(s) < URI_PLAIN)
                                continue;
                        tried += by_b;
                        cr_assert(!wide || !by_b || by_a, "round %u: %.*s", round, STR_FMT(s));
                        cr_assert(meet || !by_a || !by_b, "round %u: %.*s meets", round, STR_FMT(s));
                }
                arena_deinit(&arena);
        }
        cr_expect_gt(includes, 2000, "%zu", includes);
        cr_expect_gt(apart, 2000, "%zu", apart);
        cr_expect_gt(tried, 10000, "%zu", tried);
        CHECK_NO_LEAKS();
}

/* What only one character shows. */
Test(pattern_compare, each_character_counts)
{
        static const struct {
                const char *wide, *narrow;
                bool includes;
        } rows[] = {
                { "[ -~]", "?", true },
                { "[!-~]", "?", false },
                { "[ -}]", "?", false },
                { "[a-y]", "[a-z]", false },
                { "[a-z]", "[a-y]", true },
                { "[!q]", "[a-pr-z]", true },
                { "[!q]", "[a-z]", false },
                { "*q*", "*[q]*", true },
                { "*q*", "*[pq]*", false },
                { "*[?@]*", "*@*", true }, /* one on each side of the sixty-fourth */
                { "*[?A]*", "*@*", false },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                struct arena arena = { 0 };
                struct pattern_problem problem;
                struct pattern wide, narrow;

                cr_assert_eq(pattern_compile(&wide, &arena, str_from(rows[i].wide), PATTERN_NAME, false, NULL, NULL, &problem), 0);
                cr_assert_eq(pattern_compile(&narrow, &arena, str_from(rows[i].narrow), PATTERN_NAME, false, NULL, NULL, &problem), 0);
                cr_expect_eq(pattern_includes(&wide, &narrow), rows[i].includes, "%s %s", rows[i].wide, rows[i].narrow);
                arena_deinit(&arena);
        }
}
