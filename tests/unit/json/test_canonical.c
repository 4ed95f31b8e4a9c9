/* SPDX-License-Identifier: Apache-2.0
 *
 * The canonical form: every spelling rule, and that `canonical` says exactly whether the text has it already.
 */
#include "json.h"

#include <criterion/criterion.h>
#include <stdint.h>

#include "leaks.h"

static const uint64_t seed[2] = { 0x1234, 0x5678 };

static const struct {
        struct str text, canonical;
} rows[] = {
        { STR_INIT("{\"a\":[1,2,{}],\"b\":\"c\"}"), STR_INIT("{\"a\":[1,2,{}],\"b\":\"c\"}") },
        { STR_INIT(" { \"b\" : [ 1 , 2 , { } , [ ] ] , \"a\" : null } \r\n"), STR_INIT("{\"b\":[1,2,{},[]],\"a\":null}") },
        { STR_INIT("[\"\\u0041\\/\"]"), STR_INIT("[\"A/\"]") },
};

Test(canonical, every_rule_and_writing_twice_changes_nothing)
{
        struct buf out = BUF_INIT(1U << 20), again = BUF_INIT(1U << 20);
        struct json_doc doc;

        json_doc_init(&doc, seed);
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                buf_clear(&out, SIZE_MAX);
                buf_clear(&again, SIZE_MAX);
                cr_assert_eq(json_read(&doc, rows[i].text), JSON_OK, "row %zu", i);
                cr_expect_eq(doc.canonical, str_eq(rows[i].text, rows[i].canonical), "row %zu", i);
                cr_expect_eq(json_write(&out, &doc, 0), 0);
                cr_expect(str_eq(buf_str(&out), rows[i].canonical), "row %zu: %.*s", i, STR_FMT(buf_str(&out)));

                cr_assert_eq(json_read(&doc, buf_str(&out)), JSON_OK, "row %zu", i);
                cr_expect(doc.canonical, "row %zu", i);
                cr_expect_eq(json_write(&again, &doc, 0), 0);
                cr_expect(str_eq(buf_str(&again), rows[i].canonical), "row %zu: %.*s", i, STR_FMT(buf_str(&again)));
        }
        json_doc_deinit(&doc);
        buf_deinit(&out);
        buf_deinit(&again);
        CHECK_NO_LEAKS();
}
