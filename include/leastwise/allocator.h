/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the library's memory comes from. libyaml, which reads the text of policies, keeps to malloc().
 */
#ifndef LEASTWISE_ALLOCATOR_H
#define LEASTWISE_ALLOCATOR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct leastwise_allocator {
        size_t size; /* sizeof(struct leastwise_allocator) */
        /* As realloc(); @size is never 0. NULL when there is no memory: the library never aborts for that. */
        void *(*resize)(void *ptr, size_t size, void *userdata);
        void (*release)(void *ptr, void *userdata); /* @ptr is never NULL */
        void *userdata;
};

/* Replaces the allocator for the whole library; NULL restores the C library's. The structure is copied. Call it before anything
 * else, or when nothing that the library gave lives any more, and while no other thread is in the library. 0 or
 * -LEASTWISE_ERROR_ARGUMENT. Since 0.1. */
int leastwise_set_allocator(const struct leastwise_allocator *allocator);

#ifdef __cplusplus
}
#endif

#endif
