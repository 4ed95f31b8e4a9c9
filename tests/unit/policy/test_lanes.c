/* SPDX-License-Identifier: Apache-2.0
 *
 * Lanes: which one a call goes to, and what the set says of each.
 */
#include "leaks.h"
#include "limit.h"
#include "policy_flow.h"
#include "world.h"

#define LANES "lanes: { write: { credentials: { T: { from: env, name: W } }, live: 30s }, once: { live: call } }\n"

static struct str lane_of(const struct world *w, const char *tool)
{
        return world_decide(w, POLICY_TOOL, str_from(tool), 0).lane;
}

Test(lanes, the_set_has_those_of_all_policies)
{
        const char *texts[] = { HEAD LANES, HEAD "lanes: { admin: {}, write: { credentials: { T: { from: env, name: W } }, live: 30s } }\n" };
        struct world w = world_of(texts, 2, NULL);

        cr_assert_eq(w.r, 0);
        cr_assert_eq(policy_set_lane_count(w.set), 3);
        cr_expect(str_eq(policy_set_lane(w.set, 0)->name, STR("write")));
        cr_expect_eq(policy_set_lane(w.set, 0)->live_ms, 30000U);
        cr_expect_not(policy_set_lane(w.set, 0)->per_call);
        cr_assert_eq(policy_set_lane(w.set, 0)->credential_count, 1);
        cr_expect(str_eq(policy_set_lane(w.set, 0)->credentials[0].env_name, STR("T")));
        cr_expect(str_eq(policy_set_lane(w.set, 0)->credentials[0].source, STR("W")));
        cr_expect(policy_set_lane(w.set, 1)->per_call);
        cr_expect(str_eq(policy_set_lane(w.set, 2)->name, STR("admin")));
        cr_expect_eq(policy_set_lane(w.set, 2)->live_ms, 120000U, "unless it says otherwise");
        world_end(&w);
        CHECK_NO_LEAKS();
}

Test(lanes, a_flow_rule_leaves_the_lane_as_it_was)
{
        struct world w = world_good(HEAD LANES "tools: { allow: [read, { tool: send, lane: write }, quick] }\n"
                                               "flow:\n"
                                               "  marks: { private: [read], leaves: [send, quick] }\n"
                                               "  rules: [{ after: private, on: leaves, then: approve }]\n");
        struct policy_marks marks = { 0 };
        struct policy_request request = { .subject = POLICY_TOOL, .name = STR("send"), .marks = &marks };
        struct policy_decision d;

        policy_set_mark(w.set, POLICY_TOOL, STR("read"), &marks);
        policy_set_decide(w.set, &request, &d);
        cr_expect_eq(d.verdict, VERDICT_APPROVE);
        cr_expect(str_eq(d.lane, STR("write")));
        request.name = STR("quick");
        policy_set_decide(w.set, &request, &d);
        cr_expect_eq(d.verdict, VERDICT_APPROVE);
        cr_expect_eq(d.lane.len, 0U);
        world_end(&w);
}

/* Whoever only has something to say of whether a call runs does not thereby take it out of its lane. */
Test(lanes, a_policy_without_a_lane_does_not_mind)
{
        static const char own[] = HEAD LANES "tools: { allow: [{ tool: a, lane: write }, { tool: b, lane: write }, c, { tool: d, lane: write }] }\n";
        const char *texts[] = { HEAD "tools: { allow: [a, c], approve: [b], deny: [d] }\n", own, NULL };
        struct world w = world_of(texts, 2, NULL);

        cr_assert_eq(w.r, 0);
        cr_expect(str_eq(lane_of(&w, "a"), STR("write")));
        cr_expect_eq(world_decide(&w, POLICY_TOOL, STR("b"), 0).verdict, VERDICT_APPROVE);
        cr_expect(str_eq(lane_of(&w, "b"), STR("write")));
        cr_expect_eq(lane_of(&w, "c").len, 0U);
        cr_expect_eq(world_decide(&w, POLICY_TOOL, STR("d"), 0).verdict, VERDICT_DENY);
        cr_expect_eq(lane_of(&w, "d").len, 0U, "what is denied goes nowhere");
        world_end(&w);
        /* Two that name one: the strictest, of equals the first. */
        texts[0] = HEAD LANES "tools: { allow: [{ tool: a, lane: once }], approve: [{ tool: b, lane: once }] }\n";
        texts[2] = HEAD LANES "tools: { approve: [{ tool: a, lane: write }], allow: [b] }\n";
        w = world_of(texts, 3, NULL);
        cr_assert_eq(w.r, 0);
        cr_expect(str_eq(lane_of(&w, "a"), STR("write")));
        cr_expect(str_eq(lane_of(&w, "b"), STR("once")));
        world_end(&w);
        CHECK_NO_LEAKS();
}
