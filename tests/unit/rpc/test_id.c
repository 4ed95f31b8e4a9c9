/* SPDX-License-Identifier: Apache-2.0 */
#include "id.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const uint64_t seed[2] = { 1, 2 };

Test(id, lenient_numbers_of_strings)
{
        static const struct {
                const char *text;
                bool is_number;
                int64_t number;
        } rows[] = {
                { "3", true, 3 }, { " 3\n", true, 3 }, { "+3", true, 3 }, { "-3", true, -3 }, { "03", true, 3 },
                { "3.0", true, 3 }, { "3.", true, 3 }, { "0.3e1", true, 3 }, { "30e-1", true, 3 }, { "3_0", true, 30 },
                { "0x10", true, 16 }, { "0b11", true, 3 }, { "0o17", true, 15 }, { "", true, 0 }, { "  ", true, 0 },
                { "0", true, 0 }, { "-0", true, 0 }, { "0.000", true, 0 }, { "1e3", true, 1000 }, { "100.00e1", true, 1000 },
                { "9007199254740992", true, INT64_C(9007199254740992) }, { "9007199254740993", false, 0 },
                { "0.5", false, 0 }, { "35e-1", false, 0 }, { "1.2.3", false, 0 }, { "abc", false, 0 }, { "3a", false, 0 },
                { "550e8400-e29b-41d4-a716-446655440000", false, 0 }, { "1e999999999", false, 0 }, { ".", false, 0 },
                { "e3", false, 0 }, { "0x", false, 0 }, { "1e", false, 0 }, { "--1", false, 0 },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                int64_t number = 0;
                bool is_number = rpc_id_lenient_number(str_from(rows[i].text), &number);

                cr_expect_eq(is_number, rows[i].is_number, "row '%s'", rows[i].text);
                if (is_number && rows[i].is_number)
                        cr_expect_eq(number, rows[i].number, "row '%s': %lld", rows[i].text, (long long)number);
        }
}

static bool read(struct json_doc *doc, struct buf *scratch, const char *text, struct rpc_id *ret)
{
        return json_read(doc, str_from(text)) == JSON_OK && rpc_id_read(ret, doc, 0, scratch);
}

Test(id, which_values_are_ids)
{
        static const struct {
                const char *text;
                bool ok;
        } rows[] = {
                { "0", true }, { "-1", true }, { "9007199254740992", true }, { "-9007199254740992", true }, { "\"\"", true },
                { "\"a\"", true }, { "\"\\u0061\"", true }, { "9007199254740993", false }, { "1.0", false }, { "1e2", false },
                { "-0", false }, { "null", false }, { "true", false }, { "{}", false }, { "[]", false }, { "1.5", false },
                { "\"leastwise:1\"", false }, { "\"leastwis\\u0065:1\"", false }, { "\"xleastwise:1\"", true },
                { "\"\\u001c3\"", false }, { "\"\\u0663\"", false }, { "\"\xC3\xA9\"", false }, { "\"a b~\"", true },
        };
        struct json_doc doc;
        struct buf scratch = BUF_INIT(4096);
        struct rpc_id id;

        json_doc_init(&doc, seed);
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                cr_expect_eq(read(&doc, &scratch, rows[i].text, &id), rows[i].ok, "row %s", rows[i].text);
        json_doc_deinit(&doc);
        buf_deinit(&scratch);
}

Test(id, string_limit)
{
        struct json_doc doc;
        struct buf scratch = BUF_INIT(4096), text = BUF_INIT(4096);
        struct rpc_id id;

        json_doc_init(&doc, seed);
        for (size_t n = 255; n <= 257; n++) {
                buf_clear(&text, 4096);
                buf_printf(&text, "\"%0*d\"", (int)n, 7);
                cr_assert_eq(json_read(&doc, buf_str(&text)), JSON_OK);
                cr_expect_eq(rpc_id_read(&id, &doc, 0, &scratch), n <= 256, "length %zu", n);
        }
        json_doc_deinit(&doc);
        buf_deinit(&scratch);
        buf_deinit(&text);
}

Test(id, confusable_ids_hash_alike)
{
        static const char *const threes[] = { "3", "\"3\"", "\" 3\"", "\"3.0\"", "\"0x3\"", "\"+3\"" };
        struct json_doc doc;
        struct buf scratch = BUF_INIT(4096);
        struct rpc_id a, b;

        json_doc_init(&doc, seed);
        cr_assert(read(&doc, &scratch, threes[0], &a));
        for (size_t i = 1; i < sizeof(threes) / sizeof(threes[0]); i++) {
                cr_assert(read(&doc, &scratch, threes[i], &b));
                cr_expect(rpc_id_confusable(&a, &b), "%s", threes[i]);
                cr_expect_not(rpc_id_equal(&a, &b), "%s", threes[i]);
                cr_expect_eq(rpc_id_hash(&a, seed), rpc_id_hash(&b, seed), "%s", threes[i]);
        }
        cr_assert(read(&doc, &scratch, "\"x\"", &b));
        cr_expect_not(rpc_id_confusable(&a, &b));
        json_doc_deinit(&doc);
        buf_deinit(&scratch);
}

Test(id, is_written_as_it_was)
{
        struct json_doc doc;
        struct buf scratch = BUF_INIT(4096), out = BUF_INIT(4096);
        struct rpc_id id;

        json_doc_init(&doc, seed);
        cr_assert(read(&doc, &scratch, "\"a\\\"b\"", &id));
        rpc_id_append(&out, &id);
        cr_expect(str_eq(buf_str(&out), STR("\"a\\\"b\"")), "%.*s", STR_FMT(buf_str(&out)));
        buf_clear(&out, 4096);
        cr_assert(read(&doc, &scratch, "-42", &id));
        rpc_id_append(&out, &id);
        cr_expect(str_eq(buf_str(&out), STR("-42")));
        json_doc_deinit(&doc);
        buf_deinit(&scratch);
        buf_deinit(&out);
}
