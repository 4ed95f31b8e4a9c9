/* SPDX-License-Identifier: Apache-2.0 */
#include "now.h"

#include <time.h>

uint64_t now_ns(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}
