/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of a number at a reader that knows nothing but doubles (IEEE 754 binary64), as JavaScript's does: two that differ
 * may be one there. This is the only floating point of the program: it tells what others may do, and nothing is computed with it.
 */
#pragma once

#include "decimal.h"

bool decimals_round_alike(const struct decimal *a, const struct decimal *b);
