/* SPDX-License-Identifier: Apache-2.0
 *
 * What json_read() accepts, what it refuses, with which error and at which byte.
 */
#include "json.h"

#include <criterion/criterion.h>
#include <stdint.h>

#include "leaks.h"

static const uint64_t seed[2] = { 0x1234, 0x5678 };

struct row {
        struct str text;
        enum json_error error;
        uint32_t offset;
};

#define ROW(literal, ...) { STR_INIT(literal), __VA_ARGS__ }

static const struct row rows[] = {
        /* Each error once or more, with the byte that it points to. */
        ROW("null", JSON_OK),
        ROW("", JSON_EMPTY),
        ROW(" \t\r\n", JSON_EMPTY, 4),
        ROW("\xEF\xBB\xBF{}", JSON_BOM),
        ROW("{}x", JSON_TRAILING_BYTES, 2),
        ROW("{} {}", JSON_TRAILING_BYTES, 3),
        ROW("{}\0", JSON_TRAILING_BYTES, 2),
        ROW("[1,]", JSON_SYNTAX, 3),
        ROW("[\"a\nb\"]", JSON_CONTROL_CHARACTER, 3),
        ROW("[\"a\x00\"]", JSON_CONTROL_CHARACTER, 3),
        ROW("[\"a\x1F\"]", JSON_CONTROL_CHARACTER, 3),
        ROW("[\"\xC3\x28\"]", JSON_INVALID_UTF8, 2),
        ROW("[\"\xED\xA0\x80\"]", JSON_INVALID_UTF8, 2),
        ROW("[\"\xF4\x90\x80\x80\"]", JSON_INVALID_UTF8, 2),
        ROW("[\"\xC0\xAF\"]", JSON_INVALID_UTF8, 2),
        ROW("[\"\xE0\x9F\xBF\"]", JSON_INVALID_UTF8, 2),
        ROW("[\"\xF0\x8F\xBF\xBF\"]", JSON_INVALID_UTF8, 2),
        ROW("[\"ok\\ud800\"]", JSON_LONE_SURROGATE, 4),
        ROW("[\"\\udc00\"]", JSON_LONE_SURROGATE, 2),
        ROW("[\"\\ud800\\u0041\"]", JSON_LONE_SURROGATE, 2),
        ROW("[\"\\ud83d\\ude00\"]", JSON_OK),
        ROW("{\"a\":1,\"a\":1}", JSON_DUPLICATE_MEMBER, 7),
        ROW("{\"a\":1,\"\\u0061\":1}", JSON_DUPLICATE_MEMBER, 7),
        ROW("{\"\\n\":1,\"\\u000A\":1}", JSON_DUPLICATE_MEMBER, 8),
        ROW("[{\"x\":{\"\":1,\"b\":2,\"\":3}}]", JSON_DUPLICATE_MEMBER, 18),
        ROW("{\"a\":1,\"A\":1}", JSON_OK),
        ROW("{\"a\\u0000\":1}", JSON_NUL_IN_NAME, 3),
        ROW("{\"a\":\"\\u0000\"}", JSON_OK),
        ROW("1e309", JSON_NUMBER_OVERFLOW),
        ROW("[-1.8e308]", JSON_NUMBER_OVERFLOW, 1),
};

Test(read, each_error_and_where)
{
        struct json_doc doc;

        json_doc_init(&doc, seed);
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                enum json_error error = json_read(&doc, rows[i].text);

                cr_expect_eq(error, rows[i].error, "row %zu %.*s: %s", i, STR_FMT(rows[i].text),
                             json_error_text(error));
                cr_expect_eq(doc.error_offset, rows[i].offset, "row %zu: offset %u", i, doc.error_offset);
                cr_expect_eq(doc.count == 0, error != JSON_OK, "row %zu: a failed read leaves no tape", i);
        }
        json_doc_deinit(&doc);
        json_doc_deinit(&doc);
        CHECK_NO_LEAKS();
}
