/* SPDX-License-Identifier: Apache-2.0
 *
 * The limits of one test of a policy, counted as a session counts them, but in memory and from nothing on: what this
 * machine has used has no say, and nothing of it is used.
 */
#pragma once

#include "limit_counts.h"
#include "policy_test.h"

struct test_counts {
        struct limits *limits;
        struct limit_memory *memory;
        struct limit_store store;
        struct policy_test_counts counts; /* for policy_test_run(); borrows from all of this */
};

/* 0 or -ENOMEM; to be deinitialised in either case, and not to be moved before. */
int test_counts_init(struct test_counts *t, struct policy_set *set);
void test_counts_deinit(struct test_counts *t); /* idempotent */
