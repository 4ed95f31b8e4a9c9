/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a time as RFC 3339 writes it: 2026-11-20T14:00:00Z, with a fraction and an offset where there is one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

/* Whole seconds since 1970, the fraction cut. False for what is no such time of the years 1970 to 9999: days that do not exist, hour 24,
 * a leap second anywhere but at the end of a day in UTC (which counts as the second behind it), a missing offset. */
bool rfc3339_read(struct str text, int64_t *ret_s);
