/* SPDX-License-Identifier: Apache-2.0 */
#include "asker.h"

Test(easy, loading_and_deciding)
{
        struct leastwise_policy *policy = NULL;
        struct leastwise_decision *d = NULL;
        char problem[64] = "not touched";

        cr_assert_eq(leastwise_policy_load_text(
                             &policy, "a.yaml", HEAD "tools: { allow: [echo] }\n", problem, sizeof(problem)),
                0);
        cr_expect_str_eq(problem, "");
        cr_assert_eq(leastwise_policy_decide_tool(
                             policy, "echo", "{ }", "{\"name\":\"echo\",\"inputSchema\":{}}", NOW_MS, &d),
                0);
        cr_expect_eq(leastwise_decision_verdict(d), LEASTWISE_ALLOW);
        cr_expect_eq(leastwise_decision_schema(d), LEASTWISE_SCHEMA_FITS);
        cr_expect_str_eq(leastwise_decision_arguments(d, NULL), "{}");
        leastwise_decision_freep(&d);
        cr_assert_eq(leastwise_policy_decide_tool(policy, "echo", NULL, NULL, NOW_MS, &d), 0);
        cr_expect_eq(leastwise_decision_verdict(d), LEASTWISE_ALLOW);
        cr_expect_eq(leastwise_decision_schema(d), LEASTWISE_SCHEMA_UNKNOWN);
        leastwise_decision_freep(&d);
        cr_expect_eq(leastwise_policy_decide_tool(policy, NULL, NULL, NULL, NOW_MS, &d), -LEASTWISE_ERROR_ARGUMENT);
        cr_expect_eq(leastwise_policy_decide_tool(NULL, "echo", NULL, NULL, NOW_MS, &d), -LEASTWISE_ERROR_ARGUMENT);
        cr_expect_eq(leastwise_policy_decide_tool(policy, "echo", NULL, NULL, 0, &d), -LEASTWISE_ERROR_ARGUMENT);
        cr_expect_null(d);
        leastwise_policy_unref(policy);
        CHECK_NO_LEAKS();
}

/* The first error, not the warning in front of it; cut to what there is room for. */
Test(easy, what_is_wrong_is_told)
{
        static const struct {
                const char *name, *text;
                size_t size;
                int r;
                const char *problem;
        } rows[] = {
                { "a.yaml",
                        HEAD
                        "tools:\n  allow: [{ tool: a, open: true, when: { x: 1 } }, { tool: b, odd: 1 }]\nalso: 1\n",
                        128, -LEASTWISE_ERROR_POLICY, "a.yaml:5:63: " },
                { "a.yaml", HEAD "limits: { session: { calls: 5 } }\n", 128, -LEASTWISE_ERROR_NOT_ENFORCED,
                        "a.yaml:4:29: " },
                { "a.yaml", "a: [", 7, -LEASTWISE_ERROR_POLICY, "a.yaml" },
                { "a.yaml", NULL, 128, -LEASTWISE_ERROR_ARGUMENT, "argument" },
                { NULL, HEAD, 128, -LEASTWISE_ERROR_ARGUMENT, "argument" },
                { "", HEAD, 128, -LEASTWISE_ERROR_ARGUMENT, "argument" },
        };
        struct leastwise_policy *policy = NULL;

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                char problem[128] = "not touched";

                cr_expect_eq(leastwise_policy_load_text(&policy, rows[i].name, rows[i].text, problem, rows[i].size),
                        rows[i].r, "row %zu", i);
                cr_expect_not_null(strstr(problem, rows[i].problem), "row %zu: %s", i, problem);
                cr_expect_lt(strlen(problem), rows[i].size, "row %zu", i);
                cr_expect_eq(leastwise_policy_load_text(&policy, rows[i].name, rows[i].text, NULL, 0), rows[i].r,
                        "row %zu", i);
        }
        cr_expect_null(policy);
        CHECK_NO_LEAKS();
}
