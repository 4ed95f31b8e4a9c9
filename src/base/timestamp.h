/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 3339 times in UTC with milliseconds, without the C library's calendar: no time zone, no locks, and the
 * text of the last second is kept, since records come in bursts.
 */
#pragma once

#include <stdint.h>

#include "str.h"

#define TIMESTAMP_BYTES 24U /* 2026-11-20T11:44:42.001Z */

struct timestamp_cache {
        char text[TIMESTAMP_BYTES];
        uint64_t second; /* that `text` shows, plus one; 0 while it shows none */
};

/* The text of @time_ms, valid until the next call. Times past the year 9999 are shown as its end. */
struct str timestamp_text(struct timestamp_cache *cache, uint64_t time_ms);
