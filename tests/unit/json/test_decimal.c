/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers by their texts: order, integers, counts, multiples.
 */
#include "decimal.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct decimal read_or_fail(const char *text)
{
        struct decimal d = { 0 };

        cr_assert(decimal_read(str_from(text), &d), "%s", text);
        return d;
}

static int sign(int n)
{
        return (n > 0) - (n < 0);
}

Test(decimal, order)
{
        static const struct {
                const char *a, *b;
                int expected;
        } rows[] = {
                { "1", "1.0", 0 },
                { "1", "10e-1", 0 },
                { "1", "0.1E+1", 0 },
                { "100", "1e2", 0 },
                { "0", "-0.0e5", 0 },
                { "0", "0e99999999999999999999", 0 },
                { "0.001", "1e-3", 0 },
                { "1.5", "15e-1", 0 },
                { "101", "1.01e2", 0 },
                { "1", "2", -1 },
                { "-1", "1", -1 },
                { "-1", "-2", 1 },
                { "0", "1e-300", -1 },
                { "0", "-1e-300", 1 },
                { "9", "10", -1 },
                { "0.9", "0.10", 1 },
                { "12.3", "12.29999999999999999999999", 1 },
                { "9007199254740992", "9007199254740993", -1 },
                { "0.1", "0.10000000000000000000000000000000000001", -1 },
                { "1e-999999999999999", "1e-999999999999998", -1 },
                { "123456789012345678901234567890", "1.23456789012345678901234567890e29", 0 },
                { "-1.5", "-1.50001", 1 },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct decimal a = read_or_fail(rows[i].a), b = read_or_fail(rows[i].b);

                cr_expect_eq(sign(decimal_compare(&a, &b)), rows[i].expected, "%s %s", rows[i].a, rows[i].b);
                cr_expect_eq(sign(decimal_compare(&b, &a)), -rows[i].expected, "%s %s", rows[i].b, rows[i].a);
        }
}

Test(decimal, what_is_no_number)
{
        static const char *const rows[] = { "", "-", "+1", "01", ".5", "1.", "1e", "1e+", "1e1x", "0x10", "1_000", "1 ", " 1",
                "nan", "1e.5", "--1", "0e", "0ex", "0e9999999999999999x", "1e1000000000000000", "1e-1000000000000000" };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct decimal d;

                cr_expect_not(decimal_read(str_from(rows[i]), &d), "%s", rows[i]);
        }
}

Test(decimal, exponents_have_fifteen_digits_at_the_most)
{
        read_or_fail("1e99999999999999");
        read_or_fail("1e999999999999999");
        read_or_fail("1e-000000000000000000001");
}

Test(decimal, integers_and_counts)
{
        static const struct {
                const char *text;
                bool integer, count;
                uint64_t value;
        } rows[] = {
                { "0", true, true, 0 },
                { "-0", true, true, 0 },
                { "3", true, true, 3 },
                { "3.0", true, true, 3 },
                { "30e-1", true, true, 3 },
                { "1e3", true, true, 1000 },
                { "-3", true, false, 0 },
                { "3.5", false, false, 0 },
                { "35e-1", false, false, 0 },
                { "1e-1", false, false, 0 },
                { "9999999999999999999", true, true, 9999999999999999999U },
                { "10000000000000000000", true, true, UINT64_MAX },
                { "1e300", true, true, UINT64_MAX },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct decimal d = read_or_fail(rows[i].text);
                uint64_t value = 0;

                cr_expect_eq(decimal_is_integer(&d), rows[i].integer, "%s", rows[i].text);
                cr_expect_eq(decimal_count(&d, &value), rows[i].count, "%s", rows[i].text);
                cr_expect_eq(value, rows[i].value, "%s", rows[i].text);
        }
}

Test(decimal, multiples)
{
        static const struct {
                const char *d, *by;
                enum decimal_division expected;
        } rows[] = {
                { "10", "2", DECIMAL_DIVIDES },
                { "7", "2", DECIMAL_LEAVES_REST },
                { "-10", "2", DECIMAL_DIVIDES },
                { "10", "-2", DECIMAL_DIVIDES },
                { "0", "3", DECIMAL_DIVIDES },
                { "4.5", "1.5", DECIMAL_DIVIDES },
                { "35", "1.5", DECIMAL_LEAVES_REST },
                { "0.0075", "0.0001", DECIMAL_DIVIDES },
                { "0.00751", "0.0001", DECIMAL_LEAVES_REST },
                { "1.1", "0.1", DECIMAL_DIVIDES },
                { "1e308", "0.123456789", DECIMAL_LEAVES_REST },
                { "1e308", "0.5", DECIMAL_DIVIDES },
                { "1e300", "1e-300", DECIMAL_DIVIDES },
                { "3e999999999999999", "7", DECIMAL_LEAVES_REST },
                { "1e100", "576460752303423488", DECIMAL_DIVIDES }, /* 2^59 */
                { "1", "10", DECIMAL_LEAVES_REST },
                { "12345678901234567890", "10", DECIMAL_DIVIDES },
                { "999999999999999999", "999999999999999999", DECIMAL_DIVIDES },
                { "1", "0", DECIMAL_UNSETTLED },
                { "1", "1234567890123456789", DECIMAL_UNSETTLED },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct decimal d = read_or_fail(rows[i].d), by = read_or_fail(rows[i].by);

                cr_expect_eq(decimal_divide(&d, &by), rows[i].expected, "%s %s", rows[i].d, rows[i].by);
        }
}

/* All texts of a small form against the values that they were made from. */
Test(decimal, every_small_number)
{
        for (int a = -120; a <= 120; a++) {
                for (int b = -120; b <= 120; b += 7) {
                        char left[32], right[32];
                        struct decimal x, y;

                        /* a/100 in two spellings against b/100. */
                        snprintf(left, sizeof(left), "%s%d.%02d", a < 0 ? "-" : "", abs(a) / 100, abs(a) % 100);
                        snprintf(right, sizeof(right), "%de-2", b);
                        x = read_or_fail(left);
                        y = read_or_fail(right);
                        cr_assert_eq(sign(decimal_compare(&x, &y)), sign(a - b), "%s %s", left, right);
                        if (b)
                                cr_assert_eq(decimal_divide(&x, &y) == DECIMAL_DIVIDES, a % b == 0, "%s %s", left, right);
                }
        }
}
