/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>

#include "alloc.h"

#define CHUNK_BYTES 4096U

struct arena_chunk {
        struct arena_chunk *next;
        size_t used, size;
        alignas(max_align_t) char data[];
};

void *arena_alloc(struct arena *arena, size_t size)
{
        const size_t align = alignof(max_align_t);
        struct arena_chunk *chunk = arena->head;
        void *ptr;

        if (size > SIZE_MAX / 2)
                return NULL;
        size = (size + align - 1) / align * align;
        if (!chunk || chunk->size - chunk->used < size) {
                size_t room = size > CHUNK_BYTES ? size : CHUNK_BYTES;

                chunk = mem_calloc(1, sizeof(*chunk) + room);
                if (!chunk)
                        return NULL;
                chunk->size = room;
                chunk->next = arena->head;
                arena->head = chunk;
        }
        ptr = chunk->data + chunk->used;
        chunk->used += size;
        return ptr;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
        if (size && count > SIZE_MAX / size)
                return NULL;
        return arena_alloc(arena, count * size);
}

int arena_str(struct arena *arena, struct str s, struct str *ret)
{
        char *copy = arena_alloc(arena, s.len + 1);

        if (!copy)
                return -ENOMEM;
        if (s.len)
                memcpy(copy, s.ptr, s.len);
        *ret = str_of(copy, s.len);
        return 0;
}

void arena_deinit(struct arena *arena)
{
        while (arena->head) {
                struct arena_chunk *chunk = arena->head;

                arena->head = chunk->next;
                mem_free(chunk);
        }
}
