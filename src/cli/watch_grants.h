/* SPDX-License-Identifier: Apache-2.0
 *
 * The grants in force of all sessions that `leastwise watch` knows, so that they stand above what waits.
 */
#pragma once

#include "grant.h"

/* What is shown at one time, and kept of it; the rest is counted. */
#define WATCH_GRANTS_SHOWN 3U
#define WATCH_GRANTS_MAX 64U

struct watch_grant {
        unsigned source; /* the connection */
        char id[CARD_ID_BYTES];
        uint64_t expires_ms;
        char tool[LIMIT_NAME_BYTES + 1];
};

struct watch_grants {
        struct watch_grant list[WATCH_GRANTS_MAX];
        size_t count;
};

/* The session's grants are told anew: what was known of it goes. */
void watch_grants_clear(struct watch_grants *g, unsigned source);
void watch_grants_add(struct watch_grants *g, unsigned source, const struct grant *grant);
