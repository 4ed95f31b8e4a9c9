/* SPDX-License-Identifier: Apache-2.0
 *
 * Equality of values, of two documents.
 */
#include "equal.h"

#include <criterion/criterion.h>

#include "leaks.h"

static const uint64_t seed[2] = { 1, 2 };

static enum json_equality compare(const char *left, const char *right, uint64_t steps)
{
        struct json_doc a, b;
        enum json_equality equality;

        json_doc_init(&a, seed);
        json_doc_init(&b, seed);
        cr_assert_eq(json_read(&a, str_from(left)), JSON_OK, "%s", left);
        cr_assert_eq(json_read(&b, str_from(right)), JSON_OK, "%s", right);
        equality = json_equal(&a, 0, &b, 0, &steps);
        json_doc_deinit(&a);
        json_doc_deinit(&b);
        return equality;
}

Test(equal, values)
{
        static const struct {
                const char *a, *b;
                enum json_equality expected;
        } rows[] = {
                { "1", "1.0", JSON_EQUAL },
                { "1", "\"1\"", JSON_DIFFERENT },
                { "0", "false", JSON_DIFFERENT },
                { "1", "true", JSON_DIFFERENT },
                { "null", "null", JSON_EQUAL },
                { "null", "false", JSON_DIFFERENT },
                { "\"a\"", "\"\\u0061\"", JSON_EQUAL },
                { "\"a\"", "\"b\"", JSON_DIFFERENT },
                { "\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"", JSON_EQUAL },
                { "\"\"", "\"\"", JSON_EQUAL },
                { "[]", "[]", JSON_EQUAL },
                { "[]", "{}", JSON_DIFFERENT },
                { "[1,2]", "[1,2]", JSON_EQUAL },
                { "[1,2]", "[2,1]", JSON_DIFFERENT },
                { "[1]", "[1,2]", JSON_DIFFERENT },
                { "[1,2]", "[1]", JSON_DIFFERENT },
                { "[[1],{\"a\":[2]}]", "[[1.0],{\"a\":[2e0]}]", JSON_EQUAL },
                { "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", JSON_EQUAL },
                { "{\"a\":1,\"b\":2}", "{\"b\":2,\"\\u0061\":1}", JSON_EQUAL },
                { "{\"a\":1}", "{\"b\":1}", JSON_DIFFERENT },
                { "{\"a\":1}", "{\"a\":1,\"b\":1}", JSON_DIFFERENT },
                { "{\"a\":1,\"b\":1}", "{\"a\":1}", JSON_DIFFERENT },
                { "1e-9999999999999999", "1e-9999999999999999", JSON_EQUAL },
                { "1e-9999999999999999", "10e-10000000000000000", JSON_EQUALITY_UNSETTLED },
                { "[1e-9999999999999999,1]", "[1e-9999999999999998,2]", JSON_DIFFERENT },
                { "{\"a\":1e-9999999999999999}", "{\"a\":1}", JSON_EQUALITY_UNSETTLED },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                cr_expect_eq(compare(rows[i].a, rows[i].b, 1000), rows[i].expected, "%s %s", rows[i].a, rows[i].b);
                cr_expect_eq(compare(rows[i].b, rows[i].a, 1000), rows[i].expected, "%s %s", rows[i].b, rows[i].a);
        }
        CHECK_NO_LEAKS();
}

Test(equal, steps_run_out)
{
        cr_expect_eq(compare("[1,2,3]", "[1,2,3]", 4), JSON_EQUAL);
        cr_expect_eq(compare("[1,2,3]", "[1,2,3]", 3), JSON_EQUALITY_UNSETTLED);
        cr_expect_eq(compare("{\"a\":1}", "{\"b\":1}", 1), JSON_EQUALITY_UNSETTLED);
        cr_expect_eq(compare("{\"a\":1}", "{\"a\":1}", 3), JSON_EQUAL);
        cr_expect_eq(compare("1", "1", 0), JSON_EQUALITY_UNSETTLED);
}

Test(equal, members_by_a_name_of_another_document)
{
        struct json_doc a, b;

        json_doc_init(&a, seed);
        json_doc_init(&b, seed);
        cr_assert_eq(json_read(&a, STR("{\"x\":1,\"y\":2}")), JSON_OK);
        cr_assert_eq(json_read(&b, STR("[\"\\u0079\",\"z\"]")), JSON_OK);
        cr_expect_eq(json_member_like(&a, 0, &b, 1), 4U);
        cr_expect_eq(json_member_like(&a, 0, &b, 2), 0U);
        json_doc_deinit(&a);
        json_doc_deinit(&b);
        CHECK_NO_LEAKS();
}
