/* SPDX-License-Identifier: Apache-2.0
 *
 * The stops of a proxy that runs: its user's and the machine's, read at the start and whenever their directories
 * change.
 */
#pragma once

#include <uv.h>

#include "stop_files.h"

#define PROXY_STOP_PLACES 2U

struct stop_watch {
        struct stop_place places[PROXY_STOP_PLACES];
        size_t count;
        char *own; /* path of the user's */
        uv_fs_event_t watches[PROXY_STOP_PLACES];
        uv_timer_t timer;
        bool open;
        bool soon;             /* the timer runs because something has happened */
        struct stop_list list; /* in force */
        struct buf server;     /* the command, one printable line */
};

struct proxy;

/* Reads what is stopped, and begins to watch. There is a session, and nothing has been read yet. 0 or -errno. */
int proxy_stops_open(struct proxy *p);
void proxy_stops_close(struct proxy *p);
/* After the loop has closed everything. */
void proxy_stops_release(struct proxy *p);
/* The session's start has been recorded: what has been stopped before follows. */
void proxy_stops_record(struct proxy *p);
/* Appends what is stopped, as control_owner has it. */
int proxy_stops_write(void *userdata, struct buf *out);
/* Other policies are in force: what is stopped by their names may be other. */
void proxy_stops_look(struct proxy *p);
