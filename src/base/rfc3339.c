/* SPDX-License-Identifier: Apache-2.0 */
#include "rfc3339.h"

#define DAY_S INT64_C(86400)
#define LAST_S INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* Takes @count digits off the text's front, and the sign behind them unless it is 0. */
static bool take(struct str *text, size_t count, char sign, int64_t *ret)
{
        int64_t value = 0;

        if (text->len < count + (sign != 0) || (sign && text->ptr[count] != sign))
                return false;
        for (size_t i = 0; i < count; i++) {
                if (text->ptr[i] < '0' || text->ptr[i] > '9')
                        return false;
                value = value * 10 + (text->ptr[i] - '0');
        }
        *text = str_skip(*text, count + (sign != 0));
        *ret = value;
        return true;
}

static bool is_leap(int64_t year)
{
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t days_of_month(int64_t year, int64_t month)
{
        static const int64_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

        return days[month - 1] + (month == 2 && is_leap(year));
}

static int64_t days_since_1970(int64_t year, int64_t month, int64_t day)
{
        int64_t before = year - 1, days = before * 365 + before / 4 - before / 100 + before / 400 - 719162;

        for (int64_t m = 1; m < month; m++)
                days += days_of_month(year, m);
        return days + day - 1;
}

static bool take_fraction(struct str *text)
{
        size_t digits = 1;

        if (!text->len || text->ptr[0] != '.')
                return true;
        while (digits < text->len && text->ptr[digits] >= '0' && text->ptr[digits] <= '9')
                digits++;
        *text = str_skip(*text, digits);
        return digits > 1;
}

/* What to take off for UTC. */
static bool take_offset(struct str *text, int64_t *ret_s)
{
        int64_t hours, minutes, sign;

        if (!text->len)
                return false;
        if (text->ptr[0] == 'Z' || text->ptr[0] == 'z') {
                *ret_s = 0;
                *text = str_skip(*text, 1);
                return true;
        }
        if (text->ptr[0] != '+' && text->ptr[0] != '-')
                return false;
        sign = text->ptr[0] == '+' ? 1 : -1;
        *text = str_skip(*text, 1);
        if (!take(text, 2, ':', &hours) || !take(text, 2, 0, &minutes) || hours > 23 || minutes > 59)
                return false;
        *ret_s = sign * (hours * 3600 + minutes * 60);
        return true;
}

bool rfc3339_read(struct str text, int64_t *ret_s)
{
        int64_t year, month, day, hour, minute, second, offset, time;

        if (!take(&text, 4, '-', &year) || !take(&text, 2, '-', &month) || !take(&text, 2, 0, &day))
                return false;
        if (!text.len || (text.ptr[0] != 'T' && text.ptr[0] != 't'))
                return false;
        text = str_skip(text, 1);
        if (!take(&text, 2, ':', &hour) || !take(&text, 2, ':', &minute) || !take(&text, 2, 0, &second))
                return false;
        if (!take_fraction(&text) || !take_offset(&text, &offset) || text.len)
                return false;
        if (month < 1 || month > 12 || day < 1 || year < 1 || day > days_of_month(year, month) || hour > 23 ||
                minute > 59 || second > 60)
                return false;
        time = days_since_1970(year, month, day) * DAY_S + hour * 3600 + minute * 60 + second - offset;
        if (time < 0 || time > LAST_S || (second == 60 && time % DAY_S != 0))
                return false;
        *ret_s = time;
        return true;
}
