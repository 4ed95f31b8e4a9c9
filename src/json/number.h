/* SPDX-License-Identifier: Apache-2.0
 *
 * The number grammar and the check that a number's value fits a double. Private to the layer.
 */
#pragma once

#include "json.h"

/* Reads the number whose first byte is at @p (p < end). On success *ret_end is behind it, else at the byte that
 * did not fit. JSON_OK, JSON_SYNTAX, JSON_NUMBER_TOO_LONG or JSON_NUMBER_OVERFLOW. */
enum json_error json_scan_number(const unsigned char *p, const unsigned char *end, const unsigned char **ret_end);

/* The end of the integer at @p when it is so short that it cannot be too long or too large, or NULL: look closer. */
static inline const unsigned char *json_skip_short_integer(const unsigned char *p, const unsigned char *end)
{
        const unsigned char *digits = p;

        while (p < end && *p >= '0' && *p <= '9')
                p++;
        /* A leading zero, a fraction and an exponent are for json_scan_number(), like the end of the text. */
        if (p == digits || p == end || p - digits > 16 || (*digits == '0' && p - digits > 1) || *p == '.' ||
            (*p | 0x20) == 'e')
                return NULL;
        return p;
}
