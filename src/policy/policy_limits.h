/* SPDX-License-Identifier: Apache-2.0
 *
 * The limits of a policy set, compiled: what may be used up, by which calls, and where the policy says so. They are
 * immutable like the set; what has been used is counted elsewhere (src/limits). Of several policies every limit counts.
 */
#pragma once

#include "amount.h"
#include "argument_path.h"
#include "policy.h"

enum policy_limit_kind {
        POLICY_LIMIT_SESSION_CALLS,
        POLICY_LIMIT_SESSION_DENIALS,
        POLICY_LIMIT_SESSION_TIME,
        POLICY_LIMIT_SESSION_RESULT_BYTES,
        POLICY_LIMIT_CALL_TIME,
        POLICY_LIMIT_CALL_RESULT_BYTES,
        POLICY_LIMIT_CALL_IN_FLIGHT,
        POLICY_LIMIT_TOOL_CALLS, /* calls of some tools, in the session or in any span of `window_ms` */
        POLICY_LIMIT_TOOL_SUM,   /* the same about an argument's amounts, added up */
        POLICY_LIMIT_KIND_MAX_,
};

/* Borrows from the policy set. */
struct policy_limit {
        enum policy_limit_kind kind;
        struct str id;   /* "limits.session.calls", "limits.tools[0].calls", "ID.sum.amount" */
        struct str text; /* as the policy has it: "20 per hour" */
        struct str policy_name, file;
        uint32_t line, column;
        struct amount most; /* calls, denials, bytes or milliseconds as units; of a sum: the amount */
        uint64_t window_ms; /* 0: the session */
        const char *window; /* "hour"; NULL: the session */
        struct str state;   /* POLICY_LIMIT_TOOL_*: what the count is kept under; the same in every policy text of that name
                             * which limits the same thing over the same span, whatever the number. Fit for a file's name. */
        const struct pattern *patterns; /* POLICY_LIMIT_TOOL_*: any of them */
        size_t pattern_count;
        struct str argument; /* POLICY_LIMIT_TOOL_SUM: the path as written */
        struct argument_path path; /* the same, read */
};

/* All limits of all policies, in the policies' order. */
size_t policy_set_limit_count(const struct policy_set *set);
const struct policy_limit *policy_set_limit(const struct policy_set *set, size_t index);

/* Does this limit (POLICY_LIMIT_TOOL_*) speak of the tool? A name that cannot be settled counts as a match. */
bool policy_limit_covers(const struct policy_limit *limit, struct str tool);
