/* SPDX-License-Identifier: Apache-2.0 */
#include "card_code.h"

#include <string.h>

#include "leaks.h"

static const uint8_t key[32] = { 1, 2, 3 };

Test(card_code, is_six_letters_of_the_alphabet_and_each_is_another)
{
        enum { COUNT = 2000 };
        static char codes[COUNT][CARD_CODE_BYTES];

        for (uint64_t i = 0; i < COUNT; i++) {
                card_code_make(key, i, "7F3K2Q", codes[i]);
                cr_assert(card_id_is_valid(str_from(codes[i])), "%s", codes[i]);
        }
        for (size_t i = 0; i < COUNT; i++)
                for (size_t j = 0; j < i; j++)
                        cr_assert_str_neq(codes[i], codes[j]);
}

Test(card_code, depends_on_the_key_and_the_number_alone_but_is_never_the_id)
{
        static const uint8_t other_key[32] = { 1, 2, 4 };
        char code[CARD_CODE_BYTES], again[CARD_CODE_BYTES];

        card_code_make(key, 7, "7F3K2Q", code);
        card_code_make(key, 7, "ABCDEF", again);
        cr_expect_str_eq(code, again);
        card_code_make(other_key, 7, "7F3K2Q", again);
        cr_expect_str_neq(code, again);
        card_code_make(key, 7, code, again);
        cr_expect_str_neq(code, again);
}

Test(card_code, matches_what_a_person_types)
{
        static const struct {
                const char *code, *typed;
                bool matches;
        } rows[] = {
                { "7F3K2Q", "7F3K2Q", true },
                { "7F3K2Q", "7f3k2q", true },
                { "7F3K2Q", "7F3K2", false },
                { "7F3K2Q", "7F3K2QQ", false },
                { "7F3K2Q", " 7F3K2Q", false },
                { "7F3K2Q", "7F3K2R", false },
                { "7F3K2Q", "6F3K2Q", false },
                { "7F3K2Q", "", false },
                { "", "", false },
                { "", "7F3K2Q", false },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                char code[CARD_CODE_BYTES] = "";

                strncpy(code, rows[i].code, sizeof(code) - 1);
                cr_expect_eq(card_code_matches(code, str_from(rows[i].typed)), rows[i].matches, "row %zu", i);
        }
        cr_expect_not(card_code_matches("\0\0\0\0\0\0", str_of("\0\0\0\0\0\0", 6)));
        CHECK_NO_LEAKS();
}
