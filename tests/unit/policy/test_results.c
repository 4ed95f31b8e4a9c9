/* SPDX-License-Identifier: Apache-2.0 */
#include "policy_results.h"

#include <stdlib.h>
#include <time.h>

#include "cleanup.h"
#include "leaks.h"
#include "limit.h"
#include "world.h"

#define TOOLS "tools: { allow: [a] }\n"
#define REDACT(pattern) HEAD TOOLS "results: { redact: [{ name: x, matches: '" pattern "' }] }\n"

/* What becomes of the text; "=" when it stays as it is. */
static void expect(const struct world *w, struct str text, const char *expected, uint64_t redacted)
{
        struct policy_scratch *scratch = policy_scratch_new();
        AUTO_BUF struct buf out = BUF_INIT(16U << 20);
        struct policy_filtering count = { 0 };
        int r = policy_set_filter_text(w->set, scratch, text, false, &count, &out);

        cr_expect_eq(r, strcmp(expected, "=") != 0);
        if (r)
                cr_expect(str_eq(buf_str(&out), str_from(expected)), "%.60s... (%zu bytes), not %s", out.len ? out.data : "", out.len, expected);
        else
                cr_expect_eq(out.len, 0U);
        cr_expect_eq(count.redacted, redacted, "%d", (int)count.redacted);
        policy_scratch_free(scratch);
}

Test(results, table)
{
        static const struct {
                const char *policy, *in, *out;
                uint64_t redacted;
        } rows[] = {
                { REDACT("a+b"), "", "=", 0 },
                { REDACT("a+b"), "aac", "=", 0 },
                { REDACT("a+b"), "aabab c ab", "[redacted:x][redacted:x] c [redacted:x]", 3 },
                { REDACT("\\bab\\b"), "ab abc -ab", "[redacted:x] abc -[redacted:x]", 2 },
                { REDACT("^a"), "aa", "[redacted:x]a", 1 },
                { REDACT("(?m)^a$"), "a\na", "[redacted:x]\n[redacted:x]", 2 },
                { REDACT("a$"), "a a", "a [redacted:x]", 1 },
                { REDACT("(?<=k=)\\w+"), "k=v k=w", "k=[redacted:x] k=[redacted:x]", 2 },
                { REDACT("[é😀]"), "aé😀b", "a[redacted:x][redacted:x]b", 2 },
                { HEAD TOOLS "results: { redact: [{ name: x, matches: abc }, { name: y, matches: cde }, { name: z, matches: '[cd]' }] }\n",
                        "abcde c abc", "[redacted:x] [redacted:z] [redacted:x]", 3 },
                { HEAD TOOLS "results: { redact: [{ name: y, matches: 'redacted' }, { name: x, matches: 'a' }] }\n", "a redacted a",
                        "[redacted:x] [redacted:y] [redacted:x]", 3 },
                { REDACT("a\\Kb"), "ab", "a[redacted:x]", 1 },
                { REDACT("(a+)+c"), "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab c", "[redacted:x]", 1 },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                struct world w = world_good(rows[i].policy);

                expect(&w, str_from(rows[i].in), rows[i].out, rows[i].redacted);
                world_end(&w);
        }
        CHECK_NO_LEAKS();
}

Test(results, of_all_policies)
{
        static const char *const texts[] = { REDACT("a"), HEAD TOOLS "results: { redact: [{ name: y, matches: b }] }\n",
                HEAD TOOLS "results: { strip: [invisible-characters] }\n" };
        struct world w = world_of(texts, 3, NULL);

        cr_assert_eq(w.r, 0);
        expect(&w, STR("a\xE2\x80\x8B" "b"), "[redacted:x][redacted:y]", 2);
        cr_expect(policy_set_filters_results(w.set) && policy_set_strips(w.set));
        world_end(&w);
        w = world_good(HEAD TOOLS);
        cr_expect_not(policy_set_filters_results(w.set) || policy_set_strips(w.set));
        world_end(&w);
        CHECK_NO_LEAKS();
}

/* A match is found wherever it stands among windows, up to its limit; a longer one takes all the text with it. */
Test(results, a_match_at_any_place_and_up_to_its_limit)
{
        struct world w = world_good(REDACT("<a*>"));
        char *text = malloc(4 * LIMIT_RESULT_MATCH_BYTES), *expected = malloc(4 * LIMIT_RESULT_MATCH_BYTES + 64);

        for (size_t at = LIMIT_RESULT_MATCH_BYTES - 20; at < LIMIT_RESULT_MATCH_BYTES + 4; ++at) {
                memset(text, ' ', 3 * LIMIT_RESULT_MATCH_BYTES);
                memcpy(text + at, "<aaaaaaaaaa>", 12);
                snprintf(expected, 3 * LIMIT_RESULT_MATCH_BYTES + 64, "%.*s[redacted:x]%.*s", (int)at, text,
                        (int)(3 * LIMIT_RESULT_MATCH_BYTES - at - 12), text + at + 12);
                expect(&w, str_of(text, 3 * LIMIT_RESULT_MATCH_BYTES), expected, 1);
        }
        for (size_t more = 0; more < 2; ++more) {
                size_t len = LIMIT_RESULT_MATCH_BYTES - 1 + more;

                memset(text, ' ', 3 * LIMIT_RESULT_MATCH_BYTES);
                memset(text + LIMIT_RESULT_MATCH_BYTES / 2, 'a', len);
                text[LIMIT_RESULT_MATCH_BYTES / 2] = '<';
                text[LIMIT_RESULT_MATCH_BYTES / 2 + len - 1] = '>';
                snprintf(expected, 4 * LIMIT_RESULT_MATCH_BYTES, "%.*s[redacted:x]%.*s", (int)(LIMIT_RESULT_MATCH_BYTES / 2), text,
                        (int)(3 * LIMIT_RESULT_MATCH_BYTES - LIMIT_RESULT_MATCH_BYTES / 2 - len), text + LIMIT_RESULT_MATCH_BYTES / 2 + len);
                expect(&w, str_of(text, 3 * LIMIT_RESULT_MATCH_BYTES), expected, 1);
        }
        memset(text, 'a', 3 * LIMIT_RESULT_MATCH_BYTES);
        text[0] = '<';
        text[LIMIT_RESULT_MATCH_BYTES + 1] = '>';
        expect(&w, str_of(text, 3 * LIMIT_RESULT_MATCH_BYTES), "[redacted:x]", 1);
        free(text);
        free(expected);
        world_end(&w);
        CHECK_NO_LEAKS();
}

Test(results, matches_up_to_their_limit)
{
        struct world w = world_good(REDACT("a"));

        for (size_t more = 0; more < 2; ++more) {
                size_t count = LIMIT_RESULT_MATCHES + more;
                struct policy_scratch *scratch = policy_scratch_new();
                AUTO_BUF struct buf out = BUF_INIT(16U << 20);
                struct policy_filtering counted = { 0 };
                char *text = malloc(2 * count);

                for (size_t i = 0; i < count; ++i)
                        memcpy(text + 2 * i, "a ", 2);
                cr_expect_eq(policy_set_filter_text(w.set, scratch, str_of(text, 2 * count), false, &counted, &out), 1);
                cr_expect_eq(counted.redacted, more ? 1U : LIMIT_RESULT_MATCHES);
                cr_expect_eq(out.len, more ? 12U : LIMIT_RESULT_MATCHES * 13U);
                free(text);
                policy_scratch_free(scratch);
        }
        world_end(&w);
        CHECK_NO_LEAKS();
}

/* All texts of a message draw on one account. */
Test(results, work_up_to_its_limit)
{
        struct world w = world_good(REDACT("b"));
        struct policy_scratch *scratch = policy_scratch_new();

        for (uint64_t more = 0; more < 2; ++more) {
                AUTO_BUF struct buf out = BUF_INIT(1024);
                struct policy_filtering count = { .work = LIMIT_RESULT_WORK - 256U + more };

                cr_expect_eq(policy_set_filter_text(w.set, scratch, STR("a"), false, &count, &out), (int)more);
                cr_expect_eq(count.redacted, more);
        }
        policy_scratch_free(scratch);
        world_end(&w);
        CHECK_NO_LEAKS();
}

static double processor_seconds(void)
{
        struct timespec now;

        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What a server can make a pattern cost: 10 MiB of words that are as long as a match may be, or as what an item needs
 * at least. No limit of PCRE2's ends these. The time is far from what they take here (docs/performance.md), for the
 * slowest of machines. */
Test(results, long_words_cost_no_more_than_their_bound, .timeout = 300)
{
        static const struct {
                const char *policy;
                size_t word;
        } rows[] = {
                { REDACT("[\\w.]+@\\d"), 2000 },
                { REDACT("(?=\\w+@\\d)\\w+"), 2000 },
                { REDACT("(\\w+)+@\\d"), 9 },
                { REDACT("(?:a|b|aa)+@\\d"), 2000 },
                { REDACT("\\w{1000,}@"), 999 },
                { REDACT("(\\w+) \\1@"), 1000 },
                { REDACT("(*sr:\\w{1,600})!\\d"), 2000 },
        };
        size_t len = 10U << 20;
        char *text = malloc(len);

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                struct world w = world_good(rows[i].policy);
                struct policy_scratch *scratch = policy_scratch_new();
                AUTO_BUF struct buf out = BUF_INIT(16U << 20);
                struct policy_filtering count = { 0 };
                double began = processor_seconds();

                for (size_t n = 0; n < len; ++n)
                        text[n] = n % (rows[i].word + 1) == rows[i].word ? ' ' : n % 700 == 699 ? '@' : 'a';
                for (size_t n = rows[i].word - 1; n < len; n += rows[i].word + 1)
                        text[n] = '@';
                cr_expect_eq(policy_set_filter_text(w.set, scratch, str_of(text, len), false, &count, &out), 1);
                cr_expect(str_eq(buf_str(&out), STR("[redacted:x]")), "%s: %zu bytes", rows[i].policy, out.len);
                cr_expect(count.withheld == 1 && str_eq(count.withheld_by, STR("x")) &&
                          str_eq(count.withheld_policy, STR("test")));
                cr_expect_lt(processor_seconds() - began, 20.0, "%s", rows[i].policy);
                cr_log_info("%.2f s, %.0f M work: row %zu", processor_seconds() - began, (double)count.work / 1e6, i);
                policy_scratch_free(scratch);
                world_end(&w);
        }
        free(text);
}

/* 10 MiB of prose by what people write. */
Test(results, prose_is_within_the_bound, .timeout = 300)
{
        static const char *const words[] = { "the ", "order ", "of ", "a ", "customer ", "was ", "sent ", "to ",
                "Berlin,\n", "DE44 " };
        struct world w =
                world_good(HEAD TOOLS "results: { redact: [{ name: mail, matches: '[\\w.+-]+@[\\w-]+\\.[\\w.]+' }, "
                                      "{ name: iban, matches: '\\b[A-Z]{2}\\d{2}[A-Z0-9]{11,30}\\b' }, "
                                      "{ name: key, matches: '(?i)(api|secret)[_-]?key\\W+\\w+' }] }\n");
        struct policy_scratch *scratch = policy_scratch_new();
        AUTO_BUF struct buf text = BUF_INIT(11U << 20), out = BUF_INIT(16U << 20);
        struct policy_filtering count = { 0 };
        double began = processor_seconds();
        unsigned seed = 7;

        while (text.len < 10U << 20)
                buf_append_str(&text, str_from(words[(seed = seed * 1103515245U + 12345U) >> 16 & 7]));
        buf_append_str(&text, STR("a.b@example.org"));
        began = processor_seconds();
        cr_expect_eq(policy_set_filter_text(w.set, scratch, buf_str(&text), false, &count, &out), 1);
        cr_expect_eq(count.redacted, 1);
        cr_expect_eq(count.withheld, 0);
        cr_log_info("%.2f s, %.0f M work: prose", processor_seconds() - began, (double)count.work / 1e6);
        policy_scratch_free(scratch);
        world_end(&w);
}

/* Long text is gone over as short text is: every way of a match to begin and to end, at every window's end. */
Test(results, windows_change_nothing)
{
        static const char *const patterns[] = { REDACT("ab+c"), REDACT("\\ba+\\b"), REDACT("a(?!b)"), REDACT("(?<=b)a"), REDACT("a$|^b"), REDACT("c\\s+b") };
        size_t pad = LIMIT_RESULT_MATCH_BYTES - 8;
        unsigned seed = 7;

        for (size_t p = 0; p < sizeof(patterns) / sizeof(patterns[0]); ++p) {
                struct world w = world_good(patterns[p]);
                struct policy_scratch *scratch = policy_scratch_new();

                for (int round = 0; round < 200; ++round) {
                        struct policy_filtering one = { 0 }, other = { 0 };
                        AUTO_BUF struct buf padded = BUF_INIT(1U << 20), whole = BUF_INIT(1U << 20), apart = BUF_INIT(1U << 20);

                        for (size_t i = 0; i < pad; ++i)
                                buf_append_char(&padded, '-');
                        for (int i = 0; i < 24; ++i)
                                buf_append_char(&padded, "abc "[(seed = seed * 1103515245U + 12345U) >> 16 & 3]);
                        /* The same with less in front of it stands in one window. */
                        if (policy_set_filter_text(w.set, scratch, buf_str(&padded), false, &one, &whole) == 0)
                                buf_append_str(&whole, buf_str(&padded));
                        if (policy_set_filter_text(w.set, scratch, str_skip(buf_str(&padded), pad - 8), false, &other, &apart) == 0)
                                buf_append_str(&apart, str_skip(buf_str(&padded), pad - 8));
                        cr_assert(str_eq(str_skip(buf_str(&whole), pad - 8), buf_str(&apart)), "%s: %.*s", patterns[p],
                                STR_FMT(buf_str(&apart)));
                }
                policy_scratch_free(scratch);
                world_end(&w);
        }
        CHECK_NO_LEAKS();
}
