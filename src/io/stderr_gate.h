/* SPDX-License-Identifier: Apache-2.0
 *
 * Our stderr, which the stderrs of all servers and our own messages go to. It never blocks us: when nobody reads it,
 * those that have something to say wait for a short grace (a reader that is merely behind loses nothing), in the order in which
 * they came; then bytes are dropped and counted until it takes some again.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "str.h"

/* How long a server may have to wait for a stderr that nobody reads. */
#define STDERR_GRACE_MS 100U

struct stderr_relay;

struct stderr_gate {
        uv_poll_t writable;
        uv_timer_t grace;
        struct stderr_relay *waiting; /* those that hold bytes, oldest first */
        uint64_t dropped;             /* bytes of our own messages */
        bool pollable;
        bool dropping; /* the grace is over */
        bool open;
};

int stderr_gate_open(struct stderr_gate *gate, uv_loop_t *loop); /* 0 or -errno */

/* A message of our own, a whole line; dropped and counted where it would block. */
void stderr_gate_say(struct stderr_gate *gate, struct str line);

/* As much of @bytes as can go now, for a relay; returns the rest. */
struct str stderr_gate_pass(struct stderr_gate *gate, struct str bytes);

/* Can one wait here for more to be taken? Not where stderr is no pipe, nor while bytes are dropped. */
bool stderr_gate_can_wait(const struct stderr_gate *gate);
/* @relay, which waits nowhere, holds bytes: it is told by stderr_relay_free_again() when they have gone. */
void stderr_gate_wait(struct stderr_gate *gate, struct stderr_relay *relay);
/* It does not wait any more. Idempotent. */
void stderr_gate_forget(struct stderr_gate *gate, struct stderr_relay *relay);

void stderr_gate_close(struct stderr_gate *gate); /* idempotent */
