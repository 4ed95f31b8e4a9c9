/* SPDX-License-Identifier: Apache-2.0
 *
 * A growable byte buffer with a hard cap: whatever a peer sends, no buffer grows past the limit that its
 * owner named. A failed append leaves the contents as they were and makes the buffer `failed`, so that a
 * builder may append many times and ask once at the end.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

struct buf {
        char *data;
        size_t len;
        size_t cap;   /* allocated */
        size_t limit; /* len never exceeds this */
        bool failed;  /* an append since the last clear did not fit or found no memory */
        bool full;    /* the first that failed did not fit */
};

#define BUF_INIT(max) { .limit = (max) }

void buf_init(struct buf *b, size_t limit);
void buf_deinit(struct buf *b); /* idempotent */
void buf_wipe(struct buf *b);   /* overwrites the contents, then deinit: for secrets */

/* Why the first append failed since the last clear: 0 if none did, -EMSGSIZE or -ENOMEM. */
int buf_error(const struct buf *b);

/* Room for @extra more bytes: 0, -EMSGSIZE past the limit, -ENOMEM. Marks the buffer failed on error. */
int buf_reserve(struct buf *b, size_t extra);

/* 0, -EMSGSIZE or -ENOMEM. @ptr must not point into the buffer. */
int buf_append_slow(struct buf *b, const void *ptr, size_t len);

/* Records are built from dozens of short pieces: what fits is copied in place, at the caller. */
static inline int buf_append(struct buf *b, const void *ptr, size_t len)
{
        if (len == 0 || len > b->cap - b->len)
                return buf_append_slow(b, ptr, len);
        memcpy(b->data + b->len, ptr, len);
        b->len += len;
        return 0;
}

static inline int buf_append_str(struct buf *b, struct str s)
{
        return buf_append(b, s.ptr, s.len);
}

static inline int buf_append_char(struct buf *b, char c)
{
        return buf_append(b, &c, 1);
}

int buf_append_integer(struct buf *b, int64_t value); /* decimal */
int buf_append_unsigned(struct buf *b, uint64_t value);
int buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
int buf_vprintf(struct buf *b, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

/* Drops the first @n bytes (n <= len), moving the rest to the front. */
void buf_consume(struct buf *b, size_t n);

/* Empties the buffer and its failed mark; keeps the memory, unless more than @keep bytes are allocated. */
void buf_clear(struct buf *b, size_t keep);

static inline struct str buf_str(const struct buf *b)
{
        return (struct str){ b->data, b->len };
}

#define AUTO_BUF __attribute__((cleanup(buf_deinit)))
