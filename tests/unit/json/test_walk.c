/* SPDX-License-Identifier: Apache-2.0
 *
 * The tape and what walks it.
 */
#include "json.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>

#include "leaks.h"

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
