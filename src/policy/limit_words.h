/* SPDX-License-Identifier: Apache-2.0
 *
 * How limits are written in a policy: numbers, sizes, and how often.
 */
#pragma once

#include "compile.h"

/* What limit_window_read() knows, for people. */
#define LIMIT_WINDOW_WORDS "second, minute, hour, day or week"
/* The largest size. */
#define LIMIT_SIZE_MOST (1ULL << 40)

/* Each is false when it is not written so; what it was to fill may have been changed then. */

/* From 1 to @most, without zeros in front. */
bool limit_number_read(struct str text, uint64_t most, uint64_t *ret);
/* Bytes: "500", "64KiB", "8MiB" or "1GiB". */
bool limit_size_read(struct str text, uint64_t *ret);
/* "hour": the limit's span. */
bool limit_window_read(struct str word, struct policy_limit *limit);
/* "20" or "20 per hour": the limit's amount, and its span if it has one. */
bool limit_rate_read(struct str text, struct policy_limit *limit);
