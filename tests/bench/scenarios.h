/* SPDX-License-Identifier: Apache-2.0
 *
 * How each figure is measured: which chains, which load, how many rounds of it.
 */
#pragma once

#include <stdbool.h>

#include "chain.h"
#include "figures.h"
#include "load.h"

struct bench {
        const char *relay;
        const char *leastwise;
        const char *server;
        const char *policy;
        const char *secrets_policy; /* the same with ten credentials */
        const char *counter; /* the library that counts allocations */
        const char *temp;    /* a directory that is removed at the end */
        int stderr_fd;       /* what the proxies say */
        bool plain;          /* start @leastwise as the relay is started: without a policy */
        unsigned rounds;
        unsigned calls;      /* of the runs that count rather than time */
};

#define COMMAND_MAX 24U

/* What stands behind a prefix such as strace's, and what the server is to list. */
struct command {
        const char *prefix[8]; /* ends with NULL */
        const char *tools, *hidden;
        bool secrets; /* with the policy that has credentials */
};

/* Starts one of the two proxies with the server behind it. 0 or -errno. */
int scenario_start_chain(const struct bench *b, struct chain *c, bool leastwise, const struct command *command);

struct scenario {
        const char *name;
        int (*measure)(const struct bench *b, const struct scenario *s, struct outcome *outcomes);
        enum figure_id first, last; /* the figures it gives */
        struct command command;
        struct load load;
};

extern const struct scenario scenarios[];
extern const size_t scenarios_count;

/* Fills @outcomes[first..last]. 0; -errno when a chain failed. */
int scenario_measure(const struct bench *b, const struct scenario *s, struct outcome *outcomes);
