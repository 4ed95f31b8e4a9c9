/* SPDX-License-Identifier: Apache-2.0 */
#include "rfc3339.h"

#include <criterion/criterion.h>

#include "timestamp.h"

Test(rfc3339, times_that_exist)
{
        static const struct {
                const char *text;
                int64_t time;
        } rows[] = {
                { "1970-01-01T00:00:00Z", 0 },
                { "2026-11-20T14:00:00Z", 1795183200 },
                { "2026-11-20t14:00:00z", 1795183200 },
                { "2026-11-20T14:00:00.999999Z", 1795183200 },
                { "2026-11-20T15:30:00+01:30", 1795183200 },
                { "2026-11-20T13:00:00-01:00", 1795183200 },
                { "2026-11-20T14:00:00-00:00", 1795183200 },
                { "2000-02-29T00:00:00Z", 951782400 },
                { "2024-02-29T12:00:00+00:00", 1709208000 },
                { "9999-12-31T23:59:59Z", 253402300799 },
                { "2016-12-31T23:59:60Z", 1483228800 },
                { "2017-01-01T00:59:60+01:00", 1483228800 },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                int64_t time = -1;

                cr_expect(rfc3339_read(str_from(rows[i].text), &time), "%s", rows[i].text);
                cr_expect_eq(time, rows[i].time, "%s is %lld", rows[i].text, (long long)time);
        }
}

Test(rfc3339, what_is_no_time)
{
        static const char *const rows[] = { "", "2026-11-20", "2026-11-20T14:00:00", "2026-11-20 14:00:00Z",
                "2026-11-20T14:00Z", "2026-11-20T14:00:00.Z", "2026-11-20T14:00:00,5Z", "2026-11-20T24:00:00Z",
                "2026-11-20T14:60:00Z", "2026-11-20T14:00:61Z", "2026-11-20T14:00:60Z", "2026-02-29T00:00:00Z",
                "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-00-10T00:00:00Z", "2026-13-10T00:00:00Z",
                "2026-11-00T00:00:00Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+01:00", "0000-01-01T00:00:00Z",
                "2026-11-20T14:00:00Zx", "2026-11-20T14:00:00+24:00", "2026-11-20T14:00:00+01:60", "2026-11-20T14:00:00+0100",
                "2026-11-20T14:00:00+01", "-026-11-20T14:00:00Z", "+2026-11-20T14:00:00Z", "12026-11-20T14:00:00Z",
                "2026-1-20T14:00:00Z", " 2026-11-20T14:00:00Z", "2026-11-20T14:00:00 Z", "1795183200", "tomorrow",
                "9999-12-31T23:59:59-01:00" };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                int64_t time = 4711;

                cr_expect_not(rfc3339_read(str_from(rows[i]), &time), "%s", rows[i]);
                cr_expect_eq(time, 4711, "%s", rows[i]);
        }
        for (size_t len = 0; len < 20; len++) {
                int64_t time;

                cr_expect_not(rfc3339_read(str_of("2026-11-20T14:00:00Z", len), &time), "%zu bytes", len);
        }
}

/* What the writer writes of any day from 1970 to 9999 is read as what it was. */
Test(rfc3339, reads_what_the_writer_writes)
{
        struct timestamp_cache cache = { .second = 0 };

        for (int64_t s = 12345; s < INT64_C(253402300800); s += 86400 * 7 + 4321) {
                int64_t time = -1;

                cr_assert(rfc3339_read(timestamp_text(&cache, (uint64_t)s * 1000), &time));
                cr_assert_eq(time, s);
        }
}
