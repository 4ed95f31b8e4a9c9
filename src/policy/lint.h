/* SPDX-License-Identifier: Apache-2.0
 *
 * Warnings about policies that are good and yet may not do what their author meant. They look at what the compiler made, and decide
 * nothing. What is about a text as it was written is told while compiling, when policy_options.lint says so.
 */
#pragma once

#include "policy.h"

/* A tool as it is pinned. */
struct lint_tool {
        struct str name;
        bool destructive; /* its server says so */
};

/* What one policy pins. */
struct lint_pins {
        const struct lint_tool *tools;
        size_t count;
        bool known; /* false: the policy does not pin, and nothing is said of its tools */
};

struct lint {
        int64_t now_s;
        size_t from;                  /* policies before this one are somebody else's business */
        const struct lint_pins *pins; /* one for each policy of the set; NULL: none pins */
        size_t people; /* who may approve, where policies name them; 0: not known */
};

/* The set was made with policy_options.tests. Diagnostics borrow paths from it. */
void policy_set_lint(const struct policy_set *set, const struct lint *lint, struct diagnostics *diags);
