/* SPDX-License-Identifier: Apache-2.0
 *
 * The way of one upstream's stderr to ours. It is always read, so that a server never blocks on saying something, but for the
 * grace of stderr_gate.h.
 *
 * Bytes pass unchanged. Where there are secrets they pass line by line, with the secrets replaced. Lines that look like parts of base64 or
 * hex in several lines wait STDERR_RUN_MS for the one that comes next, STDERR_RUN_MOST_MS in all, and are searched as one text. What is longer than LIMIT_STDERR_LINE
 * passes in pieces that are cut where no secret is cut in two.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "buf.h"
#include "inlet.h"
#include "redact.h"
#include "stderr_gate.h"

#define STDERR_CHUNK 16384U
#define STDERR_RUN_MS 200U
#define STDERR_RUN_MOST_MS 1000U /* of all lines in a row */

struct stderr_relay {
        struct stderr_gate *gate;
        struct stderr_relay *next; /* of those that wait there */
        struct inlet source;
        uv_timer_t no_more; /* of the lines that may go on */
        uint64_t run_since; /* the first of them waits, in the loop's time */
        const struct redactor *redactor; /* borrowed; NULL or empty: bytes pass as they come */
        struct buf line;                 /* not yet passed on, when there are secrets */
        struct buf clean;                /* what replaced it */
        struct str held;                 /* waits for our stderr; points into chunk or clean */
        uint64_t dropped;                /* bytes */
        void (*closed)(void *userdata);  /* its memory may go; set by the owner after opening, or NULL */
        void *userdata;
        bool skipping;                   /* to the next newline: a line that could not be cut safely */
        bool ended;
        bool open;
        char chunk[STDERR_CHUNK];
};

/* @from: the upstream's stderr, non-blocking; @gate, which is open, and @redactor are borrowed. 0 or -errno. */
int stderr_relay_open(struct stderr_relay *relay, struct stderr_gate *gate, uv_loop_t *loop, int from,
        const struct redactor *redactor);

/* Passes on what is there without waiting for more; for the end. */
void stderr_relay_drain(struct stderr_relay *relay);

void stderr_relay_close(struct stderr_relay *relay); /* idempotent */

/* --- for the gate --- */

/* What it holds is dropped and counted. */
void stderr_relay_drop(struct stderr_relay *relay);
/* What it held has gone: it reads on. */
void stderr_relay_free_again(struct stderr_relay *relay);
