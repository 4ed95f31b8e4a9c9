/* SPDX-License-Identifier: Apache-2.0 */
#include "rounding.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* No number half way between two doubles has more than 767 digits: what follows only matters by being there. */
#define DIGITS_THAT_MATTER 770U

/* Written without a point, which another locale would not read. */
static double rounded(const struct decimal *d)
{
        char text[DIGITS_THAT_MATTER + 40];
        size_t n = 0;

        for (size_t i = 0; i < d->digits.len && n < DIGITS_THAT_MATTER; ++i) {
                if (d->digits.ptr[i] != '.')
                        text[n++] = d->digits.ptr[i];
        }
        if (n < d->count)
                text[n++] = '1';
        if (d->count == 0)
                text[n++] = '0';
        snprintf(text + n, sizeof(text) - n, "e%" PRId64, d->exponent - (int64_t)n);
        return d->negative ? -strtod(text, NULL) : strtod(text, NULL);
}

/* Neither zero nor endless to a double. */
static bool is_ordinary(const struct decimal *d)
{
        return d->exponent > -300 && d->exponent < 300;
}

bool decimals_round_alike(const struct decimal *a, const struct decimal *b)
{
        double left, right;

        if (is_ordinary(a) && is_ordinary(b)) {
                /* A double keeps 15 digits apart. */
                if (a->count <= 15 && b->count <= 15)
                        return decimal_compare(a, b) == 0;
                if (a->exponent > b->exponent + 1 || b->exponent > a->exponent + 1)
                        return false;
        }
        left = rounded(a);
        right = rounded(b);
        return left <= right && left >= right;
}
