/* SPDX-License-Identifier: Apache-2.0
 *
 * The number grammar and the check that a number's value fits a double. Private to the layer.
 */
#pragma once

#include "json.h"

/* Reads the number whose first byte is at @p (p < end). On success *ret_end is behind it, else at the byte that
 * did not fit. JSON_OK, JSON_SYNTAX, JSON_NUMBER_TOO_LONG or JSON_NUMBER_OVERFLOW. */
enum json_error json_scan_number(const unsigned char *p, const unsigned char *end, const unsigned char **ret_end);
