/* SPDX-License-Identifier: Apache-2.0 */
#include "edit.h"

#include <criterion/criterion.h>

static const uint64_t seed[2] = { 1, 2 };

struct change {
        const char *path; /* member names separated by dots, or item numbers */
        const char *text; /* NULL: remove */
        const char *name; /* of a member to add; NULL: replace */
};

static uint32_t walk(const struct json_doc *doc, const char *path)
{
        uint32_t token = 0;

        while (*path) {
                const char *dot = strchr(path, '.');
                struct str step = str_of(path, dot ? (size_t)(dot - path) : strlen(path));

                if (json_type_of(doc, token) == JSON_ARRAY) {
                        unsigned n = (unsigned)(step.ptr[0] - '0');
                        uint32_t found = 0;

                        json_each_item(doc, token, item)
                                if (n-- == 0)
                                        found = item;
                        token = found;
                } else {
                        token = json_member(doc, token, step);
                }
                cr_assert(token != 0, "%s", path);
                path += step.len + (dot != NULL);
        }
        return token;
}

Test(edit, table)
{
        static const struct {
                const char *in;
                struct change changes[4];
                const char *out;
        } rows[] = {
                { "{\"a\":1,\"b\":2}", { { "a", NULL } }, "{\"b\":2}" },
                { "{\"a\":1,\"b\":2}", { { "b", NULL } }, "{\"a\":1}" },
                { "{\"a\":1,\"b\":2}", { { "a", NULL }, { "b", NULL } }, "{}" },
                { "{\"a\":1,\"b\":2}", { { "b", "\"x\"" }, { "a", NULL } }, "{\"b\":\"x\"}" },
                { "{\"l\":[1,2,3,4]}", { { "l.0", NULL }, { "l.3", NULL } }, "{\"l\":[2,3]}" },
                { "{\"l\":[{\"n\":1,\"m\":2},{\"n\":3}]}", { { "l.0.n", NULL }, { "l.1", NULL } }, "{\"l\":[{\"m\":2}]}" },
                { "{\"l\":[{\"n\":1},{\"n\":3}]}", { { "l.0", NULL }, { "l.0.n", NULL } }, "{\"l\":[{\"n\":3}]}" },
                { "{\"a\":{\"b\":{\"c\":1.50}},\"d\":1e2}", { { "a.b", "{}" }, { "a.b.c", NULL } }, "{\"a\":{\"b\":{}},\"d\":1e2}" },
                { " { \"a\" : [ 1 , { \"\\u0062\" : \"\\/\" } ] } ", { { "a.0", "7" } }, "{\"a\":[7,{\"b\":\"/\"}]}" },
                { "{\"a\":1}", { { "", "null" } }, "null" },
                { "{\"a\":1}", { { NULL, NULL, NULL } }, "{\"a\":1}" },
                { "{}", { { "", "1", "\"" } }, "{\"\\\"\":1}" },
                { "{\"a\":{},\"b\":[{}]}", { { "b.0", "2", "y" }, { "a", "1", "x" }, { "b.0", "3", "z" } },
                        "{\"a\":{\"x\":1},\"b\":[{\"y\":2,\"z\":3}]}" },
                { "{\"a\":{\"b\":1}}", { { "a", "2", "c" }, { "a.b", NULL } }, "{\"a\":{\"c\":2}}" },
                { "{\"a\":{\"b\":1}}", { { "a", "2", "c" }, { "a.b", "7" }, { "", "null", "d" } }, "{\"a\":{\"b\":7,\"c\":2},\"d\":null}" },
                { "{\"a\":{\"b\":1}}", { { "a", "2", "c" }, { "a", "[]" } }, "{\"a\":[]}" },
                { "{\"a\":1,\"b\":2}", { { "a", "3" }, { "a", NULL } }, "{\"b\":2}" },
        };
        struct edits edits;
        struct json_doc doc;

        edits_init(&edits);
        json_doc_init(&doc, seed);
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct buf out = BUF_INIT(4096);

                cr_assert_eq(json_read(&doc, str_from(rows[i].in)), JSON_OK);
                edits_clear(&edits);
                for (size_t c = 0; c < 4 && rows[i].changes[c].path; c++) {
                        uint32_t token = walk(&doc, rows[i].changes[c].path);

                        if (rows[i].changes[c].name)
                                edits_add_member(&edits, token, str_from(rows[i].changes[c].name), str_from(rows[i].changes[c].text));
                        else if (rows[i].changes[c].text)
                                edits_replace(&edits, token, str_from(rows[i].changes[c].text));
                        else
                                edits_remove(&edits, token);
                }
                cr_expect_eq(edits_write(&edits, &doc, &out), 0);
                cr_expect(str_eq(buf_str(&out), str_from(rows[i].out)), "row %zu: %.*s", i, STR_FMT(buf_str(&out)));
                buf_deinit(&out);
        }
        edits_deinit(&edits);
        json_doc_deinit(&doc);
}

Test(edit, items_are_added_and_one_value_is_written)
{
        struct buf out = BUF_INIT(4096);
        struct edits edits;
        struct json_doc doc;

        edits_init(&edits);
        json_doc_init(&doc, seed);
        cr_assert_eq(json_read(&doc, STR("{\"a\":[],\"b\":{\"c\":[1,{}],\"d\":2},\"e\":3}")), JSON_OK);
        edits_replace(&edits, walk(&doc, "e"), STR("4"));
        edits_add_item(&edits, walk(&doc, "b.c"), STR("true"));
        edits_add_item(&edits, walk(&doc, "a"), STR("\"x\""));
        edits_add_item(&edits, walk(&doc, "b.c"), STR("null"));
        cr_expect_eq(edits_write_value(&edits, &doc, walk(&doc, "b"), &out), 0);
        cr_expect(str_eq(buf_str(&out), STR("{\"c\":[1,{},true,null],\"d\":2}")), "%.*s", STR_FMT(buf_str(&out)));
        buf_clear(&out, SIZE_MAX);
        cr_expect_eq(edits_write(&edits, &doc, &out), 0);
        cr_expect(str_eq(buf_str(&out), STR("{\"a\":[\"x\"],\"b\":{\"c\":[1,{},true,null],\"d\":2},\"e\":4}")), "%.*s", STR_FMT(buf_str(&out)));
        buf_deinit(&out);
        edits_deinit(&edits);
        json_doc_deinit(&doc);
}
