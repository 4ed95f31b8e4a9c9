/* SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cleanup.h"
#include "compare_parts.h"
#include "limit.h"

const char *policy_change_name(enum policy_change change)
{
        static const char *const names[] = {
                [POLICY_BOTH] = "both", [POLICY_WIDER] = "wider", [POLICY_NARROWER] = "narrower", [POLICY_SAME] = "same"
        };

        return names[change];
}

const char *compare_more_name(const struct comparing *c)
{
        return c->change == POLICY_WIDER ? "old" : "new";
}

const char *compare_less_name(const struct comparing *c)
{
        return c->change == POLICY_WIDER ? "new" : "old";
}

static bool is_known(const struct comparing *c, const struct policy_difference *d)
{
        for (size_t i = 0; i < c->result->count; ++i) {
                const struct policy_difference *other = &c->result->items[i];

                if (other->change == d->change && other->line == d->line && other->column == d->column &&
                        str_eq(other->text, d->text))
                        return true;
        }
        return false;
}

void compare_differs(struct comparing *c, const char *part, bool shown, const struct policy *where, uint32_t line,
        uint32_t column, const char *format, ...)
{
        struct policy_difference d = { .change = c->change, .shown = shown, .part = part, .line = line, .column = column };
        char text[512];
        va_list args;

        c->any[c->change] = true;
        va_start(args, format);
        vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        d.text = str_from(text);
        if (where && line)
                d.file = where->path;
        if (is_known(c, &d))
                return;
        if (c->result->count == LIMIT_DIFFERENCES) {
                c->result->dropped++;
                return;
        }
        if (arena_str(&c->result->arena, d.text, &d.text) < 0)
                c->failed = true;
        else
                c->result->items[c->result->count++] = d;
}

/* --- directions --- */

static void compare_direction(struct comparing *c, const struct policy *less, const struct policy *more, enum policy_change change)
{
        c->less = less;
        c->more = more;
        c->change = change;
        compare_rules(c);
        compare_rest(c);
}

/* What one says and the other does not is a difference in both directions: it is told of where it matters. */
static void compare_pair(struct comparing *c, const struct policy *old_policy, const struct policy *new_policy, bool witnesses)
{
        if (str_eq(old_policy->digest, new_policy->digest))
                return;
        compare_direction(c, new_policy, old_policy, POLICY_WIDER);
        compare_direction(c, old_policy, new_policy, POLICY_NARROWER);
        if (witnesses)
                compare_witnesses(c, old_policy, new_policy);
}

/* --- sets --- */

static const struct policy *partner(const struct policy_set *set, const struct policy_set *of, const struct policy *p)
{
        if (set->count == 1 && of->count == 1)
                return &set->policies[0];
        for (size_t i = 0; i < set->count; ++i) {
                if (str_eq(set->policies[i].path, p->path))
                        return &set->policies[i];
        }
        return NULL;
}

static bool says_of_start(const struct policy *p)
{
        return p->launch.command_count || p->launch.env_count || p->launch.inherit_count || p->launch.credential_count ||
               p->lane_count || p->launch.restart != POLICY_RESTART_NEVER || p->launch.keeps_state;
}

static void compare_lonely(struct comparing *c, const struct policy *p, enum policy_change change)
{
        c->change = change;
        c->less = c->more = p;
        compare_differs(c, "policies", change == POLICY_NARROWER, p, 1, 1,
                change == POLICY_NARROWER ? "this policy is in force as well" : "this policy is no longer in force");
        if (change == POLICY_NARROWER && says_of_start(p)) {
                c->change = POLICY_WIDER;
                compare_differs(c, "server", true, p, 1, 1, "this policy says how the server is started");
        }
}

static bool narrows(const struct policy *p)
{
        for (const struct rule *rule = p->sections[POLICY_TOOL].first; rule; rule = rule->next) {
                if (rule->terms && rule->terms->narrowing_count)
                        return true;
        }
        return false;
}

/* What several policies narrow is put together, and may be refused together; that is not gone into. */
static void compare_layers(struct comparing *c)
{
        size_t narrowing = 0, changed = 0;

        for (size_t i = 0; i < c->old_set->count; ++i) {
                const struct policy *p = &c->old_set->policies[i], *other = partner(c->new_set, c->old_set, p);

                narrowing += narrows(p);
                changed += narrows(p) && !(other && str_eq(other->digest, p->digest));
        }
        if (narrowing < 2 || changed == 0)
                return;
        c->change = POLICY_WIDER;
        compare_differs(c, "policies", false, NULL, 0, 0, "several policies narrow calls together, and one of them has changed");
}

static void compare_sets(struct comparing *c, bool witnesses)
{
        for (size_t i = 0; i < c->new_set->count; ++i) {
                const struct policy *p = &c->new_set->policies[i], *other = partner(c->old_set, c->new_set, p);

                if (other)
                        compare_pair(c, other, p, witnesses);
                else
                        compare_lonely(c, p, POLICY_NARROWER);
        }
        for (size_t i = 0; i < c->old_set->count; ++i) {
                if (!partner(c->new_set, c->old_set, &c->old_set->policies[i]))
                        compare_lonely(c, &c->old_set->policies[i], POLICY_WIDER);
        }
        compare_layers(c);
}

/* --- the whole --- */

static int compare_order(const void *a, const void *b)
{
        const struct policy_difference *x = a, *y = b;

        if (x->change != y->change)
                return x->change == POLICY_WIDER ? -1 : 1;
        if (x->has_witness != y->has_witness)
                return x->has_witness ? -1 : 1;
        return x->line < y->line ? -1 : x->line > y->line;
}

/* Some things count as wider whichever way they change. */
static enum policy_change change_of(const struct comparing *c)
{
        bool wider = c->any[POLICY_WIDER] || c->failed, narrower = c->any[POLICY_NARROWER];

        if (wider)
                return narrower ? POLICY_BOTH : POLICY_WIDER;
        return narrower ? POLICY_NARROWER : POLICY_SAME;
}

static void scratch_freep(struct policy_scratch **scratch)
{
        policy_scratch_free(*scratch);
}

int policy_compare(struct policy_comparison *ret, const struct policy_set *old_set, const struct policy_set *new_set,
        bool witnesses)
{
        CLEANUP(scratch_freep) struct policy_scratch *scratch = policy_scratch_new();
        struct comparing c = {
                .result = ret, .old_set = old_set, .new_set = new_set, .scratch = scratch
        };

        *ret = (struct policy_comparison){ .change = POLICY_BOTH };
        ret->items = arena_array(&ret->arena, LIMIT_DIFFERENCES, sizeof(*ret->items));
        if (!ret->items || !scratch)
                return -ENOMEM;
        compare_sets(&c, witnesses);
        qsort(ret->items, ret->count, sizeof(*ret->items), compare_order);
        ret->change = change_of(&c);
        return c.failed ? -ENOMEM : 0;
}

void policy_comparison_deinit(struct policy_comparison *comparison)
{
        arena_deinit(&comparison->arena);
        comparison->count = 0;
}

static bool is_same_bytes(const struct policy_set *a, const struct policy_set *b)
{
        bool same = a->count == b->count;

        for (size_t i = 0; same && i < a->count; ++i)
                same = str_eq(a->policies[i].digest, b->policies[i].digest) && str_eq(a->policies[i].path, b->policies[i].path);
        return same;
}

enum policy_change policy_set_compare(const struct policy_set *before, const struct policy_set *after)
{
        struct policy_comparison comparison;
        enum policy_change change = POLICY_BOTH;

        if (is_same_bytes(before, after))
                return POLICY_SAME;
        if (policy_compare(&comparison, before, after, false) == 0)
                change = comparison.change == POLICY_SAME ? POLICY_NARROWER : comparison.change;
        policy_comparison_deinit(&comparison);
        return change;
}
