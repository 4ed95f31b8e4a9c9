/* SPDX-License-Identifier: Apache-2.0 */
#include "str.h"

#include <criterion/criterion.h>

#include "alloc.h"

Test(str, order_is_bytes_then_length)
{
        cr_expect(str_cmp(STR("a"), STR("b")) < 0);
        cr_expect(str_cmp(STR("ab"), STR("a")) > 0);
        cr_expect(str_cmp(STR("a"), STR("a")) == 0);
        cr_expect(str_cmp(STR(""), STR("a")) < 0);
        cr_expect(str_cmp(STR("\xff"), STR("a")) > 0, "bytes compare unsigned");
}

Test(str, skip_never_leaves_the_string)
{
        cr_expect(str_eq(str_skip(STR("abc"), 1), STR("bc")));
        cr_expect(str_eq(str_skip(STR("abc"), 3), STR("")));
        cr_expect(str_eq(str_skip(STR("abc"), 4), STR("")));
}

Test(str, hash_as_published)
{
        /* From the authors' test vectors of FNV-1a, 64 bits. */
        cr_expect_eq(str_hash(STR("")), UINT64_C(0xcbf29ce484222325));
        cr_expect_eq(str_hash(STR("a")), UINT64_C(0xaf63dc4c8601ec8c));
        cr_expect_eq(str_hash(STR("foobar")), UINT64_C(0x85944171f73967e8));
        cr_expect_eq(str_hash_add(str_hash(STR("foo")), STR("bar")), str_hash(STR("foobar")));
}

Test(str, ends)
{
        cr_expect(str_starts_with(STR("abc"), STR("ab")));
        cr_expect_not(str_starts_with(STR("a"), STR("ab")));
        cr_expect(str_ends_with(STR("abc"), STR("bc")));
        cr_expect_not(str_ends_with(STR("c"), STR("bc")));
}

Test(str, dup_refuses_an_embedded_nul)
{
        char *copy = str_dup(STR("abc"));

        cr_assert_str_eq(copy, "abc");
        mem_free(copy);
        cr_expect_null(str_dup(STR("a\0b")));
}

Test(str, lines_are_taken_one_by_one)
{
        static const struct {
                const char *text, *line, *rest;
        } rows[] = {
                { "", "", "" }, { "a", "a", "" }, { "a\n", "a", "" }, { "a\nb", "a", "b" }, { "a\r\nb", "a", "b" }, { "\na", "", "a" },
                { "\r\n", "", "" }, { "a\r", "a", "" }, { "a\rb\n", "a\rb", "" }, { "\n\n", "", "\n" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct str text = str_from(rows[i].text);

                cr_expect(str_eq(str_take_line(&text), str_from(rows[i].line)), "row %zu", i);
                cr_expect(str_eq(text, str_from(rows[i].rest)), "row %zu", i);
        }
}

Test(str, trim_is_of_both_ends_and_of_ascii_only)
{
        cr_expect(str_eq(str_trim(STR(" \t\v\f\r\n a b\n")), STR("a b")));
        cr_expect(str_eq(str_trim(STR("\xc2\xa0" "a\b")), STR("\xc2\xa0" "a\b")));
        cr_expect_eq(str_trim(STR(" \n ")).len, 0);
        cr_expect_eq(str_trim(STR("")).len, 0);
}
