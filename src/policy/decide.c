/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluator.h"
#include "limit.h"
#include "policy_flow.h"
#include "uri.h"

static void keep_miss(struct collector *c, const struct rule *rule, const struct terms_result *result)
{
        if (c->missed && c->missed->index < rule->index)
                return;
        c->missed = rule;
        c->miss = *result;
}

/* Of equals the first in the file is named. */
static void keep_match(struct collector *c, const struct rule *rule, const struct terms_result *result)
{
        const struct rule *best = c->strictest;

        if (rule->verdict != VERDICT_DENY) {
                c->narrows |= rule->terms && rule->terms->narrowing_count;
                if (rule->verdict == VERDICT_APPROVE && rule->call && rule->call->by > c->by)
                        c->by = rule->call->by;
        }
        if (best && (rule->verdict > best->verdict || (rule->verdict == best->verdict && rule->index >= best->index)))
                return;
        c->strictest = rule;
        c->match = *result;
}

/* Could the rule match some call by this name? A deny rule with conditions leaves others. */
static bool is_possible(const struct rule *rule)
{
        return rule->verdict != VERDICT_DENY || !rule->terms;
}

static void collect(void *userdata, const struct rule *rule, const struct pattern *pattern)
{
        struct collector *c = userdata;
        struct terms_result result = { .matches = true, .reason = POLICY_BY_RULE };

        if (c->only_denials && rule->verdict != VERDICT_DENY)
                return;
        if (c->any_arguments)
                result.matches = is_possible(rule);
        else if (rule->terms)
                terms_check(rule->terms, rule->verdict == VERDICT_DENY, c->request, &result);
        if (result.matches)
                keep_match(c, rule, &result);
        else if (rule->verdict != VERDICT_DENY)
                keep_miss(c, rule, &result);
        if (c->observer)
                c->observer(c->userdata, rule, pattern, &result);
}

/* Can a policy speak of this name at all? */
static bool name_is_well_formed(struct str name, size_t limit)
{
        if (name.len == 0 || name.len > limit)
                return false;
        for (size_t i = 0; i < name.len; ++i) {
                unsigned char ch = (unsigned char)name.ptr[i];

                if (ch < 0x20 || ch == 0x7F)
                        return false;
        }
        return true;
}

static struct outcome refused(enum policy_reason reason)
{
        return (struct outcome){ .verdict = VERDICT_DENY, .reason = reason };
}

static struct outcome outcome_of(const struct collector *c, enum policy_reason otherwise)
{
        if (c->strictest)
                return (struct outcome){ .verdict = c->strictest->verdict, .reason = POLICY_BY_RULE, .rule = c->strictest, .result = c->match };
        if (c->missed)
                return (struct outcome){ .verdict = VERDICT_DENY, .reason = c->miss.reason, .rule = c->missed, .result = c->miss };
        return (struct outcome){ .verdict = VERDICT_DENY, .reason = otherwise };
}

static void match_all(const struct section *section, struct str name, bool wildcards, struct collector *c)
{
        section_match_exact(section, name, collect, c);
        section_match_wild(section, name, wildcards, collect, c);
}

static struct outcome decide_name(const struct section *section, struct str name, struct collector *c)
{
        if (!name_is_well_formed(name, LIMIT_NAME_BYTES))
                return refused(POLICY_BAD_NAME);
        match_all(section, name, true, c);
        return outcome_of(c, POLICY_NO_RULE);
}

/* By a word (`allow`, `deny`) about everything of the kind. */
static struct outcome decide_nameless(const struct section *section, struct collector *c)
{
        for (const struct rule *rule = section->first; rule; rule = rule->next)
                collect(c, rule, &rule->patterns[0]);
        return outcome_of(c, POLICY_NO_RULE);
}

static bool is_denied(const struct collector *c)
{
        return c->strictest && c->strictest->verdict == VERDICT_DENY;
}

/* What a deny rule forbids, it forbids with a query behind it, with and without a slash at the end. */
static void match_near_spellings(const struct section *section, struct str uri, struct collector *c)
{
        struct uri_spellings near;

        uri_near_spellings(uri, &near);
        c->only_denials = true;
        for (size_t i = 0; i < near.count && !is_denied(c); ++i)
                match_all(section, near.uris[i], true, c);
        c->only_denials = false;
}

static struct outcome decide_uri(const struct section *section, struct str uri, struct collector *c)
{
        enum uri_form form;

        if (!name_is_well_formed(uri, LIMIT_URI_BYTES))
                return refused(POLICY_BAD_NAME);
        form = uri_form_of(uri);
        match_all(section, uri, form >= URI_PLAIN, c);
        if (section->denies) {
                match_near_spellings(section, uri, c);
                /* It may be another spelling of what a deny rule means. */
                if (form < URI_STRICT && !is_denied(c))
                        return refused(POLICY_AMBIGUOUS_URI);
        }
        return outcome_of(c, form == URI_ODD ? POLICY_AMBIGUOUS_URI : POLICY_NO_RULE);
}

static bool template_may_match(const struct pattern *p, struct str template_prefix, bool is_whole)
{
        if (p->never)
                return false;
        if (p->everything)
                return true;
        if (p->denies)
                return pattern_is_prefix(p) && str_starts_with(template_prefix, p->prefix);
        if (str_starts_with(p->prefix, template_prefix) &&
                (!is_whole || p->prefix.len == template_prefix.len || !p->exact))
                return true;
        return !p->exact && str_starts_with(template_prefix, p->prefix);
}

/* A template stands in lists only; each URI made from it is decided by itself. */
static struct outcome decide_template(const struct section *section, struct str template, struct collector *c)
{
        const char *brace;
        struct str prefix = template;

        if (!name_is_well_formed(template, LIMIT_URI_BYTES))
                return refused(POLICY_BAD_NAME);
        brace = memchr(template.ptr, '{', template.len);
        if (brace)
                prefix.len = (size_t)(brace - template.ptr);
        for (const struct rule *rule = section->first; rule; rule = rule->next) {
                for (size_t i = 0; i < rule->pattern_count; ++i) {
                        if (template_may_match(&rule->patterns[i], prefix, !brace)) {
                                collect(c, rule, &rule->patterns[i]);
                                break;
                        }
                }
        }
        return outcome_of(c, POLICY_NO_RULE);
}

/* Could any name of this kind be allowed? Deny rules about some names do not settle that, those about all do. */
static struct outcome decide_any(const struct section *section, struct collector *c)
{
        for (const struct rule *rule = section->first; rule; rule = rule->next) {
                const struct pattern *p = &rule->patterns[0];

                if (p->everything || (rule->verdict != VERDICT_DENY && !p->never))
                        collect(c, rule, p);
        }
        return outcome_of(c, POLICY_NO_RULE);
}

static struct outcome decide_root(const struct section *section, struct str uri, struct collector *c)
{
        bool odd = false;

        if (!name_is_well_formed(uri, LIMIT_URI_BYTES))
                return refused(POLICY_BAD_NAME);
        for (const struct rule *rule = section->first; rule; rule = rule->next) {
                const struct pattern *p = &rule->patterns[0];
                enum root_match match = ROOT_OUTSIDE;

                if (p->everything)
                        match = ROOT_INSIDE;
                else if (!p->never)
                        match = root_uri_within(uri, p->prefix);
                odd |= match == ROOT_ODD;
                if (match == ROOT_INSIDE)
                        collect(c, rule, p);
        }
        return outcome_of(c, odd ? POLICY_AMBIGUOUS_URI : POLICY_NO_RULE);
}

static struct outcome evaluate_rules(const struct policy *p, const struct policy_request *request, struct collector *c)
{
        const struct section *section = &p->sections[request->subject];

        if (p->expires && request->now_s >= p->expires_at)
                return refused(POLICY_EXPIRED);
        switch (request->subject) {
        case POLICY_TOOL:
        case POLICY_PROMPT:
        case POLICY_METHOD:
                return decide_name(section, request->name, c);
        case POLICY_RESOURCE:
                return decide_uri(section, request->name, c);
        case POLICY_RESOURCE_TEMPLATE:
                return decide_template(&p->sections[POLICY_RESOURCE], request->name, c);
        case POLICY_SAMPLING:
        case POLICY_ELICITATION_FORM:
                return decide_nameless(section, c);
        case POLICY_ELICITATION_URL:
                return request->name.len ? decide_uri(section, request->name, c) : decide_any(section, c);
        case POLICY_ROOTS:
                return request->name.len ? decide_root(section, request->name, c) : decide_any(section, c);
        case POLICY_SUBJECT_MAX_:
                break;
        }
        return refused(POLICY_NO_RULE);
}

struct outcome policy_evaluate(const struct policy *p, struct collector *c)
{
        const struct policy_request *request = c->request;
        const struct terms_result matched = { .matches = true, .reason = POLICY_BY_RULE };
        struct outcome o = evaluate_rules(p, request, c);
        const struct rule *flow = NULL;

        if (o.verdict != VERDICT_DENY && o.rule && o.rule->call)
                o.lane = o.rule->call->lane;
        if (request->marks && (policy_is_call(request->subject) || request->subject == POLICY_RESOURCE_TEMPLATE))
                flow = flow_stricter(
                        &p->flow, request->marks->of[p->index], request->subject, request->name, o.verdict);
        if (!flow)
                return o;
        if (c->observer)
                c->observer(c->userdata, flow, &flow->patterns[0], &matched);
        return (struct outcome){ .verdict = flow->verdict, .reason = POLICY_BY_RULE, .rule = flow, .result = matched, .lane = o.lane };
}

static void tell_condition(struct policy_decision *d, const struct outcome *o)
{
        const struct terms_result *result = &o->result;

        d->argument = result->argument;
        if (result->reason == POLICY_UNNAMED_ARGUMENT) {
                d->condition = o->rule->terms->accepts;
                return;
        }
        if (!result->condition)
                return;
        d->condition = result->condition->text;
        d->condition_line = result->condition->line;
        d->condition_column = result->condition->column;
}

static void tell_call(struct policy_decision *d, const struct rule *rule, uint32_t by)
{
        if (rule->verdict == VERDICT_APPROVE)
                d->by = by ? by : 1;
        if (!rule->call || rule->verdict == VERDICT_DENY)
                return;
        d->say = rule->call->say;
        d->undo = rule->call->undo;
        d->hold_ms = rule->call->hold_ms;
}

struct policy_decision policy_decision_of(const struct policy *p, const struct outcome *o, const struct collector *c)
{
        struct policy_decision d = {
                .verdict = o->verdict, .reason = o->reason, .policy_name = p->name, .file = p->path
        };

        if (o->rule) {
                d.rule_id = o->rule->id;
                d.because = o->reason == POLICY_BY_RULE ? o->rule->because : STR("");
                d.line = o->rule->line;
                d.column = o->rule->column;
                tell_condition(&d, o);
                if (o->reason == POLICY_BY_RULE)
                        tell_call(&d, o->rule, c->by);
        } else if (o->reason == POLICY_EXPIRED) {
                d.line = p->until_line;
                d.column = p->until_column;
        }
        d.lane = o->verdict != VERDICT_DENY ? o->lane : STR("");
        d.narrows = c->narrows && o->verdict != VERDICT_DENY;
        return d;
}

/* @ret_decides: the policy that does, the strictest, of equals the first. */
static void decide(const struct policy_set *set, const struct policy_request *request, bool any_arguments,
        struct policy_decision *ret, size_t *ret_decides)
{
        struct str lane = STR("");
        bool narrows = false;
        uint32_t by = 0;

        *ret = (struct policy_decision){ .verdict = VERDICT_DENY };
        *ret_decides = 0;
        for (size_t i = 0; i < set->count && request->subject < POLICY_SUBJECT_MAX_; ++i) {
                struct collector c = { .request = request, .any_arguments = any_arguments };
                struct outcome o = policy_evaluate(&set->policies[i], &c);

                narrows |= c.narrows;
                by = c.by > by ? c.by : by;
                lane = lane.len ? lane : o.lane;
                if (i > 0 && o.verdict >= ret->verdict)
                        continue;
                *ret = policy_decision_of(&set->policies[i], &o, &c);
                *ret_decides = i;
        }
        /* All policies' narrowing is applied, and as many must approve as any of them says. */
        ret->narrows = narrows && ret->verdict != VERDICT_DENY;
        if (ret->verdict == VERDICT_APPROVE && by > ret->by)
                ret->by = by;
        /* A policy that names no lane does not mind which. */
        if (ret->verdict != VERDICT_DENY && !ret->lane.len)
                ret->lane = lane;
}

void policy_set_decide(const struct policy_set *set, const struct policy_request *request, struct policy_decision *ret)
{
        size_t decides;

        decide(set, request, false, ret, &decides);
}

size_t policy_set_decides(const struct policy_set *set, const struct policy_request *request, struct policy_decision *ret)
{
        size_t decides;

        decide(set, request, false, ret, &decides);
        return decides;
}

bool policy_set_has_conditions(const struct policy_set *set, enum policy_subject subject)
{
        for (size_t i = 0; i < set->count && subject < POLICY_SUBJECT_MAX_; ++i) {
                if (set->policies[i].sections[subject].conditional)
                        return true;
        }
        return false;
}

bool policy_set_could_allow(const struct policy_set *set, enum policy_subject subject, struct str name, int64_t now_s,
        struct policy_decision *ret)
{
        const struct policy_request request = { .subject = subject, .name = name, .now_s = now_s };
        size_t decides;

        decide(set, &request, true, ret, &decides);
        return ret->verdict != VERDICT_DENY;
}

static bool opens_all(const struct policy *p, enum policy_subject subject)
{
        const struct section *section = &p->sections[subject == POLICY_RESOURCE_TEMPLATE ? POLICY_RESOURCE : subject];

        return !p->expires && section->opens && !section->denies && !section->approves && !section->conditional;
}

bool policy_set_allows_all(const struct policy_set *set, enum policy_subject subject)
{
        if (subject >= POLICY_SUBJECT_MAX_)
                return false;
        for (size_t i = 0; i < set->count; ++i) {
                if (!opens_all(&set->policies[i], subject))
                        return false;
        }
        return set->count > 0;
}

const char *verdict_name(enum verdict verdict)
{
        switch (verdict) {
        case VERDICT_ALLOW:
                return "allow";
        case VERDICT_APPROVE:
                return "approve";
        case VERDICT_DENY:
                break;
        }
        return "deny";
}
