/* SPDX-License-Identifier: Apache-2.0 */
#include "number.h"

#include "limit.h"

/* DBL_MAX, as the shortest decimal that reads back as it: 1.7976931348623157e308. */
static const char largest_digits[] = "17976931348623157";
#define LARGEST_EXPONENT 308

/* Past any exponent that the digits of a number within LIMIT_JSON_NUMBER_BYTES could outweigh. */
#define EXPONENT_CAP 1000000L

struct number {
        const unsigned char *digits;       /* of the integer part, sign excluded */
        const unsigned char *point;        /* behind the integer part */
        const unsigned char *digits_end;   /* behind the fraction, or equal to point */
        const unsigned char *exponent;     /* its sign or first digit; NULL without */
        const unsigned char *exponent_end;
};

static inline bool is_digit(unsigned char c)
{
        return c >= '0' && c <= '9';
}

static inline const unsigned char *skip_digits(const unsigned char *p, const unsigned char *end)
{
        while (p < end && is_digit(*p))
                p++;
        return p;
}

static long exponent_value(const struct number *n)
{
        const unsigned char *p = n->exponent;
        bool negative;
        long value = 0;

        if (!p)
                return 0;
        negative = *p == '-';
        if (*p == '-' || *p == '+')
                p++;
        for (; p < n->exponent_end && value < EXPONENT_CAP; p++)
                value = value * 10 + (*p - '0');
        return negative ? -value : value;
}

/* Are the digits from @p on, read as d.ddd, more than DBL_MAX's? */
static bool digits_exceed_largest(const unsigned char *p, const unsigned char *end)
{
        const char *limit = largest_digits;

        for (; p < end; p++) {
                if (*p == '.')
                        continue;
                if (!*limit) {
                        if (*p != '0')
                                return true;
                        continue;
                }
                if (*p != (unsigned char)*limit)
                        return *p > (unsigned char)*limit;
                limit++;
        }
        return false;
}

/* Compared as decimal text: no rounding decides, and no locale. */
static bool overflows(const struct number *n)
{
        const unsigned char *p = n->digits;
        long rank = n->point - n->digits - 1; /* the power of ten that *p counts */

        for (; p < n->digits_end && (*p == '0' || *p == '.'); p++)
                rank -= *p == '0';
        if (p == n->digits_end)
                return false;
        rank += exponent_value(n);
        if (rank != LARGEST_EXPONENT)
                return rank > LARGEST_EXPONENT;
        return digits_exceed_largest(p, n->digits_end);
}

enum json_error json_scan_number(const unsigned char *p, const unsigned char *end, const unsigned char **ret_end)
{
        const unsigned char *start = p;
        struct number n = { 0 };

        p += *p == '-';
        n.digits = p;
        p = skip_digits(p, end);
        *ret_end = p;
        if (p == n.digits)
                return JSON_SYNTAX;
        if (*n.digits == '0' && p - n.digits > 1) {
                *ret_end = n.digits + 1;
                return JSON_SYNTAX;
        }
        n.point = n.digits_end = p;
        if (p < end && *p == '.') {
                n.digits_end = p = skip_digits(p + 1, end);
                *ret_end = p;
                if (p == n.point + 1)
                        return JSON_SYNTAX;
        }
        if (p < end && (*p | 0x20) == 'e') {
                n.exponent = ++p;
                p += p < end && (*p == '-' || *p == '+');
                n.exponent_end = skip_digits(p, end);
                *ret_end = n.exponent_end;
                if (n.exponent_end == p)
                        return JSON_SYNTAX;
                p = n.exponent_end;
        }
        *ret_end = start;
        if (p - start > LIMIT_JSON_NUMBER_BYTES)
                return JSON_NUMBER_TOO_LONG;
        if ((n.exponent || p - start > LARGEST_EXPONENT) && overflows(&n))
                return JSON_NUMBER_OVERFLOW;
        *ret_end = p;
        return JSON_OK;
}
