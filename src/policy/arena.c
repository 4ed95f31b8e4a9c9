/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"

#include <assert.h>
#include <errno.h>
#include <stdalign.h>
#include <stdint.h>

#include "alloc.h"

#define CHUNK_BYTES 4096U

/* Things grow from the front, each aligned; texts, of which a policy has thousands, from the back, side by side. */
struct arena_chunk {
        struct arena_chunk *next;
        size_t front, back;
        alignas(uint64_t) char data[];
};

static_assert(alignof(uint64_t) >= alignof(void *), "an arena holds pointers");

/* The chunk with @size bytes of room between front and back, a new one if need be; NULL without memory. */
static struct arena_chunk *chunk_with(struct arena *arena, size_t size)
{
        struct arena_chunk *chunk = arena->head;
        size_t room = size > CHUNK_BYTES ? size : CHUNK_BYTES;

        if (chunk && chunk->back - chunk->front >= size)
                return chunk;
        if (size > SIZE_MAX / 2)
                return NULL;
        chunk = mem_calloc(1, sizeof(*chunk) + room);
        if (!chunk)
                return NULL;
        chunk->back = room;
        chunk->next = arena->head;
        arena->head = chunk;
        return chunk;
}

void *arena_alloc(struct arena *arena, size_t size)
{
        const size_t align = alignof(uint64_t);
        struct arena_chunk *chunk;
        void *ptr;

        if (size > SIZE_MAX / 2)
                return NULL;
        size = (size + align - 1) / align * align;
        chunk = chunk_with(arena, size);
        if (!chunk)
                return NULL;
        ptr = chunk->data + chunk->front;
        chunk->front += size;
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
        struct arena_chunk *chunk = chunk_with(arena, s.len + 1);
        char *copy;

        if (!chunk)
                return -ENOMEM;
        chunk->back -= s.len + 1;
        copy = chunk->data + chunk->back;
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
