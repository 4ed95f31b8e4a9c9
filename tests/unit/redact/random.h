/* SPDX-License-Identifier: Apache-2.0
 *
 * Repeatable pseudo-random numbers for tests (xorshift64*): a failure can be looked at again.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

static inline uint64_t random_next(uint64_t *state)
{
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        return *state * 2685821657736338717ULL;
}

static inline size_t random_below(uint64_t *state, size_t limit)
{
        return (size_t)((random_next(state) >> 16) % limit);
}
