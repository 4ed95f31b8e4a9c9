/* SPDX-License-Identifier: Apache-2.0
 *
 * What a chain is made to do, and how long it took. Each function is one round of one chain: the caller makes rounds
 * of the chains alternate, so that what slows the machine down slows both.
 *
 * Every answer is looked at: a chain that answers fast and wrong fails with -EBADMSG.
 */
#pragma once

#include <stdint.h>

#include "chain.h"

enum load_kind {
        LOAD_CALLS,     /* one call after the other */
        LOAD_REFUSED,   /* as CALLS, but the chain with a policy gets calls that it refuses */
        LOAD_PIPELINED, /* up to LOAD_WINDOW calls on their way */
        LOAD_LIST,      /* tools/list */
        LOAD_BLOB,      /* calls whose result has @bytes bytes of base64 */
        LOAD_ARGUMENT,  /* calls with an argument of @bytes bytes */
};

#define LOAD_WINDOW 64U
#define LOAD_REPEATS_MAX 5000U

struct load {
        enum load_kind kind;
        unsigned repeats; /* messages a round; at most LOAD_REPEATS_MAX but for PIPELINED */
        size_t bytes;
};

struct load_result {
        double p50, p99;   /* nanoseconds a message */
        double per_second; /* messages */
};

/* 0; -errno. */
int load_run(struct chain *c, const struct load *load, struct load_result *ret);
