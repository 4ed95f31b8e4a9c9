/* SPDX-License-Identifier: Apache-2.0 */
#include "compile.h"

static bool digits(struct str s, unsigned *ret)
{
        unsigned value = 0;

        if (s.len == 0 || s.len > 9)
                return false;
        for (size_t i = 0; i < s.len; ++i) {
                if (s.ptr[i] < '0' || s.ptr[i] > '9')
                        return false;
                value = value * 10 + (unsigned)(s.ptr[i] - '0');
        }
        *ret = value;
        return true;
}

/* Days since 1970-01-01, counted in years that begin in March so that the leap day comes last. */
static int64_t days_of(unsigned year, unsigned month, unsigned day)
{
        int64_t y = (int64_t)year - (month <= 2);
        int64_t m = month > 2 ? month - 3 : month + 9;

        return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

bool date_end(struct str text, int64_t *ret_after)
{
        static const unsigned char month_days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        unsigned year, month, day, last;

        if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-' || !digits(str_of(text.ptr, 4), &year) ||
                !digits(str_of(text.ptr + 5, 2), &month) || !digits(str_of(text.ptr + 8, 2), &day))
                return false;
        if (year < 1970 || month < 1 || month > 12 || day < 1)
                return false;
        last = month_days[month - 1];
        if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
                last = 29;
        if (day > last)
                return false;
        *ret_after = (days_of(year, month, day) + 1) * 86400;
        return true;
}

bool time_span_ms(struct str text, uint32_t most_ms, uint32_t *ret)
{
        static const struct {
                struct str unit;
                uint32_t ms;
        } units[] = { { STR_INIT("ms"), 1 }, { STR_INIT("s"), 1000 }, { STR_INIT("m"), 60000 },
                { STR_INIT("h"), 3600000 } };
        size_t n = 0;
        unsigned value;

        while (n < text.len && text.ptr[n] >= '0' && text.ptr[n] <= '9')
                ++n;
        if (!digits(str_of(text.ptr, n), &value) || value == 0)
                return false;
        for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); ++i) {
                if (!str_eq(str_skip(text, n), units[i].unit))
                        continue;
                if (value > most_ms / units[i].ms)
                        return false;
                *ret = value * units[i].ms;
                return true;
        }
        return false;
}
