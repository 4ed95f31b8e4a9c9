/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

/* Reads a decimal number that is all of @text and at most @max; on failure *ret stands as it was. */
static inline bool number_parse(const char *text, unsigned max, unsigned *ret)
{
        unsigned long long value = 0;

        if (!*text)
                return false;
        for (; *text; text++) {
                if (*text < '0' || *text > '9')
                        return false;
                value = value * 10 + (unsigned)(*text - '0');
                if (value > max)
                        return false;
        }
        *ret = (unsigned)value;
        return true;
}
