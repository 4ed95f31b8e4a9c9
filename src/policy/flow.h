/* SPDX-License-Identifier: Apache-2.0
 *
 * A policy's flow rules as the evaluator sees them. They know nothing of arguments, and they never allow.
 */
#pragma once

#include "section.h"

/* What bears a mark: things of one kind, by name. */
struct flow_bearers {
        struct pattern *patterns; /* any of them */
        size_t count;
};

struct flow_mark {
        struct str name;
        uint32_t line, column, length;
        struct flow_bearers tools, resources, prompts;
};

struct flow_rule {
        uint64_t after; /* all of these marks have been met */
        uint64_t on;    /* and what is called, read or got bears one of these */
        struct rule rule; /* approve or deny; what the decision names */
};

struct flow {
        struct flow_mark *marks;
        size_t mark_count;
        struct flow_rule *rules;
        size_t rule_count;
};

/* Could the call of @tool need an approval by a flow rule, whatever has been met? */
bool flow_could_approve(const struct flow *flow, struct str tool);

/* The marks that something bears, a bit each. */
uint64_t flow_marks_of(const struct flow *flow, enum policy_subject subject, struct str name);

/* The first of the strictest rules that make it stricter than @verdict; NULL: none. @met: the policy's marks. */
const struct rule *flow_stricter(
        const struct flow *flow, uint64_t met, enum policy_subject subject, struct str name, enum verdict verdict);
