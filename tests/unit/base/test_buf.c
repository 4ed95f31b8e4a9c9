/* SPDX-License-Identifier: Apache-2.0 */
#include "buf.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

Test(buf, limit_minus_one_limit_and_one_more)
{
        struct buf b = BUF_INIT(300);
        char bytes[301] = { 0 };

        cr_expect_eq(buf_append(&b, bytes, 299), 0);
        cr_expect_eq(buf_append(&b, bytes, 1), 0);
        cr_expect_not(b.failed);
        cr_expect_eq(buf_append(&b, bytes, 1), -EMSGSIZE);
        cr_expect(b.failed);
        cr_expect_eq(b.len, 300U, "a failed append changes nothing");
        buf_deinit(&b);
}

Test(buf, failed_is_sticky_until_cleared)
{
        struct buf b = BUF_INIT(4);

        cr_expect_eq(buf_append_str(&b, STR("12345")), -EMSGSIZE);
        cr_expect_eq(buf_append_str(&b, STR("12")), 0);
        cr_expect(b.failed);
        buf_clear(&b, 1024);
        cr_expect_not(b.failed);
        cr_expect_eq(b.len, 0U);
        buf_deinit(&b);
}

Test(buf, printf_longer_than_its_stack_space)
{
        struct buf b = BUF_INIT(4096);

        cr_expect_eq(buf_printf(&b, "%600d|", 7), 0);
        cr_expect_eq(b.len, 601U);
        cr_expect_eq(b.data[599], '7');
        cr_expect_eq(b.data[600], '|');
        buf_deinit(&b);
}

Test(buf, consume_moves_the_rest_to_the_front)
{
        struct buf b = BUF_INIT(64);

        buf_append_str(&b, STR("abcdef"));
        buf_consume(&b, 4);
        cr_expect(str_eq(buf_str(&b), STR("ef")));
        buf_consume(&b, 99);
        cr_expect_eq(b.len, 0U);
        buf_deinit(&b);
        buf_deinit(&b);
}

Test(buf, integers_of_every_length)
{
        static const struct {
                int64_t value;
                const char *text;
        } rows[] = { { 0, "0" }, { 7, "7" }, { -7, "-7" }, { 9007199254740992, "9007199254740992" },
                { INT64_MAX, "9223372036854775807" }, { INT64_MIN, "-9223372036854775808" } };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct buf b = BUF_INIT(64);

                cr_expect_eq(buf_append_integer(&b, rows[i].value), 0);
                cr_expect(str_eq(buf_str(&b), str_from(rows[i].text)), "%.*s", STR_FMT(buf_str(&b)));
                buf_deinit(&b);
        }
}

/* Where a digit is added, and the numbers beside. */
Test(buf, numbers_around_each_power_of_ten)
{
        uint64_t power = 1;

        for (unsigned digits = 1; digits <= 20; digits++, power *= 10) {
                for (uint64_t value = power - 1; value <= power + 1; value++) {
                        struct buf b = BUF_INIT(64);
                        char expected[32];

                        snprintf(expected, sizeof(expected), "x%llu", (unsigned long long)value);
                        buf_append_char(&b, 'x');
                        cr_expect_eq(buf_append_unsigned(&b, value), 0);
                        cr_expect(str_eq(buf_str(&b), str_from(expected)), "%.*s is not %s", STR_FMT(buf_str(&b)), expected);
                        buf_deinit(&b);
                }
        }
}

Test(buf, a_number_that_does_not_fit_changes_nothing)
{
        struct buf b = BUF_INIT(4);

        cr_expect_eq(buf_append_integer(&b, -100), 0, "at the limit");
        b.len = 0;
        cr_expect_eq(buf_append_integer(&b, -1000), -EMSGSIZE);
        cr_expect(b.failed);
        cr_expect_eq(b.len, 0U);
        buf_deinit(&b);
}

Test(buf, unsigned_up_to_the_largest)
{
        struct buf b = BUF_INIT(64);

        cr_expect_eq(buf_append_unsigned(&b, 0), 0);
        cr_expect_eq(buf_append_unsigned(&b, UINT64_MAX), 0);
        cr_expect(str_eq(buf_str(&b), STR("018446744073709551615")));
        buf_deinit(&b);
}

/* Why a builder failed is what failed first. */
Test(buf, error)
{
        struct buf b = BUF_INIT(10);

        cr_expect_eq(buf_error(&b), 0);
        buf_append_str(&b, STR("0123456789"));
        cr_expect_eq(buf_error(&b), 0);
        buf_append_char(&b, 'x');
        cr_expect_eq(buf_error(&b), -EMSGSIZE);
        buf_clear(&b, SIZE_MAX);
        cr_expect_eq(buf_error(&b), 0);
        buf_append_char(&b, 'x');
        cr_expect_eq(buf_error(&b), 0);
        buf_deinit(&b);
}
