/* SPDX-License-Identifier: Apache-2.0
 *
 * What is counted rather than timed: memory, allocations, system calls.
 */
#pragma once

#include "scenarios.h"

/* All 0 or -errno; a missing tool is a note in the outcome, not an error. */
int count_memory_of_calls(const struct bench *b, const struct scenario *s, struct outcome *outcomes);
int count_memory_peak(const struct bench *b, const struct scenario *s, struct outcome *outcomes);
int count_allocations(const struct bench *b, const struct scenario *s, struct outcome *outcomes);
int count_syscalls(const struct bench *b, const struct scenario *s, struct outcome *outcomes);
