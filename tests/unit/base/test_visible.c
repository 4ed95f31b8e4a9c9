/* SPDX-License-Identifier: Apache-2.0 */
#include "visible.h"

#include <criterion/criterion.h>

Test(visible, table)
{
        static const struct {
                uint32_t cp;
                bool visible;
        } rows[] = {
                { 0x00, false }, { '\t', false }, { '\n', false }, { '\r', false }, { 0x1F, false }, { ' ', true },
                { '~', true }, { 0x7F, false }, { 0x9F, false }, { 0xA0, true }, { 0xAD, false }, { 0xE9, true },
                { 0x61C, false }, { 0x200A, true }, { 0x200B, false }, { 0x200F, false }, { 0x2010, true },
                { 0x202E, false }, { 0x2066, false }, { 0x206F, false }, { 0xFEFF, false }, { 0xFFFD, true },
                { 0xFFFF, false }, { 0x1F600, true }, { 0xE0041, false },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                cr_expect_eq(code_point_is_visible(rows[i].cp), rows[i].visible, "U+%04X", rows[i].cp);
}

Test(visible, text_in_so_many_bytes)
{
        static const struct {
                const char *text, *expected;
                size_t max;
                bool quoted;
        } rows[] = {
                { "abc", "abc", 6 },
                { "abcd", "...", 3 },
                { "abcdefgh", "abc...", 6 },
                { "\x80", "\\x80", 10 },
                { "\xC3\xA9\xC3\xA9\xC3\xA9", "\xC3\xA9...", 5 },
                { "a\"b", "a\"b", 10 },
                { "a\"b", "a\\\"b", 10, true },
                { "\\ \n\x1b\x7F", "\\\\ \\n\\x1B\\x7F", 20 },
                { "\xE2\x80\xAE", "\\u{202E}", 20 },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                AUTO_BUF struct buf out = BUF_INIT(100);

                cr_expect_eq(visible_append(&out, str_from(rows[i].text), rows[i].max, rows[i].quoted), 0);
                cr_expect(str_eq(buf_str(&out), str_from(rows[i].expected)), "%zu: %.*s", i, STR_FMT(buf_str(&out)));
        }
}
