/* SPDX-License-Identifier: Apache-2.0 */
#include "signer_options.h"

#include "wildcard.h"

/* --- pattern lists --- */

bool signer_patterns_match(struct str patterns, struct str text)
{
        bool matches = false;
        struct str pattern;

        while (signers_next_name(&patterns, &pattern)) {
                const bool taken_back = pattern.len && pattern.ptr[0] == '!';

                if (!wildcard_matches(taken_back ? str_skip(pattern, 1) : pattern, text))
                        continue;
                if (taken_back)
                        return false;
                matches = true;
        }
        return matches;
}

/* --- dates --- */

static bool read_digits(struct str *text, size_t count, unsigned *ret)
{
        unsigned number = 0;

        if (text->len < count)
                return false;
        for (size_t i = 0; i < count; i++) {
                if (text->ptr[i] < '0' || text->ptr[i] > '9')
                        return false;
                number = 10 * number + (unsigned)(text->ptr[i] - '0');
        }
        *text = str_skip(*text, count);
        *ret = number;
        return true;
}

static bool is_leap(unsigned year)
{
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_of(unsigned year, unsigned month)
{
        static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

        return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static uint64_t days_before(unsigned year, unsigned month)
{
        uint64_t days = 0;

        for (unsigned y = 1970; y < year; y++)
                days += is_leap(y) ? 366 : 365;
        for (unsigned m = 1; m < month; m++)
                days += days_of(year, m);
        return days;
}

/* YYYYMMDD, YYYYMMDDhhmm or YYYYMMDDhhmmss, and a Z. */
static bool read_date(struct str text, uint64_t *ret_ms)
{
        unsigned year, month, day, hour = 0, minute = 0, second = 0;

        if (!read_digits(&text, 4, &year) || !read_digits(&text, 2, &month) || !read_digits(&text, 2, &day))
                return false;
        if (text.len > 1 && (!read_digits(&text, 2, &hour) || !read_digits(&text, 2, &minute)))
                return false;
        if (text.len > 1 && !read_digits(&text, 2, &second))
                return false;
        if (!str_eq(text, STR("Z")) || year < 1970 || month < 1 || month > 12 || day < 1 || day > days_of(year, month) || hour > 23 ||
                minute > 59 || second > 59)
                return false;
        *ret_ms = 1000 * (86400 * (days_before(year, month) + day - 1) + 3600 * (uint64_t)hour + 60 * (uint64_t)minute + second);
        return true;
}

/* --- options --- */

#define BAD_DATE "takes a date in UTC, as in \"20270331Z\" or \"20270331180000Z\": without the Z it would mean another moment on every machine"

static const char *read_namespaces(struct signer *ret, struct str value)
{
        if (!value.len)
                return "`namespaces` names none";
        ret->namespaces = value;
        return NULL;
}

static const char *read_after(struct signer *ret, struct str value)
{
        return read_date(value, &ret->from_ms) ? NULL : "`valid-after` " BAD_DATE;
}

static const char *read_before(struct signer *ret, struct str value)
{
        return read_date(value, &ret->until_ms) ? NULL : "`valid-before` " BAD_DATE;
}

static const struct {
        struct str name;
        const char *(*read)(struct signer *ret, struct str value);
} options_known[] = {
        { STR_INIT("namespaces"), read_namespaces },
        { STR_INIT("valid-after"), read_after },
        { STR_INIT("valid-before"), read_before },
};
#define OPTIONS_KNOWN (sizeof(options_known) / sizeof(options_known[0]))

/* name="value", from the front of @options. */
static const char *take_option(struct str *options, struct str *ret_name, struct str *ret_value)
{
        size_t len = 0;
        const char *quote;

        while (len < options->len && options->ptr[len] != '=' && options->ptr[len] != ',')
                len++;
        *ret_name = str_of(options->ptr, len);
        if (str_eq(*ret_name, STR("cert-authority")))
                return "certificate authorities may not sign: list each person with his own key";
        if (len + 1 >= options->len || options->ptr[len] != '=' || options->ptr[len + 1] != '"')
                return "an option is written name=\"value\"";
        *options = str_skip(*options, len + 2);
        quote = options->len ? memchr(options->ptr, '"', options->len) : NULL;
        if (!quote)
                return "an option's value has no closing quote";
        *ret_value = str_of(options->ptr, (size_t)(quote - options->ptr));
        *options = str_skip(*options, ret_value->len + 1);
        return NULL;
}

static const char *read_option(struct signer *ret, struct str name, struct str value, unsigned *seen)
{
        for (unsigned i = 0; i < OPTIONS_KNOWN; i++) {
                if (!str_eq(options_known[i].name, name))
                        continue;
                if (*seen & 1U << i)
                        return "an option stands there twice";
                *seen |= 1U << i;
                return options_known[i].read(ret, value);
        }
        return "this option is not known: there are namespaces, valid-after and valid-before";
}

const char *signer_options_read(struct signer *ret, struct str options)
{
        unsigned seen = 0;

        for (;;) {
                struct str name, value;
                const char *why = take_option(&options, &name, &value);

                if (!why)
                        why = read_option(ret, name, value, &seen);
                if (why || !options.len)
                        return why;
                if (options.ptr[0] != ',' || options.len == 1)
                        return "options have a comma, and nothing else, between them";
                options = str_skip(options, 1);
        }
}
