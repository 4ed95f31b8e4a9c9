/* SPDX-License-Identifier: Apache-2.0
 *
 * Owning locals are released when they go out of scope. To hand over, copy the value and leave NULL (or -1) behind.
 */
#pragma once

#include <unistd.h>

#include "alloc.h"

#define CLEANUP(fn) __attribute__((cleanup(fn)))

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
