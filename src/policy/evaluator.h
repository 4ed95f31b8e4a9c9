/* SPDX-License-Identifier: Apache-2.0
 *
 * The one evaluator: deciding, explaining, narrowing and listing all go through here, with observers of their own. For the
 * files of this layer only.
 */
#pragma once

#include "set.h"

/* One policy's own result. */
struct outcome {
        enum verdict verdict;
        enum policy_reason reason;
        const struct rule *rule; /* that decided, or (POLICY_CONDITION, POLICY_UNNAMED_ARGUMENT) that came closest; or NULL */
        struct terms_result result; /* of that rule */
        struct str lane; /* of the rule that decided before flow rules made it stricter; empty: the ordinary one */
};

/* Is told of each rule whose name matches, and whether the rest of it does. */
typedef void (*rule_observer)(
        void *userdata, const struct rule *rule, const struct pattern *pattern, const struct terms_result *result);

struct collector {
        const struct policy_request *request;
        bool only_denials;  /* for further spellings of the same URI, which may only make it stricter */
        bool any_arguments; /* what could match, whatever the arguments are */
        rule_observer observer;
        void *userdata;
        /* What it has found */
        const struct rule *strictest;
        struct terms_result match; /* of the strictest */
        const struct rule *missed; /* the first in the file of those that would permit it if it were not for their conditions */
        struct terms_result miss;
        bool narrows;
        uint32_t by; /* the most that an approve rule asks for; 0: none says */
};

struct outcome policy_evaluate(const struct policy *p, struct collector *c);
struct policy_decision policy_decision_of(const struct policy *p, const struct outcome *o, const struct collector *c);

/* Decides, and returns the index of the policy that did: the strictest, of equals the first. */
size_t policy_set_decides(const struct policy_set *set, const struct policy_request *request, struct policy_decision *ret);
