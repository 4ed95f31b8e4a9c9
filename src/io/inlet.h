/* SPDX-License-Identifier: Apache-2.0
 *
 * One descriptor that is read when it has something, and left alone when its owner asks for that (back-pressure).
 * Works for pipes, sockets and terminals by polling, and for files and devices that cannot be polled by reading
 * once a loop turn. Never closes the descriptor by itself.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <uv.h>

/* @ready: inlet_read() will not block. @hung_up: all writers went while we were paused; said once. @closed: its memory may go. The last
 * two may be NULL. */
struct inlet_events {
        void (*ready)(void *userdata);
        void (*hung_up)(void *userdata);
        void *userdata;
        void (*closed)(void *userdata);
};

struct inlet {
        uv_poll_t poll;
        uv_idle_t idle;
        struct inlet_events events;
        int fd;
        bool pollable;
        bool reading;
        bool enlarged; /* the pipe has been made larger, or cannot be */
        bool hung_up;
        bool open;
};

int inlet_open(struct inlet *r, uv_loop_t *loop, int fd, struct inlet_events events); /* 0 or -errno; paused */

void inlet_resume(struct inlet *r);
/* Stops reading; @watch: say when the writers are gone. */
void inlet_pause(struct inlet *r, bool watch);

/* Bytes read (more than 0), 0 at the end of file, -EAGAIN, or another -errno. */
ssize_t inlet_read(struct inlet *r, char *out, size_t len);

/* The handles are given back by the loop's next turn, which is when @closed is said; idempotent. */
void inlet_close(struct inlet *r);
