/* SPDX-License-Identifier: Apache-2.0
 *
 * What the policies of a set say together about asking a person.
 */
#include <errno.h>

#include "evaluator.h"

#define HOLD_DEFAULT_MS 20000U
#define VALID_DEFAULT_MS 600000U
#define EXPIRES_DEFAULT_MS 600000U

static void shortest(uint32_t *all, uint32_t own)
{
        if (own && (!*all || own < *all))
                *all = own;
}

static void add_program(struct policy_program *all, size_t *count, const struct policy *p, const struct policy_program *own)
{
        if (!own->argc)
                return;
        all[*count] = *own;
        all[(*count)++].policy_name = p->name;
}

int policy_approval_merge(struct policy_set *set)
{
        struct policy_approval all = { .hold_ms = 0 };
        struct policy_program *notify = arena_array(&set->arena, set->count + 1, sizeof(*notify));
        struct policy_program *ask = arena_array(&set->arena, set->count + 1, sizeof(*ask));

        if (!notify || !ask)
                return -ENOMEM;
        for (size_t i = 0; i < set->count; ++i) {
                const struct policy *p = &set->policies[i];
                const struct asking *own = &p->asking;

                shortest(&all.hold_ms, own->hold_ms);
                shortest(&all.valid_ms, own->valid_ms);
                shortest(&all.expires_ms, own->expires_ms);
                add_program(notify, &all.notify_count, p, &own->notify);
                add_program(ask, &all.ask_count, p, &own->ask);
        }
        all.notify = notify;
        all.ask = ask;
        all.hold_ms = all.hold_ms ? all.hold_ms : HOLD_DEFAULT_MS;
        all.valid_ms = all.valid_ms ? all.valid_ms : VALID_DEFAULT_MS;
        all.expires_ms = all.expires_ms ? all.expires_ms : EXPIRES_DEFAULT_MS;
        set->approval = all;
        return 0;
}

void policy_set_approval(const struct policy_set *set, struct policy_approval *ret)
{
        *ret = set->approval;
}

static bool policy_may_approve(const struct policy *p)
{
        if (p->sections[POLICY_TOOL].approves)
                return true;
        for (size_t j = 0; j < p->flow.rule_count; ++j) {
                if (p->flow.rules[j].rule.verdict == VERDICT_APPROVE)
                        return true;
        }
        return false;
}

bool policy_set_may_approve(const struct policy_set *set)
{
        for (size_t i = 0; i < set->count; ++i) {
                if (policy_may_approve(&set->policies[i]))
                        return true;
        }
        return false;
}

static bool is_same_program(const struct policy_program *a, const struct policy_program *b)
{
        if (a->argc != b->argc)
                return false;
        for (size_t i = 0; i < a->argc; ++i) {
                if (!str_eq(a->argv[i], b->argv[i]))
                        return false;
        }
        return true;
}

bool policy_set_lets_answer(const struct policy_set *set, const struct policy_program *program)
{
        for (size_t i = 0; i < set->count; ++i) {
                const struct policy *p = &set->policies[i];

                if (policy_may_approve(p) && !is_same_program(&p->asking.ask, program))
                        return false;
        }
        return true;
}

bool policy_set_elicits(const struct policy_set *set)
{
        bool any = false;

        for (size_t i = 0; i < set->count; ++i) {
                const struct policy *p = &set->policies[i];

                if (p->approvers.signers.len > 0 || (policy_may_approve(p) && !p->asking.elicit))
                        return false;
                any |= policy_may_approve(p);
        }
        return any;
}

static void note_approve(void *userdata, const struct rule *rule, const struct pattern *pattern, const struct terms_result *result)
{
        bool *approves = userdata;

        (void)pattern;
        *approves |= rule->verdict == VERDICT_APPROVE && result->matches;
}

bool policy_set_could_approve(const struct policy_set *set, struct str tool, int64_t now_s)
{
        const struct policy_request request = { .subject = POLICY_TOOL, .name = tool, .now_s = now_s };
        bool approves = false;

        for (size_t i = 0; i < set->count; ++i) {
                struct collector c = { .request = &request, .any_arguments = true, .observer = note_approve, .userdata = &approves };

                if (policy_evaluate(&set->policies[i], &c).verdict == VERDICT_DENY)
                        return false;
                approves |= flow_could_approve(&set->policies[i].flow, tool);
        }
        return approves;
}
