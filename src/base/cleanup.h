/* SPDX-License-Identifier: Apache-2.0
 *
 * Owning locals are released when they go out of scope. Hand over with TAKE_PTR().
 */
#pragma once

#include <unistd.h>

#include "alloc.h"

#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* The pointer's value, leaving NULL behind: ownership moves to whoever gets the value. */
#define TAKE_PTR(ptr)                   \
        __extension__({                 \
                __auto_type p_ = (ptr); \
                (ptr) = NULL;           \
                p_;                     \
        })

static inline void mem_freep(void *ptr_to_ptr)
{
        mem_free(*(void **)ptr_to_ptr);
}

static inline void fd_closep(int *fd)
{
        if (*fd >= 0)
                close(*fd);
        *fd = -1;
}

#define AUTO_FREE CLEANUP(mem_freep)
#define AUTO_CLOSE CLEANUP(fd_closep)
