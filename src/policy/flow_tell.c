/* SPDX-License-Identifier: Apache-2.0 */
#include "policy_flow.h"
#include "set.h"

static void list_marks(const struct flow *flow, uint64_t bits, struct policy_flow_rule *ret)
{
        for (size_t i = 0; i < flow->mark_count; ++i) {
                if (bits >> i & 1)
                        ret->after[ret->after_count++] = flow->marks[i].name;
        }
}

static void tell_rules(
        const struct policy *p, uint64_t bears, uint64_t met, const struct policy_flow_observer *observer)
{
        for (size_t i = 0; i < p->flow.rule_count; ++i) {
                const struct flow_rule *f = &p->flow.rules[i];
                struct policy_flow_rule rule = { .policy_name = p->name,
                        .file = p->path,
                        .rule_id = f->rule.id,
                        .because = f->rule.because,
                        .line = f->rule.line,
                        .column = f->rule.column,
                        .verdict = f->rule.verdict };

                if (!(bears & f->on))
                        continue;
                list_marks(&p->flow, f->after & ~met, &rule);
                rule.missing = rule.after_count;
                list_marks(&p->flow, f->after & met, &rule);
                observer->rule(observer->userdata, &rule);
        }
}

static void tell_marks(
        const struct policy *p, uint64_t bears, uint64_t met, const struct policy_flow_observer *observer)
{
        for (size_t i = 0; i < p->flow.mark_count; ++i) {
                const struct flow_mark *m = &p->flow.marks[i];
                const struct policy_flow_mark mark = { .policy_name = p->name,
                        .file = p->path,
                        .name = m->name,
                        .line = m->line,
                        .column = m->column,
                        .met = met >> i & 1 };

                if (bears >> i & 1)
                        observer->mark(observer->userdata, &mark);
        }
}

void policy_set_tell_flow(const struct policy_set *set, enum policy_subject subject, struct str name,
        const struct policy_marks *marks, const struct policy_flow_observer *observer)
{
        for (size_t i = 0; i < set->count; ++i) {
                const struct policy *p = &set->policies[i];
                const uint64_t bears = flow_marks_of(&p->flow, subject, name);

                if (observer->rule)
                        tell_rules(p, bears, marks->of[i], observer);
                if (observer->mark)
                        tell_marks(p, bears, marks->of[i], observer);
        }
}
