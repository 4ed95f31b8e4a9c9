/* SPDX-License-Identifier: Apache-2.0
 *
 * Which states an enumeration has gone on from, and how far: equal ones need it only once. One table a process.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The state whose digest is @print is gone on from for @left steps now. True when it has been for as many before. */
bool visits_know(uint64_t print, unsigned left);

/* How many different states there were. */
size_t visits_count(void);
void visits_free(void);
