/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "asker.h"

struct told {
        char text[1024];
        size_t len;
};

static void tell(const struct leastwise_step *step, void *userdata)
{
        struct told *told = userdata;

        cr_expect_eq(step->size, sizeof(*step));
        told->len += (size_t)snprintf(told->text + told->len, sizeof(told->text) - told->len, "%s%s %s %s %s:%u%s%s\n",
                step->decides ? "* " : "", step->rule ? step->rule : step->policy, leastwise_verdict_name(step->verdict),
                leastwise_reason_name(step->reason), step->source, step->line, step->condition ? " " : "",
                step->condition ? step->condition : "");
}

Test(explain, every_layer_and_rule_is_told_of)
{
        const struct leastwise_source sources[] = {
                source_of("wide.yaml", HEAD "tools: { allow: ['*'], deny: [{ tool: pay, when: { sum: { above: 5 } } }] }\n"),
                source_of("narrow.yaml", "leastwise: 1\nname: job\npurpose: a job\ntools: { allow: [pay] }\n"),
        };
        struct leastwise_policy *policy = NULL;
        struct leastwise_request request = request_of(LEASTWISE_TOOL, "pay", "{\"sum\":6}");
        struct leastwise_decision *d = NULL, *again = NULL;
        struct told told = { 0 };

        cr_assert_eq(leastwise_policy_load(&policy, sources, 2, NULL), 0);
        cr_assert_eq(leastwise_policy_explain(policy, &request, tell, &told, &d), 0);
        cr_expect_str_eq(told.text,
                "* tools.deny[0] deny rule wide.yaml:4 sum: above 5\n"
                "tools.allow[0] allow rule wide.yaml:4\n"
                "* test deny rule wide.yaml:4 sum: above 5\n"
                "tools.allow[0] allow rule narrow.yaml:4\n"
                "job allow rule narrow.yaml:4\n");
        cr_assert_eq(leastwise_policy_decide(policy, &request, &again), 0);
        cr_expect_str_eq(leastwise_decision_text(d), leastwise_decision_text(again));
        cr_expect_eq(leastwise_policy_explain(policy, &request, NULL, NULL, NULL), -LEASTWISE_ERROR_ARGUMENT);
        leastwise_decision_free(d);
        leastwise_decision_free(again);
        leastwise_policy_unref(policy);
        CHECK_NO_LEAKS();
}

Test(explain, the_narrowed_call_is_explained)
{
        struct leastwise_policy *policy = load(
                HEAD "tools: { allow: [{ tool: page, narrow: { size: { at_most: 10 } } }], deny: [{ tool: page, when: { size: 10 } }] }\n");
        struct leastwise_request request = request_of(LEASTWISE_TOOL, "page", "{\"size\":99}");
        struct leastwise_decision *d = NULL;
        struct told told = { 0 };

        cr_assert_eq(leastwise_policy_explain(policy, &request, tell, &told, &d), 0);
        cr_expect_eq(leastwise_decision_verdict(d), LEASTWISE_DENY, "%s", leastwise_decision_text(d));
        cr_expect_str_eq(told.text,
                "tools.allow[0] allow rule a.yaml:4\n"
                "* tools.deny[0] deny rule a.yaml:4 size: is 10\n"
                "* test deny rule a.yaml:4 size: is 10\n");
        leastwise_decision_free(d);
        leastwise_policy_unref(policy);
}

Test(explain, what_cannot_be_read_has_no_steps)
{
        struct leastwise_policy *policy = load(HEAD "tools: { allow: [a] }\n");
        struct leastwise_request request = request_of(LEASTWISE_TOOL, "a", "{");
        struct leastwise_decision *d = NULL;
        struct told told = { 0 };

        cr_assert_eq(leastwise_policy_explain(policy, &request, tell, &told, &d), 0);
        cr_expect_eq(told.len, 0);
        cr_expect_eq(leastwise_decision_reason(d), LEASTWISE_REASON_ARGUMENTS);
        leastwise_decision_free(d);
        leastwise_policy_unref(policy);
}
