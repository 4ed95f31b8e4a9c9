/* SPDX-License-Identifier: Apache-2.0
 *
 * The tape and what walks it.
 */
#include "json.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>

#include "leaks.h"
#include "pieces.h"

static const uint64_t seed[2] = { 0x1234, 0x5678 };

static void read_or_fail(struct json_doc *doc, struct str text)
{
        json_doc_init(doc, seed);
        cr_assert_eq(json_read(doc, text), JSON_OK, "%.*s", STR_FMT(text));
}

Test(walk, members_and_items_in_order)
{
        struct json_doc doc;
        struct str text = STR("{\"a\":[10,[20],{}],\"b\":{\"c\":\"d\"},\"e\":false}");
        char seen[64] = { 0 };
        size_t n = 0, items = 0;

        read_or_fail(&doc, text);
        json_each_member (&doc, 0, name, value) {
                seen[n++] = json_raw_string(&doc, name).ptr[0];
                seen[n++] = (char)('0' + (int)json_type_of(&doc, value));
                cr_expect_eq(json_at(&doc, value)->depth, 1);
        }
        cr_expect_str_eq(seen, "a6b7e2");
        json_each_item (&doc, json_member(&doc, 0, STR("a")), item)
                items++;
        cr_expect_eq(items, 3U);
        cr_expect(str_eq(json_text(&doc, 0), text));
        cr_expect(str_eq(json_text(&doc, json_member(&doc, 0, STR("b"))), STR("{\"c\":\"d\"}")));
        json_doc_deinit(&doc);
        CHECK_NO_LEAKS();
}

Test(walk, wrong_types_have_no_members_and_no_value)
{
        struct json_doc doc;
        struct buf scratch = BUF_INIT(64);
        struct str s;
        int64_t n;

        read_or_fail(&doc, STR("[\"a\",1,{\"a\":2}]"));
        cr_expect_eq(json_member(&doc, 0, STR("a")), 0U);
        cr_expect_eq(json_member(&doc, 1, STR("a")), 0U);
        cr_expect_eq(json_member(&doc, 99, STR("a")), 0U);
        cr_expect_not(json_string_is(&doc, 2, STR("1")));
        cr_expect_not(json_string_is(&doc, 99, STR("")));
        cr_expect_not(json_integer_get(&doc, 1, &n));
        cr_expect_eq(json_string_get(&doc, 2, &scratch, &s), -EINVAL);
        json_doc_deinit(&doc);
        CHECK_NO_LEAKS();
}

Test(walk, member_names_are_compared_unescaped)
{
        struct json_doc doc;

        read_or_fail(&doc, STR("{\"n\\u0061me\":1,\"\\ud83d\\ude00\":2,\"x\":3,\"\":4}"));
        cr_expect(str_eq(json_text(&doc, json_member(&doc, 0, STR("name"))), STR("1")));
        cr_expect(str_eq(json_text(&doc, json_member(&doc, 0, STR("\xF0\x9F\x98\x80"))), STR("2")));
        cr_expect(str_eq(json_text(&doc, json_member(&doc, 0, STR("x"))), STR("3")));
        cr_expect(str_eq(json_text(&doc, json_member(&doc, 0, STR(""))), STR("4")));
        cr_expect_eq(json_member(&doc, 0, STR("nam")), 0U);
        cr_expect_eq(json_member(&doc, 0, STR("names")), 0U);
        cr_expect_eq(json_member(&doc, 0, STR("n\\u0061me")), 0U);
        cr_expect_eq(json_member(&doc, 0, STR("X")), 0U);
        json_doc_deinit(&doc);
        CHECK_NO_LEAKS();
}

Test(walk, strings_are_borrowed_or_unescaped_behind_what_is_there)
{
        struct buf scratch = BUF_INIT(64);
        struct json_doc doc;
        struct str s;

        read_or_fail(&doc, STR("[\"plain\",\"a\\u0000\\/\\n\\u00e9\\ud83d\\ude00b\",\"\"]"));
        cr_expect_eq(json_string_get(&doc, 1, &scratch, &s), 0);
        cr_expect_eq(s.ptr, doc.text.ptr + 2, "borrowed");
        cr_expect_eq(scratch.len, 0U);
        buf_append_str(&scratch, STR("before"));
        cr_expect_eq(json_string_get(&doc, 2, &scratch, &s), 0);
        cr_expect(str_eq(s, STR("a\0/\n\xC3\xA9\xF0\x9F\x98\x80" "b")));
        cr_expect(str_starts_with(buf_str(&scratch), STR("beforea")));
        cr_expect_eq(json_string_get(&doc, 3, &scratch, &s), 0);
        cr_expect_eq(s.len, 0U);
        cr_expect(json_string_is(&doc, 2, STR("a\0/\n\xC3\xA9\xF0\x9F\x98\x80" "b")));
        cr_expect_not(json_string_is(&doc, 2, STR("a\0/\n\xC3\xA9\xF0\x9F\x98\x80")));
        cr_expect_not(json_string_is(&doc, 2, STR("a")));

        buf_deinit(&scratch);
        buf_init(&scratch, 4);
        cr_expect_eq(json_string_get(&doc, 2, &scratch, &s), -EMSGSIZE);
        cr_expect_eq(scratch.len, 0U);
        buf_deinit(&scratch);
        json_doc_deinit(&doc);
        CHECK_NO_LEAKS();
}

Test(walk, only_canonical_integers_are_integers)
{
        static const struct {
                const char *text;
                bool is_integer;
                int64_t value;
        } rows[] = {
                { "0", true, 0 },
                { "1", true, 1 },
                { "-1", true, -1 },
                { "10", true, 10 },
                { "9007199254740991", true, 9007199254740991 },
                { "9007199254740992", true, 9007199254740992 },
                { "-9007199254740992", true, -9007199254740992 },
                { "9007199254740993", false },
                { "-9007199254740993", false },
                { "9999999999999999", false },
                { "10000000000000000", false },
                { "18446744073709551617", false },
                { "-0", false },
                { "1.0", false },
                { "1e2", false },
                { "1E0", false },
                { "0e0", false },
                { "-1.5", false },
                { "\"1\"", false },
                { "true", false },
                { "null", false },
                { "[]", false },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                struct json_doc doc;
                int64_t value = -77;

                read_or_fail(&doc, str_from(rows[i].text));
                cr_expect_eq(json_integer_get(&doc, 0, &value), rows[i].is_integer, "%s", rows[i].text);
                cr_expect_eq(value, rows[i].is_integer ? rows[i].value : -77, "%s", rows[i].text);
                json_doc_deinit(&doc);
        }
        CHECK_NO_LEAKS();
}

Test(walk, duplicates_among_strings_of_several_objects)
{
        struct json_doc doc;
        uint32_t names[4];
        size_t n = 0;

        read_or_fail(&doc, STR("[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"\\u0061b\"},{\"name\":\"\\u0061\"}]"));
        json_each_item (&doc, 0, item)
                names[n++] = json_member(&doc, item, STR("name"));
        cr_assert_eq(n, 4U);
        cr_expect_eq(json_find_duplicate(&doc, names, 0), -1);
        cr_expect_eq(json_find_duplicate(&doc, names, 1), -1);
        cr_expect_eq(json_find_duplicate(&doc, names, 3), -1);
        cr_expect_eq(json_find_duplicate(&doc, names, 4), 3);
        json_doc_deinit(&doc);
        CHECK_NO_LEAKS();
}

/* A peer chooses the type of every value: walking the wrong one must neither read past the tape nor run in circles. */
Test(walk, only_objects_have_members_and_only_arrays_have_items)
{
        static const char *const texts[] = { "[[1],\"a\",\"b\"]", "[\"a\"]", "\"a\"", "1", "null", "{}", "[]" };
        struct json_doc doc;
        unsigned members = 0, items = 0;

        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
                read_or_fail(&doc, str_from(texts[i]));
                json_each_member (&doc, 0, name, value)
                        members += name && value;
                json_doc_deinit(&doc);
        }
        cr_expect_eq(members, 0U);
        read_or_fail(&doc, STR("{\"a\":1,\"b\":2}"));
        json_each_item (&doc, 0, item)
                items++;
        cr_expect_eq(items, 0U);
        json_doc_deinit(&doc);
        CHECK_NO_LEAKS();
}

Test(walk, shrinking_gives_memory_back_and_keeps_what_fits)
{
        struct buf big = BUF_INIT(1U << 20);
        struct json_doc doc;

        buf_append_str(&big, STR("{\"a\":0"));
        for (int i = 0; i < 5000; i++)
                buf_printf(&big, ",\"%d\":0", i);
        buf_append_str(&big, STR("}"));
        read_or_fail(&doc, buf_str(&big));

        /* What fits stays, though the memory was larger. */
        cr_assert_eq(json_read(&doc, STR("[1,2]")), JSON_OK);
        json_doc_shrink(&doc, 1000);
        cr_expect_eq(doc.count, 3U);
        cr_expect(str_eq(json_text(&doc, 2), STR("2")));
        cr_expect_leq(doc.capacity, 1000U);
        cr_expect_leq(doc.scratch_capacity, 4000U);

        /* What does not fit is forgotten. */
        cr_assert_eq(json_read(&doc, buf_str(&big)), JSON_OK);
        json_doc_shrink(&doc, 1000);
        cr_expect_eq(doc.count, 0U);
        cr_expect_leq(doc.capacity, 1000U);
        cr_expect_eq(json_member(&doc, 0, STR("a")), 0U);
        json_doc_shrink(&doc, 0);
        cr_expect_null(doc.tokens);
        cr_expect_eq(json_read(&doc, buf_str(&big)), JSON_OK, "it grows again");
        buf_deinit(&big);
        json_doc_deinit(&doc);
        CHECK_NO_LEAKS();
}

/* The duplicate check asks only after equal hashes, which hides what this says of strings that differ. */
Test(walk, equality_of_two_strings_of_a_document)
{
        struct json_doc doc;

        read_or_fail(&doc, STR("[\"ab\",\"a\\u0062\",\"\\u0061b\",\"a\\u0062c\",\"\\u0061\",\"\",\"a\\u0063\"]"));
        for (uint32_t a = 1; a < doc.count; a++) {
                for (uint32_t b = 1; b < doc.count; b++)
                        cr_expect_eq(json_strings_equal(&doc, a, b), a == b || (a <= 3 && b <= 3), "%u %u", a, b);
        }
        json_doc_deinit(&doc);
        CHECK_NO_LEAKS();
}
