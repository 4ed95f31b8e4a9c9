/* SPDX-License-Identifier: Apache-2.0
 *
 * The smallest program that asks the library: cc minimal.c $(pkg-config --cflags --libs leastwise) */
#include <leastwise/leastwise.h>
#include <stdio.h>

static const char policy_text[] = "leastwise: 1\nname: clerk\npurpose: Refund small amounts.\n"
                                  "tools:\n  allow: [{ tool: refund, when: { amount: { at_most: 100 } } }]\n";
static const char refund[] =
        "{\"name\":\"refund\",\"inputSchema\":{\"properties\":{\"amount\":{\"exclusiveMinimum\":0}}}}";

static void ask(const struct leastwise_policy *policy, const char *tool, const char *arguments, const char *definition)
{
        const uint64_t now_ms = 1795172400000; /* what the clock says, elsewhere */
        struct leastwise_decision *decision = NULL;
        int r = leastwise_policy_decide_tool(policy, tool, arguments, definition, now_ms, &decision);

        printf("%s\n", r < 0 ? leastwise_strerror(r) : leastwise_decision_text(decision));
        if (leastwise_decision_verdict(decision) == LEASTWISE_ALLOW)
                printf("  call it with %s\n", leastwise_decision_arguments(decision, NULL));
        leastwise_decision_free(decision);
}

int main(void)
{
        struct leastwise_policy *policy = NULL;
        char problem[256];

        if (leastwise_policy_load_text(&policy, "clerk.yaml", policy_text, problem, sizeof(problem)) < 0) {
                fprintf(stderr, "%s\n", problem);
                return 1;
        }
        ask(policy, "refund", "{ \"amount\": 25.00 }", refund);
        ask(policy, "refund", "{\"amount\":100.01}", refund);
        ask(policy, "refund", "{\"amount\":-5}", refund);
        ask(policy, "refund", "{\"amount\":1,\"amount\":999}", refund);
        ask(policy, "close_account", "{}", NULL);
        leastwise_policy_unref(policy);
        return 0;
}
