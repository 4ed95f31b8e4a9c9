/* SPDX-License-Identifier: Apache-2.0
 *
 * The builder.
 */
#include "writer.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>

#include "json.h"
#include "leaks.h"
#include "limit.h"

Test(writer, a_nested_document)
{
        struct buf out = BUF_INIT(4096);
        struct json_writer w;

        json_writer_init(&w, &out);
        json_begin_object(&w);
        json_name(&w, STR("list"));
        json_begin_array(&w);
        json_integer(&w, INT64_MIN);
        json_unsigned(&w, UINT64_MAX);
        json_begin_array(&w);
        json_end_array(&w);
        json_begin_object(&w);
        json_end_object(&w);
        json_raw(&w, STR("{\"raw\":1.50}"));
        json_end_array(&w);
        json_name(&w, STR("quote\""));
        json_string(&w, STR("tab\t"));
        json_name(&w, STR("yes"));
        json_bool(&w, true);
        json_name(&w, STR("no"));
        json_bool(&w, false);
        json_name(&w, STR("nothing"));
        json_null(&w);
        json_end_object(&w);
        cr_expect(str_eq(buf_str(&out),
                         STR("{\"list\":[-9223372036854775808,18446744073709551615,[],{},{\"raw\":1.50}],"
                             "\"quote\\\"\":\"tab\\t\",\"yes\":true,\"no\":false,\"nothing\":null}")),
                  "%.*s", STR_FMT(buf_str(&out)));
        cr_expect_not(out.failed);
        buf_deinit(&out);
        CHECK_NO_LEAKS();
}

Test(writer, scalars_alone)
{
        struct buf out = BUF_INIT(64);
        struct json_writer w;

        json_writer_init(&w, &out);
        json_integer(&w, -5);
        cr_expect(str_eq(buf_str(&out), STR("-5")));
        buf_clear(&out, 64);
        json_writer_init(&w, &out);
        json_string(&w, (struct str){ 0 });
        cr_expect(str_eq(buf_str(&out), STR("\"\"")));
        buf_deinit(&out);
        CHECK_NO_LEAKS();
}

Test(writer, what_is_not_utf8_is_replaced_byte_by_byte)
{
        static const struct {
                struct str in, out;
        } rows[] = {
                { STR_INIT("a\xFF" "b"), STR_INIT("\"a\xEF\xBF\xBD" "b\"") },
                { STR_INIT("\xE2\x80"), STR_INIT("\"\xEF\xBF\xBD\xEF\xBF\xBD\"") },
                { STR_INIT("\xED\xA0\x80"), STR_INIT("\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"") },
                { STR_INIT("\xC3\xA9\xC3"), STR_INIT("\"\xC3\xA9\xEF\xBF\xBD\"") },
                { STR_INIT("\0\x7F\xC2\x85\xE2\x80\xA8"), STR_INIT("\"\\u0000\\u007f\\u0085\\u2028\"") },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                struct buf out = BUF_INIT(256);

                cr_expect_eq(json_string_append(&out, rows[i].in), 0);
                cr_expect(str_eq(buf_str(&out), rows[i].out), "row %zu: %.*s", i, STR_FMT(buf_str(&out)));
                buf_deinit(&out);
        }
        CHECK_NO_LEAKS();
}

/* Whatever is built is canonical to the reader. */
Test(writer, nesting_up_to_the_limit_and_one_deeper)
{
        for (unsigned depth = LIMIT_JSON_DEPTH - 1; depth <= LIMIT_JSON_DEPTH + 1; depth++) {
                static const uint64_t seed[2] = { 0 };
                struct buf out = BUF_INIT(4096);
                struct json_writer w;
                struct json_doc doc;

                json_writer_init(&w, &out);
                for (unsigned i = 0; i < depth; i++) {
                        json_begin_array(&w);
                        json_integer(&w, i);
                }
                for (unsigned i = 0; i < depth; i++) {
                        json_end_array(&w);
                        if (i + 1 < depth)
                                json_null(&w);
                }
                cr_expect_eq(out.failed, depth > LIMIT_JSON_DEPTH, "%u", depth);
                json_doc_init(&doc, seed);
                cr_expect_eq(json_read(&doc, buf_str(&out)), depth > LIMIT_JSON_DEPTH ? JSON_TOO_DEEP : JSON_OK);
                cr_expect_eq(doc.canonical, depth <= LIMIT_JSON_DEPTH);
                json_doc_deinit(&doc);
                buf_deinit(&out);
        }
        CHECK_NO_LEAKS();
}

Test(writer, an_end_without_a_beginning_fails)
{
        struct buf out = BUF_INIT(64);
        struct json_writer w;

        json_writer_init(&w, &out);
        json_end_array(&w);
        cr_expect(out.failed);
        buf_deinit(&out);
}

Test(writer, past_the_buffers_limit_it_fails_and_leaves_no_half_string)
{
        struct buf out = BUF_INIT(5);

        cr_expect_eq(json_string_append(&out, STR("abc")), 0);
        buf_clear(&out, 64);
        cr_expect_eq(json_string_append(&out, STR("abcd")), -EMSGSIZE);
        cr_expect(out.failed);
        cr_expect_eq(out.len, 0U);
        buf_deinit(&out);
        CHECK_NO_LEAKS();
}

/* Short strings are copied by words: each byte at each place of each length, with room behind and without. */
Test(writer, odd_bytes_at_every_place_of_short_strings)
{
        static const struct {
                char byte;
                struct str spelt;
        } rows[] = { { '"', STR_INIT("\\\"") },   { '\\', STR_INIT("\\\\") },     { '\n', STR_INIT("\\n") },
                     { 0, STR_INIT("\\u0000") },  { 0x1F, STR_INIT("\\u001f") },  { 0x7F, STR_INIT("\\u007f") },
                     { ' ', STR_INIT(" ") },      { '~', STR_INIT("~") },         { '!', STR_INIT("!") },
                     { '[', STR_INIT("[") },      { (char)0x80, STR_INIT("\xEF\xBF\xBD") } };
        char text[80];

        for (size_t length = 0; length <= sizeof(text); length++) {
                for (size_t at = 0; at < length; at++) {
                        for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
                                size_t whole = length + 1 + rows[k].spelt.len;
                                struct buf out = BUF_INIT(whole), tight = BUF_INIT(whole - 1);

                                memset(text, 'x', sizeof(text));
                                text[at] = rows[k].byte;
                                cr_expect_eq(json_string_append(&out, str_of(text, length)), 0);
                                cr_expect_eq(out.len, whole);
                                cr_expect(out.data[0] == '"' && out.data[whole - 1] == '"');
                                cr_expect(str_starts_with(str_skip(buf_str(&out), at + 1), rows[k].spelt),
                                          "%zu %zu %zu", length, at, k);
                                /* Once more where the memory is there, and where a byte is missing. */
                                buf_clear(&out, whole);
                                cr_expect_eq(json_string_append(&out, str_of(text, length)), 0);
                                cr_expect_eq(out.len, whole);
                                cr_expect(str_starts_with(str_skip(buf_str(&out), at + 1), rows[k].spelt));
                                cr_expect_eq(buf_reserve(&tight, whole - 1), 0);
                                cr_expect_eq(json_string_append(&tight, str_of(text, length)), -EMSGSIZE);
                                cr_expect_eq(tight.len, 0);
                                buf_deinit(&out);
                                buf_deinit(&tight);
                        }
                }
        }
        CHECK_NO_LEAKS();
}

Test(writer, unsigned_about_the_largest_signed)
{
        struct buf out = BUF_INIT(64);
        struct json_writer w;

        json_writer_init(&w, &out);
        json_begin_array(&w);
        json_unsigned(&w, 0);
        json_unsigned(&w, INT64_MAX);
        json_unsigned(&w, (uint64_t)INT64_MAX + 1);
        json_end_array(&w);
        cr_expect(str_eq(buf_str(&out), STR("[0,9223372036854775807,9223372036854775808]")));
        buf_deinit(&out);
        CHECK_NO_LEAKS();
}
