/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the counts are kept that outlive a session and that sessions share. A store takes all uses of a call or none of
 * them. What was reserved stays counted whatever becomes of the process; only giving it back frees it.
 */
#pragma once

#include "amount.h"
#include "buf.h"

/* What one call uses of one window. */
struct limit_use {
        struct str state; /* the window's name in the store; no two uses of a call have the same */
        struct str title; /* what it counts, for people who find the file */
        uint64_t span_ms;
        struct amount most, add;
        /* Set by reserve(): */
        uint64_t part;        /* where it was counted, for giving it back */
        struct amount used;   /* when exhausted: what is used already */
        uint64_t frees_at_ms; /* when exhausted: as window_frees_at() */
};

enum limit_store_result {
        LIMIT_STORE_FAILED = 0, /* the count could not be kept: @problem says why */
        LIMIT_STORE_EXHAUSTED,  /* uses[*ret_at] does not fit */
        LIMIT_STORE_RESERVED,
};

struct limit_store {
        enum limit_store_result (*reserve)(void *userdata, struct limit_use *uses, size_t count, uint64_t now_ms,
                size_t *ret_at, struct buf *problem);
        /* Best effort: what cannot be given back stays counted. */
        void (*give_back)(void *userdata, struct limit_use *uses, size_t count);
        void *userdata;
};

/* A store in memory, for tests and for hosts that keep nothing. NULL without memory. */
struct limit_memory;
struct limit_memory *limit_memory_new(void);
struct limit_memory *limit_memory_free(struct limit_memory *memory); /* NULL is fine; returns NULL */
struct limit_store limit_memory_store(struct limit_memory *memory);
