/* SPDX-License-Identifier: Apache-2.0 */
#include "amount.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define NINES "999999999999999999"

Test(amount, texts)
{
        static const struct {
                const char *text;
                enum amount_error error;
                const char *printed;
        } rows[] = {
                { "0", AMOUNT_OK, "0" },
                { "500", AMOUNT_OK, "500" },
                { "0.1", AMOUNT_OK, "0.1" },
                { "19.990", AMOUNT_OK, "19.99" },
                { "1e3", AMOUNT_OK, "1000" },
                { "1.5E+2", AMOUNT_OK, "150" },
                { "1500e-3", AMOUNT_OK, "1.5" },
                { "0e999999999999999999999", AMOUNT_OK, "0" },
                { "0.000", AMOUNT_OK, "0" },
                { "0.0000000000000000000000000000", AMOUNT_OK, "0" },
                { NINES "." NINES, AMOUNT_OK, NINES "." NINES },
                { "0.000000000000000001", AMOUNT_OK, "0.000000000000000001" },
                { "1e-18", AMOUNT_OK, "0.000000000000000001" },
                { "100000000000000000e1", AMOUNT_TOO_LARGE, NULL },
                { "1e17", AMOUNT_OK, "100000000000000000" },
                { "1e18", AMOUNT_TOO_LARGE, NULL },
                { "1e308", AMOUNT_TOO_LARGE, NULL },
                { "0.0000000000000000001", AMOUNT_TOO_FINE, NULL },
                { "1e-19", AMOUNT_TOO_FINE, NULL },
                { "1e-99999999999999999999", AMOUNT_TOO_FINE, NULL },
                { "-1", AMOUNT_NEGATIVE, NULL },
                { "-0", AMOUNT_NEGATIVE, NULL },
                { "-0.0", AMOUNT_NEGATIVE, NULL },
                { "-1e400", AMOUNT_NEGATIVE, NULL },
                { "", AMOUNT_NOT_A_NUMBER, NULL },
                { "-", AMOUNT_NOT_A_NUMBER, NULL },
                { "+1", AMOUNT_NOT_A_NUMBER, NULL },
                { "01", AMOUNT_NOT_A_NUMBER, NULL },
                { ".5", AMOUNT_NOT_A_NUMBER, NULL },
                { "5.", AMOUNT_NOT_A_NUMBER, NULL },
                { "1e", AMOUNT_NOT_A_NUMBER, NULL },
                { "1e+", AMOUNT_NOT_A_NUMBER, NULL },
                { "1e5.0", AMOUNT_NOT_A_NUMBER, NULL },
                { "0x10", AMOUNT_NOT_A_NUMBER, NULL },
                { "1_000", AMOUNT_NOT_A_NUMBER, NULL },
                { "1,000", AMOUNT_NOT_A_NUMBER, NULL },
                { " 1", AMOUNT_NOT_A_NUMBER, NULL },
                { "NaN", AMOUNT_NOT_A_NUMBER, NULL },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct amount a = { 7, 7 };
                char text[AMOUNT_TEXT_BYTES];

                cr_expect_eq(amount_parse(str_from(rows[i].text), &a), rows[i].error, "%s", rows[i].text);
                if (rows[i].printed)
                        cr_expect(str_eq(amount_print(a, text), str_from(rows[i].printed)), "%s: %s", rows[i].text, text);
                else
                        cr_expect(a.units == 7 && a.fraction == 7, "%s", rows[i].text);
        }
}

Test(amount, a_tenth_added_ten_times_is_one)
{
        struct amount sum = { 0 }, tenth;

        cr_assert_eq(amount_parse(STR("0.1"), &tenth), AMOUNT_OK);
        for (int i = 0; i < 10; i++)
                cr_assert(amount_add(&sum, tenth));
        cr_expect_eq(amount_cmp(sum, amount_of(1)), 0);
}

Test(amount, what_is_too_large_is_not_added)
{
        struct amount a = { AMOUNT_ONE - 1, AMOUNT_ONE - 1 }, least = { 0, 1 }, before = a;

        cr_expect_not(amount_add(&a, least));
        cr_expect_not(amount_add(&a, a));
        cr_expect_eq(amount_cmp(a, before), 0);
        cr_expect(amount_add(&a, amount_of(0)));
}

Test(amount, what_is_taken_back_was_added)
{
        uint64_t state = 1;

        for (int i = 0; i < 100000; i++) {
                struct amount a, b, sum;

                state = state * 6364136223846793005ULL + 1442695040888963407ULL;
                a = (struct amount){ state >> 40, (state >> 3) % AMOUNT_ONE };
                state = state * 6364136223846793005ULL + 1442695040888963407ULL;
                b = (struct amount){ state >> 40, (state >> 3) % AMOUNT_ONE };
                sum = a;
                cr_assert(amount_add(&sum, b));
                cr_assert_geq(amount_cmp(sum, a), 0);
                amount_subtract(&sum, b);
                cr_assert_eq(amount_cmp(sum, a), 0);
        }
}

Test(amount, nothing_is_less_than_nothing)
{
        struct amount a = { 1, 5 }, more = { 1, 6 };

        amount_subtract(&a, more);
        cr_expect(amount_is_zero(a));
}
