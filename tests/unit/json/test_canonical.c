/* SPDX-License-Identifier: Apache-2.0
 *
 * The canonical form: every spelling rule, and that `canonical` says exactly whether the text has it already.
 */
#include "json.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>

#include "leaks.h"
#include "utf8.h"
#include "writer.h"

static const uint64_t seed[2] = { 0x1234, 0x5678 };

struct row {
        struct str text, canonical;
};

#define SAME(literal) { STR_INIT(literal), STR_INIT(literal) }
#define ROW(text, canonical) { STR_INIT(text), STR_INIT(canonical) }

static const struct row rows[] = {
        SAME("{\"a\":[1,2,{}],\"b\":\"c\"}"),
        SAME("null"),
        SAME("[true,false,null,[],{},[[]],\"\"]"),
        SAME("{\"\":{\"\":[]}}"),
        /* White space goes, order stays. */
        ROW(" { \"b\" : [ 1 , 2 , { } , [ ] ] , \"a\" : null } \r\n", "{\"b\":[1,2,{},[]],\"a\":null}"),
        ROW("[ ]", "[]"),
        ROW("{\n}", "{}"),
        ROW("\t1", "1"),
        ROW("1\r", "1"),
        ROW("[[1],\n[2],{\"a\":{\"b\":[]},\"c\":{}}]", "[[1],[2],{\"a\":{\"b\":[]},\"c\":{}}]"),
        SAME("[\" a  b \"]"),
        /* Numbers keep their text. */
        SAME("[-0,0.0,1.50,1e2,1E+2,1e-07,9007199254740993,123456789012345678901234567890,1e-400]"),
        /* The short escapes, and the long spellings of the same. */
        SAME("[\"\\b\\f\\n\\r\\t\\\"\\\\\"]"),
        ROW("[\"\\u0008\\u000c\\u000C\\u000a\\u000d\\u0009\\u0022\\u005c\"]", "[\"\\b\\f\\f\\n\\r\\t\\\"\\\\\"]"),
        /* Other controls: lower-case hexadecimal. */
        SAME("[\"\\u0000\\u0001\\u000b\\u000e\\u001f\"]"),
        ROW("[\"\\u000B\\u000E\\u001F\"]", "[\"\\u000b\\u000e\\u001f\"]"),
        /* DEL and C1, escaped whichever way they came. */
        SAME("[\"\\u007f\\u0080\\u0085\\u009f\"]"),
        ROW("[\"\x7F\xC2\x80\xC2\x85\xC2\x9F\"]", "[\"\\u007f\\u0080\\u0085\\u009f\"]"),
        ROW("[\"\\u007F\\u009F\"]", "[\"\\u007f\\u009f\"]"),
        SAME("[\"~\xC2\xA0\"]"),
        ROW("[\"\\u007e\\u00a0\"]", "[\"~\xC2\xA0\"]"),
        /* The two line ends that JSON allows. */
        SAME("[\"\\u2028\\u2029\"]"),
        ROW("[\"\xE2\x80\xA8\xE2\x80\xA9\"]", "[\"\\u2028\\u2029\"]"),
        SAME("[\"\xE2\x80\xA7\xE2\x80\xAA\xE2\x81\xA8\"]"),
        ROW("[\"\\u2027\\u202a\\u202A\"]", "[\"\xE2\x80\xA7\xE2\x80\xAA\xE2\x80\xAA\"]"),
        /* Everything else stands for itself. */
        ROW("[\"\\u0041\\/\"]", "[\"A/\"]"),
        SAME("[\"a/b\"]"),
        SAME("[\"\xC3\xA9\xE6\xBC\xA2\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF\xEF\xBB\xBF\"]"),
        ROW("[\"\\u00e9\\u6f22\\ud83d\\ude00\\uDBFF\\uDFFF\\ufeff\"]",
            "[\"\xC3\xA9\xE6\xBC\xA2\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF\xEF\xBB\xBF\"]"),
        ROW("[\"\\ud7ff\\ue000\\uffff\"]", "[\"\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\"]"),
        /* Names too. */
        ROW("{\"\\u0061\\/\":1,\"\x7F\":2}", "{\"a/\":1,\"\\u007f\":2}"),
        /* A backslash that only looks like an escape's. */
        SAME("[\"\\\\u0041\\\\\\\\/\"]"),
        ROW("[\"\\\\\\u0041\"]", "[\"\\\\A\"]"),
        /* Past the blocks of the scan. */
        ROW("[\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\\/x\"]",
            "[\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/x\"]"),
};

static void check_row(size_t i, const struct row *row)
{
        struct buf out = BUF_INIT(1U << 20), again = BUF_INIT(1U << 20);
        struct json_doc doc;

        json_doc_init(&doc, seed);
        cr_assert_eq(json_read(&doc, row->text), JSON_OK, "row %zu", i);
        cr_expect_eq(doc.canonical, str_eq(row->text, row->canonical), "row %zu", i);
        cr_expect_eq(json_write(&out, &doc, 0), 0);
        cr_expect(str_eq(buf_str(&out), row->canonical), "row %zu: %.*s", i, STR_FMT(buf_str(&out)));

        /* Writing it again changes nothing, whether it is copied or spelt out once more. */
        cr_assert_eq(json_read(&doc, buf_str(&out)), JSON_OK, "row %zu", i);
        cr_expect(doc.canonical, "row %zu", i);
        for (int copied = 0; copied < 2; copied++) {
                buf_clear(&again, SIZE_MAX);
                doc.canonical = copied;
                cr_expect_eq(json_write(&again, &doc, 0), 0);
                cr_expect(str_eq(buf_str(&again), row->canonical), "row %zu: %.*s", i, STR_FMT(buf_str(&again)));
        }
        json_doc_deinit(&doc);
        buf_deinit(&out);
        buf_deinit(&again);
}

Test(canonical, every_rule_and_writing_twice_changes_nothing)
{
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
                check_row(i, &rows[i]);
        CHECK_NO_LEAKS();
}

/* Each code point as itself, as \uxxxx, and from the builder: one spelling, and the right one. */
Test(canonical, every_code_point_has_one_spelling)
{
        static const char shorts[0x60] = { ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
                                           ['"'] = '"',  ['\\'] = '\\' };
        struct buf text = BUF_INIT(256), out = BUF_INIT(256), built = BUF_INIT(256), expected = BUF_INIT(256);
        struct json_doc doc;

        json_doc_init(&doc, seed);
        for (uint32_t cp = 0; cp <= 0x10FFFF; cp += cp < 0x3000 ? 1 : 251) {
                bool is_long = (cp < 0x20 && !shorts[cp]) || (cp >= 0x7F && cp < 0xA0) || cp == 0x2028 || cp == 0x2029;
                char bytes[4];
                size_t n;

                if (cp >= 0xD800 && cp <= 0xDFFF)
                        continue;
                n = utf8_encode(cp, bytes);
                buf_clear(&expected, 256);
                if (cp < sizeof(shorts) && shorts[cp])
                        buf_printf(&expected, "\"\\%c\"", shorts[cp]);
                else if (is_long)
                        buf_printf(&expected, "\"\\u%04x\"", cp);
                else
                        buf_printf(&expected, "\"%.*s\"", (int)n, bytes);

                buf_clear(&built, 256);
                cr_assert_eq(json_string_append(&built, str_of(bytes, n)), 0);
                cr_assert(str_eq(buf_str(&built), buf_str(&expected)), "U+%04X built %.*s", cp,
                          STR_FMT(buf_str(&built)));

                for (int spelling = 0; spelling < 3; spelling++) {
                        buf_clear(&text, 256);
                        buf_clear(&out, 256);
                        if (spelling == 0 && cp >= 0x20 && cp != '"' && cp != '\\')
                                buf_printf(&text, "\"%.*s\"", (int)n, bytes);
                        else if (cp < 0x10000)
                                buf_printf(&text, spelling == 1 ? "\"\\u%04X\"" : "\"\\u%04x\"", cp);
                        else
                                buf_printf(&text, spelling == 1 ? "\"\\u%04X\\u%04X\"" : "\"\\u%04x\\u%04x\"",
                                           0xD800 + ((cp - 0x10000) >> 10), 0xDC00 + ((cp - 0x10000) & 0x3FF));
                        cr_assert_eq(json_read(&doc, buf_str(&text)), JSON_OK, "U+%04X", cp);
                        cr_assert_eq(json_write(&out, &doc, 0), 0);
                        cr_assert(str_eq(buf_str(&out), buf_str(&expected)), "U+%04X %.*s", cp, STR_FMT(buf_str(&out)));
                        cr_assert_eq(doc.canonical, str_eq(buf_str(&text), buf_str(&expected)), "U+%04X", cp);
                        cr_assert(json_string_is(&doc, 0, str_of(bytes, n)), "U+%04X", cp);
                }
        }
        json_doc_deinit(&doc);
        buf_deinit(&text);
        buf_deinit(&out);
        buf_deinit(&built);
        buf_deinit(&expected);
        CHECK_NO_LEAKS();
}

Test(canonical, a_part_of_a_document)
{
        struct buf out = BUF_INIT(256);
        struct json_doc doc;

        json_doc_init(&doc, seed);
        cr_assert_eq(json_read(&doc, STR("{\"a\":[ 1, {\"\\u0062\" :2}],\"c\":\"\\/\",\"d\":[]}")), JSON_OK);
        json_write(&out, &doc, json_member(&doc, 0, STR("a")));
        buf_append_char(&out, '|');
        json_write(&out, &doc, json_member(&doc, 0, STR("c")));
        buf_append_char(&out, '|');
        json_write(&out, &doc, json_member(&doc, 0, STR("d")));
        cr_expect(str_eq(buf_str(&out), STR("[1,{\"b\":2}]|\"/\"|[]")), "%.*s", STR_FMT(buf_str(&out)));
        cr_expect_eq(json_write(&out, &doc, doc.count), -EINVAL);
        buf_deinit(&out);
        json_doc_deinit(&doc);
        CHECK_NO_LEAKS();
}

/* Escaping makes text longer: the buffer's limit holds at every byte of it, and a failed write leaves no part. */
Test(canonical, writing_stays_within_the_buffers_limit)
{
        struct str text = STR("{ \"\x7F\":[1,true,\"\xC2\x85\\/ab\",{\"x\":{}}]}");
        struct str canonical = STR("{\"\\u007f\":[1,true,\"\\u0085/ab\",{\"x\":{}}]}");
        struct json_doc doc;

        json_doc_init(&doc, seed);
        cr_assert_eq(json_read(&doc, text), JSON_OK);
        for (size_t limit = 0; limit < canonical.len + 3; limit++) {
                struct buf out = BUF_INIT(limit);
                bool fits = limit >= canonical.len + 1;

                buf_append_char(&out, '!');
                cr_expect_eq(json_write(&out, &doc, 0), fits ? 0 : -EMSGSIZE, "limit %zu", limit);
                cr_expect_eq(out.failed, !fits);
                cr_expect_eq(out.len, fits ? canonical.len + 1 : limit > 0, "limit %zu", limit);
                buf_deinit(&out);
        }
        json_doc_deinit(&doc);
        CHECK_NO_LEAKS();
}
