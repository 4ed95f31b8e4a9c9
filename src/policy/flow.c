/* SPDX-License-Identifier: Apache-2.0 */
#include "flow.h"

#include "policy_flow.h"
#include "set.h"

/* Marks are compiled like deny patterns: what cannot be settled counts as a match. */
static uint64_t marks_of(const struct flow *flow, struct str tool)
{
        uint64_t bits = 0;

        for (size_t i = 0; i < flow->mark_count; ++i) {
                for (size_t j = 0; j < flow->marks[i].pattern_count; ++j) {
                        if (pattern_match(&flow->marks[i].patterns[j], tool) != MATCH_NO) {
                                bits |= 1ULL << i;
                                break;
                        }
                }
        }
        return bits;
}

const struct rule *flow_stricter(const struct flow *flow, uint64_t met, struct str tool, enum verdict verdict)
{
        const struct rule *strictest = NULL;
        uint64_t bears = 0;
        bool known = false;

        for (size_t i = 0; i < flow->rule_count; ++i) {
                const struct flow_rule *f = &flow->rules[i];

                if ((met & f->after) != f->after || f->rule.verdict >= verdict)
                        continue;
                if (!known) {
                        bears = marks_of(flow, tool);
                        known = true;
                }
                if (bears & f->on) {
                        strictest = &f->rule;
                        verdict = f->rule.verdict;
                }
        }
        return strictest;
}

bool flow_could_approve(const struct flow *flow, struct str tool)
{
        uint64_t bears = flow->rule_count ? marks_of(flow, tool) : 0;

        for (size_t i = 0; i < flow->rule_count; ++i) {
                if (flow->rules[i].rule.verdict == VERDICT_APPROVE && bears & flow->rules[i].on)
                        return true;
        }
        return false;
}

bool policy_set_has_flow(const struct policy_set *set)
{
        for (size_t i = 0; i < set->count; ++i) {
                if (set->policies[i].flow.rule_count)
                        return true;
        }
        return false;
}

void policy_set_mark(const struct policy_set *set, struct str tool, struct policy_marks *marks)
{
        for (size_t i = 0; i < set->count; ++i)
                marks->of[i] |= marks_of(&set->policies[i].flow, tool);
}

void policy_marks_add(struct policy_marks *to, const struct policy_marks *from)
{
        for (size_t i = 0; i < LIMIT_POLICIES; ++i)
                to->of[i] |= from->of[i];
}

void policy_marks_tell(
        const struct policy_set *set, const struct policy_marks *met, const struct policy_marks *more, struct buf *out)
{
        for (size_t i = 0; i < set->count; ++i) {
                const struct flow *flow = &set->policies[i].flow;
                uint64_t bits = more->of[i] & ~met->of[i];

                for (size_t j = 0; j < flow->mark_count; ++j) {
                        if (!(bits >> j & 1))
                                continue;
                        if (out->len)
                                buf_append_str(out, STR(", "));
                        buf_append_str(out, flow->marks[j].name);
                }
        }
}

static uint64_t moved(const struct flow *from, uint64_t bits, const struct flow *to)
{
        uint64_t result = 0;

        for (size_t i = 0; i < to->mark_count; ++i) {
                for (size_t j = 0; j < from->mark_count; ++j) {
                        if (bits >> j & 1 && str_eq(from->marks[j].name, to->marks[i].name))
                                result |= 1ULL << i;
                }
        }
        return result;
}

static bool has_policy(const struct policy_set *set, struct str name)
{
        for (size_t i = 0; i < set->count; ++i) {
                if (str_eq(set->policies[i].name, name))
                        return true;
        }
        return false;
}

/* A policy of a new name may be an old one: it gets what any of the old ones had. */
void policy_marks_move(struct policy_marks *marks, const struct policy_set *from, const struct policy_set *to)
{
        struct policy_marks result = { 0 };

        for (size_t i = 0; i < to->count; ++i) {
                const bool renamed = !has_policy(from, to->policies[i].name);

                for (size_t j = 0; j < from->count; ++j) {
                        if (renamed || str_eq(from->policies[j].name, to->policies[i].name))
                                result.of[i] |= moved(&from->policies[j].flow, marks->of[j], &to->policies[i].flow);
                }
        }
        *marks = result;
}
