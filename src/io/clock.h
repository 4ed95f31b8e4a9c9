/* SPDX-License-Identifier: Apache-2.0
 *
 * The two clocks, in milliseconds. Layers below take time as a parameter; here it comes from.
 */
#pragma once

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_ms(clockid_t id)
{
        struct timespec t;

        clock_gettime(id, &t);
        return (uint64_t)t.tv_sec * 1000U + (uint64_t)t.tv_nsec / 1000000U;
}

static inline uint64_t clock_now_ms(void)
{
        return clock_ms(CLOCK_REALTIME);
}

static inline uint64_t clock_mono_ms(void)
{
        return clock_ms(CLOCK_MONOTONIC);
}
