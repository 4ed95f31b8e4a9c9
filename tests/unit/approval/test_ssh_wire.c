/* SPDX-License-Identifier: Apache-2.0 */
#include "ssh_wire.h"

#include <errno.h>

#include "leaks.h"

Test(ssh_wire, takes_what_is_there_and_no_more)
{
        struct ssh_reader r = { STR("\x00\x00\x00\x03" "abc" "\x07" "\x00\x00\x01\x02" "rest") };
        struct str text;
        uint32_t number;
        uint8_t byte;

        cr_assert(ssh_take_string(&r, &text));
        cr_expect(str_eq(text, STR("abc")));
        cr_assert(ssh_take_byte(&r, &byte));
        cr_expect_eq(byte, 7);
        cr_assert(ssh_take_uint32(&r, &number));
        cr_expect_eq(number, 258);
        cr_expect_not(ssh_take_string(&r, &text));
        cr_expect_not(ssh_take_exactly(&r, STR("rests")));
        cr_expect_not(ssh_take_exactly(&r, STR("best")));
        cr_expect_not(ssh_at_end(&r));
        cr_assert(ssh_take_exactly(&r, STR("rest")));
        cr_expect(ssh_at_end(&r));
        cr_expect_not(ssh_take_byte(&r, &byte));
        cr_expect_not(ssh_take_uint32(&r, &number));
        cr_expect_not(ssh_take_string(&r, &text));
}

/* A length that goes past the end takes nothing, however large it is. */
Test(ssh_wire, lengths_that_lie)
{
        static const struct str rows[] = {
                STR_INIT("\x00\x00\x00\x01"), STR_INIT("\x00\x00\x00\x04" "abc"), STR_INIT("\xff\xff\xff\xff" "abc"),
                STR_INIT("\xff\xff\xff\xfc" "abc"), STR_INIT("\x80\x00\x00\x00" "abc"), STR_INIT("\x00\x00\x00"), STR_INIT(""),
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct ssh_reader r = { rows[i] };
                struct str text;

                cr_expect_not(ssh_take_string(&r, &text), "row %zu", i);
                cr_expect(str_eq(r.left, rows[i]), "row %zu", i);
        }
}

Test(ssh_wire, base64_is_read_strictly)
{
        static const struct {
                struct str text, bytes;
                int result;
        } rows[] = {
                { STR_INIT("AAEC"), STR_INIT("\x00\x01\x02"), 0 },
                { STR_INIT("AAE="), STR_INIT("\x00\x01"), 0 },
                { STR_INIT("AA=="), STR_INIT("\x00"), 0 },
                { STR_INIT("+/+/"), STR_INIT("\xfb\xff\xbf"), 0 },
                { STR_INIT(""), STR_INIT(""), -EBADMSG },
                { STR_INIT("AAE"), STR_INIT(""), -EBADMSG },
                { STR_INIT("AA"), STR_INIT(""), -EBADMSG },
                { STR_INIT("AAF="), STR_INIT(""), -EBADMSG },
                { STR_INIT("AB=="), STR_INIT(""), -EBADMSG },
                { STR_INIT("-_-_"), STR_INIT(""), -EBADMSG },
                { STR_INIT("AA =AAEC"), STR_INIT(""), -EBADMSG },
                { STR_INIT("AAE=AAEC"), STR_INIT(""), -EBADMSG },
                { STR_INIT("===="), STR_INIT(""), -EBADMSG },
                { STR_INIT("A\0EC"), STR_INIT(""), -EBADMSG },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                AUTO_BUF struct buf out = BUF_INIT(64);

                buf_append_str(&out, STR("x"));
                cr_expect_eq(ssh_base64_append(&out, rows[i].text), rows[i].result, "row %zu", i);
                cr_expect(str_eq(str_skip(buf_str(&out), 1), rows[i].bytes), "row %zu", i);
        }
        CHECK_NO_LEAKS();
}

Test(ssh_wire, what_was_written_is_read)
{
        AUTO_BUF struct buf out = BUF_INIT(64);
        struct ssh_reader r;
        struct str text;

        cr_assert_eq(ssh_append_string(&out, STR("")), 0);
        cr_assert_eq(ssh_append_string(&out, STR("a\0b")), 0);
        r.left = buf_str(&out);
        cr_assert(ssh_take_string(&r, &text));
        cr_expect_eq(text.len, 0);
        cr_assert(ssh_take_string(&r, &text));
        cr_expect(str_eq(text, STR("a\0b")));
        cr_expect(ssh_at_end(&r));
        cr_expect_eq(ssh_append_string(&out, STR("a text that is longer than what is left of sixty-four bytes")), -EMSGSIZE);
}
