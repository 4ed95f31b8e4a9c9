/* SPDX-License-Identifier: Apache-2.0 */
#include "pending.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const uint64_t seed[2] = { UINT64_C(0x8C1D2F6B3A40E957), UINT64_C(0x71F0A3C85D9E264B) };

static struct rpc_id number(int64_t n)
{
        return (struct rpc_id){ .kind = RPC_ID_INTEGER, .is_numeric = true, .number = n };
}

static struct rpc_id string(const char *text)
{
        struct rpc_id id = { .kind = RPC_ID_STRING, .string = str_from(text) };

        id.is_numeric = rpc_id_lenient_number(id.string, &id.number);
        return id;
}

Test(pending, an_id_is_found_exactly_and_once)
{
        struct pending_table t;
        struct pending_request *e;
        struct rpc_id three = number(3), text = string("3"), other = string("a"), zero = number(0), empty = string("");

        pending_init(&t, seed);
        cr_expect_null(pending_find(&t, &three));
        cr_expect_eq(pending_add(&t, &three, &e), PENDING_OK);
        cr_expect_eq(pending_add(&t, &three, &e), PENDING_CONFUSABLE);
        cr_expect_eq(pending_add(&t, &text, &e), PENDING_CONFUSABLE);
        cr_expect_eq(pending_add(&t, &other, &e), PENDING_OK);
        cr_expect_eq(pending_add(&t, &zero, &e), PENDING_OK);
        cr_expect_eq(pending_add(&t, &empty, &e), PENDING_CONFUSABLE, "Number(\"\") is 0");
        cr_expect_null(pending_find(&t, &text), "an answer to \"3\" is none to 3");
        e = pending_find(&t, &three);
        cr_assert_not_null(e);
        pending_remove(&t, e);
        cr_expect_null(pending_find(&t, &three));
        cr_expect_eq(pending_add(&t, &text, &e), PENDING_OK);
        pending_deinit(&t);
}

Test(pending, the_tool_is_kept_beside_the_id_and_forgotten_with_it)
{
        static const char *const ids[] = { "", "a", "an id that is longer than those before" };
        struct pending_table t;
        struct pending_request *e;
        struct rpc_id seven = number(7), id;

        pending_init(&t, seed);
        cr_assert_eq(pending_add(&t, &seven, &e), PENDING_OK);
        cr_expect_eq(pending_tool(e).len, 0U);
        cr_expect(pending_keep_tool(e, STR("echo")));
        cr_expect(str_eq(pending_tool(pending_find(&t, &seven)), STR("echo")));
        pending_remove(&t, e);
        for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
                id = string(ids[i]);
                cr_assert_eq(pending_add(&t, &id, &e), PENDING_OK);
                cr_expect_eq(pending_tool(e).len, 0U, "of the entry that was here before");
                cr_expect(pending_keep_tool(e, STR("a_tool_with_a_name_that_makes_the_memory_grow")));
                cr_assert_eq(pending_find(&t, &id), e, "the id is still there: \"%s\"", ids[i]);
                cr_expect(str_eq(pending_tool(e), STR("a_tool_with_a_name_that_makes_the_memory_grow")));
                cr_expect(pending_keep_tool(e, STR("")));
                cr_expect_eq(pending_tool(e).len, 0U);
                pending_remove(&t, e);
        }
        pending_deinit(&t);
}

Test(pending, limit_of_requests_in_flight)
{
        struct pending_table t;
        struct pending_request *e;
        struct rpc_id id;

        pending_init(&t, seed);
        for (int64_t i = 0; i < LIMIT_IN_FLIGHT; i++) {
                id = number(i);
                cr_assert_eq(pending_add(&t, &id, &e), PENDING_OK);
        }
        id = number(LIMIT_IN_FLIGHT);
        cr_expect_eq(pending_add(&t, &id, &e), PENDING_FULL);
        id = number(5);
        pending_remove(&t, pending_find(&t, &id));
        id = number(LIMIT_IN_FLIGHT);
        cr_expect_eq(pending_add(&t, &id, &e), PENDING_OK);
        for (int64_t i = 0; i <= LIMIT_IN_FLIGHT; i++) {
                id = number(i);
                cr_assert_eq(pending_find(&t, &id) != NULL, i != 5, "%lld", (long long)i);
        }
        pending_deinit(&t);
}

Test(pending, cancelled_requests_do_not_fill_the_table)
{
        struct pending_table t;
        struct pending_request *e;
        struct rpc_id id;

        pending_init(&t, seed);
        for (int64_t i = 0; i < 100000; i++) {
                id = number(i);
                cr_assert_eq(pending_add(&t, &id, &e), PENDING_OK);
                pending_cancel(&t, e);
        }
        cr_expect_eq(t.in_flight, 0U);
        cr_expect_leq(t.slot_cap, 1024U);
        id = number(99999);
        cr_expect_not_null(pending_find(&t, &id), "a late answer is still recognised");
        pending_remove(&t, pending_find(&t, &id));
        id = number(99999 - LIMIT_CANCELLED);
        cr_expect_null(pending_find(&t, &id));
        cr_expect_null(pending_any(&t));
        pending_deinit(&t);
}

Test(pending, string_ids_survive_growth_and_reuse)
{
        struct pending_table t;
        struct pending_request *e;
        char text[32];
        struct rpc_id id;

        pending_init(&t, seed);
        for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 1000; i++) {
                        snprintf(text, sizeof(text), "id-%d-%d", round, i);
                        id = string(text);
                        cr_assert_eq(pending_add(&t, &id, &e), PENDING_OK);
                }
                for (int i = 0; i < 1000; i++) {
                        snprintf(text, sizeof(text), "id-%d-%d", round, i);
                        id = string(text);
                        e = pending_find(&t, &id);
                        cr_assert_not_null(e, "%s", text);
                        pending_remove(&t, e);
                }
        }
        cr_expect_eq(t.in_flight, 0U);
        pending_deinit(&t);
}

static unsigned longest_bucket(const struct pending_table *t)
{
        unsigned longest = 0;

        for (uint32_t i = 0; i < t->bucket_count; i++) {
                unsigned length = 0;

                for (uint32_t at = t->buckets[i]; at; at = t->slots[at - 1].next)
                        length++;
                longest = length > longest ? length : longest;
        }
        return longest;
}

/* A peer can choose ids that a hash without a key puts into one bucket: each look-up would go past all of them. */
Test(pending, ids_cannot_be_made_to_collide)
{
        enum { IDS = 500, BUCKETS = 512, STEPS = 54 };
        struct pending_table t;
        struct pending_request *e;
        struct rpc_id id;
        char text[32];

        for (int strings = 0; strings < 2; strings++) {
                unsigned kept = 0;

                pending_init(&t, seed);
                for (int64_t i = 0; kept < IDS; i++) {
                        uint64_t hash;

                        snprintf(text, sizeof(text), "id-%lld", (long long)i);
                        id = strings ? string(text) : number(i);
                        hash = strings ? str_hash(id.string) : (uint64_t)i + 1;
                        if ((hash * UINT64_C(0x9E3779B97F4A7C15) >> 32) % BUCKETS != 7)
                                continue;
                        cr_assert_eq(pending_add(&t, &id, &e), PENDING_OK);
                        kept++;
                }
                cr_assert_eq(t.bucket_count, BUCKETS);
                cr_expect_lt(longest_bucket(&t), 20U, "%u in one bucket", longest_bucket(&t));
                pending_deinit(&t);
        }
        /* Round numbers, of which only the upper bits differ. */
        for (int step = 0; step < STEPS; step++) {
                pending_init(&t, seed);
                for (int64_t i = 1; i <= IDS && i << step <= INT64_C(1) << 53; i++) {
                        id = number(i << step);
                        cr_assert_eq(pending_add(&t, &id, &e), PENDING_OK);
                }
                cr_expect_lt(longest_bucket(&t), 20U, "%u in one bucket of multiples of 2^%d", longest_bucket(&t), step);
                pending_deinit(&t);
        }
}
