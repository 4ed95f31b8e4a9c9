/* SPDX-License-Identifier: Apache-2.0 */
#include "limit_words.h"

#include "limit.h"

#define MS_PER_SECOND 1000U
#define MS_PER_DAY (24U * 3600U * MS_PER_SECOND)

static const struct {
        const char *name;
        uint32_t ms;
} windows[] = {
        { "second", MS_PER_SECOND },
        { "minute", 60U * MS_PER_SECOND },
        { "hour", 3600U * MS_PER_SECOND },
        { "day", MS_PER_DAY },
        { "week", 7U * MS_PER_DAY },
};
#define WINDOWS (sizeof(windows) / sizeof(windows[0]))

bool limit_number_read(struct str text, uint64_t most, uint64_t *ret)
{
        uint64_t value = 0;

        if (text.len == 0 || (text.ptr[0] == '0'))
                return false;
        for (size_t i = 0; i < text.len; ++i) {
                if (text.ptr[i] < '0' || text.ptr[i] > '9' || value > most / 10)
                        return false;
                value = value * 10 + (uint64_t)(text.ptr[i] - '0');
        }
        *ret = value;
        return value <= most;
}

bool limit_size_read(struct str text, uint64_t *ret)
{
        static const struct {
                struct str unit;
                unsigned shift;
        } units[] = { { STR_INIT("KiB"), 10 }, { STR_INIT("MiB"), 20 }, { STR_INIT("GiB"), 30 } };

        for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); ++i) {
                if (!str_ends_with(text, units[i].unit))
                        continue;
                text.len -= units[i].unit.len;
                if (!limit_number_read(text, LIMIT_SIZE_MOST >> units[i].shift, ret))
                        return false;
                *ret <<= units[i].shift;
                return true;
        }
        return limit_number_read(text, LIMIT_SIZE_MOST, ret);
}

bool limit_window_read(struct str word, struct policy_limit *limit)
{
        for (size_t i = 0; i < WINDOWS; ++i) {
                if (str_eq(word, str_from(windows[i].name))) {
                        limit->window_ms = windows[i].ms;
                        limit->window = windows[i].name;
                        return true;
                }
        }
        return false;
}

bool limit_rate_read(struct str text, struct policy_limit *limit)
{
        static const struct str per = STR_INIT(" per ");
        const char *at = text.len ? memmem(text.ptr, text.len, per.ptr, per.len) : NULL;
        uint64_t count;

        if (at) {
                if (!limit_window_read(str_skip(text, (size_t)(at - text.ptr) + per.len), limit))
                        return false;
                text.len = (size_t)(at - text.ptr);
        }
        if (!limit_number_read(text, LIMIT_POLICY_COUNT, &count))
                return false;
        limit->most = amount_of(count);
        return true;
}
