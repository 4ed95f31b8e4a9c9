/* SPDX-License-Identifier: Apache-2.0 */
#include "printable.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

Test(printable, nothing_but_printable_ascii_comes_out)
{
        static const struct {
                const char *name;
                struct str in;
                struct str out;
        } rows[] = {
                { "plain", STR_INIT("drop_all"), STR_INIT("drop_all") },
                { "escape sequence", STR_INIT("\x1b[2J"), STR_INIT("\\x1B[2J") },
                { "newline", STR_INIT("a\nb"), STR_INIT("a\\nb") },
                { "backslash", STR_INIT("a\\n"), STR_INIT("a\\\\n") },
                { "C1 control", STR_INIT("\xC2\x9B"), STR_INIT("\\u{9B}") },
                { "right-to-left override", STR_INIT("\xE2\x80\xAE"), STR_INIT("\\u{202E}") },
                { "not UTF-8", STR_INIT("\xFF"), STR_INIT("\\xFF") },
                { "NUL", STR_INIT("a\0b"), STR_INIT("a\\x00b") },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct buf b = BUF_INIT(256);

                cr_expect_eq(printable_append(&b, rows[i].in, 200), 0);
                cr_expect(str_eq(buf_str(&b), rows[i].out), "row %s: %.*s", rows[i].name, STR_FMT(buf_str(&b)));
                buf_deinit(&b);
        }
}

Test(printable, cut_text_says_so)
{
        struct buf b = BUF_INIT(256);

        printable_append(&b, STR("abcdefghij"), 8);
        cr_expect(str_eq(buf_str(&b), STR("abcde...")), "%.*s", STR_FMT(buf_str(&b)));
        buf_deinit(&b);
}

Test(printable, a_long_text_costs_no_more_than_what_is_shown_of_it)
{
        const size_t len = 64U << 20;
        char *text = malloc(len);
        struct buf b = BUF_INIT(1024);
        clock_t start;

        cr_assert(text);
        memset(text, 'a', len);
        start = clock();
        printable_append(&b, str_of(text, len), 600);
        cr_expect_eq(b.len, 600U);
        /* Measuring the whole run for each byte shown took seconds. */
        cr_expect_lt(clock() - start, CLOCKS_PER_SEC / 2);
        free(text);
        buf_deinit(&b);
}
