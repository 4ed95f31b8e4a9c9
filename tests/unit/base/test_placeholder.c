/* SPDX-License-Identifier: Apache-2.0 */
#include "placeholder.h"

#include <criterion/criterion.h>
#include <stdio.h>

Test(placeholder, found_where_it_is_one)
{
        static const struct {
                const char *text, *found; /* each name and `;`; `\` for an escaped one */
        } rows[] = {
                { "", "" },
                { "plain", "" },
                { "{{A}}", "A;" },
                { "postgres://app:{{DB_PASSWORD}}@db/{{db_2}}", "DB_PASSWORD;db_2;" },
                { "{{A}}{{B}}", "A;B;" },
                { "{{{A}}}", "A;" },
                { "\\{{A}}", "\\;" },
                { "\\{{A}} {{B}}", "\\;B;" },
                { "\\\\{{A}}", "\\;" },
                { "{{}}", "" },
                { "{{ A }}", "" },
                { "{{.Names}}", "" },
                { "{{1A}}", "" },
                { "{{A-B}}", "" },
                { "{{A}", "" },
                { "{{A", "" },
                { "{{", "" },
                { "{A}}", "" },
                { "{{A{{B}}", "B;" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct str text = str_from(rows[i].text);
                struct placeholder p;
                char found[100] = "";
                bool named = false;

                for (size_t from = 0; placeholder_next(text, from, &p); from = p.end) {
                        size_t len = strlen(found);

                        cr_assert(p.begin >= from && p.end > p.begin && p.end <= text.len);
                        snprintf(found + len, sizeof(found) - len, "%.*s;", p.name.len ? (int)p.name.len : 1,
                                p.name.len ? p.name.ptr : "\\");
                        named |= p.name.len > 0;
                }
                cr_expect_str_eq(found, rows[i].found, "%s", rows[i].text);
                cr_expect_eq(placeholder_is_in(text), named, "%s", rows[i].text);
        }
}
