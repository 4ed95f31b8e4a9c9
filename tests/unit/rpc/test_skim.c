/* SPDX-License-Identifier: Apache-2.0 */
#include "skim.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(skim, table)
{
        static const struct {
                const char *line;
                const char *id; /* NULL: none */
                bool has_method;
        } rows[] = {
                { "{\"id\":7,\"method\":\"x\"}", "7", true },
                { "{\"method\":\"x\",\"id\":\"a\\\"b\"}", "\"a\\\"b\"", true },
                { " { \"result\" : {\"id\":1,\"method\":2} , \"id\" : 8 } ", "8", false },
                { "{\"a\":\"{\\\"id\\\":5}\",\"id\":6}", "6", false },
                { "{\"id\":1,\"id\":2}", NULL, false },
                { "{\"id\":1", NULL, false },
                { "{\"id\":1}{\"id\":2}", NULL, false },
                { "{\"id\":1} x", NULL, false },
                { "[{\"id\":1}]", NULL, false },
                { "{\"x\":[{\"id\":1}]}", NULL, false },
                { "log line: {\"id\":1}", NULL, false },
                { "{\"idx\":1}", NULL, false },
                { "{\"\\u0069d\":1}", NULL, false },
                { "{\"id\":{\"a\":[1,2]},\"method\":\"m\"}", "{\"a\":[1,2]}", true },
                { "{\"methods\":1,\"id\":3}", "3", false },
                { "{}", NULL, false },
                { "", NULL, false },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct str line = str_from(rows[i].line), id;

                for (size_t piece = 1; piece <= line.len + 1; piece++) {
                        struct skim k;
                        bool found;

                        skim_init(&k);
                        for (size_t at = 0; at < line.len; at += piece)
                                skim_feed(&k, str_of(line.ptr + at, line.len - at < piece ? line.len - at : piece));
                        found = skim_id(&k, &id);
                        cr_assert_eq(found, rows[i].id != NULL, "row %s, pieces of %zu", rows[i].line, piece);
                        if (found) {
                                cr_assert(str_eq(id, str_from(rows[i].id)), "row %s: %.*s", rows[i].line, STR_FMT(id));
                                cr_assert_eq(skim_has_method(&k), rows[i].has_method, "row %s", rows[i].line);
                        }
                }
        }
}

Test(skim, an_endless_id_is_no_id)
{
        struct skim k;
        struct str id;

        skim_init(&k);
        skim_feed(&k, STR("{\"id\":\""));
        for (int i = 0; i < 100000; i++)
                skim_feed(&k, STR("x"));
        skim_feed(&k, STR("\"}"));
        cr_expect_not(skim_id(&k, &id));
}
