/* SPDX-License-Identifier: Apache-2.0 */
#include "utf8.h"

#include <criterion/criterion.h>

Test(utf8, table)
{
        static const struct {
                const char *name;
                struct str bytes;
                bool valid;
        } rows[] = {
                { "ascii", STR_INIT("abc"), true },
                { "two bytes", STR_INIT("\xC3\xA9"), true },
                { "first of three", STR_INIT("\xE0\xA0\x80"), true },
                { "last code point", STR_INIT("\xF4\x8F\xBF\xBF"), true },
                { "past the last", STR_INIT("\xF4\x90\x80\x80"), false },
                { "overlong slash, two bytes", STR_INIT("\xC0\xAF"), false },
                { "overlong slash, three bytes", STR_INIT("\xE0\x80\xAF"), false },
                { "overlong, four bytes", STR_INIT("\xF0\x80\x80\xAF"), false },
                { "surrogate (CESU-8)", STR_INIT("\xED\xA0\x80"), false },
                { "bare continuation", STR_INIT("\x80"), false },
                { "truncated", STR_INIT("\xE2\x82"), false },
                { "start byte then ascii", STR_INIT("\xC3("), false },
                { "0xFF", STR_INIT("\xFF"), false },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                cr_expect_eq(utf8_is_valid(rows[i].bytes), rows[i].valid, "row %s", rows[i].name);
}

Test(utf8, every_code_point_survives_encode_and_decode)
{
        for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
                char bytes[4];
                uint32_t back = 0;
                size_t n;

                if (cp >= 0xD800 && cp <= 0xDFFF)
                        continue;
                n = utf8_encode(cp, bytes);
                cr_assert_eq(utf8_decode(str_of(bytes, n), &back), n, "U+%X", cp);
                cr_assert_eq(back, cp);
        }
}
