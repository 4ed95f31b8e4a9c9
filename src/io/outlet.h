/* SPDX-License-Identifier: Apache-2.0
 *
 * One descriptor that is written at once where it takes the bytes, and otherwise when it can take more. Holds no
 * bytes of its own: what is sent stays with its owner until it is said to be done, so that nothing queues up here. Each of
 * some senders (tags) may have one send under way; they go out whole, one after the other.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>
#include <uv.h>

#include "limit.h"

/* The client, the main server, and the lanes. */
#define OUTLET_TAGS (2U + LIMIT_LANES)

/* @done: the send of that tag that could not finish at once has finished. @gone: the receiver has gone; from here on
 * everything counts as sent. @gone comes first, and only once. @closed: its memory may go; may be NULL. */
struct outlet_events {
        void (*done)(void *userdata, unsigned tag);
        void (*gone)(void *userdata);
        void *userdata;
        void (*closed)(void *userdata);
};

struct outlet_send {
        const struct iovec *segments;
        size_t count;
        size_t offset; /* within segments[0] */
        unsigned tag;
};

struct outlet {
        uv_poll_t poll;
        struct outlet_events events;
        struct outlet_send queue[OUTLET_TAGS];
        unsigned queued;
        int fd; /* -1 once closed */
        bool pollable;
        bool polling;
        bool enlarged;
        bool gone;
        bool closing; /* close when the queue is empty */
        bool open;
};

/* Takes @fd: closes it in outlet_close(). 0 or -errno. */
int outlet_open(struct outlet *w, uv_loop_t *loop, int fd, struct outlet_events events);

/* True: all of it has gone (or its receiver has). False: it is under way, @segments must stand until done(). The tag must
 * have nothing under way. */
bool outlet_send(struct outlet *w, const struct iovec *segments, size_t count, unsigned tag);

/* Closes the descriptor behind what is under way: the receiver sees its end of file. */
void outlet_end(struct outlet *w);

/* Closes it now; what is under way counts as sent. Idempotent. */
void outlet_close(struct outlet *w);

static inline bool outlet_is_idle(const struct outlet *w)
{
        return w->queued == 0;
}
