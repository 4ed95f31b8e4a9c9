/* SPDX-License-Identifier: Apache-2.0
 *
 * The requests of one direction that wait for their answer (law L8: at most LIMIT_IN_FLIGHT), and the cancelled ones
 * whose late answer is still recognised (the latest LIMIT_CANCELLED). An id is in the table at most once, and
 * never together with one that a peer could take for it.
 *
 * Memory is reused: a steady stream of requests allocates nothing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "id.h"
#include "limit.h"
#include "methods.h"

struct pending_request {
        struct rpc_id id; /* `string` points to memory of the table */
        const struct rpc_method *method; /* NULL: a method without a row that policy opened */
        uint64_t record;  /* sequence number of the decision's audit record */
        bool modern;      /* the request carried a modern `_meta` */
        bool task;        /* the request asked for a task */
        bool continues;   /* it asked for a further page of a list */
        bool cancelled;
        bool held;        /* it has not been sent: it waits for a person, and the other side knows nothing of it */
        bool timed_out;   /* cancelled by us: its answer is not wanted any more */
        bool waiting;     /* it has not been sent: whom it is for is not there yet */
        bool used;
        uint8_t to;       /* whom it was sent to: the session's sides */
        bool acknowledged; /* a stream that the server has begun */
        uint64_t relayed;  /* number of the request of our own as which the receiver knows it; 0: it knows its own id */
        uint8_t listens;   /* of a stream: what its client wants to be told, in bits of the session's */
        uint32_t next;    /* in the bucket, or in the free list */
        uint32_t tool_len;
        char *string;     /* memory for the id's string and the tool's name behind it, kept for reuse */
        uint32_t string_cap;
        void *kept;       /* the owner's; given to `release` when the entry goes */
};

struct pending_table {
        void (*release)(void *userdata, void *kept);
        void *userdata;
        struct pending_request *slots;
        uint32_t slot_count, slot_cap;
        uint32_t *buckets; /* slot index + 1; 0 = empty */
        uint32_t bucket_count;
        uint64_t seed[2];
        uint32_t free; /* slot index + 1 */
        uint32_t in_flight;
        uint32_t cancelled_ring[LIMIT_CANCELLED]; /* slot index + 1 */
        uint32_t cancelled_at;
};

/* @seed: random, and known to nobody, for peers choose the ids. */
void pending_init(struct pending_table *t, const uint64_t seed[2]);
void pending_deinit(struct pending_table *t);

enum pending_error {
        PENDING_OK = 0,
        PENDING_CONFUSABLE, /* an id in the table could be taken for this one */
        PENDING_FULL,
        PENDING_NO_MEMORY,
};

/* The new entry is valid until the next add, as that of pending_find() is. */
enum pending_error pending_add(struct pending_table *t, const struct rpc_id *id, struct pending_request **ret);

/* The tool whose result will answer it, as pending_tool() then tells: false without memory. */
bool pending_keep_tool(struct pending_request *entry, struct str tool);
/* Empty: none was named. Valid as the entry is. */
struct str pending_tool(const struct pending_request *entry);

/* The entry of exactly that id, cancelled or not; or NULL. Valid until the next add. */
struct pending_request *pending_find(const struct pending_table *t, const struct rpc_id *id);

void pending_remove(struct pending_table *t, struct pending_request *entry);

/* Moves the entry from those in flight to those whose answer may still come. */
void pending_cancel(struct pending_table *t, struct pending_request *entry);

/* Any entry in flight (not cancelled), or NULL: to empty the table when the other side has gone. */
struct pending_request *pending_any(const struct pending_table *t);
