/* SPDX-License-Identifier: Apache-2.0
 *
 * What policies say about asking a person, alone and together.
 */
#include "leaks.h"
#include "policy_approval.h"
#include "world.h"

Test(approval, defaults)
{
        struct world w = world_good(HEAD "tools: { allow: [a] }\n");
        struct policy_approval approval;

        policy_set_approval(w.set, &approval);
        cr_expect_eq(approval.hold_ms, 20000);
        cr_expect_eq(approval.valid_ms, 600000);
        cr_expect_eq(approval.expires_ms, 600000);
        cr_expect_eq(approval.notify_count, 0);
        cr_expect_eq(approval.ask_count, 0);
        cr_expect_not(policy_set_may_approve(w.set));
        world_end(&w);
        CHECK_NO_LEAKS();
}

Test(approval, of_several_policies_the_shortest_counts)
{
        const char *const texts[] = {
                HEAD "tools: { approve: [a] }\napproval: { hold: 10s, valid: 1h, notify: [/one, two] }\n",
                HEAD "tools: { allow: [a] }\napproval: { hold: 5s, expires: 30s, notify: [/three], ask: [/four] }\n",
        };
        struct world w = world_of(texts, 2, NULL);
        struct policy_approval approval;

        policy_set_approval(w.set, &approval);
        cr_expect_eq(approval.hold_ms, 5000);
        cr_expect_eq(approval.valid_ms, 3600000);
        cr_expect_eq(approval.expires_ms, 30000);
        cr_assert_eq(approval.notify_count, 2);
        cr_expect_eq(approval.notify[0].argc, 2);
        cr_expect(str_eq(approval.notify[1].argv[0], STR("/three")));
        cr_assert_eq(approval.ask_count, 1);
        cr_expect(str_eq(approval.ask[0].argv[0], STR("/four")));
        cr_expect(policy_set_may_approve(w.set));
        world_end(&w);
}

Test(approval, a_program_answers_for_those_that_name_it)
{
        static const struct {
                const char *first, *second;
                bool lets;
        } rows[] = {
                { "tools: { approve: [a] }\napproval: { ask: [/bot, x] }\n", "tools: { allow: [a] }\n", true },
                { "tools: { approve: [a] }\napproval: { ask: [/bot, x] }\n", "tools: { approve: [a] }\n", false },
                { "tools: { allow: [a] }\napproval: { ask: [/bot, x] }\n", "tools: { approve: [a] }\n", false },
                { "tools: { approve: [a] }\napproval: { ask: [/bot, x] }\n",
                        "tools: { approve: [a] }\napproval: { ask: [/bot, x] }\n", true },
                { "tools: { approve: [a] }\napproval: { ask: [/bot, x] }\n",
                        "tools: { approve: [a] }\napproval: { ask: [/bot, y] }\n", false },
                { "tools: { approve: [a] }\napproval: { ask: [/bot, x] }\n",
                        "tools: { approve: [a] }\napproval: { ask: [/bot] }\n", false },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                char first[512], second[512];
                const char *const texts[] = { first, second };
                struct policy_approval approval;
                struct world w;

                snprintf(first, sizeof(first), HEAD "%s", rows[i].first);
                snprintf(second, sizeof(second), HEAD "%s", rows[i].second);
                w = world_of(texts, 2, NULL);
                policy_set_approval(w.set, &approval);
                cr_assert_gt(approval.ask_count, 0);
                cr_expect_eq(policy_set_lets_answer(w.set, &approval.ask[0]), rows[i].lets, "row %zu", i);
                world_end(&w);
        }
        CHECK_NO_LEAKS();
}

Test(approval, the_client_carries_answers_where_all_say_so)
{
        static const struct {
                const char *first, *second;
                bool elicits;
        } rows[] = {
                { "tools: { approve: [a] }\napproval: { elicit: true }\n", "tools: { allow: [a] }\n", true },
                { "tools: { approve: [a] }\napproval: { elicit: true }\n", "tools: { approve: [b] }\n", false },
                { "tools: { approve: [a] }\napproval: { elicit: true }\n", "tools: { approve: [b] }\napproval: { elicit: false }\n", false },
                { "tools: { approve: [a] }\napproval: { elicit: true }\n", "tools: { approve: [b] }\napproval: { elicit: true }\n", true },
                { "tools: { allow: [a] }\napproval: { elicit: true }\n", "tools: { allow: [b] }\n", false },
                { "tools: { allow: [a] }\napproval: { elicit: true }\n", "tools: { approve: [b] }\n", false },
                { "tools: { approve: [a] }\napproval: { elicit: true }\n", "tools: { allow: [b] }\napprovers: { signers: people }\n", false },
                { "tools: { approve: [a] }\napproval: { elicit: true }\n",
                        "tools: { allow: [b, c] }\nflow: { marks: { m: b, n: c }, rules: [{ after: m, on: n, then: approve }] }\n", false },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                char first[512], second[512];
                const char *const texts[] = { first, second };
                struct world w;

                snprintf(first, sizeof(first), HEAD "%s", rows[i].first);
                snprintf(second, sizeof(second), HEAD "%s", rows[i].second);
                w = world_of(texts, 2, NULL);
                cr_expect_eq(policy_set_elicits(w.set), rows[i].elicits, "row %zu", i);
                world_end(&w);
        }
        CHECK_NO_LEAKS();
}

Test(approval, which_tools_may_need_one)
{
        struct world w = world_good(HEAD "tools: { allow: [\"get_*\", \"send_*\"], approve: [{ tool: \"send_money\", when: { to: x }, hold: 3s }],"
                                         " deny: [{ tool: send_fax }, { tool: send_odd, when: { a: 1 } }] }\n"
                                         "flow:\n"
                                         "  marks: { private: get_private, leaves: [send_fax, send_mail, send_odd] }\n"
                                         "  rules: [{ after: private, on: leaves, then: approve }]\n");

        cr_expect(policy_set_may_approve(w.set));
        cr_expect(policy_set_could_approve(w.set, STR("send_money"), 0));
        cr_expect(policy_set_could_approve(w.set, STR("send_mail"), 0));
        cr_expect(policy_set_could_approve(w.set, STR("send_odd"), 0));
        cr_expect_not(policy_set_could_approve(w.set, STR("send_fax"), 0));
        cr_expect_not(policy_set_could_approve(w.set, STR("get_private"), 0));
        cr_expect_not(policy_set_could_approve(w.set, STR("unknown"), 0));
        world_end(&w);
}

Test(approval, a_rule_says_how_long)
{
        struct world w = world_good(HEAD "tools: { approve: [{ tool: a, hold: 3s }, b] }\n");
        struct policy_request request = { .subject = POLICY_TOOL, .name = STR("a") };
        struct policy_decision d;

        policy_set_decide(w.set, &request, &d);
        cr_expect_eq(d.hold_ms, 3000);
        request.name = STR("b");
        policy_set_decide(w.set, &request, &d);
        cr_expect_eq(d.hold_ms, 0);
        cr_expect_eq(d.by, 1);
        world_end(&w);
}
