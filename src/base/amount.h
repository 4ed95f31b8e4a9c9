/* SPDX-License-Identifier: Apache-2.0
 *
 * Amounts that are added up: never negative, never rounded. What a text says beyond eighteen digits on either side of the
 * point is not an amount here; whoever adds up refuses it instead of counting something near it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

#define AMOUNT_DIGITS 18U
#define AMOUNT_ONE 1000000000000000000ULL /* fractions to a unit, and the first number of units that is too many */

struct amount {
        uint64_t units;    /* below AMOUNT_ONE */
        uint64_t fraction; /* of AMOUNT_ONE; below it */
};

enum amount_error {
        AMOUNT_OK = 0,
        AMOUNT_NOT_A_NUMBER,
        AMOUNT_NEGATIVE, /* also -0 */
        AMOUNT_TOO_LARGE,
        AMOUNT_TOO_FINE, /* digits past the eighteenth behind the point */
};

/* "is negative", to stand behind a name; never NULL. */
const char *amount_error_text(enum amount_error error);

/* A JSON number's text, exponent and all. *ret is set only with AMOUNT_OK. */
enum amount_error amount_parse(struct str text, struct amount *ret);

static inline struct amount amount_of(uint64_t units)
{
        return (struct amount){ .units = units };
}

static inline bool amount_is_zero(struct amount a)
{
        return a.units == 0 && a.fraction == 0;
}

/* <0, 0 or >0 */
int amount_cmp(struct amount a, struct amount b);

/* False, with *to as it was, when the sum is too large. */
bool amount_add(struct amount *to, struct amount add);

/* Down to nothing at the least. */
void amount_subtract(struct amount *from, struct amount taken);

/* Plain decimal digits without needless zeros, at most AMOUNT_TEXT_BYTES with the NUL. */
#define AMOUNT_TEXT_BYTES 40U
struct str amount_print(struct amount a, char text[AMOUNT_TEXT_BYTES]);
