/* SPDX-License-Identifier: Apache-2.0
 *
 * The one door to the heap. Tests put an allocator behind it that fails the n-th request; every caller
 * therefore handles NULL, and a failed allocation while deciding is a denial (law L7).
 */
#pragma once

#include <stddef.h>

struct allocator {
        void *(*resize)(void *userdata, void *ptr, size_t size); /* as realloc(); size is never 0 */
        void (*release)(void *userdata, void *ptr);
        void *userdata;
};

/* Replaces the allocator; NULL restores the C library's. Only while nothing allocated by the old one lives. */
void mem_set_allocator(const struct allocator *allocator);

void *mem_alloc(size_t size);                /* uninitialised; NULL without memory */
void *mem_calloc(size_t count, size_t size); /* zeroed; NULL without memory or when the product overflows */
void *mem_resize(void *ptr, size_t size);    /* as realloc(); on NULL the old block still stands */
void mem_free(void *ptr);                    /* NULL is fine */
