/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory that is given back as a whole: a policy set, or a file's tree, is built piece by piece, never
 * changed afterwards and dropped at once. Nothing from an arena is freed on its own.
 */
#pragma once

#include <stddef.h>

#include "str.h"

struct arena_chunk;

struct arena {
        struct arena_chunk *first, *last;
        size_t held; /* bytes of all chunks */
};

/* @size zeroed bytes, aligned for pointers and 64-bit integers; NULL without memory. */
void *arena_alloc(struct arena *arena, size_t size);

/* The same for @count members; NULL also when the product overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* A copy of @s that lives as long as the arena: 0 or -ENOMEM. */
int arena_str(struct arena *arena, struct str s, struct str *ret);

void arena_deinit(struct arena *arena); /* idempotent */
