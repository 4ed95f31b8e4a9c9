/* SPDX-License-Identifier: Apache-2.0 */
#include "alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *libc_resize(void *userdata, void *ptr, size_t size)
{
        (void)userdata;
        return realloc(ptr, size);
}

static void libc_release(void *userdata, void *ptr)
{
        (void)userdata;
        free(ptr);
}

static const struct allocator libc_allocator = { libc_resize, libc_release, NULL };
/* The only mutable global of the program: an allocator cannot be a parameter of everything that allocates. */
static struct allocator current = { libc_resize, libc_release, NULL };

void mem_set_allocator(const struct allocator *allocator)
{
        current = allocator ? *allocator : libc_allocator;
}

void *mem_alloc(size_t size)
{
        return mem_resize(NULL, size);
}

void *mem_calloc(size_t count, size_t size)
{
        void *ptr;

        if (size && count > SIZE_MAX / size)
                return NULL;
        ptr = mem_resize(NULL, count * size);
        return ptr ? memset(ptr, 0, count * size) : NULL;
}

void *mem_resize(void *ptr, size_t size)
{
        return current.resize(current.userdata, ptr, size ? size : 1);
}

void mem_free(void *ptr)
{
        if (ptr)
                current.release(current.userdata, ptr);
}
