/* SPDX-License-Identifier: Apache-2.0 */
#include "strip.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "utf8.h"

#define BOTH (STRIP_TERMINAL | STRIP_INVISIBLE)

Test(strip, table)
{
        static const struct {
                const char *in, *out;
                unsigned what;
                uint64_t count;
        } rows[] = {
                { "", "", BOTH, 0 },
                { "plain\tand\r\nlines \xC3\xA9 \xF0\x9F\x98\x80", "plain\tand\r\nlines \xC3\xA9 \xF0\x9F\x98\x80", BOTH, 0 },
                { "a\x1b[31mb\x1b[0mc", "abc", STRIP_TERMINAL, 2 },
                { "a\x1b[1;2?\x20!mb", "ab", STRIP_TERMINAL, 1 },
                { "a\x1b[31\nb", "a\nb", STRIP_TERMINAL, 1 },
                { "a\x1b[", "a", STRIP_TERMINAL, 1 },
                { "a\x1b", "a", STRIP_TERMINAL, 1 },
                { "a\x1b(Bb\x1b" "cd\x1b#8e", "abde", STRIP_TERMINAL, 3 },
                { "a\x1b\xC3\xA9", "a\xC3\xA9", STRIP_TERMINAL, 1 },
                { "a\x1b]0;t\x07" "b\x1b]8;;u\x1b\\c\x1bPq\xC2\x9C" "d\x1b_x\x1b\\e\x1b^x\x1b\\f\x1bXx\x1b\\g", "abcdefg", STRIP_TERMINAL, 6 },
                { "a\x1b]0;no end", "a0;no end", STRIP_TERMINAL, 1 },
                { "a\x1b]x\x1b[1mb", "axb", STRIP_TERMINAL, 2 },
                { "a\xC2\x9B" "1mb\xC2\x9D" "0;t\x07" "c\xC2\x85" "d\xC2\x90" "e", "abcde", STRIP_TERMINAL, 4 },
                { "a\x01\x08\x0B\x0C\x0E\x7F" "b", "ab", STRIP_TERMINAL, 6 },
                { "a\x1b\x1b[31m[31mb", "a[31mb", STRIP_TERMINAL, 2 },
                { "a\x1b[31m\xE2\x80\x8B", "a\xE2\x80\x8B", STRIP_TERMINAL, 1 },
                { "a\x1b[31m\xE2\x80\x8B", "a\x1b[31m", STRIP_INVISIBLE, 1 },
                { "a\x1b\xE2\x80\x8B[3\xE2\x80\x8B" "1mb", "ab", BOTH, 3 },
                { "a\xE2\x80\xAE" "b\xF3\xA0\x81\x81" "c\xEF\xB8\x8F" "d\xC2\xAD" "e\xE3\x85\xA4", "abcde", BOTH, 5 },
                { "a\xE2\x80\xA8" "b\xC2\xA0" "c\xE3\x80\x80" "d", "a\xE2\x80\xA8" "b\xC2\xA0" "c\xE3\x80\x80" "d", BOTH, 0 },
                { "a\xE2\x80\x8B", "a\xE2\x80\x8B", 0, 0 },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct buf out = BUF_INIT(1024);
                uint64_t count = 0;

                cr_assert_eq(strip_append(&out, str_from(rows[i].in), rows[i].what, &count), 0);
                cr_expect(str_eq(buf_str(&out), str_from(rows[i].out)), "row %zu: %.*s", i, STR_FMT(buf_str(&out)));
                cr_expect_eq(count, rows[i].count, "row %zu: %d", i, (int)count);
                cr_expect_eq(strip_finds(str_from(rows[i].in), rows[i].what), rows[i].count != 0, "row %zu", i);
                cr_expect(out.len == 0 || !strip_finds(buf_str(&out), rows[i].what), "row %zu: nothing is left", i);
                buf_deinit(&out);
        }
}

/* Unicode 15.0, DerivedCoreProperties.txt, tells how many code points are Default_Ignorable_Code_Point; U+FFF9..U+FFFB are not. */
Test(strip, invisible_are_as_many_as_unicode_says)
{
        unsigned count = 0;

        for (uint32_t cp = 0; cp < 0x110000; cp++) {
                char text[4];

                if (cp >= 0xD800 && cp < 0xE000)
                        continue;
                count += strip_finds(str_of(text, utf8_encode(cp, text)), STRIP_INVISIBLE);
        }
        cr_expect_eq(count, 4174U + 3U, "%u", count);
}

/* Random bytes of the kind that sequences are made of: what remains is final, in time proportional to the text. */
Test(strip, nothing_is_left_over)
{
        static const char *const pieces[] = { "\x1b", "[", "]", "P", "\\", "\x07", "0", ";", "m", "a", "\xC2\x9B", "\xC2\x9D", "\xC2\x9C", "\xE2\x80\x8B", "\n", " " };
        unsigned seed = 1;

        for (int round = 0; round < 20000; round++) {
                struct buf in = BUF_INIT(1024), out = BUF_INIT(1024);
                uint64_t count = 0;

                for (int n = 0; n < 16; n++)
                        buf_append_str(&in, str_from(pieces[(seed = seed * 1103515245U + 12345U) >> 16 & 15]));
                cr_assert_eq(strip_append(&out, buf_str(&in), BOTH, &count), 0);
                cr_assert(out.len == 0 || !strip_finds(buf_str(&out), BOTH), "%.*s", STR_FMT(buf_str(&in)));
                buf_deinit(&in);
                buf_deinit(&out);
        }
}

Test(strip, megabytes_of_open_sequences)
{
        size_t len = 8U << 20;
        char *text = malloc(len);
        struct buf out = BUF_INIT(len);
        uint64_t count = 0;

        for (size_t i = 0; i < len; i++)
                text[i] = i % 2 ? ']' : '\x1b';
        cr_expect_eq(strip_append(&out, str_of(text, len), BOTH, &count), 0);
        cr_expect_eq(out.len, 0U);
        cr_expect_eq(count, len / 2);
        buf_deinit(&out);
        free(text);
}
