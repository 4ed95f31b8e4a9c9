/* SPDX-License-Identifier: Apache-2.0
 *
 * The other end of running sessions' control sockets (io's control.h): finds them, asks, and waits for the answer, but
 * not for long. What comes back is read as strictly as any message; who answers must be of our own user.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "card.h"
#include "control_place.h"
#include "json.h"

/* A running session's socket. */
struct control_session {
        int dir; /* of control_sessions */
        char name[CONTROL_NAME_BYTES];
};

struct control_sessions {
        int dirs[CONTROL_PLACES]; /* -1: none */
        struct control_session *list;
        size_t count;
};

/* Finds all, by name, which is by age, and removes what dead ones have left. 0 or -ENOMEM. */
int control_sessions_find(struct control_sessions *ret);
void control_sessions_deinit(struct control_sessions *s); /* idempotent */

/* How long an answer may take: the proxy is never busy for long. */
#define CONTROL_CLIENT_SECONDS 10
/* Our own requests. */
#define CONTROL_CLIENT_REQUEST_BYTES (32U << 10)

struct control_client {
        int fd; /* -1: not connected */
        struct buf in;
        size_t used; /* bytes of `in` that the last answer takes */
        struct json_doc doc;
        struct buf message; /* of CONTROL_CLIENT_REFUSED: printable, one line */
};

#define CONTROL_CLIENT_REFUSED 1

/* 0; -ECONNREFUSED or -ENOENT when the session has ended; another -errno. */
int control_client_open(struct control_client *ret, const struct control_session *session);
void control_client_close(struct control_client *c); /* idempotent */

/* Calls @method with @params, a JSON object. 0 with *ret_result, a token of c->doc, valid until the next call;
 * CONTROL_CLIENT_REFUSED with c->message; -EPROTO when the answer is none, -ETIMEDOUT, or another -errno: then the
 * connection is of no use any more. */
int control_client_call(struct control_client *c, struct str method, struct str params, uint32_t *ret_result);
