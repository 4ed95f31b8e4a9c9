/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/* Nanoseconds of the monotonic clock. */
uint64_t now_ns(void);
