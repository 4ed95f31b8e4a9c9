/* SPDX-License-Identifier: Apache-2.0 */
#include "linter.h"

#define DAY_S 86400
/* Time enough to get a change reviewed. */
#define SOON_DAYS 14

struct diagnostic_place lint_place(const struct linter *l, uint32_t line, uint32_t column, uint32_t length)
{
        return (struct diagnostic_place){ l->policy->path, line, column, length };
}

struct diagnostic_place lint_pattern_place(const struct linter *l, const struct pattern *pattern)
{
        return lint_place(l, pattern->line, pattern->column, pattern->length);
}

static void lint_until(const struct linter *l)
{
        const struct policy *p = l->policy;
        const struct diagnostic_place at = lint_place(l, p->until_line, p->until_column, 10);
        static const char help[] = "look at what the policy is for, and set a new day";
        int64_t left_s = p->expires_at - l->lint->now_s;

        if (!p->expires || left_s > SOON_DAYS * DAY_S)
                return;
        if (left_s <= 0)
                diagnostics_add(l->diags, SEVERITY_WARNING, P_ENDS_SOON, at, help,
                        "this day is past: the policy denies everything");
        else
                diagnostics_add(l->diags, SEVERITY_WARNING, P_ENDS_SOON, at, help,
                        "the policy ends soon: days that it is still good for, counting this one: %d", (int)((left_s + DAY_S - 1) / DAY_S));
}

static void lint_marks(const struct linter *l)
{
        const struct flow *flow = &l->policy->flow;
        uint64_t used = 0;

        for (size_t i = 0; i < flow->rule_count; ++i)
                used |= flow->rules[i].after | flow->rules[i].on;
        for (size_t i = 0; i < flow->mark_count; ++i) {
                const struct flow_mark *m = &flow->marks[i];

                if (!(used >> i & 1))
                        diagnostics_add(l->diags, SEVERITY_WARNING, P_MARK_UNUSED, lint_place(l, m->line, m->column, m->length),
                                NULL, "no flow rule speaks of the mark `%s`", show(m->name).text);
        }
}

static bool uses_lane(const struct policy *p, struct str lane)
{
        for (size_t s = 0; s < POLICY_SUBJECT_MAX_; ++s) {
                for (const struct rule *rule = p->sections[s].first; rule; rule = rule->next) {
                        if (rule->call && str_eq(rule->call->lane, lane))
                                return true;
                }
        }
        return false;
}

static void lint_lanes(const struct linter *l)
{
        for (size_t i = 0; i < l->policy->lane_count; ++i) {
                const struct lane *lane = &l->policy->lanes[i];

                if (!uses_lane(l->policy, lane->name))
                        diagnostics_add(l->diags, SEVERITY_WARNING, P_LANE_UNUSED,
                                lint_place(l, lane->line, lane->column, lane->length),
                                "remove it, or send calls there: `lane: NAME` in a rule",
                                "no rule sends calls to the lane `%s`", show(lane->name).text);
        }
}

static void lint_tests(const struct linter *l)
{
        if (l->policy->test_count == 0)
                diagnostics_add(l->diags, SEVERITY_WARNING, P_NO_TESTS, lint_place(l, 0, 0, 0),
                        "write some calls under `tests:`, and what should become of them", "the policy has no tests");
}

static bool names_people(const struct policy_set *set)
{
        for (size_t i = 0; i < set->count; ++i) {
                if (set->policies[i].approvers.signers.len)
                        return true;
        }
        return false;
}

/* On one machine there is one person, as far as anybody can tell; several can only be told apart by their signatures. */
static void lint_people(const struct linter *l, const struct policy_set *set)
{
        const bool named = names_people(set);

        for (const struct rule *rule = l->policy->sections[POLICY_TOOL].first; rule; rule = rule->next) {
                const uint32_t by = rule->verdict == VERDICT_APPROVE && rule->call ? rule->call->by : 1;
                const struct diagnostic_place place = lint_place(l, rule->line, rule->column, 1);

                if (!named && by > 1)
                        diagnostics_add(l->diags, SEVERITY_WARNING, P_TOO_FEW_PEOPLE, place,
                                "name them, with their keys: approvers: { signers: FILE }",
                                "%u people must approve, but `approvers` is local, which knows one person: nobody can approve this", by);
                else if (named && l->lint->people && by > l->lint->people)
                        diagnostics_add(l->diags, SEVERITY_WARNING, P_TOO_FEW_PEOPLE, place,
                                "add a person to the list, or ask for fewer; lines with a name or a key in common are one person",
                                "%u people must approve, but %zu may, as those of every list: nobody can approve this", by, l->lint->people);
        }
}

/* What a client says is nobody's word but its own. */
static void lint_elicit(const struct linter *l, const struct policy_set *set)
{
        const struct asking *asking = &l->policy->asking;
        const struct diagnostic_place at = lint_place(l, asking->elicit_line, asking->elicit_column, 4);

        if (!asking->elicit)
                return;
        if (!policy_set_elicits(set))
                diagnostics_add(l->diags, SEVERITY_WARNING, P_ELICITS, at,
                        "it counts when every policy that wants approvals says it, and none names people who sign",
                        "`elicit: true` has no effect here");
        else
                diagnostics_add(l->diags, SEVERITY_WARNING, P_ELICITS, at,
                        "people who sign (approvers: { signers: FILE }), or another user (docs/hardened.md), keep such an agent out",
                        "approvals may come through the client, by a code that `leastwise watch` shows: an agent that can open a terminal of its own can "
                        "read it there");
}

void policy_set_lint(const struct policy_set *set, const struct lint *lint, struct diagnostics *diags)
{
        for (size_t i = lint->from; i < set->count; ++i) {
                const struct linter l = { &set->policies[i], lint, diags };

                lint_until(&l);
                lint_rules(&l);
                lint_pins(&l);
                lint_marks(&l);
                lint_lanes(&l);
                lint_tests(&l);
                lint_people(&l, set);
                lint_elicit(&l, set);
        }
        diagnostics_sort(diags);
}
