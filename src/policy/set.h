/* SPDX-License-Identifier: Apache-2.0
 *
 * The compiled form behind policy.h, for the files of this layer only.
 */
#pragma once

#include <stdatomic.h>

#include "arena.h"
#include "flow.h"
#include "limit.h"
#include "policy.h"
#include "policy_approval.h"
#include "policy_limits.h"
#include "policy_test.h"
#include "section.h"

/* A value of the policy and where it was said. */
struct launch_pair {
        struct str name, value;
        uint32_t line, column, length;
};

struct launch_credential {
        struct policy_credential credential;
        uint32_t length;
};

/* What one policy says about starting the server. */
struct launch {
        const struct str *command;
        size_t command_count;
        uint32_t command_line, command_column;
        struct launch_pair *env;
        size_t env_count;
        struct launch_pair *inherit;
        size_t inherit_count;
        struct launch_credential *credentials;
        size_t credential_count;
        bool says_arguments;
        enum policy_audit_arguments arguments;
        bool durable;
        enum policy_restart restart;
        bool keeps_state;
};

/* A second server of the same command, which holds other credentials. */
struct lane {
        struct str name;
        uint32_t line, column, length;
        struct launch_credential *credentials;
        size_t credential_count;
        bool per_call; /* lives for one call */
        uint32_t live_ms;
};

/* Text of results that a mark is put in the place of. */
struct result_pattern {
        struct str name;
        const pcre2_code *regex; /* with a callout in front of each item, by which its work is counted */
        uint32_t blind;          /* what one item may go over at most without a callout behind it */
};

struct policy_results {
        struct result_pattern *patterns;
        size_t pattern_count;
        unsigned strip; /* STRIP_TERMINAL, STRIP_INVISIBLE */
};

struct policy_bind {
        struct str name;
        uint32_t line, column, length;
        bool used;
};

/* What one policy says of asking; 0, or no arguments: it does not say. */
struct asking {
        uint32_t hold_ms, valid_ms, expires_ms;
        struct policy_program notify, ask;
        bool elicit;
        uint32_t elicit_line, elicit_column;
};

/* A top-level key that compare_knows_key() does not know, as it is written: what has the same print says the same. */
struct key_print {
        struct str key;
        unsigned char digest[32];
        uint32_t line, column;
};

struct policy {
        const struct policy_input
                *input; /* the caller's: for diagnostics, which outlive the set, while it is being made */
        struct str path, name, purpose, owner, digest;
        bool expires;
        int64_t expires_at; /* the first second that is too late */
        uint32_t until_line, until_column;
        struct policy_bind *binds;
        size_t bind_count;
        struct section
                sections[POLICY_SUBJECT_MAX_]; /* POLICY_RESOURCE_TEMPLATE has none: it reads POLICY_RESOURCE's */
        bool hints_off; /* `hints: off` */
        bool schema_off; /* `schema: off` */
        struct launch launch;
        struct policy_pins pins;
        struct policy_approvers approvers;
        struct policy_limit *limits;
        size_t limit_count;
        struct policy_results results;
        struct flow flow;
        struct asking asking;
        size_t index; /* in the set */
        bool administrators; /* no grant is wider than this policy (policy_grant.h) */
        struct lane *lanes;
        size_t lane_count;
        struct policy_test *tests; /* with policy_options.tests */
        size_t test_count;
        struct key_print *prints;
        size_t print_count;
};

struct policy_set {
        atomic_uint references;
        struct arena arena; /* of all that the set refers to */
        struct policy *policies;
        size_t count;
        struct policy_launch launch;
        struct policy_lane lanes[LIMIT_LANES];
        size_t lane_count;
        struct policy_approval approval;
};

/* Merges what the policies say about starting the server; conflicts become diagnostics. 0 or -ENOMEM. */
int policy_launch_merge(struct policy_set *set, struct diagnostics *diags);

/* The same of their lanes. */
int policy_lanes_merge(struct policy_set *set, struct diagnostics *diags);

/* Merges what they say about asking: 0 or -ENOMEM. */
int policy_approval_merge(struct policy_set *set);
