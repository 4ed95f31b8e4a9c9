/* SPDX-License-Identifier: Apache-2.0
 *
 * What was used within the last span of time, in parts of a sixtieth. A use counts for at least the span and at most one part
 * longer, so that no span, wherever it begins, has more than the limit. Time only goes forward here: a clock that is set back
 * frees nothing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "amount.h"

#define WINDOW_PARTS 60U
#define WINDOW_RING (WINDOW_PARTS + 1U)

struct window {
        uint64_t span_ms;
        uint64_t latest; /* number of the newest part, counted from the epoch */
        struct amount ring[WINDOW_RING]; /* part n stands at n % WINDOW_RING */
};

void window_init(struct window *w, uint64_t span_ms);

/* It is now @now_ms at the earliest: what is older than the span is forgotten. */
void window_advance(struct window *w, uint64_t now_ms);

/* All that counts. Saturates. */
struct amount window_used(const struct window *w);

/* Would @add fit? */
bool window_has_room(const struct window *w, struct amount most, struct amount add);

/* Counts @add in the newest part, whose number is *ret_part. False, with nothing changed, when that is too large to count. */
bool window_add(struct window *w, struct amount add, uint64_t *ret_part);

/* Takes back what window_add() counted in @part, if it still counts. */
void window_give_back(struct window *w, uint64_t part, struct amount added);

/* When there will be room for @add, in milliseconds since the epoch; 0: never, it is more than @most. */
uint64_t window_frees_at(const struct window *w, struct amount most, struct amount add);
