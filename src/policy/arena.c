/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"

#include <assert.h>
#include <errno.h>
#include <stdalign.h>
#include <stdint.h>

#include "alloc.h"

/* A chunk is as large as a part of what is held already, so that chunks are few and what the last one leaves empty is little. */
#define CHUNK_LEAST_BYTES 4096U
#define CHUNK_PART 32U

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
        struct arena_chunk *chunk = arena->last;
        size_t room = arena->held / CHUNK_PART;

        if (chunk && chunk->back - chunk->front >= size)
                return chunk;
        if (size > SIZE_MAX / 2)
                return NULL;
        if (room < CHUNK_LEAST_BYTES)
                room = CHUNK_LEAST_BYTES;
        if (room < size)
                room = size;
        chunk = mem_calloc(1, sizeof(*chunk) + room);
        if (!chunk)
                return NULL;
        arena->held += room;
        chunk->back = room;
        if (arena->last)
                arena->last->next = chunk;
        else
                arena->first = chunk;
        arena->last = chunk;
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

/* The oldest first: an allocator that gives memory back to the system from its end then does so once, and not after each. */
void arena_deinit(struct arena *arena)
{
        struct arena_chunk *chunk = arena->first;

        while (chunk) {
                struct arena_chunk *next = chunk->next;

                mem_free(chunk);
                chunk = next;
        }
        *arena = (struct arena){ 0 };
}
