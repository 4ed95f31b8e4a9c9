/* SPDX-License-Identifier: Apache-2.0
 *
 * The smallest program that asks the library: cc minimal.c $(pkg-config --cflags --libs leastwise)
 */
#include <leastwise/leastwise.h>
#include <stdio.h>
#include <string.h>

static const char policy_text[] = "leastwise: 1\nname: clerk\npurpose: Refund small amounts.\n"
                                  "tools:\n  allow: [{ tool: refund, when: { amount: { at_most: 100 } } }]\n";

static void diagnose(const struct leastwise_diagnostic *d, void *userdata)
{
        (void)userdata;
        fprintf(stderr, "%s:%u:%u: %s\n", d->source, (unsigned)d->line, (unsigned)d->column, d->message);
}

static void ask(const struct leastwise_policy *policy, const char *tool, const char *arguments)
{
        const struct leastwise_request request = {
                .size = sizeof(request),
                .subject = LEASTWISE_TOOL,
                .name = tool,
                .name_length = strlen(tool),
                .arguments = arguments,
                .arguments_length = strlen(arguments),
                .now_ms = 1795172400000, /* what the clock says, elsewhere */
        };
        struct leastwise_decision *decision = NULL;

        leastwise_policy_decide(policy, &request, &decision);
        printf("%s\n", leastwise_decision_text(decision));
        if (leastwise_decision_verdict(decision) == LEASTWISE_ALLOW)
                printf("  call it with %s\n", leastwise_decision_arguments(decision, NULL));
        leastwise_decision_free(decision);
}

int main(void)
{
        const struct leastwise_source source = {
                .size = sizeof(source), .name = "clerk.yaml", .text = policy_text, .length = strlen(policy_text)
        };
        const struct leastwise_load_options options = { .size = sizeof(options), .diagnose = diagnose };
        struct leastwise_policy *policy = NULL;

        if (leastwise_policy_load(&policy, &source, 1, &options) < 0)
                return 1;
        ask(policy, "refund", "{ \"amount\": 25.00 }");
        ask(policy, "refund", "{\"amount\":100.01}");
        ask(policy, "close_account", "{}");
        ask(policy, "refund", "{\"amount\":1,\"amount\":999}");
        leastwise_policy_unref(policy);
        return 0;
}
