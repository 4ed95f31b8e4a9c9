/* SPDX-License-Identifier: Apache-2.0 */
#include "pending.h"

#include <criterion/criterion.h>
#include <stdio.h>

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

        pending_init(&t);
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

        pending_init(&t);
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

        pending_init(&t);
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

        pending_init(&t);
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

        pending_init(&t);
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
