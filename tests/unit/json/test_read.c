/* SPDX-License-Identifier: Apache-2.0
 *
 * What json_read() accepts, what it refuses, with which error and at which byte; and its limits.
 */
#include "json.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>

#include "leaks.h"
#include "limit.h"

static const uint64_t seed[2] = { 0x1234, 0x5678 };

struct row {
        struct str text;
        enum json_error error;
        uint32_t offset;
};

#define ROW(literal, ...) { STR_INIT(literal), __VA_ARGS__ }

static const struct row rows[] = {
        ROW("null", JSON_OK),
        ROW("", JSON_EMPTY),
        ROW(" \t\r\n", JSON_EMPTY, 4),
        ROW("\xEF\xBB\xBF{}", JSON_BOM),
        ROW("\xEF\xBB\xBF", JSON_BOM),
        ROW("{}x", JSON_TRAILING_BYTES, 2),
        ROW("{} {}", JSON_TRAILING_BYTES, 3),
        ROW("{}\0", JSON_TRAILING_BYTES, 2),
        ROW("[1,]", JSON_SYNTAX, 3),
        ROW("[01]", JSON_SYNTAX, 2),
        ROW("{\"a\"}", JSON_SYNTAX, 4),
        ROW("[\"a", JSON_SYNTAX, 3),
        ROW("[\"\\x\"]", JSON_SYNTAX, 2),
        ROW("[\"a\nb\"]", JSON_CONTROL_CHARACTER, 3),
        ROW("[\"a\x00\"]", JSON_CONTROL_CHARACTER, 3),
        ROW("[\"0123456789abcdef0123456789abcdef\x1F\"]", JSON_CONTROL_CHARACTER, 34),
        ROW("[\"\xC3\x28\"]", JSON_INVALID_UTF8, 2),
        ROW("[\"\xED\xA0\x80\"]", JSON_INVALID_UTF8, 2),
        ROW("[\"\xED\x9F\xBF\"]", JSON_OK),
        ROW("[\"\xEE\x80\x80\"]", JSON_OK),
        ROW("[\"\xF4\x8F\xBF\xBF\"]", JSON_OK),
        ROW("[\"\xF4\x90\x80\x80\"]", JSON_INVALID_UTF8, 2),
        ROW("[\"\xC0\xAF\"]", JSON_INVALID_UTF8, 2),
        ROW("[\"\xC1\xBF\"]", JSON_INVALID_UTF8, 2),
        ROW("[\"\xE0\x9F\xBF\"]", JSON_INVALID_UTF8, 2),
        ROW("[\"\xE0\xA0\x80\"]", JSON_OK),
        ROW("[\"\xF0\x8F\xBF\xBF\"]", JSON_INVALID_UTF8, 2),
        ROW("[\"\xF0\x90\x80\x80\"]", JSON_OK),
        ROW("[\"\xF5\x80\x80\x80\"]", JSON_INVALID_UTF8, 2),
        ROW("[\"ok\\ud800\"]", JSON_LONE_SURROGATE, 4),
        ROW("[\"\\udc00\"]", JSON_LONE_SURROGATE, 2),
        ROW("[\"\\udfff\\ud800\"]", JSON_LONE_SURROGATE, 2),
        ROW("[\"\\ud800\\u0041\"]", JSON_LONE_SURROGATE, 2),
        ROW("[\"\\udc00\\udc00\"]", JSON_LONE_SURROGATE, 2),
        ROW("[\"\\ud800\\ue000\"]", JSON_LONE_SURROGATE, 2),
        ROW("[\"\\ud83d\\ude00\"]", JSON_OK),
        ROW("[\"\\udbff\\udfff\"]", JSON_OK),
        ROW("{\"a\":1,\"a\":1}", JSON_DUPLICATE_MEMBER, 7),
        ROW("{\"a\":1,\"\\u0061\":1}", JSON_DUPLICATE_MEMBER, 7),
        ROW("{\"\\n\":1,\"\\u000A\":1}", JSON_DUPLICATE_MEMBER, 8),
        ROW("{\"\xC3\xA9\":1,\"b\":2,\"\\u00e9\":1}", JSON_DUPLICATE_MEMBER, 14),
        ROW("{\"\xF0\x9F\x98\x80\":1,\"\\ud83d\\ude00\":1}", JSON_DUPLICATE_MEMBER, 10),
        ROW("[{\"x\":{\"\":1,\"b\":2,\"\":3}}]", JSON_DUPLICATE_MEMBER, 18),
        ROW("{\"a\":1,\"A\":1}", JSON_OK),
        ROW("{\"a\":{\"a\":1},\"b\":[{\"a\":2},{\"a\":3}]}", JSON_OK),
        ROW("{\"a\\u0062\":1,\"a\":1,\"b\":2}", JSON_OK),
        ROW("{\"a\\u0000\":1}", JSON_NUL_IN_NAME, 3),
        ROW("{\"a\":\"\\u0000\"}", JSON_OK),
        ROW("1e309", JSON_NUMBER_OVERFLOW),
        ROW("[-1.8e308]", JSON_NUMBER_OVERFLOW, 1),
};

Test(read, each_error_and_where)
{
        bool seen[JSON_ERROR_MAX_] = { false };
        struct json_doc doc;

        json_doc_init(&doc, seed);
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                enum json_error error = json_read(&doc, rows[i].text);

                cr_expect_eq(error, rows[i].error, "row %zu %.*s: %s", i, STR_FMT(rows[i].text),
                             json_error_text(error));
                cr_expect_eq(doc.error_offset, rows[i].offset, "row %zu: offset %u", i, doc.error_offset);
                cr_expect_eq(doc.count == 0, error != JSON_OK, "row %zu: a failed read leaves no tape", i);
                cr_expect(error == JSON_OK || !doc.canonical, "row %zu", i);
                seen[error] = true;
        }
        for (int i = 0; i < JSON_NUMBER_TOO_LONG; i++)
                cr_expect(seen[i], "no row for: %s", json_error_text((enum json_error)i));
        json_doc_deinit(&doc);
        json_doc_deinit(&doc);
        CHECK_NO_LEAKS();
}

Test(read, error_texts_differ)
{
        for (int i = 0; i < JSON_ERROR_MAX_; i++) {
                cr_expect(json_error_text((enum json_error)i)[0]);
                for (int j = 0; j < i; j++)
                        cr_expect_str_neq(json_error_text((enum json_error)i), json_error_text((enum json_error)j));
        }
        cr_expect_not_null(json_error_text(JSON_ERROR_MAX_));
}

/* "@n times @piece" between @open and @close. */
static struct buf repeat(const char *open, const char *piece, size_t n, const char *close)
{
        struct buf b = BUF_INIT(64U << 20);

        buf_append_str(&b, str_from(open));
        for (size_t i = 0; i < n; i++)
                buf_append_str(&b, str_from(piece));
        buf_append_str(&b, str_from(close));
        cr_assert_not(b.failed);
        return b;
}

static enum json_error read_once(struct str text)
{
        struct json_doc doc;
        enum json_error error;

        json_doc_init(&doc, seed);
        error = json_read(&doc, text);
        json_doc_deinit(&doc);
        return error;
}

static enum json_error read_and_free(struct buf b)
{
        enum json_error error = read_once(buf_str(&b));

        buf_deinit(&b);
        return error;
}

Test(read, limit_of_depth)
{
        static const struct {
                const char *open, *close;
        } kinds[] = { { "[", "]" }, { "{\"a\":", "}" }, { "[[],{\"a\":", "}]" } };

        for (size_t k = 0; k < 3; k++) {
                size_t levels = k == 2 ? 2 : 1;

                for (size_t depth = LIMIT_JSON_DEPTH - levels; depth <= LIMIT_JSON_DEPTH + levels; depth += levels) {
                        struct buf b = BUF_INIT(4096);

                        for (size_t i = 0; i < depth / levels; i++)
                                buf_append_str(&b, str_from(kinds[k].open));
                        buf_append_str(&b, STR("1"));
                        for (size_t i = 0; i < depth / levels; i++)
                                buf_append_str(&b, str_from(kinds[k].close));
                        cr_expect_eq(read_and_free(b), depth <= LIMIT_JSON_DEPTH ? JSON_OK : JSON_TOO_DEEP,
                                     "%zu %zu", k, depth);
                }
        }
        cr_expect_eq(read_and_free(repeat("", "[", 500, "")), JSON_TOO_DEEP);
        CHECK_NO_LEAKS();
}

static struct buf object_of(unsigned members, unsigned last)
{
        struct buf b = BUF_INIT(1U << 20);

        buf_append_char(&b, '{');
        for (unsigned i = 0; i < members; i++)
                buf_printf(&b, "%s\"n%u\":%u", i ? "," : "", i + 1 == members ? last : i, i);
        buf_append_char(&b, '}');
        return b;
}

Test(read, limit_of_members)
{
        const unsigned max = LIMIT_JSON_MEMBERS;

        cr_expect_eq(read_and_free(object_of(max - 1, max - 2)), JSON_OK);
        cr_expect_eq(read_and_free(object_of(max, max - 1)), JSON_OK);
        cr_expect_eq(read_and_free(object_of(max + 1, max)), JSON_TOO_MANY_MEMBERS);
        CHECK_NO_LEAKS();
}

/* Around the number of members where hashing takes over, with the duplicate of each earlier name. */
Test(read, duplicates_in_objects_of_any_size)
{
        for (unsigned members = 2; members < 70; members++) {
                cr_expect_eq(read_and_free(object_of(members, members)), JSON_OK, "%u", members);
                for (unsigned same = 0; same < members - 1; same++)
                        cr_expect_eq(read_and_free(object_of(members, same)), JSON_DUPLICATE_MEMBER, "%u %u", members,
                                     same);
        }
        cr_expect_eq(read_and_free(object_of(LIMIT_JSON_MEMBERS, 4711)), JSON_DUPLICATE_MEMBER);
        CHECK_NO_LEAKS();
}

Test(read, duplicates_are_found_by_value_in_large_objects_too)
{
        struct buf b = object_of(40, 39);

        b.data[b.len - 1] = ',';
        buf_append_str(&b, STR("\"\\u006e7\":0}"));
        cr_expect_eq(read_once(buf_str(&b)), JSON_DUPLICATE_MEMBER);
        buf_deinit(&b);
        CHECK_NO_LEAKS();
}

/* An object of @lead members n0, n1 ... and two more of @length bytes, alike but for the byte at @differ, if that is
 * within. */
static struct buf object_with_pair(unsigned lead, size_t length, size_t differ)
{
        struct buf b = BUF_INIT(1U << 20);

        buf_append_char(&b, '{');
        for (unsigned i = 0; i < lead; i++)
                buf_printf(&b, "\"n%u\":0,", i);
        for (unsigned second = 0; second < 2; second++) {
                buf_append_str(&b, second ? STR(",\"") : STR("\""));
                for (size_t i = 0; i < length; i++)
                        buf_append_char(&b, second && i == differ ? 'y' : 'x');
                buf_append_str(&b, STR("\":0"));
        }
        buf_append_char(&b, '}');
        return b;
}

/* What tells names apart at first looks at their ends and their length only. */
Test(read, duplicates_among_names_of_any_length)
{
        for (unsigned lead = 0; lead < 20; lead += 6) {
                for (size_t length = 0; length < 40; length++) {
                        cr_expect_eq(read_and_free(object_with_pair(lead, length, length)), JSON_DUPLICATE_MEMBER,
                                     "%u %zu", lead, length);
                        for (size_t differ = 0; differ < length; differ++)
                                cr_expect_eq(read_and_free(object_with_pair(lead, length, differ)), JSON_OK,
                                             "%u %zu %zu", lead, length, differ);
                }
        }
        CHECK_NO_LEAKS();
}

/* Whichever of the two is the one with the escape, and however the text around them is spaced. */
Test(read, duplicates_spelt_in_two_ways)
{
        static const struct str texts[] = {
                STR_INIT("{\"name\":1,\"n\\u0061me\":2}"),
                STR_INIT("{\"n\\u0061me\":1,\"name\":2}"),
                STR_INIT("{\"a\\/b\":1,\"x\":2,\"a/b\":3}"),
                STR_INIT("{ \"name\" : 1 ,\t\"name\"\n:2}"),
                STR_INIT("{\"\":1,\"\":2}"),
                STR_INIT("[{\"a\":{\"b\":1},\"c\":{},\"a\":0}]"),
                STR_INIT("{\"caf\xC3\xA9\":1,\"caf\xC3\xA9\":2}"),
                STR_INIT("{\"caf\xC3\xA9\":1,\"caf\\u00e9\":2}"),
        };

        for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
                cr_expect_eq(read_once(texts[i]), JSON_DUPLICATE_MEMBER, "%.*s", STR_FMT(texts[i]));
        CHECK_NO_LEAKS();
}

Test(read, limit_of_tokens)
{
        /* The array itself is one. */
        cr_expect_eq(read_and_free(repeat("[1", ",1", LIMIT_JSON_TOKENS - 3, "]")), JSON_OK);
        cr_expect_eq(read_and_free(repeat("[1", ",1", LIMIT_JSON_TOKENS - 2, "]")), JSON_OK);
        cr_expect_eq(read_and_free(repeat("[1", ",1", LIMIT_JSON_TOKENS - 1, "]")), JSON_TOO_MANY_TOKENS);
        CHECK_NO_LEAKS();
}

Test(read, limit_of_a_numbers_text)
{
        cr_expect_eq(read_and_free(repeat("[0.", "1", LIMIT_JSON_NUMBER_BYTES - 3, "]")), JSON_OK);
        cr_expect_eq(read_and_free(repeat("[0.", "1", LIMIT_JSON_NUMBER_BYTES - 2, "]")), JSON_OK);
        cr_expect_eq(read_and_free(repeat("[0.", "1", LIMIT_JSON_NUMBER_BYTES - 1, "]")), JSON_NUMBER_TOO_LONG);
        CHECK_NO_LEAKS();
}

Test(read, text_past_32_bits_is_refused_unread)
{
#if SIZE_MAX > UINT32_MAX
        cr_expect_eq(read_once(str_of("1", (size_t)UINT32_MAX + 1)), JSON_TOO_LONG);
#endif
}

Test(read, numbers_about_the_largest_double)
{
        static const struct row numbers[] = {
                ROW("1.7976931348623157e308", JSON_OK),
                ROW("1.7976931348623158e308", JSON_NUMBER_OVERFLOW),
                ROW("1.79769313486231570e+308", JSON_OK),
                ROW("1.79769313486231571e+308", JSON_NUMBER_OVERFLOW),
                ROW("17976931348623157E292", JSON_OK),
                ROW("17976931348623158E292", JSON_NUMBER_OVERFLOW),
                ROW("-0.00017976931348623157e312", JSON_OK),
                ROW("-0.00017976931348623158e312", JSON_NUMBER_OVERFLOW),
                ROW("1e308", JSON_OK),
                ROW("2e308", JSON_NUMBER_OVERFLOW),
                ROW("0.0e999999999999999999999", JSON_OK),
                ROW("-0e99999", JSON_OK),
                ROW("1e-999999999999999999999", JSON_OK),
                ROW("1e999999999999999999999999999999", JSON_NUMBER_OVERFLOW),
                ROW("10e308", JSON_NUMBER_OVERFLOW),
                ROW("0.1e309", JSON_OK),
        };

        for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
                cr_expect_eq(read_once(numbers[i].text), numbers[i].error, "%.*s", STR_FMT(numbers[i].text));
        /* Digits alone: 309 of them are the most. */
        cr_expect_eq(read_and_free(repeat("1", "0", 308, "")), JSON_OK);
        cr_expect_eq(read_and_free(repeat("17976931348623157", "0", 292, "")), JSON_OK);
        cr_expect_eq(read_and_free(repeat("17976931348623157", "9", 292, "")), JSON_NUMBER_OVERFLOW);
        cr_expect_eq(read_and_free(repeat("1", "0", 309, "")), JSON_NUMBER_OVERFLOW);
        cr_expect_eq(read_and_free(repeat("-1", "0", 309, "")), JSON_NUMBER_OVERFLOW);
        cr_expect_eq(read_and_free(repeat("-1", "0", 309, "e-1")), JSON_OK);
        CHECK_NO_LEAKS();
}

/* The scan goes by blocks: what is not plain must be found at each place of a block, whatever the string's length. */
Test(read, odd_bytes_at_every_place)
{
        static const struct {
                unsigned char byte;
                enum json_error error;
        } odd[] = { { 0x1F, JSON_CONTROL_CHARACTER }, { 0, JSON_CONTROL_CHARACTER }, { 0x80, JSON_INVALID_UTF8 },
                    { 0xFF, JSON_INVALID_UTF8 },      { 0x7F, JSON_OK },             { ' ', JSON_OK },
                    { '~', JSON_OK },                 { '!', JSON_OK },              { '[', JSON_OK },
                    { ']', JSON_OK },                 { '#', JSON_OK } };

        for (size_t length = 1; length < 150; length++) {
                struct buf b = repeat("\"", "x", length, "\"");

                for (size_t at = 1; at <= length; at++) {
                        for (size_t k = 0; k < sizeof(odd) / sizeof(*odd); k++) {
                                struct json_doc doc;

                                json_doc_init(&doc, seed);
                                b.data[at] = (char)odd[k].byte;
                                cr_expect_eq(json_read(&doc, buf_str(&b)), odd[k].error, "%zu %zu %02X", length, at,
                                             odd[k].byte);
                                cr_expect_eq(doc.canonical, odd[k].error == JSON_OK && odd[k].byte != 0x7F);
                                cr_expect_eq(doc.error_offset, odd[k].error ? at : 0);
                                json_doc_deinit(&doc);
                        }
                        b.data[at] = 'x';
                }
                buf_deinit(&b);
        }
        CHECK_NO_LEAKS();
}

/* Blocks of exactly the text's size: AddressSanitizer sees a scan that goes past its end. */
Test(read, strings_without_an_end_of_any_length)
{
        for (size_t length = 1; length < 150; length++) {
                char *text = malloc(length);

                cr_assert_not_null(text);
                memset(text, 'x', length);
                text[0] = '"';
                cr_expect_eq(read_once(str_of(text, length)), JSON_SYNTAX, "%zu", length);
                free(text);
        }
        CHECK_NO_LEAKS();
}

/* Behind a string's first escape the scan goes by blocks and over escapes: each kind at each place of them, alone and
 * twice, with more text behind it than a block and with less. */
Test(read, escapes_at_every_place)
{
        static const struct {
                struct str unit;
                enum json_error error;
                bool canonical;
                size_t unescaped; /* bytes */
        } units[] = { { STR_INIT("\\n"), JSON_OK, true, 1 },          { STR_INIT("\\\""), JSON_OK, true, 1 },
                     { STR_INIT("\\\\"), JSON_OK, true, 1 },         { STR_INIT("\\/"), JSON_OK, false, 1 },
                     { STR_INIT("\\u001f"), JSON_OK, true, 1 },      { STR_INIT("\\u0041"), JSON_OK, false, 1 },
                     { STR_INIT("\xC3\xA9"), JSON_OK, true, 2 },     { STR_INIT("\x7F"), JSON_OK, false, 1 },
                     { STR_INIT("\\q"), JSON_SYNTAX, false, 0 },
                     { STR_INIT("\n"), JSON_CONTROL_CHARACTER, false, 0 },
                     { STR_INIT("\xFF"), JSON_INVALID_UTF8, false, 0 } };

        for (size_t k = 0; k < sizeof(units) / sizeof(*units); k++) {
                for (size_t at = 0; at < 300; at++) {
                        size_t before = at % 150, times = 1 + (at & 1), behind = at < 150 ? 130 : 3;
                        struct buf b = BUF_INIT(4096), scratch = BUF_INIT(4096);
                        struct json_doc doc;
                        struct str s;

                        json_doc_init(&doc, seed);
                        buf_append_str(&b, STR("\"\\t"));
                        for (size_t i = 0; i < before; i++)
                                buf_append_char(&b, 'x');
                        for (size_t i = 0; i < times; i++)
                                buf_append_str(&b, units[k].unit);
                        for (size_t i = 0; i < behind; i++)
                                buf_append_char(&b, 'n');
                        buf_append_char(&b, '"');
                        cr_expect_eq(json_read(&doc, buf_str(&b)), units[k].error, "%zu %zu", k, at);
                        cr_expect_eq(doc.error_offset, units[k].error ? 3 + before : 0, "%zu %zu", k, at);
                        if (!units[k].error) {
                                cr_expect_eq(doc.canonical, units[k].canonical, "%zu %zu", k, at);
                                cr_expect_eq(json_string_get(&doc, 0, &scratch, &s), 0);
                                cr_expect_eq(s.len, 1 + before + times * units[k].unescaped + behind, "%zu %zu", k, at);
                        }
                        json_doc_deinit(&doc);
                        buf_deinit(&scratch);
                        buf_deinit(&b);
                }
        }
        CHECK_NO_LEAKS();
}
