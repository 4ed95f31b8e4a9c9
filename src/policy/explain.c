/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluator.h"

struct explaining {
        const struct policy *policy;
        const struct policy_decision *decision;
        bool decides; /* this policy does */
        const struct rule *last_exact, *last_wild;
        policy_observer observer;
        void *userdata;
};

/* A rule with several patterns that match is told of once: those of one rule come one behind the other, first those
 * without wildcards. */
static bool is_told(struct explaining *e, const struct rule *rule, const struct pattern *pattern)
{
        const struct rule **last = pattern->exact ? &e->last_exact : &e->last_wild;
        bool told = *last == rule || e->last_exact == rule;

        *last = rule;
        return told;
}

static void tell_rule(
        void *userdata, const struct rule *rule, const struct pattern *pattern, const struct terms_result *result)
{
        struct explaining *e = userdata;
        const struct policy_decision *d = e->decision;
        struct policy_step step = { .policy_name = e->policy->name,
                .file = e->policy->path,
                .rule_id = rule->id,
                .verdict = rule->verdict,
                .reason = result->matches ? POLICY_BY_RULE : result->reason,
                .because = rule->because,
                .line = rule->line,
                .column = rule->column,
                .argument = result->argument };

        if (is_told(e, rule, pattern))
                return;
        if (result->condition) {
                step.condition = result->condition->text;
                step.condition_line = result->condition->line;
                step.condition_column = result->condition->column;
        }
        if (step.reason == POLICY_UNNAMED_ARGUMENT)
                step.condition = rule->terms->accepts;
        step.decides = e->decides && d->reason == step.reason && d->rule_id.ptr == rule->id.ptr;
        e->observer(e->userdata, &step);
}

void policy_set_explain(const struct policy_set *set, const struct policy_request *request, policy_observer observer,
        void *userdata, struct policy_decision *ret)
{
        size_t decides = policy_set_decides(set, request, ret);

        for (size_t i = 0; i < set->count && request->subject < POLICY_SUBJECT_MAX_; ++i) {
                const struct policy *p = &set->policies[i];
                struct explaining e = { .policy = p,
                        .decision = ret,
                        .decides = i == decides,
                        .observer = observer,
                        .userdata = userdata };
                struct collector c = { .request = request, .observer = tell_rule, .userdata = &e };
                struct outcome o = policy_evaluate(p, &c);
                struct policy_decision d = policy_decision_of(p, &o, &c);
                struct policy_step step = { .policy_name = p->name,
                        .file = p->path,
                        .verdict = d.verdict,
                        .reason = d.reason,
                        .because = d.because,
                        .line = d.line,
                        .column = d.column,
                        .condition = d.condition,
                        .condition_line = d.condition_line,
                        .condition_column = d.condition_column,
                        .argument = d.argument,
                        .decides = i == decides };

                observer(userdata, &step);
        }
}
