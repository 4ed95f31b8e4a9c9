/* SPDX-License-Identifier: Apache-2.0
 *
 * One program at the control socket; for control.c. It has as many bytes as it sent, up to a line's limit, and what it
 * has not read yet of its answers. A request is taken only when the answer to the one before has left us.
 */
#pragma once

#include "control.h"
#include "limit.h"

struct control {
        uv_loop_t *loop;
        uv_poll_t poll;
        uv_timer_t retry;
        int fd;
        unsigned handles; /* open ones, a peer counted as one; at 0 the memory goes */
        uint64_t seed[2];
        struct control_owner owner;
        struct control_peer *peers[LIMIT_CONTROL_PEERS];
};

struct control_peer {
        struct control *control;
        uv_poll_t poll;
        uv_timer_t timer;
        int fd; /* -1 once it has been cut off */
        unsigned handles;
        struct peer_process process;
        struct buf in, out;
        size_t sent;       /* bytes of `out` that have gone */
        struct buf memory; /* texts of the request */
        struct json_doc doc;
        struct control_request request;
        size_t line;  /* length of the request in `in`, its newline included */
        bool waiting; /* the request cannot be carried out at the moment */
        bool watching;
        bool ended; /* it sends nothing more */
        bool last;  /* after what is in `out` it is cut off */
};

/* Takes @fd and @process, also on failure. 0 with *ret; or -errno. */
int control_peer_new(struct control_peer **ret, struct control *c, int fd, const struct peer_process *process);

/* Sends a line, or cuts it off when it has not read enough of those before. */
void control_peer_send(struct control_peer *peer, struct str line);

/* Carries out the request that waits, if one does, and goes on. */
void control_peer_resume(struct control_peer *peer);

/* Its program has closed the connection: takes what it had sent, and lets it go. Nothing happens to one that is still there. */
void control_peer_hurry(struct control_peer *peer);

/* Closes the connection now; the memory goes later. */
void control_peer_cut(struct control_peer *peer);

/* --- control.c --- */

/* It is no longer among the peers. */
void control_left(struct control *c, const struct control_peer *peer);
/* Its memory has gone. */
void control_released(struct control *c);
/* Bytes that may still be held for all peers. */
size_t control_room(const struct control *c);
