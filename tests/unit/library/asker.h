/* SPDX-License-Identifier: Apache-2.0
 *
 * Short ways to a policy and a decision through the public headers, for the tests of this layer.
 */
#pragma once

#include <criterion/criterion.h>
#include <leastwise/leastwise.h>
#include <string.h>

#include "leaks.h"

#define HEAD "leastwise: 1\nname: test\npurpose: a test\n"
#define NOW_MS UINT64_C(1795172400000) /* in 2026 */

static inline struct leastwise_source source_of(const char *name, const char *text)
{
        return (struct leastwise_source){ .size = sizeof(struct leastwise_source), .name = name, .text = text, .length = strlen(text) };
}

static inline int try_load(struct leastwise_policy **ret, const char *text, uint32_t enforces)
{
        const struct leastwise_source source = source_of("a.yaml", text);
        const struct leastwise_load_options options = { .size = sizeof(options), .enforces = enforces };

        return leastwise_policy_load(ret, &source, 1, &options);
}

/* A policy that must be good. */
static inline struct leastwise_policy *load(const char *text)
{
        struct leastwise_policy *policy = NULL;
        int r = try_load(&policy, text, 0);

        cr_assert_eq(r, 0, "%s: %s", leastwise_strerror(r), text);
        return policy;
}

static inline struct leastwise_request request_of(enum leastwise_subject subject, const char *name, const char *arguments)
{
        return (struct leastwise_request){ .size = sizeof(struct leastwise_request),
                .subject = subject,
                .name = name,
                .name_length = name ? strlen(name) : 0,
                .arguments = arguments,
                .arguments_length = arguments ? strlen(arguments) : 0,
                .now_ms = NOW_MS };
}

/* What must be decided, whichever way. */
static inline struct leastwise_decision *decide(
        const struct leastwise_policy *policy, enum leastwise_subject subject, const char *name, const char *arguments)
{
        const struct leastwise_request request = request_of(subject, name, arguments);
        struct leastwise_decision *d = NULL;
        int r = leastwise_policy_decide(policy, &request, &d);

        cr_assert_eq(r, 0, "%s: %s", leastwise_strerror(r), name);
        return d;
}
