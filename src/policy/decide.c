/* SPDX-License-Identifier: Apache-2.0 */
#include "limit.h"
#include "policy_flow.h"
#include "set.h"
#include "uri.h"

/* One policy's own result. */
struct outcome {
        enum verdict verdict;
        enum policy_reason reason;
        const struct rule *rule; /* with POLICY_BY_RULE */
};

/* Collects the matching rules: keeps the strictest (of equals the first in the file) and tells the observer, if any. */
struct collector {
        const struct rule *strictest;
        bool only_denials; /* for further spellings of the same URI, which may only make it stricter */
        section_match_fn observer;
        void *userdata;
};

static void collect(void *userdata, const struct rule *rule, const struct pattern *pattern)
{
        struct collector *c = userdata;
        const struct rule *best = c->strictest;

        if (c->only_denials && rule->verdict != VERDICT_DENY)
                return;
        if (!best || rule->verdict < best->verdict || (rule->verdict == best->verdict && rule->index < best->index))
                c->strictest = rule;
        if (c->observer)
                c->observer(c->userdata, rule, pattern);
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

static struct outcome outcome_of(const struct collector *c, enum policy_reason otherwise)
{
        if (!c->strictest)
                return (struct outcome){ VERDICT_DENY, otherwise, NULL };
        return (struct outcome){ c->strictest->verdict, POLICY_BY_RULE, c->strictest };
}

static void match_all(const struct section *section, struct str name, bool wildcards, struct collector *c)
{
        section_match_exact(section, name, collect, c);
        section_match_wild(section, name, wildcards, collect, c);
}

static struct outcome decide_name(const struct section *section, struct str name, struct collector *c)
{
        if (!name_is_well_formed(name, LIMIT_NAME_BYTES))
                return (struct outcome){ VERDICT_DENY, POLICY_BAD_NAME, NULL };
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
        const char *query = memchr(uri.ptr, '?', uri.len);
        char slashed[LIMIT_URI_BYTES + 1];

        c->only_denials = true;
        if (query && !is_denied(c)) {
                uri.len = (size_t)(query - uri.ptr);
                match_all(section, uri, true, c);
        }
        if (!is_denied(c) && uri.len && uri.ptr[uri.len - 1] == '/') {
                match_all(section, str_of(uri.ptr, uri.len - 1), true, c);
        } else if (!is_denied(c)) {
                memcpy(slashed, uri.ptr, uri.len);
                slashed[uri.len] = '/';
                match_all(section, str_of(slashed, uri.len + 1), true, c);
        }
        c->only_denials = false;
}

static struct outcome decide_uri(const struct section *section, struct str uri, struct collector *c)
{
        enum uri_form form;

        if (!name_is_well_formed(uri, LIMIT_URI_BYTES))
                return (struct outcome){ VERDICT_DENY, POLICY_BAD_NAME, NULL };
        form = uri_form_of(uri);
        match_all(section, uri, form >= URI_PLAIN, c);
        if (section->denies) {
                match_near_spellings(section, uri, c);
                /* It may be another spelling of what a deny rule means. */
                if (form < URI_STRICT && !is_denied(c))
                        return (struct outcome){ VERDICT_DENY, POLICY_AMBIGUOUS_URI, NULL };
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
                return (struct outcome){ VERDICT_DENY, POLICY_BAD_NAME, NULL };
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
                return (struct outcome){ VERDICT_DENY, POLICY_BAD_NAME, NULL };
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
                return (struct outcome){ VERDICT_DENY, POLICY_EXPIRED, NULL };
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
        return (struct outcome){ VERDICT_DENY, POLICY_NO_RULE, NULL };
}

/* The one evaluator: deciding and explaining both go through here. */
static struct outcome evaluate(const struct policy *p, const struct policy_request *request, struct collector *c)
{
        struct outcome o = evaluate_rules(p, request, c);
        const struct rule *flow = NULL;

        if (request->subject == POLICY_TOOL && request->marks)
                flow = flow_stricter(&p->flow, request->marks->of[p->index], request->name, o.verdict);
        if (!flow)
                return o;
        if (c->observer)
                c->observer(c->userdata, flow, &flow->patterns[0]);
        return (struct outcome){ flow->verdict, POLICY_BY_RULE, flow };
}

static struct policy_decision decision_of(const struct policy *p, const struct outcome *o)
{
        struct policy_decision d = {
                .verdict = o->verdict, .reason = o->reason, .policy_name = p->name, .file = p->path
        };

        if (o->rule) {
                d.rule_id = o->rule->id;
                d.because = o->rule->because;
                d.line = o->rule->line;
                d.column = o->rule->column;
        } else if (o->reason == POLICY_EXPIRED) {
                d.line = p->until_line;
                d.column = p->until_column;
        }
        return d;
}

/* Which policy decides: the strictest, of equals the first. */
static size_t decide(const struct policy_set *set, const struct policy_request *request, struct policy_decision *ret)
{
        size_t decides = 0;

        *ret = (struct policy_decision){ .verdict = VERDICT_DENY };
        for (size_t i = 0; i < set->count; ++i) {
                struct collector c = { 0 };
                struct outcome o = { 0 };

                if (request->subject < POLICY_SUBJECT_MAX_)
                        o = evaluate(&set->policies[i], request, &c);
                if (i == 0 || o.verdict < ret->verdict) {
                        *ret = decision_of(&set->policies[i], &o);
                        decides = i;
                }
        }
        return decides;
}

void policy_set_decide(const struct policy_set *set, const struct policy_request *request, struct policy_decision *ret)
{
        decide(set, request, ret);
}

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

static void tell_rule(void *userdata, const struct rule *rule, const struct pattern *pattern)
{
        struct explaining *e = userdata;
        const struct policy_decision *d = e->decision;
        struct policy_step step = { .policy_name = e->policy->name,
                .file = e->policy->path,
                .rule_id = rule->id,
                .verdict = rule->verdict,
                .reason = POLICY_BY_RULE,
                .because = rule->because,
                .line = rule->line,
                .column = rule->column };

        if (is_told(e, rule, pattern))
                return;
        step.decides = e->decides && d->reason == POLICY_BY_RULE && d->rule_id.ptr == rule->id.ptr;
        e->observer(e->userdata, &step);
}

void policy_set_explain(const struct policy_set *set, const struct policy_request *request, policy_observer observer,
        void *userdata, struct policy_decision *ret)
{
        size_t decides = decide(set, request, ret);

        for (size_t i = 0; i < set->count && request->subject < POLICY_SUBJECT_MAX_; ++i) {
                const struct policy *p = &set->policies[i];
                struct explaining e = { .policy = p,
                        .decision = ret,
                        .decides = i == decides,
                        .observer = observer,
                        .userdata = userdata };
                struct collector c = { .observer = tell_rule, .userdata = &e };
                struct outcome o = evaluate(p, request, &c);
                struct policy_decision d = decision_of(p, &o);
                struct policy_step step = { .policy_name = p->name,
                        .file = p->path,
                        .verdict = d.verdict,
                        .reason = d.reason,
                        .because = d.because,
                        .line = d.line,
                        .column = d.column,
                        .decides = i == decides };

                observer(userdata, &step);
        }
}

bool policy_set_has_conditions(const struct policy_set *set, enum policy_subject subject)
{
        (void)set;
        (void)subject;
        return false;
}

bool policy_set_could_allow(const struct policy_set *set, enum policy_subject subject, struct str name, int64_t now_s,
        struct policy_decision *ret)
{
        const struct policy_request request = { .subject = subject, .name = name, .now_s = now_s };

        policy_set_decide(set, &request, ret);
        return ret->verdict != VERDICT_DENY;
}

static bool opens_all(const struct policy *p, enum policy_subject subject)
{
        const struct section *section = &p->sections[subject == POLICY_RESOURCE_TEMPLATE ? POLICY_RESOURCE : subject];

        return !p->expires && section->opens && !section->denies;
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
