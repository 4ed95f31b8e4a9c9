/* SPDX-License-Identifier: Apache-2.0
 *
 * The way of the upstream's stderr to ours. It is always read, so that a server never blocks on saying something, and
 * never blocks us: when nobody reads our stderr, reading pauses for a short grace (a reader that is merely behind loses
 * nothing), then bytes are dropped and counted until our stderr takes some again.
 *
 * Bytes pass unchanged. Where there are secrets they pass line by line, with the secrets replaced; a line longer than
 * LIMIT_STDERR_LINE passes in pieces that are cut where no secret is cut in two.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "buf.h"
#include "inlet.h"
#include "redact.h"

/* How long the upstream may have to wait for a stderr that nobody reads. */
#define STDERR_GRACE_MS 100U

#define STDERR_CHUNK 16384U

struct stderr_relay {
        struct inlet source;
        uv_poll_t writable;
        uv_timer_t grace;
        const struct redactor *redactor; /* borrowed; NULL: bytes pass as they come */
        struct buf line;                 /* not yet passed on, when there are secrets */
        struct buf clean;                /* what replaced it */
        struct str held;                 /* waits for our stderr; points into chunk or clean */
        uint64_t dropped;                /* bytes */
        bool pollable;
        bool skipping;                   /* to the next newline: a line that could not be cut safely */
        bool dropping;                   /* the grace is over */
        bool ended;
        bool open;
        char chunk[STDERR_CHUNK];
};

/* @from: the upstream's stderr, non-blocking; @redactor is borrowed. 0 or -errno. */
int stderr_relay_open(struct stderr_relay *relay, uv_loop_t *loop, int from, const struct redactor *redactor);

/* Passes on what is there without waiting for more; for the end. */
void stderr_relay_drain(struct stderr_relay *relay);

/* A message of our own, a whole line; dropped and counted where it would block. */
void stderr_relay_say(struct stderr_relay *relay, struct str line);

void stderr_relay_close(struct stderr_relay *relay); /* idempotent */
