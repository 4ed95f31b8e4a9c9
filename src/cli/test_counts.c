/* SPDX-License-Identifier: Apache-2.0 */
#include "test_counts.h"

#include <errno.h>

static bool take(void *userdata, const struct policy_request *request, const struct policy_limit **ret_limit,
        struct buf *ret_why)
{
        struct test_counts *t = userdata;
        const struct limit_call call = {
                .is_tool = request->subject == POLICY_TOOL,
                .name = request->name,
                .doc = request->doc,
                .arguments = request->arguments,
                .now_ms = (uint64_t)request->now_s * 1000,
        };
        struct limit_refusal refusal;
        struct limit_ticket *ticket;

        if (limits_reserve(t->limits, &call, &ticket, &refusal)) {
                limits_settle(t->limits, ticket);
                return true;
        }
        /* In memory nothing but want of it keeps a call from being counted; and what speaks of too many limits denies
         * for good. */
        *ret_limit = refusal.limit;
        limits_report(&refusal, ret_why);
        return false;
}

static void denied(void *userdata)
{
        struct test_counts *t = userdata;

        limits_denied(t->limits);
}

int test_counts_init(struct test_counts *t, struct policy_set *set)
{
        *t = (struct test_counts){ .memory = limit_memory_new() };
        if (!t->memory)
                return -ENOMEM;
        t->store = limit_memory_store(t->memory);
        t->counts = (struct policy_test_counts){ .take = take, .denied = denied, .userdata = t };
        return limits_new(&t->limits, set, &t->store);
}

void test_counts_deinit(struct test_counts *t)
{
        t->limits = limits_free(t->limits);
        t->memory = limit_memory_free(t->memory);
}
