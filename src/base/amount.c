/* SPDX-License-Identifier: Apache-2.0 */
#include "amount.h"

#include <stdio.h>

/* No exponent past it can bring a digit of a number of any length that is read here into reach. */
#define EXPONENT_CAP 100000L

const char *amount_error_text(enum amount_error error)
{
        switch (error) {
        case AMOUNT_NEGATIVE:
                return "is negative";
        case AMOUNT_TOO_LARGE:
                return "is too large to be counted";
        case AMOUNT_TOO_FINE:
                return "has more than 18 digits behind the point";
        case AMOUNT_OK:
        case AMOUNT_NOT_A_NUMBER:
                break;
        }
        return "is not a number";
}

struct written {
        struct str whole, fraction; /* digits */
        long exponent;
};

static size_t count_digits(struct str s)
{
        size_t n = 0;

        while (n < s.len && s.ptr[n] >= '0' && s.ptr[n] <= '9')
                n++;
        return n;
}

static bool split_exponent(struct str text, struct written *d)
{
        bool negative = text.len && text.ptr[0] == '-';
        size_t n;

        if (text.len && (text.ptr[0] == '-' || text.ptr[0] == '+'))
                text = str_skip(text, 1);
        n = count_digits(text);
        if (n == 0 || n != text.len)
                return false;
        for (size_t i = 0; i < n && d->exponent < EXPONENT_CAP; i++)
                d->exponent = d->exponent * 10 + (text.ptr[i] - '0');
        if (negative)
                d->exponent = -d->exponent;
        return true;
}

/* The grammar of RFC 8259, without the sign. */
static bool split(struct str text, struct written *d)
{
        size_t n = count_digits(text);

        if (n == 0 || (n > 1 && text.ptr[0] == '0'))
                return false;
        d->whole = str_of(text.ptr, n);
        text = str_skip(text, n);
        if (text.len && text.ptr[0] == '.') {
                text = str_skip(text, 1);
                n = count_digits(text);
                if (n == 0)
                        return false;
                d->fraction = str_of(text.ptr, n);
                text = str_skip(text, n);
        }
        if (text.len && (text.ptr[0] == 'e' || text.ptr[0] == 'E'))
                return split_exponent(str_skip(text, 1), d);
        return text.len == 0;
}

/* Adds a digit that counts 10^@rank. */
static enum amount_error put(struct amount *a, long rank, unsigned digit)
{
        uint64_t *part = rank >= 0 ? &a->units : &a->fraction;
        uint64_t value = digit;

        if (digit == 0)
                return AMOUNT_OK;
        if (rank >= (long)AMOUNT_DIGITS)
                return AMOUNT_TOO_LARGE;
        if (rank < -(long)AMOUNT_DIGITS)
                return AMOUNT_TOO_FINE;
        for (long i = rank >= 0 ? rank : rank + (long)AMOUNT_DIGITS; i > 0; i--)
                value *= 10;
        *part += value;
        return AMOUNT_OK;
}

enum amount_error amount_parse(struct str text, struct amount *ret)
{
        struct written d = { 0 };
        struct amount a = { 0 };
        bool negative = text.len && text.ptr[0] == '-';
        enum amount_error worst = AMOUNT_OK;
        long rank;

        if (!split(negative ? str_skip(text, 1) : text, &d))
                return AMOUNT_NOT_A_NUMBER;
        if (negative)
                return AMOUNT_NEGATIVE;
        rank = (long)d.whole.len - 1 + d.exponent;
        for (size_t i = 0; i < d.whole.len + d.fraction.len; i++, rank--) {
                char ch = i < d.whole.len ? d.whole.ptr[i] : d.fraction.ptr[i - d.whole.len];
                enum amount_error e = put(&a, rank, (unsigned)(ch - '0'));

                if (e == AMOUNT_TOO_LARGE)
                        return e;
                if (e != AMOUNT_OK)
                        worst = e;
        }
        if (worst == AMOUNT_OK)
                *ret = a;
        return worst;
}

int amount_cmp(struct amount a, struct amount b)
{
        if (a.units != b.units)
                return a.units < b.units ? -1 : 1;
        if (a.fraction != b.fraction)
                return a.fraction < b.fraction ? -1 : 1;
        return 0;
}

bool amount_add(struct amount *to, struct amount add)
{
        uint64_t fraction = to->fraction + add.fraction; /* both below 10^18 */
        uint64_t units = to->units + add.units + (fraction >= AMOUNT_ONE);

        if (units >= AMOUNT_ONE)
                return false;
        to->units = units;
        to->fraction = fraction >= AMOUNT_ONE ? fraction - AMOUNT_ONE : fraction;
        return true;
}

void amount_subtract(struct amount *from, struct amount taken)
{
        if (amount_cmp(*from, taken) <= 0) {
                *from = amount_of(0);
                return;
        }
        from->units -= taken.units;
        if (from->fraction < taken.fraction) {
                from->units--;
                from->fraction += AMOUNT_ONE;
        }
        from->fraction -= taken.fraction;
}

struct str amount_print(struct amount a, char text[AMOUNT_TEXT_BYTES])
{
        int n = snprintf(text, AMOUNT_TEXT_BYTES, "%llu", (unsigned long long)a.units);

        if (a.fraction) {
                n += snprintf(text + n, AMOUNT_TEXT_BYTES - (size_t)n, ".%018llu", (unsigned long long)a.fraction);
                while (text[n - 1] == '0')
                        n--;
                text[n] = '\0';
        }
        return str_of(text, (size_t)n);
}
