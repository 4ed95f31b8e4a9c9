/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers compared as what their text says: decimal digits and a power of ten, never a double, so that nothing is
 * rounded. A decimal is a view of the text, which must stand for as long as it is used; nothing is allocated.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

/* Zero, or 0.d1d2...dn times ten to the `exponent`, d1 and dn not 0. */
struct decimal {
        struct str digits; /* d1 to dn, maybe with a point among them; empty for zero */
        uint32_t count;    /* n */
        int64_t exponent;
        bool negative;     /* never of zero */
};

/* Reads a text of JSON's number grammar. False when it is none, or when the number is not zero and its exponent has more
 * than 15 digits: then it takes part in no comparison. */
bool decimal_read(struct str text, struct decimal *ret);

/* <0, 0 or >0, exactly. */
int decimal_compare(const struct decimal *a, const struct decimal *b);

/* Is the fractional part zero, as in 3, 3.0 and 30e-1? */
bool decimal_is_integer(const struct decimal *d);

/* A number of things: an integer from 0 on, capped at UINT64_MAX. False for anything else. */
bool decimal_count(const struct decimal *d, uint64_t *ret);

enum decimal_division { DECIMAL_DIVIDES, DECIMAL_LEAVES_REST, DECIMAL_UNSETTLED };

/* Is @d an integer times @by? Not settled when @by is zero or has more than 18 significant digits. */
enum decimal_division decimal_divide(const struct decimal *d, const struct decimal *by);
