/* SPDX-License-Identifier: Apache-2.0
 *
 * The counters of one session's limits. What has been used stays when the policy is read anew, also of a limit that is gone: who takes
 * a limit out and puts it back must not begin it anew. A counter goes only when no limit in force names it, no call on its way has drawn
 * on it, and it holds nothing that could be lost: nothing was used, or the store has it.
 */
#pragma once

#include "policy_limits.h"

/* What the tools' limits count, by the name that they are kept under. */
struct limit_counter {
        char *state, *title; /* NULL: the place is free for another */
        uint64_t span_ms;    /* 0: the session's, counted here; else the store's */
        struct amount used;
        size_t tickets; /* calls on their way that have drawn on it */
};

struct limit_counters {
        struct limit_counter *list;
        size_t count;
        struct amount forgotten; /* the most that a counter had which was given up to make room */
};

void limit_counters_deinit(struct limit_counters *c); /* idempotent */

/* The index of the limit's counter, which is made where there is none. 0 or -ENOMEM. Pointers to counters are void after this. */
int limit_counters_get(struct limit_counters *c, const struct policy_limit *limit, size_t *ret);

/* The index of the counter kept under @state, which is there. */
size_t limit_counters_find(const struct limit_counters *c, struct str state);

/* Of the counters that no limit in force names, those go that hold nothing, and past LIMIT_COUNTERS_KEPT the others too. What these had
 * is remembered as one amount, from which every later counter begins: nothing begins anew by being forgotten. */
void limit_counters_drop(struct limit_counters *c, bool (*is_named)(const void *userdata, size_t counter), const void *userdata);

/* How many there are. */
size_t limit_counters_number(const struct limit_counters *c);
