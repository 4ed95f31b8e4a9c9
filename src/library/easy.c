/* SPDX-License-Identifier: Apache-2.0
 *
 * The short ways, for programs with one policy and tools to call: the long ones, filled in.
 */
#include <stdio.h>

#include "library.h"

struct first_problem {
        char *text;
        size_t size;
        bool any;
};

static void keep_first(const struct leastwise_diagnostic *d, void *userdata)
{
        struct first_problem *problem = userdata;

        if (problem->any || d->severity != LEASTWISE_SEVERITY_ERROR || !problem->size)
                return;
        problem->any = true;
        snprintf(problem->text, problem->size, "%s:%u:%u: %s", d->source, (unsigned)d->line, (unsigned)d->column,
                d->message);
}

int leastwise_policy_load_text(
        struct leastwise_policy **ret, const char *name, const char *text, char *problem, size_t problem_size)
{
        const struct leastwise_source source = {
                .size = sizeof(source), .name = name, .text = text, .length = text ? strlen(text) : 0
        };
        struct first_problem first = { problem, problem ? problem_size : 0, false };
        const struct leastwise_load_options options = {
                .size = sizeof(options), .diagnose = keep_first, .userdata = &first
        };
        int r = text ? leastwise_policy_load(ret, &source, 1, &options) : -LEASTWISE_ERROR_ARGUMENT;

        if (!first.any && first.size)
                snprintf(first.text, first.size, "%s", r < 0 ? leastwise_strerror(r) : "");
        return r;
}

int leastwise_policy_decide_tool(const struct leastwise_policy *policy, const char *tool, const char *arguments,
        const char *definition, uint64_t now_ms, struct leastwise_decision **ret)
{
        const struct leastwise_request request = { .size = sizeof(request),
                .subject = LEASTWISE_TOOL,
                .name = tool,
                .name_length = tool ? strlen(tool) : 0,
                .arguments = arguments,
                .arguments_length = arguments ? strlen(arguments) : 0,
                .now_ms = now_ms,
                .definition = definition,
                .definition_length = definition ? strlen(definition) : 0 };

        return tool ? leastwise_policy_decide(policy, &request, ret) : -LEASTWISE_ERROR_ARGUMENT;
}
