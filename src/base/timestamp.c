/* SPDX-License-Identifier: Apache-2.0 */
#include "timestamp.h"

#define LAST_MS 253402300799999ULL /* 9999-12-31T23:59:59.999Z */

static void put_digits(char *at, unsigned count, uint64_t value)
{
        while (count-- > 0) {
                at[count] = (char)('0' + value % 10);
                value /= 10;
        }
}

/* Counted from 1 March of the year 0: the leap day is then the last of its year, and of its cycle of 400 years. */
static void put_date(char *text, uint64_t days_since_1970)
{
        uint64_t days = days_since_1970 + 719468;
        uint64_t cycle = days / 146097, in_cycle = days % 146097;
        uint64_t year = (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / 146096) / 365;
        uint64_t day = in_cycle - (365 * year + year / 4 - year / 100);
        uint64_t month = (5 * day + 2) / 153; /* 0 is March */

        day -= (153 * month + 2) / 5;
        year += cycle * 400 + (month >= 10);
        month = month < 10 ? month + 3 : month - 9;
        put_digits(text, 4, year);
        put_digits(text + 5, 2, month);
        put_digits(text + 8, 2, day + 1);
}

struct str timestamp_text(struct timestamp_cache *cache, uint64_t time_ms)
{
        uint64_t ms = time_ms > LAST_MS ? LAST_MS : time_ms, second = ms / 1000;

        if (cache->second != second + 1) {
                memcpy(cache->text, "0000-00-00T00:00:00.000Z", TIMESTAMP_BYTES);
                put_date(cache->text, second / 86400);
                put_digits(cache->text + 11, 2, second / 3600 % 24);
                put_digits(cache->text + 14, 2, second / 60 % 60);
                put_digits(cache->text + 17, 2, second % 60);
                cache->second = second + 1;
        }
        put_digits(cache->text + 20, 3, ms % 1000);
        return str_of(cache->text, TIMESTAMP_BYTES);
}
