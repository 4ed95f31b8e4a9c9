/* SPDX-License-Identifier: Apache-2.0 */
#include "hex.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

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
