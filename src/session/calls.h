/* SPDX-License-Identifier: Apache-2.0
 *
 * What the session keeps of a call on its way (tools/call, resources/read, prompts/get) when a policy has limits or
 * flow rules: what it has taken of the limits, which marks its answer brings, and until when it may be answered.
 * Completions are kept for their marks alone. A call belongs to its request in the table of those who wait, and ends
 * with it at the latest.
 */
#pragma once

#include <stdint.h>

#include "limit_counts.h"
#include "policy_flow.h"
#include "session.h"

struct call {
        struct limit_ticket *ticket;
        struct policy_marks marks;
        bool counts;          /* limits are about it */
        uint64_t deadline_ms; /* monotonic; 0: none */
        struct call *before, *after; /* by deadline, while it has one */
        uint32_t slot; /* of its request */
        struct held *held; /* it waits for a person; then there is nothing else */
        struct waiting *waiting; /* it waits for its upstream */
        enum side lane;    /* that it was sent to and counts in; SIDE_CLIENT: none */
        char *token;       /* of a call of a lane: its progress token, canonical JSON, NUL-terminated; NULL: none */
};

struct call_list {
        struct call *first, *last;
};
