/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "evaluator.h"
#include "linter.h"
#include "pattern_compare.h"
#include "suggest.h"

/* Sections whose rules have patterns. */
static const enum policy_subject subjects[] = { POLICY_TOOL, POLICY_RESOURCE, POLICY_PROMPT, POLICY_METHOD };
static const char *const kinds[] = {
        [POLICY_TOOL] = "tool", [POLICY_RESOURCE] = "resource", [POLICY_PROMPT] = "prompt", [POLICY_METHOD] = "method"
};

struct shown lint_pattern(const struct pattern *pattern)
{
        static const char *const signs[] = { [OP_ONE] = "?", [OP_CLASS] = "[...]", [OP_STAR] = "*", [OP_STAR_STAR] = "**" };
        char text[400];
        size_t n = 0;

        if (pattern->everything)
                return show(STR("**"));
        for (size_t i = 0; i < pattern->count && n < sizeof(text); ++i) {
                struct pattern_op op = pattern_op(pattern, i);
                struct str piece = op.kind == OP_LITERAL ? op.literal : str_from(signs[op.kind]);

                if (piece.len > sizeof(text) - n)
                        piece.len = sizeof(text) - n;
                memcpy(text + n, piece.ptr, piece.len);
                n += piece.len;
        }
        return show(str_of(text, n));
}

static bool narrows(const struct rule *rule)
{
        return rule->terms && rule->terms->narrowing_count;
}

/* A rule that speaks of every call of a name, so that others may have nothing left to say about it. */
static bool is_unconditional(const struct rule *rule)
{
        return !rule->terms || (rule->terms->count == 0 && !rule->terms->accepted && !narrows(rule));
}

/* --- rules without effect --- */

enum shadow { SHADOW_NONE, SHADOW_DENIED, SHADOW_HELD, SHADOW_REPEATED, SHADOW_LOOSENED };

static bool names_one(const struct pattern *p, const struct pattern *q)
{
        return p->exact && q->exact;
}

/* A pattern whose value is not known yet takes nothing, and nothing is said about it. */
static bool covers(const struct pattern *wide, const struct pattern *narrow)
{
        return !wide->never && !narrow->never && pattern_includes(wide, narrow);
}

/* What @over (with @q) leaves of @rule's pattern @p. */
static enum shadow shadow_of(const struct rule *rule, const struct pattern *p, const struct rule *over, const struct pattern *q)
{
        if (over == rule || over->verdict > rule->verdict || !is_unconditional(over) || !covers(q, p))
                return SHADOW_NONE;
        /* Two names are told of already (P207). */
        if (over->verdict == VERDICT_DENY)
                return names_one(p, q) ? SHADOW_NONE : SHADOW_DENIED;
        if (narrows(rule))
                return SHADOW_NONE;
        if (over->verdict < rule->verdict)
                return SHADOW_HELD;
        if (rule->call || over->call)
                return SHADOW_NONE;
        if (!is_unconditional(rule))
                return SHADOW_LOOSENED;
        /* Of two that say the same, the later one is told of. */
        return !covers(p, q) || over->index < rule->index ? SHADOW_REPEATED : SHADOW_NONE;
}

static void tell_shadow(const struct linter *l, enum shadow shadow, const struct pattern *p, const struct rule *over)
{
        static const char *const texts[] = {
                [SHADOW_DENIED] = "is always denied, and deny wins",
                [SHADOW_HELD] = "always needs approval, which wins over allow",
                [SHADOW_REPEATED] = "is matched by another rule of the same list already",
                [SHADOW_LOOSENED] = "is matched by a rule without conditions too, so that those of this rule hold nothing back",
        };
        char help[200];

        snprintf(help, sizeof(help), "by this rule: %s:%u:%u", show(l->policy->path).text, over->line, over->column);
        diagnostics_add(l->diags, SEVERITY_WARNING, P_SHADOWED, lint_pattern_place(l, p), help, "`%s` %s", lint_pattern(p).text,
                texts[shadow]);
}

static void lint_shadow(const struct linter *l, const struct section *section, const struct rule *rule, const struct pattern *p)
{
        for (const struct rule *over = section->first; over; over = over->next) {
                for (size_t i = 0; i < over->pattern_count; ++i) {
                        enum shadow shadow = shadow_of(rule, p, over, &over->patterns[i]);

                        if (shadow == SHADOW_NONE)
                                continue;
                        tell_shadow(l, shadow, p, over);
                        return;
                }
        }
}

/* --- rules about everything --- */

static bool takes_all(const struct pattern *p)
{
        return p->everything || (p->count == 1 && pattern_op(p, 0).kind == OP_STAR && p->kind == PATTERN_NAME);
}

static void lint_width(const struct linter *l, enum policy_subject subject, const struct rule *rule, const struct pattern *p)
{
        if (rule->verdict == VERDICT_ALLOW && takes_all(p) && is_unconditional(rule))
                diagnostics_add(l->diags, SEVERITY_WARNING, P_OPENS_ALL, lint_pattern_place(l, p),
                        "name those that the job needs", "this allows every %s there is, and every one to come", kinds[subject]);
}

void lint_rules(const struct linter *l)
{
        for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); ++i) {
                const struct section *section = &l->policy->sections[subjects[i]];

                for (const struct rule *rule = section->first; rule; rule = rule->next) {
                        for (size_t j = 0; rule->verdict != VERDICT_DENY && j < rule->pattern_count; ++j) {
                                lint_shadow(l, section, rule, &rule->patterns[j]);
                                lint_width(l, subjects[i], rule, &rule->patterns[j]);
                        }
                }
        }
}

/* --- what is pinned --- */

static void lint_unmatched(const struct linter *l, const struct lint_pins *pins, const struct pattern *p)
{
        struct suggestion near;
        char help[200] = "remove it, or pin the tool: `leastwise pin`";

        for (size_t i = 0; i < pins->count; ++i) {
                if (p->never || pattern_match(p, pins->tools[i].name) == MATCH_YES)
                        return;
        }
        if (p->exact) {
                suggest_begin(&near, p->prefix);
                for (size_t i = 0; i < pins->count; ++i)
                        suggest_offer(&near, p->prefix, pins->tools[i].name);
                if (near.best.len)
                        snprintf(help, sizeof(help), "did you mean `%s`?", show(near.best).text);
        }
        diagnostics_add(l->diags, SEVERITY_WARNING, P_NOT_PINNED, lint_pattern_place(l, p), help, "no pinned tool is called `%s`",
                lint_pattern(p).text);
}

static void lint_destructive(const struct linter *l, const struct lint_tool *tool)
{
        const struct policy_request request = { .subject = POLICY_TOOL, .name = tool->name };
        struct collector c = { .request = &request, .any_arguments = true };
        struct outcome o = policy_evaluate(l->policy, &c);

        if (o.verdict != VERDICT_ALLOW || !o.rule || !is_unconditional(o.rule))
                return;
        diagnostics_add(l->diags, SEVERITY_WARNING, P_DESTRUCTIVE, lint_place(l, o.rule->line, o.rule->column, 1),
                "have a person look at it (`approve`), or say which arguments are safe (`when`)",
                "its server calls `%s` destructive, and this allows it whatever its arguments are", show(tool->name).text);
}

void lint_pins(const struct linter *l)
{
        const struct lint_pins *pins = l->lint->pins ? &l->lint->pins[l->policy->index] : NULL;

        if (!pins || !pins->known)
                return;
        for (const struct rule *rule = l->policy->sections[POLICY_TOOL].first; rule; rule = rule->next) {
                for (size_t i = 0; rule->verdict != VERDICT_DENY && i < rule->pattern_count; ++i)
                        lint_unmatched(l, pins, &rule->patterns[i]);
        }
        for (size_t i = 0; i < pins->count; ++i) {
                if (pins->tools[i].destructive)
                        lint_destructive(l, &pins->tools[i]);
        }
}
