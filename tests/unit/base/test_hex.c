/* SPDX-License-Identifier: Apache-2.0 */
#include "hex.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

Test(hex, every_byte_in_every_length)
{
        uint8_t bytes[256];
        char expected[513];

        for (unsigned i = 0; i < 256; i++) {
                bytes[i] = (uint8_t)i;
                snprintf(expected + 2 * (size_t)i, 3, "%02x", i);
        }
        for (size_t len = 0; len <= 256; len++) {
                struct buf b = BUF_INIT(600);

                buf_append_char(&b, 'x');
                cr_expect_eq(hex_append(&b, bytes + 256 - len, len), 0);
                cr_expect_eq(b.len, 1 + 2 * len);
                cr_expect(str_eq(str_skip(buf_str(&b), 1), str_of(expected + 512 - 2 * len, 2 * len)), "%zu bytes", len);
                buf_deinit(&b);
        }
}

Test(hex, what_does_not_fit_changes_nothing)
{
        struct buf b = BUF_INIT(5);

        cr_expect_eq(hex_append(&b, (const uint8_t *)"ab", 2), 0);
        cr_expect_eq(hex_append(&b, (const uint8_t *)"c", 1), -EMSGSIZE);
        cr_expect(str_eq(buf_str(&b), STR("6162")));
        cr_expect(b.failed);
        buf_deinit(&b);
}

Test(hex, reads_what_it_wrote)
{
        struct buf b = BUF_INIT(512);
        uint8_t bytes[256], read[256] = { 0 };

        for (unsigned i = 0; i < 256; i++)
                bytes[i] = (uint8_t)i;
        cr_expect_eq(hex_append(&b, bytes, sizeof(bytes)), 0);
        cr_expect(hex_read(buf_str(&b), read, sizeof(read)));
        cr_expect_eq(memcmp(read, bytes, sizeof(read)), 0);
        cr_expect(hex_read(STR(""), read, 0));
        buf_deinit(&b);
}

Test(hex, other_spellings_are_none)
{
        static const char *const rows[] = { "", "0", "00", "000", "00000", "000000", "00 0", "0x00", "00AB", "000g",
                "00-1", "00/0", "00:0", "00`0" };
        uint8_t read[2] = { 7, 7 };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                cr_expect_not(hex_read(str_from(rows[i]), read, sizeof(read)), "row %s", rows[i]);
        cr_expect(read[0] == 7 && read[1] == 7);
}
