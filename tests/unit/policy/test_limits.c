/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits as they are compiled: kinds, numbers, places, and what a window's count is kept under.
 */
#include "leaks.h"
#include "policy_limits.h"
#include "world.h"

static const struct policy_limit *one_limit(struct world *w, const char *text)
{
        *w = world_good(text);
        cr_assert_eq(policy_set_limit_count(w->set), 1, "%s", text);
        return policy_set_limit(w->set, 0);
}

Test(limits, kinds_and_numbers)
{
        static const struct {
                const char *text;
                enum policy_limit_kind kind;
                uint64_t units, window_ms;
                const char *id;
        } rows[] = {
                { "session: { calls: 500 }", POLICY_LIMIT_SESSION_CALLS, 500, 0, "limits.session.calls" },
                { "session: { denials: 1 }", POLICY_LIMIT_SESSION_DENIALS, 1, 0, "limits.session.denials" },
                { "session: { time: 720h }", POLICY_LIMIT_SESSION_TIME, 2592000000, 0, "limits.session.time" },
                { "session: { result_bytes: 1024GiB }", POLICY_LIMIT_SESSION_RESULT_BYTES, 1ULL << 40, 0, "limits.session.result_bytes" },
                { "call: { time: 1ms }", POLICY_LIMIT_CALL_TIME, 1, 0, "limits.call.time" },
                { "call: { result_bytes: 65536 }", POLICY_LIMIT_CALL_RESULT_BYTES, 65536, 0, "limits.call.result_bytes" },
                { "call: { in_flight: 16 }", POLICY_LIMIT_CALL_IN_FLIGHT, 16, 0, "limits.call.in_flight" },
                { "tools: [{ tool: a, calls: 1000000000 }]", POLICY_LIMIT_TOOL_CALLS, 1000000000, 0, "limits.tools[0].calls" },
                { "tools: [{ tool: a, calls: 2 per second }]", POLICY_LIMIT_TOOL_CALLS, 2, 1000, "limits.tools[0].calls" },
                { "tools: [{ tool: a, id: x, calls: 2 per week }]", POLICY_LIMIT_TOOL_CALLS, 2, 604800000, "x.calls" },
                { "tools: [{ tool: a, sum: { b: 7, per: minute } }]", POLICY_LIMIT_TOOL_SUM, 7, 60000, "limits.tools[0].sum.b" },
                { "tools: [{ tool: a, id: x, sum: { b.c: 7 } }]", POLICY_LIMIT_TOOL_SUM, 7, 0, "x.sum.b.c" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                const struct policy_limit *limit;
                char text[400];
                struct world w;

                snprintf(text, sizeof(text), HEAD "limits: { %s }\n", rows[i].text);
                limit = one_limit(&w, text);
                cr_expect_eq(limit->kind, rows[i].kind, "%s", rows[i].text);
                cr_expect_eq(limit->most.units, rows[i].units, "%s", rows[i].text);
                cr_expect_eq(limit->window_ms, rows[i].window_ms, "%s", rows[i].text);
                cr_expect(str_eq(limit->id, str_from(rows[i].id)), "%s: %.*s", rows[i].text, STR_FMT(limit->id));
                cr_expect_eq(limit->state.len > 0, limit->kind >= POLICY_LIMIT_TOOL_CALLS, "%s", rows[i].text);
                cr_expect_eq(limit->line, 4);
                world_end(&w);
        }
        CHECK_NO_LEAKS();
}

Test(limits, a_path_has_steps)
{
        struct world w;
        const struct policy_limit *limit =
                one_limit(&w, HEAD "limits: { tools: [{ tool: a, sum: { \"order.items[].price\": 5 } }] }\n");

        cr_assert_eq(limit->path.count, 4);
        cr_expect(str_eq(limit->path.steps[0].name, STR("order")) && !limit->path.steps[0].items);
        cr_expect(str_eq(limit->path.steps[1].name, STR("items")) && !limit->path.steps[1].items);
        cr_expect(limit->path.steps[2].items);
        cr_expect(str_eq(limit->path.steps[3].name, STR("price")) && !limit->path.steps[3].items);
        world_end(&w);
}

Test(limits, a_wildcard_takes_anything)
{
        struct world w;
        const struct policy_limit *limit = one_limit(&w, HEAD "limits: { tools: [{ tool: [a, \"b_*\"], calls: 5 }] }\n");

        cr_expect(policy_limit_covers(limit, STR("a")));
        cr_expect(policy_limit_covers(limit, STR("b_\xc3\xa9")));
        cr_expect_not(policy_limit_covers(limit, STR("ab")));
        world_end(&w);
}

/* A count outlives its number, its place in the file and the file's path; nothing else. */
Test(limits, what_shares_a_count)
{
        static const struct {
                const char *name, *row;
                bool shares;
        } rows[] = {
                { "n", "{ tool: other, calls: 1 per hour }, { tool: [a, b], calls: 999 per hour }", true },
                { "m", "{ tool: [a, b], calls: 20 per hour }", false },
                { "n", "{ tool: [a, b], calls: 20 per day }", false },
                { "n", "{ tool: [a, b], calls: 20 }", false },
                { "n", "{ tool: [ab], calls: 20 per hour }", false },
                { "n", "{ tool: [b, a], calls: 20 per hour }", false },
                { "n", "{ tool: [a, b], id: x, calls: 20 per hour }", false },
                { "n", "{ tool: [a, b], sum: { calls: 20, per: hour } }", false },
        };
        struct world first = world_good("name: n\nleastwise: 1\npurpose: x\nlimits: { tools: [{ tool: [a, b], calls: 20 per hour }] }\n");
        struct str state = policy_set_limit(first.set, 0)->state;

        cr_assert(str_starts_with(state, STR("n.")));
        cr_assert_eq(state.len, 18);
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                char text[400];
                struct world w;
                const struct policy_limit *limit;

                /* The name stands behind the limits: it is known to them all the same. */
                snprintf(text, sizeof(text), "leastwise: 1\npurpose: x\nlimits: { tools: [%s] }\nname: %s\n", rows[i].row,
                        rows[i].name);
                w = world_good(text);
                limit = policy_set_limit(w.set, policy_set_limit_count(w.set) - 1);
                cr_expect_eq(str_eq(limit->state, state), rows[i].shares, "%s: %.*s", rows[i].row, STR_FMT(limit->state));
                cr_expect(str_eq(limit->policy_name, str_from(rows[i].name)));
                world_end(&w);
        }
        world_end(&first);
        CHECK_NO_LEAKS();
}

Test(limits, those_of_every_policy)
{
        const char *texts[] = { HEAD "limits: { session: { calls: 5 } }\n", HEAD, HEAD "limits: { session: { calls: 7, denials: 2 } }\n" };
        struct world w = world_of(texts, 3, NULL);

        cr_assert_eq(w.r, 0);
        cr_assert_eq(policy_set_limit_count(w.set), 3);
        cr_expect_eq(policy_set_limit(w.set, 0)->most.units, 5);
        cr_expect_eq(policy_set_limit(w.set, 2)->kind, POLICY_LIMIT_SESSION_DENIALS);
        cr_expect(str_eq(policy_set_limit(w.set, 2)->file, STR("c.yaml")));
        cr_expect_null(policy_set_limit(w.set, 3));
        world_end(&w);
}
