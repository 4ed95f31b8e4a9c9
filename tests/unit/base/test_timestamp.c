/* SPDX-License-Identifier: Apache-2.0 */
#include "timestamp.h"

#include <criterion/criterion.h>
#include <time.h>

#include "leaks.h"

Test(timestamp, rows)
{
        static const struct {
                uint64_t ms;
                struct str text;
        } rows[] = {
                { 0, STR_INIT("1970-01-01T00:00:00.000Z") },
                { 1, STR_INIT("1970-01-01T00:00:00.001Z") },
                { 951782399999, STR_INIT("2000-02-28T23:59:59.999Z") },
                { 951782400000, STR_INIT("2000-02-29T00:00:00.000Z") },
                { 1763639082123, STR_INIT("2025-11-20T11:44:42.123Z") },
                { 4107542400000, STR_INIT("2100-03-01T00:00:00.000Z") },
                { 253402300799999, STR_INIT("9999-12-31T23:59:59.999Z") },
                { 253402300800000, STR_INIT("9999-12-31T23:59:59.999Z") },
                { UINT64_MAX, STR_INIT("9999-12-31T23:59:59.999Z") },
        };
        struct timestamp_cache cache = { 0 };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct str text = timestamp_text(&cache, rows[i].ms);

                cr_expect(str_eq(text, rows[i].text), "%.*s for %.*s", STR_FMT(text), STR_FMT(rows[i].text));
        }
        CHECK_NO_LEAKS();
}

Test(timestamp, agrees_with_the_c_library_on_every_day_for_centuries)
{
        struct timestamp_cache cache = { 0 };

        for (uint64_t day = 0; day < 366 * 450; day++) {
                time_t now = (time_t)(day * 86400 + day % 86400);
                char expected[32];
                struct tm tm;

                strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S.007Z", gmtime_r(&now, &tm));
                cr_assert(str_eq(timestamp_text(&cache, (uint64_t)now * 1000 + 7), str_from(expected)), "%s", expected);
        }
        CHECK_NO_LEAKS();
}
