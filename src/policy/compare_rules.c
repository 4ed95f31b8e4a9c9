/* SPDX-License-Identifier: Apache-2.0
 *
 * The proof for rules. It says that the policy @less allows nothing that @more does not allow, and lets nothing be approved that
 * @more does not let through at all, if
 *  - each rule of @less that allows (or asks) is within one rule of @more that allows (allows or asks);
 *  - what @more denies and @less could allow, @less denies as well; what @more asks about, @less asks about or denies;
 *  - as many people are asked, the same lane is taken, and what @more narrows stays as narrow.
 */
#include "compare_parts.h"
#include "pattern_compare.h"
#include "uri.h"

/* One rule of @less that lets calls through, by one of its patterns. */
struct asked {
        struct comparing *c;
        const char *part;
        enum policy_subject subject;
        const struct section *less, *more;
        const struct rule *rule;
        const struct pattern *pattern;
};

static bool is_uri(enum policy_subject subject)
{
        return subject == POLICY_RESOURCE || subject == POLICY_ELICITATION_URL;
}

/* --- patterns, as the subject reads them --- */

static bool directory_covers(const struct pattern *wide, const struct pattern *narrow)
{
        struct str dir = wide->prefix, inner = narrow->prefix;

        if (wide->everything || narrow->everything)
                return wide->everything;
        return str_starts_with(inner, dir) && (dir.len == 1 || inner.len == dir.len || inner.ptr[dir.len] == '/');
}

/* Templates of resources are listed by prefixes alone (decide.c). */
static bool template_covers(const struct pattern *wide, const struct pattern *narrow)
{
        if (wide->everything)
                return true;
        if (wide->denies)
                return !pattern_is_prefix(narrow) ||
                       (pattern_is_prefix(wide) && str_starts_with(narrow->prefix, wide->prefix));
        return str_starts_with(narrow->prefix, wide->prefix) && (!wide->exact || narrow->exact);
}

static bool covers(enum policy_subject subject, const struct pattern *wide, const struct pattern *narrow)
{
        if (subject == POLICY_ROOTS)
                return directory_covers(wide, narrow);
        return pattern_includes(wide, narrow) && (subject != POLICY_RESOURCE || template_covers(wide, narrow));
}

/* What denies a URI denies its other spellings too, so that there is no telling that a rule does not speak of it. */
static bool may_meet(enum policy_subject subject, const struct pattern *a, const struct pattern *b)
{
        return is_uri(subject) || subject == POLICY_ROOTS || pattern_may_meet(a, b);
}

static bool covers_meeting(
        enum policy_subject subject, const struct pattern *wide, const struct pattern *a, const struct pattern *b)
{
        if (is_uri(subject) || subject == POLICY_ROOTS)
                return covers(subject, wide, a);
        return pattern_includes_meeting(wide, a, b);
}

static bool rule_meets(const struct asked *a, const struct rule *rule)
{
        for (size_t i = 0; i < rule->pattern_count; ++i) {
                if (may_meet(a->subject, &rule->patterns[i], a->pattern))
                        return true;
        }
        return false;
}

/* --- the permission --- */

static struct str lane_of(const struct rule *rule)
{
        return rule->call ? rule->call->lane : STR("");
}

static uint32_t by_of(const struct rule *rule)
{
        return rule->call && rule->call->by ? rule->call->by : 1;
}

static bool is_always_denied(const struct asked *a)
{
        for (const struct rule *rule = a->less->denies ? a->less->first : NULL; rule; rule = rule->next) {
                for (size_t i = 0; rule->verdict == VERDICT_DENY && !rule->terms && i < rule->pattern_count; ++i) {
                        if (covers(a->subject, &rule->patterns[i], a->pattern))
                                return true;
                }
        }
        return false;
}

static bool is_permitted(const struct asked *a)
{
        for (const struct rule *rule = a->more->first; rule; rule = rule->next) {
                if (rule->verdict < a->rule->verdict)
                        continue;
                for (size_t i = 0; i < rule->pattern_count; ++i) {
                        if (covers(a->subject, &rule->patterns[i], a->pattern) &&
                                compare_terms_allow(a->c, rule->terms, a->rule->terms))
                                return true;
                }
        }
        return false;
}

/* --- what @more denies or asks about --- */

static bool keeps_stricter(const struct asked *a, const struct rule *strict, const struct pattern *pattern, const struct rule *rule)
{
        bool denies = rule->verdict == VERDICT_DENY, takes;

        if (rule->verdict > strict->verdict)
                return false;
        if (denies && strict->verdict == VERDICT_DENY)
                takes = compare_terms_deny(rule->terms, strict->terms);
        else if (denies)
                takes = !rule->terms;
        else
                takes = compare_terms_allow(a->c, rule->terms, strict->terms) ||
                        compare_terms_allow(a->c, rule->terms, a->rule->terms);
        for (size_t i = 0; takes && i < rule->pattern_count; ++i) {
                if (covers_meeting(a->subject, &rule->patterns[i], pattern, a->pattern))
                        return true;
        }
        return false;
}

static bool is_kept(const struct asked *a, const struct rule *strict)
{
        for (size_t i = 0; i < strict->pattern_count; ++i) {
                const struct rule *rule = a->less->first;

                if (!may_meet(a->subject, &strict->patterns[i], a->pattern))
                        continue;
                while (rule && !keeps_stricter(a, strict, &strict->patterns[i], rule))
                        rule = rule->next;
                if (!rule)
                        return false;
        }
        return true;
}

static void check_strictness(const struct asked *a)
{
        for (const struct rule *strict = a->more->first; strict; strict = strict->next) {
                if (strict->verdict >= a->rule->verdict || is_kept(a, strict))
                        continue;
                compare_differs(a->c, a->part, false, a->c->more, strict->line, strict->column,
                        strict->verdict == VERDICT_DENY ? "what %.*s denies, the %s policy may not deny"
                                                        : "what %.*s asks about, the %s policy may allow unasked",
                        STR_FMT(strict->id), compare_less_name(a->c));
        }
}

/* --- what else a rule says --- */

typedef bool (*counterpart_fn)(const struct rule *other, const struct rule *own);

static bool asks_as_many(const struct rule *other, const struct rule *own)
{
        return own->verdict == VERDICT_APPROVE && by_of(own) >= by_of(other);
}

static bool narrows_as_much(const struct rule *other, const struct rule *own)
{
        return compare_narrowing_kept(other->terms, own->terms);
}

static bool narrows_the_same(const struct rule *other, const struct rule *own)
{
        return compare_narrowings_same(other->terms, own->terms);
}

/* Has @less a rule that does what @other does, for every call that @other takes? */
static bool has_counterpart(const struct asked *a, const struct rule *other, counterpart_fn does)
{
        for (size_t i = 0; i < other->pattern_count; ++i) {
                const struct rule *own = a->less->first;
                bool found = !may_meet(a->subject, &other->patterns[i], a->pattern);

                for (; own && !found; own = own->next) {
                        if (own->verdict == VERDICT_DENY || !does(other, own) ||
                                !compare_terms_allow(a->c, own->terms, other->terms))
                                continue;
                        for (size_t j = 0; j < own->pattern_count && !found; ++j)
                                found = covers_meeting(a->subject, &own->patterns[j], &other->patterns[i], a->pattern);
                }
                if (!found)
                        return false;
        }
        return true;
}

static bool is_narrowing(const struct rule *rule)
{
        return rule->verdict != VERDICT_DENY && rule->terms && rule->terms->narrowing_count;
}

static void check_call(const struct asked *a, const struct rule *other)
{
        struct comparing *c = a->c;

        if (other->verdict == VERDICT_DENY || !rule_meets(a, other))
                return;
        if (other->verdict == VERDICT_APPROVE && a->rule->verdict == VERDICT_APPROVE &&
                by_of(a->rule) < by_of(other) && !has_counterpart(a, other, asks_as_many))
                compare_differs(c, a->part, false, c->less, a->rule->line, a->rule->column,
                        "%.*s may ask fewer people than the %s policy does", STR_FMT(a->rule->id), compare_more_name(c));
        if (!str_eq(lane_of(other), lane_of(a->rule)))
                compare_differs(c, a->part, false, c->less, a->rule->line, a->rule->column,
                        "%.*s may take another lane than the %s policy does", STR_FMT(a->rule->id), compare_more_name(c));
        if (is_narrowing(other) && !compare_narrowing_kept(other->terms, a->rule->terms) &&
                !has_counterpart(a, other, narrows_as_much))
                compare_differs(c, a->part, false, c->less, a->rule->line, a->rule->column,
                        "%.*s may narrow less than %.*s of the %s policy", STR_FMT(a->rule->id), STR_FMT(other->id),
                        compare_more_name(c));
}

/* Rules of @more that narrow differently deny a call together. */
static void check_agreement(const struct asked *a, const struct rule *one)
{
        if (!is_narrowing(one) || !rule_meets(a, one))
                return;
        for (const struct rule *two = one->next; two; two = two->next) {
                if (!is_narrowing(two) || !rule_meets(a, two) || compare_narrowings_agree(one->terms, two->terms) ||
                        (has_counterpart(a, one, narrows_the_same) && has_counterpart(a, two, narrows_the_same)))
                        continue;
                compare_differs(a->c, a->part, false, a->c->more, two->line, two->column,
                        "calls that %.*s and %.*s refuse together may pass", STR_FMT(one->id), STR_FMT(two->id));
        }
}

static bool same_words(const struct rule *a, const struct rule *b)
{
        static const struct rule_call none = { .by = 0 };
        const struct rule_call *x = a->call ? a->call : &none, *y = b->call ? b->call : &none;

        return str_eq(x->say, y->say) && str_eq(x->undo, y->undo);
}

/* People go by what they are shown: where @more asks, it must have used the same words somewhere. */
static void check_words(const struct asked *a)
{
        bool asks = false, same = false;

        for (const struct rule *other = a->more->first; other && a->rule->verdict == VERDICT_APPROVE; other = other->next) {
                if (other->verdict != VERDICT_APPROVE || !rule_meets(a, other))
                        continue;
                asks = true;
                same |= same_words(other, a->rule);
        }
        if (asks && !same)
                compare_differs(a->c, a->part, false, a->c->less, a->rule->line, a->rule->column,
                        "%.*s asks in other words than the %s policy", STR_FMT(a->rule->id), compare_more_name(a->c));
}

static void check_pattern(const struct asked *a)
{
        struct comparing *c = a->c;

        if (a->pattern->never || is_always_denied(a))
                return;
        if (!is_permitted(a))
                compare_differs(c, a->part, false, c->less, a->rule->line, a->rule->column,
                        "%.*s: no rule of the %s policy takes all of it", STR_FMT(a->rule->id), compare_more_name(c));
        check_strictness(a);
        check_words(a);
        for (const struct rule *other = a->more->first; other; other = other->next) {
                check_call(a, other);
                check_agreement(a, other);
        }
}

static bool opens(const struct policy *p, const struct section *s)
{
        return !p->expires && s->opens && !s->denies && !s->approves && !s->conditional;
}

static void check_section(struct comparing *c, enum policy_subject subject, const char *part)
{
        struct asked a = { .c = c,
                .part = part,
                .subject = subject,
                .less = &c->less->sections[subject],
                .more = &c->more->sections[subject] };

        for (a.rule = a.less->first; a.rule; a.rule = a.rule->next) {
                for (size_t i = 0; a.rule->verdict != VERDICT_DENY && i < a.rule->pattern_count; ++i) {
                        a.pattern = &a.rule->patterns[i];
                        check_pattern(&a);
                }
        }
        if (opens(c->less, a.less) && !opens(c->more, a.more))
                compare_differs(c, part, false, c->less, a.less->first->line, a.less->first->column,
                        "the %s policy opens everything of this kind", compare_less_name(c));
}

void compare_rules(struct comparing *c)
{
        static const char *const parts[POLICY_SUBJECT_MAX_] = {
                [POLICY_TOOL] = "tools",
                [POLICY_RESOURCE] = "resources",
                [POLICY_PROMPT] = "prompts",
                [POLICY_METHOD] = "methods",
                [POLICY_SAMPLING] = "server_requests",
                [POLICY_ELICITATION_FORM] = "server_requests",
                [POLICY_ELICITATION_URL] = "server_requests",
                [POLICY_ROOTS] = "server_requests",
        };

        for (unsigned i = 0; i < POLICY_SUBJECT_MAX_; ++i) {
                if (parts[i])
                        check_section(c, (enum policy_subject)i, parts[i]);
        }
}
