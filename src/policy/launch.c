/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "codes.h"
#include "placeholder.h"
#include "set.h"
#include "shown.h"

static bool argv_eq(const struct str *a, size_t a_count, const struct str *b, size_t b_count)
{
        if (a_count != b_count)
                return false;
        for (size_t i = 0; i < a_count; ++i) {
                if (!str_eq(a[i], b[i]))
                        return false;
        }
        return true;
}

/* Being merged: the arrays have room for what all policies say. */
struct merge {
        struct policy_set *set;
        struct diagnostics *diags;
        struct policy_pair *env;
        const struct launch_pair **env_from;
        const struct policy **env_policy;
        struct str *inherit;
        struct policy_credential *credentials;
        const struct policy *command_policy;
};

static struct diagnostic_place place(const struct policy *p, uint32_t line, uint32_t column, uint32_t length)
{
        return (struct diagnostic_place){ p->input->path, line, column, length };
}

static void merge_command(struct merge *m, const struct policy *p)
{
        struct policy_launch *all = &m->set->launch;
        const struct launch *own = &p->launch;
        char help[256];

        if (own->command_count == 0)
                return;
        if (all->command_count == 0) {
                all->command = own->command;
                all->command_count = own->command_count;
                m->command_policy = p;
                return;
        }
        if (argv_eq(all->command, all->command_count, own->command, own->command_count))
                return;
        snprintf(help, sizeof(help), "the other one: %s:%u:%u", show(m->command_policy->path).text,
                m->command_policy->launch.command_line, m->command_policy->launch.command_column);
        diagnostics_add(m->diags, SEVERITY_ERROR, P_COMMAND_CONFLICT,
                place(p, own->command_line, own->command_column, 1), help, "two policies name different commands");
}

/* A name has one source: a plain value, a credential, or the environment that leastwise was started in. */
static void conflict(struct merge *m, const struct policy *p, struct diagnostic_place at, struct str name,
        const struct policy *other, uint32_t line, uint32_t column)
{
        char help[256];

        snprintf(help, sizeof(help), "the other one: %s:%u:%u", show(other->path).text, line, column);
        diagnostics_add(m->diags, SEVERITY_ERROR, p == other ? P_ENV_TWICE : P_ENV_CONFLICT, at, help,
                "`%s` gets its value from two places", show(name).text);
}

static void merge_pair(struct merge *m, const struct policy *p, const struct launch_pair *pair)
{
        struct policy_launch *all = &m->set->launch;

        for (size_t i = 0; i < all->env_count; ++i) {
                if (!str_eq(all->env[i].name, pair->name))
                        continue;
                if (!str_eq(all->env[i].value, pair->value))
                        conflict(m, p, place(p, pair->line, pair->column, pair->length), pair->name, m->env_policy[i],
                                m->env_from[i]->line, m->env_from[i]->column);
                return;
        }
        m->env_from[all->env_count] = pair;
        m->env_policy[all->env_count] = p;
        m->env[all->env_count++] = (struct policy_pair){ pair->name, pair->value };
}

static const struct policy *policy_of_path(const struct merge *m, const struct policy_credential *c)
{
        for (size_t i = 0; i < m->set->count; ++i) {
                if (m->set->policies[i].path.ptr == c->file.ptr)
                        return &m->set->policies[i];
        }
        return &m->set->policies[0];
}

static void merge_credential(struct merge *m, const struct policy *p, const struct launch_credential *added)
{
        struct policy_launch *all = &m->set->launch;
        const struct policy_credential *c = &added->credential;

        for (size_t i = 0; i < all->credential_count; ++i) {
                const struct policy_credential *other = &all->credentials[i];

                if (!str_eq(other->env_name, c->env_name))
                        continue;
                if (!policy_credential_eq(other, c))
                        conflict(m, p, place(p, c->line, c->column, added->length), c->env_name,
                                policy_of_path(m, other), other->line, other->column);
                return;
        }
        m->credentials[all->credential_count++] = *c;
}

static void merge_inherit(struct merge *m, const struct launch_pair *name)
{
        struct policy_launch *all = &m->set->launch;

        for (size_t i = 0; i < all->inherit_count; ++i) {
                if (str_eq(all->inherit[i], name->name))
                        return;
        }
        m->inherit[all->inherit_count++] = name->name;
}

static void merge_audit(struct policy_launch *all, const struct launch *own, bool *said, bool *all_redacted)
{
        all->audit_durable |= own->durable;
        if (!own->says_arguments)
                return;
        *said = true;
        *all_redacted &= own->arguments == POLICY_AUDIT_REDACTED;
}

static void merge_restart(struct policy_launch *all, const struct launch *own)
{
        all->keeps_state |= own->keeps_state;
        if (own->restart == POLICY_RESTART_ON_FAILURE)
                all->restart = own->restart;
}

/* Across kinds: a credential's name must not also be a plain value or passed on. */
static void check_kinds(struct merge *m, const struct policy *p)
{
        struct policy_launch *all = &m->set->launch;

        for (size_t i = 0; i < all->credential_count; ++i) {
                const struct policy_credential *c = &all->credentials[i];

                for (size_t e = 0; e < p->launch.env_count; ++e) {
                        const struct launch_pair *pair = &p->launch.env[e];

                        if (str_eq(pair->name, c->env_name))
                                conflict(m, p, place(p, pair->line, pair->column, pair->length), pair->name,
                                        policy_of_path(m, c), c->line, c->column);
                }
                for (size_t e = 0; e < p->launch.inherit_count; ++e) {
                        const struct launch_pair *name = &p->launch.inherit[e];

                        if (str_eq(name->name, c->env_name))
                                conflict(m, p, place(p, name->line, name->column, name->length), name->name,
                                        policy_of_path(m, c), c->line, c->column);
                }
        }
        for (size_t i = 0; i < all->env_count; ++i) {
                for (size_t e = 0; e < p->launch.inherit_count; ++e) {
                        const struct launch_pair *name = &p->launch.inherit[e];

                        if (str_eq(name->name, all->env[i].name))
                                conflict(m, p, place(p, name->line, name->column, name->length), name->name,
                                        m->env_policy[i], m->env_from[i]->line, m->env_from[i]->column);
                }
        }
}

static int reserve(struct merge *m)
{
        struct arena *arena = &m->set->arena;
        size_t env = 0, inherit = 0, credentials = 0;

        for (size_t i = 0; i < m->set->count; ++i) {
                env += m->set->policies[i].launch.env_count;
                inherit += m->set->policies[i].launch.inherit_count;
                credentials += m->set->policies[i].launch.credential_count;
        }
        m->env = arena_array(arena, env, sizeof(*m->env));
        m->env_from = arena_array(arena, env, sizeof(const struct launch_pair *));
        m->env_policy = arena_array(arena, env, sizeof(const struct policy *));
        m->inherit = arena_array(arena, inherit, sizeof(*m->inherit));
        m->credentials = arena_array(arena, credentials, sizeof(*m->credentials));
        return m->env && m->env_from && m->env_policy && m->inherit && m->credentials ? 0 : -ENOMEM;
}

static bool is_credential(const struct policy_launch *all, struct str name)
{
        for (size_t i = 0; i < all->credential_count; ++i) {
                if (str_eq(all->credentials[i].env_name, name))
                        return true;
        }
        return false;
}

/* When all policies have been read: one may have the credential that another one's value names. */
static void check_placeholders(struct merge *m)
{
        const struct policy_launch *all = &m->set->launch;

        for (size_t i = 0; i < all->env_count; ++i) {
                const struct launch_pair *pair = m->env_from[i];
                struct placeholder p;

                for (size_t from = 0; placeholder_next(pair->value, from, &p); from = p.end) {
                        if (!p.name.len || is_credential(all, p.name))
                                continue;
                        diagnostics_add(m->diags, SEVERITY_ERROR, P_PLACEHOLDER,
                                place(m->env_policy[i], pair->line, pair->column, pair->length),
                                "name it under `credentials:`, or write `\\{{` for the two signs themselves",
                                "`{{%s}}` in the value of `%s` is no credential", show(p.name).text, show(pair->name).text);
                }
        }
}

int policy_launch_merge(struct policy_set *set, struct diagnostics *diags)
{
        struct merge m = { .set = set, .diags = diags };
        bool arguments_said = false, all_redacted = true;
        int r = reserve(&m);

        if (r < 0)
                return r;
        set->launch = (struct policy_launch){ .env = m.env, .inherit = m.inherit, .credentials = m.credentials };
        for (size_t i = 0; i < set->count; ++i) {
                const struct policy *p = &set->policies[i];

                merge_command(&m, p);
                for (size_t e = 0; e < p->launch.env_count; ++e)
                        merge_pair(&m, p, &p->launch.env[e]);
                for (size_t e = 0; e < p->launch.inherit_count; ++e)
                        merge_inherit(&m, &p->launch.inherit[e]);
                for (size_t e = 0; e < p->launch.credential_count; ++e)
                        merge_credential(&m, p, &p->launch.credentials[e]);
                merge_audit(&set->launch, &p->launch, &arguments_said, &all_redacted);
                merge_restart(&set->launch, &p->launch);
        }
        set->launch.audit_arguments = arguments_said && all_redacted ? POLICY_AUDIT_REDACTED : POLICY_AUDIT_DIGEST;
        for (size_t i = 0; i < set->count; ++i)
                check_kinds(&m, &set->policies[i]);
        check_placeholders(&m);
        return 0;
}
