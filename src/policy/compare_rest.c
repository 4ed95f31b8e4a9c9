/* SPDX-License-Identifier: Apache-2.0
 *
 * What a policy says besides its rules: how long it lives, what is started with which credentials, limits, flow, pins, the
 * record, and every key that comparing knows nothing of, which must be the same text.
 */
#include <string.h>

#include "compare_parts.h"
#include "pattern_compare.h"

static void check_until(struct comparing *c)
{
        if (c->more->expires && (!c->less->expires || c->less->expires_at > c->more->expires_at))
                compare_differs(c, "until", true, c->more, c->more->until_line, c->more->until_column,
                        "the %s policy lives longer", compare_less_name(c));
}

/* --- what is started --- */

static bool same_texts(const struct str *a, size_t a_count, const struct str *b, size_t b_count)
{
        bool same = a_count == b_count;

        for (size_t i = 0; same && i < a_count; ++i)
                same = str_eq(a[i], b[i]);
        return same;
}

static bool same_pairs(const struct launch_pair *a, size_t a_count, const struct launch_pair *b, size_t b_count)
{
        bool same = a_count == b_count;

        for (size_t i = 0; same && i < a_count; ++i) {
                size_t j = 0;

                while (j < b_count && !(str_eq(a[i].name, b[j].name) && str_eq(a[i].value, b[j].value)))
                        ++j;
                same = j < b_count;
        }
        return same;
}

static bool same_credential(const struct policy_credential *a, const struct policy_credential *b)
{
        return str_eq(a->env_name, b->env_name) && policy_credential_eq(a, b);
}

static bool same_credentials(
        const struct launch_credential *a, size_t a_count, const struct launch_credential *b, size_t b_count)
{
        bool same = a_count == b_count;

        for (size_t i = 0; same && i < a_count; ++i) {
                size_t j = 0;

                while (j < b_count && !same_credential(&a[i].credential, &b[j].credential))
                        ++j;
                same = j < b_count;
        }
        return same;
}

/* Wider whichever way it changes: nobody can say what a server does with less. */
static void check_launch(struct comparing *c)
{
        const struct launch *a = &c->less->launch, *b = &c->more->launch;
        uint32_t line = a->credential_count ? a->credentials[0].credential.line : 0;

        if (c->change == POLICY_NARROWER)
                return;
        if (!same_texts(a->command, a->command_count, b->command, b->command_count))
                compare_differs(c, "server", true, c->less, a->command_line, a->command_column,
                        "another command is started than the %s policy says", compare_more_name(c));
        if (!same_pairs(a->env, a->env_count, b->env, b->env_count))
                compare_differs(c, "server", true, c->less, a->env_count ? a->env[0].line : 0,
                        a->env_count ? a->env[0].column : 0, "the server gets another `env` than the %s policy gives it",
                        compare_more_name(c));
        if (!same_pairs(a->inherit, a->inherit_count, b->inherit, b->inherit_count))
                compare_differs(c, "server", true, c->less, a->inherit_count ? a->inherit[0].line : 0,
                        a->inherit_count ? a->inherit[0].column : 0,
                        "the server inherits other names than the %s policy lets it", compare_more_name(c));
        if (a->restart != b->restart || a->keeps_state != b->keeps_state)
                compare_differs(c, "server", true, NULL, 0, 0, "the server is replaced in other cases than by the %s policy",
                        compare_more_name(c));
        if (!same_credentials(a->credentials, a->credential_count, b->credentials, b->credential_count))
                compare_differs(c, "credentials", true, c->less, line,
                        line ? a->credentials[0].credential.column : 0,
                        "the server gets other credentials than the %s policy gives it", compare_more_name(c));
}

static void check_lanes(struct comparing *c)
{
        bool same = c->less->lane_count == c->more->lane_count;

        if (c->change == POLICY_NARROWER)
                return;
        for (size_t i = 0; same && i < c->less->lane_count; ++i) {
                const struct lane *a = &c->less->lanes[i];
                bool found = false;

                for (size_t j = 0; j < c->more->lane_count && !found; ++j) {
                        const struct lane *b = &c->more->lanes[j];

                        found = str_eq(a->name, b->name) && a->per_call == b->per_call && a->live_ms == b->live_ms &&
                                same_credentials(a->credentials, a->credential_count, b->credentials, b->credential_count);
                }
                same = found;
        }
        if (!same)
                compare_differs(c, "lanes", true, NULL, 0, 0, "the lanes are others than those of the %s policy",
                        compare_more_name(c));
}

/* --- limits --- */

/* A count that has another name begins anew. */
static bool limit_keeps(const struct policy_limit *own, const struct policy_limit *limit)
{
        if (own->kind != limit->kind || amount_cmp(own->most, limit->most) > 0)
                return false;
        return str_eq(own->state, limit->state) && own->window_ms == limit->window_ms &&
               str_eq(own->argument, limit->argument) &&
               patterns_include(own->patterns, own->pattern_count, limit->patterns, limit->pattern_count);
}

static void check_limits(struct comparing *c)
{
        for (size_t i = 0; i < c->more->limit_count; ++i) {
                const struct policy_limit *limit = &c->more->limits[i];
                bool kept = false, same_count = false;

                for (size_t j = 0; j < c->less->limit_count && !kept; ++j) {
                        const struct policy_limit *own = &c->less->limits[j];

                        kept = limit_keeps(own, limit);
                        same_count |= own->kind == limit->kind && str_eq(own->state, limit->state);
                }
                if (kept)
                        continue;
                compare_differs(c, "limits", same_count || limit->state.len == 0, c->more, limit->line, limit->column,
                        same_count || limit->state.len == 0 ? "%.*s (%.*s) is more in the %s policy, or none"
                                                            : "%.*s (%.*s) is not a limit of the %s policy, or is counted anew",
                        STR_FMT(limit->id), STR_FMT(limit->text), compare_less_name(c));
        }
}

/* --- flow --- */

static const struct flow_mark *mark_of(const struct flow *flow, size_t i, uint64_t bits)
{
        return bits >> i & 1 ? &flow->marks[i] : NULL;
}

static bool bearers_cover(const struct flow_bearers *wide, const struct flow_bearers *narrow)
{
        return patterns_include(wide->patterns, wide->count, narrow->patterns, narrow->count);
}

static bool mark_covers(const struct flow_mark *wide, const struct flow_mark *narrow)
{
        return bearers_cover(&wide->tools, &narrow->tools) && bearers_cover(&wide->resources, &narrow->resources) &&
               bearers_cover(&wide->prompts, &narrow->prompts);
}

/* Marks that a session has met keep their names when policies are read anew. */
static bool is_met_with(const struct flow_mark *mark, const struct flow *flow, uint64_t after)
{
        for (size_t i = 0; i < flow->mark_count; ++i) {
                const struct flow_mark *other = mark_of(flow, i, after);

                if (other && str_eq(other->name, mark->name) && mark_covers(mark, other))
                        return true;
        }
        return false;
}

static bool bears_one(const struct flow_mark *mark, const struct flow *flow, uint64_t on)
{
        for (size_t i = 0; i < flow->mark_count; ++i) {
                const struct flow_mark *other = mark_of(flow, i, on);

                if (other && mark_covers(other, mark))
                        return true;
        }
        return false;
}

static bool flow_rule_keeps(const struct flow *own, const struct flow_rule *rule, const struct flow *flow, const struct flow_rule *kept)
{
        if (rule->rule.verdict > kept->rule.verdict)
                return false;
        for (size_t i = 0; i < own->mark_count; ++i) {
                const struct flow_mark *mark = mark_of(own, i, rule->after);

                if (mark && !is_met_with(mark, flow, kept->after))
                        return false;
        }
        for (size_t i = 0; i < flow->mark_count; ++i) {
                const struct flow_mark *mark = mark_of(flow, i, kept->on);

                if (mark && !bears_one(mark, own, rule->on))
                        return false;
        }
        return true;
}

static void check_flow(struct comparing *c)
{
        const struct flow *own = &c->less->flow, *flow = &c->more->flow;

        for (size_t i = 0; i < flow->rule_count; ++i) {
                size_t j = 0;

                while (j < own->rule_count && !flow_rule_keeps(own, &own->rules[j], flow, &flow->rules[i]))
                        ++j;
                if (j == own->rule_count)
                        compare_differs(c, "flow", false, c->more, flow->rules[i].rule.line, flow->rules[i].rule.column,
                                "what %.*s holds back, the %s policy may let go", STR_FMT(flow->rules[i].rule.id),
                                compare_less_name(c));
        }
}

/* --- the rest --- */

static void check_pins(struct comparing *c)
{
        const struct policy_pins *pins = &c->more->pins;

        if (pins->file.len && !str_eq(pins->file, c->less->pins.file))
                compare_differs(c, "pins", true, c->more, pins->line, pins->column,
                        "the %s policy does not pin tools by this file", compare_less_name(c));
}

/* Wider whichever way it changes: who is one of the people is not known here, and who is asked on a terminal may be nobody's list. */
static void check_approvers(struct comparing *c)
{
        const struct policy_approvers *a = &c->less->approvers, *b = &c->more->approvers;

        if (!str_eq(a->signers, b->signers) || !str_eq(a->revoked, b->revoked))
                compare_differs(c, "approvers", false, a->signers.len ? c->less : c->more, a->signers.len ? a->line : b->line,
                        a->signers.len ? a->column : b->column, "others may approve than those of the %s policy",
                        compare_more_name(c));
}

/* The name is what counts and marks are kept under. */
static void check_name(struct comparing *c)
{
        bool counts = c->more->flow.rule_count > 0;

        for (size_t i = 0; i < c->more->limit_count; ++i)
                counts |= c->more->limits[i].state.len > 0;
        if (counts && !str_eq(c->less->name, c->more->name))
                compare_differs(c, "name", true, NULL, 0, 0,
                        "the %s policy has another name: what was counted and met so far is forgotten",
                        compare_less_name(c));
}

static void check_audit(struct comparing *c)
{
        const struct launch *a = &c->less->launch, *b = &c->more->launch;

        if (b->durable && !a->durable)
                compare_differs(c, "audit", true, NULL, 0, 0, "the %s policy's record is not durable", compare_less_name(c));
        if (c->change == POLICY_NARROWER)
                return;
        if (a->says_arguments != b->says_arguments || a->arguments != b->arguments)
                compare_differs(c, "audit", true, NULL, 0, 0, "arguments are recorded in another way than by the %s policy",
                        compare_more_name(c));
}

static const struct key_print *print_of(const struct policy *p, struct str key)
{
        for (size_t i = 0; i < p->print_count; ++i) {
                if (str_eq(p->prints[i].key, key))
                        return &p->prints[i];
        }
        return NULL;
}

bool compare_knows_key(struct str key)
{
        static const char *const keys[] = { "leastwise", "name", "purpose", "owner", "until", "bind", "server", "credentials",
                "lanes", "tools", "resources", "prompts", "server_requests", "methods", "pins", "approvers", "audit", "limits", "flow",
                "tests", "hints" };

        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); ++i) {
                if (str_eq(key, str_from(keys[i])))
                        return true;
        }
        return false;
}

/* Where a key only ever takes something away, it may come in freely. */
static bool only_restricts(struct str key)
{
        return str_eq(key, STR("agents")) || str_eq(key, STR("results"));
}

static void check_key(struct comparing *c, const struct policy *where, const struct key_print *key, const struct key_print *other)
{
        if (c->change == POLICY_NARROWER && !only_restricts(key->key))
                return;
        if (other && memcmp(key->digest, other->digest, sizeof(key->digest)) == 0)
                return;
        compare_differs(c, "other keys", false, where, key->line, key->column, "`%.*s` is %s in the %s policy",
                STR_FMT(key->key), other ? "another" : "missing",
                where == c->less ? compare_more_name(c) : compare_less_name(c));
}

static void check_keys(struct comparing *c)
{
        for (size_t i = 0; i < c->more->print_count; ++i)
                check_key(c, c->more, &c->more->prints[i], print_of(c->less, c->more->prints[i].key));
        for (size_t i = 0; i < c->less->print_count; ++i) {
                const struct key_print *key = &c->less->prints[i];

                if (!print_of(c->more, key->key) && !only_restricts(key->key))
                        check_key(c, c->less, key, NULL);
        }
}

void compare_rest(struct comparing *c)
{
        check_until(c);
        check_launch(c);
        check_lanes(c);
        check_limits(c);
        check_flow(c);
        check_pins(c);
        check_approvers(c);
        check_name(c);
        check_audit(c);
        check_keys(c);
}
