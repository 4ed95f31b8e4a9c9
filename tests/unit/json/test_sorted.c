/* SPDX-License-Identifier: Apache-2.0 */
#include "sorted.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "leaks.h"

static const uint64_t seed[2] = { 1, 2 };

static void check(struct str text, struct str expected)
{
        AUTO_BUF struct buf out = BUF_INIT(1U << 20);
        struct json_doc doc;

        json_doc_init(&doc, seed);
        cr_assert_eq(json_read(&doc, text), JSON_OK, "%.*s", STR_FMT(text));
        cr_expect_eq(json_write_sorted(&out, &doc, 0), 0);
        cr_expect(str_eq(buf_str(&out), expected), "%.*s gives %.*s", STR_FMT(text), STR_FMT(buf_str(&out)));
        /* Writing it again changes nothing. */
        cr_assert_eq(json_read(&doc, expected), JSON_OK);
        buf_clear(&out, 0);
        cr_expect_eq(json_write_sorted(&out, &doc, 0), 0);
        cr_expect(str_eq(buf_str(&out), expected));
        json_doc_deinit(&doc);
}

Test(sorted, members_are_in_order_at_every_depth)
{
        static const struct {
                struct str text, sorted;
        } rows[] = {
                { STR_INIT("{}"), STR_INIT("{}") },
                { STR_INIT("[]"), STR_INIT("[]") },
                { STR_INIT("7"), STR_INIT("7") },
                { STR_INIT("{\"b\":1,\"a\":2}"), STR_INIT("{\"a\":2,\"b\":1}") },
                { STR_INIT(" { \"b\" : [ 3 , {\"d\":1, \"c\":2} ] , \"a\" : null } "), STR_INIT("{\"a\":null,\"b\":[3,{\"c\":2,\"d\":1}]}") },
                { STR_INIT("[3,1,2]"), STR_INIT("[3,1,2]") },
                { STR_INIT("{\"a\":1.0,\"b\":1e0}"), STR_INIT("{\"a\":1.0,\"b\":1e0}") },
                { STR_INIT("{\"ab\":1,\"a\":2,\"\":3}"), STR_INIT("{\"\":3,\"a\":2,\"ab\":1}") },
                /* By the bytes of the names, not of their spelling. */
                { STR_INIT("{\"\\u0062\":1,\"\\u0061\":2}"), STR_INIT("{\"a\":2,\"b\":1}") },
                { STR_INIT("{\"z\":1,\"\\u00e9\":2,\"\\n\":3}"), STR_INIT("{\"\\n\":3,\"z\":1,\"\xC3\xA9\":2}") },
                { STR_INIT("{\"a\":\"\\u0041\\/\"}"), STR_INIT("{\"a\":\"A/\"}") },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                check(rows[i].text, rows[i].sorted);
        CHECK_NO_LEAKS();
}

Test(sorted, what_does_not_fit_leaves_the_buffer_as_it_was)
{
        AUTO_BUF struct buf out = BUF_INIT(8);
        struct json_doc doc;

        json_doc_init(&doc, seed);
        cr_assert_eq(json_read(&doc, STR("{\"b\":1,\"a\":2}")), JSON_OK);
        buf_append_str(&out, STR("12"));
        cr_expect_eq(json_write_sorted(&out, &doc, 0), -EMSGSIZE);
        cr_expect_eq(out.len, 2);
        json_doc_deinit(&doc);
}
