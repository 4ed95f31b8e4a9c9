/* SPDX-License-Identifier: Apache-2.0 */
#include "policy_grant.h"

#include "evaluator.h"
#include "policy_flow.h"

static bool is_plain_rule(const struct rule *rule)
{
        return rule->verdict == VERDICT_ALLOW && rule->pattern_count == 1 && rule->patterns[0].exact && !rule->patterns[0].never &&
               !(rule->terms && rule->terms->narrowing_count) && !(rule->call && rule->call->lane.len);
}

bool policy_set_is_grant(const struct policy_set *grant)
{
        const struct policy *p = grant->policies;

        if (grant->count != 1 || p->expires || p->lane_count || p->limit_count || p->flow.rule_count || p->pins.file.len ||
                p->launch.credential_count || p->launch.command_count)
                return false;
        for (size_t i = 0; i < POLICY_SUBJECT_MAX_; ++i) {
                if (p->sections[i].rule_count != (i == POLICY_TOOL))
                        return false;
        }
        return is_plain_rule(p->sections[POLICY_TOOL].first);
}

/* What one of the user's policies says that no grant changes. */
static const char *refusal_of(const struct outcome *o, const struct collector *c)
{
        if (o->verdict == VERDICT_ALLOW)
                return NULL;
        if (o->verdict == VERDICT_APPROVE)
                return c->by > 1 ? "a policy wants more than one person to approve it, and a grant is one person's" : NULL;
        switch (o->reason) {
        case POLICY_NO_RULE:
        case POLICY_CONDITION:
        case POLICY_UNNAMED_ARGUMENT:
                return NULL;
        case POLICY_EXPIRED:
                return "a policy has expired";
        case POLICY_BY_RULE:
                return "a rule of a policy denies it";
        case POLICY_BAD_NAME:
        case POLICY_AMBIGUOUS_URI:
        case POLICY_NARROW_CONFLICT:
        default:
                return "no policy can speak of a tool of this name";
        }
}

/* A flow rule about a call that is otherwise denied or held does not show in the outcome: it would not make it stricter. */
static bool is_held_back(const struct policy *p, const struct policy_request *request)
{
        return request->marks &&
               flow_stricter(&p->flow, request->marks->of[p->index], request->subject, request->name, VERDICT_ALLOW);
}

/* What the policies say of the call besides, which holds as if they had decided: the lane is that of the rule that is stood in for, or
 * else of any that says one. */
struct besides {
        bool narrows;
        enum verdict lane_of;
        struct str lane;
};

static void note(struct besides *b, const struct outcome *o, const struct collector *c)
{
        b->narrows |= c->narrows;
        if (!o->lane.len || (b->lane.len && o->verdict >= b->lane_of))
                return;
        b->lane = o->lane;
        b->lane_of = o->verdict;
}

static const char *refusal(
        const struct policy_set *set, const struct policy_request *request, bool any_arguments, struct besides *ret)
{
        *ret = (struct besides){ .narrows = false };
        for (size_t i = 0; i < set->count; ++i) {
                const struct policy *p = &set->policies[i];
                struct collector c = { .request = request, .any_arguments = any_arguments };
                const struct outcome o = policy_evaluate(p, &c);
                const char *why = refusal_of(&o, &c);

                note(ret, &o, &c);
                /* Whatever the arguments are, some may still be allowed where others want an approval. */
                if (p->administrators && (any_arguments ? o.verdict == VERDICT_DENY : o.verdict != VERDICT_ALLOW))
                        return "a policy of the administrator does not allow it";
                if (why)
                        return why;
                if (is_held_back(p, request))
                        return "a flow rule of a policy holds it back";
        }
        return NULL;
}

bool policy_set_decide_granted(const struct policy_set *set, const struct policy_set *grant, const struct policy_request *request,
        struct policy_decision *ret)
{
        struct policy_request unmarked = *request;
        struct policy_decision decision;
        struct besides besides;

        if (request->subject != POLICY_TOOL)
                return false;
        /* Marks are those of the set's policies. */
        unmarked.marks = NULL;
        policy_set_decide(grant, &unmarked, &decision);
        if (decision.verdict != VERDICT_ALLOW || refusal(set, request, false, &besides))
                return false;
        *ret = decision;
        ret->narrows = besides.narrows;
        ret->lane = besides.lane;
        return true;
}

bool policy_set_could_grant(const struct policy_set *set, const struct policy_set *grant, struct str tool, int64_t now_s)
{
        struct policy_decision ignored;

        return policy_set_could_allow(grant, POLICY_TOOL, tool, now_s, &ignored) && !policy_set_grant_refusal(set, tool, now_s);
}

const char *policy_set_grant_refusal(const struct policy_set *set, struct str tool, int64_t now_s)
{
        const struct policy_request request = { .subject = POLICY_TOOL, .name = tool, .now_s = now_s };
        struct besides ignored;

        return refusal(set, &request, true, &ignored);
}
