/* SPDX-License-Identifier: Apache-2.0 */
#include "environment.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "cleanup.h"
#include "expand.h"
#include "limit.h"
#include "printable.h"

/* More than execve() takes anyway. */
#define ENVIRONMENT_MAX (4U << 20)

/* What the SDKs hand to every server (mcp stdio clients, POSIX). */
static const char *const always[] = { "HOME", "PATH", "USER", "LOGNAME", "SHELL", "TERM" };
#define ALWAYS_COUNT (sizeof(always) / sizeof(always[0]))

/* A plan first, then one allocation: a block that grew would leave copies of secrets behind. */
struct plan_item {
        struct str name, value;
        bool expands; /* placeholders in it mean something */
};

struct plan {
        struct plan_item *items;
        size_t count;
        const struct environment_secret *secrets;
        size_t secret_count;
};

static struct str fallback(const char *name, const struct passwd *user)
{
        if (!user)
                return (struct str){ 0 };
        if (strcmp(name, "HOME") == 0)
                return str_from(user->pw_dir);
        if (strcmp(name, "USER") == 0 || strcmp(name, "LOGNAME") == 0)
                return str_from(user->pw_name);
        return (struct str){ 0 };
}

static void plan_set(struct plan *plan, struct str name, struct str value, bool expands)
{
        const struct plan_item item = { name, value, expands };

        for (size_t i = 0; i < plan->count; i++) {
                if (str_eq(plan->items[i].name, name)) {
                        plan->items[i] = item;
                        return;
                }
        }
        plan->items[plan->count++] = item;
}

/* bash exports functions as values that begin so; the SDKs do not pass them on, and nor do we. */
static bool is_shell_function(const char *value)
{
        return strncmp(value, "()", 2) == 0;
}

static void plan_own(struct plan *plan, const char *name)
{
        const char *value = getenv(name);

        if (value && !is_shell_function(value))
                plan_set(plan, str_from(name), str_from(value), false);
}

static void plan_always(struct plan *plan)
{
        bool missing = !getenv("HOME") || !getenv("USER") || !getenv("LOGNAME");
        /* The password file may mean a name service: asked only when it is needed. */
        const struct passwd *user = missing ? getpwuid(getuid()) : NULL;

        for (size_t i = 0; i < ALWAYS_COUNT; i++) {
                struct str value = fallback(always[i], user);

                if (getenv(always[i]))
                        plan_own(plan, always[i]);
                else if (value.len)
                        plan_set(plan, str_from(always[i]), value, false);
        }
}

static int plan_inherited(struct plan *plan, const struct policy_launch *policy)
{
        for (size_t i = 0; i < policy->inherit_count; i++) {
                AUTO_FREE char *name = str_dup(policy->inherit[i]);
                const char *value;

                if (!name)
                        return -ENOMEM;
                value = getenv(name);
                if (value && !is_shell_function(value))
                        plan_set(plan, policy->inherit[i], str_from(value), true);
        }
        return 0;
}

static int size_of(const struct plan *plan, const struct plan_item *item, size_t *ret, struct buf *why)
{
        struct str unknown;

        *ret = item->value.len;
        if (!item->expands || expand_size(item->value, plan->secrets, plan->secret_count, ret, &unknown) == 0)
                return 0;
        buf_append_str(why, STR("the value of "));
        printable_append(why, item->name, LIMIT_NAME_BYTES);
        buf_append_str(why, STR(" holds {{"));
        printable_append(why, unknown, LIMIT_NAME_BYTES);
        buf_append_str(why, STR("}}, but the policy has no credential of that name; name it under credentials:, or write \\{{ for "
                                "the two signs themselves"));
        return -ENOENT;
}

static int write_plan(struct environment *env, const struct plan *plan, struct buf *why)
{
        size_t total = 0, size;

        for (size_t i = 0; i < plan->count; i++) {
                int r = size_of(plan, &plan->items[i], &size, why);

                if (r < 0)
                        return r;
                total += plan->items[i].name.len + size + 2;
        }
        env->entries = mem_calloc(plan->count + 1, sizeof(*env->entries));
        if (!env->entries || buf_reserve(&env->block, total + 1) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < plan->count; i++) {
                env->entries[env->count++] = env->block.data + env->block.len;
                buf_append_str(&env->block, plan->items[i].name);
                buf_append_char(&env->block, '=');
                if (plan->items[i].expands)
                        expand_into(&env->block, plan->items[i].value, plan->secrets, plan->secret_count);
                else
                        buf_append_str(&env->block, plan->items[i].value);
                buf_append_char(&env->block, '\0');
        }
        return env->block.failed ? -ENOMEM : 0;
}

int environment_build(struct environment *ret, const struct policy_launch *policy,
        const struct environment_secret *secrets, size_t count, struct buf *why)
{
        AUTO_FREE struct plan_item *items =
                mem_calloc(ALWAYS_COUNT + policy->inherit_count + policy->env_count + count, sizeof(*items));
        struct plan plan = { .items = items, .secrets = secrets, .secret_count = count };
        int r;

        *ret = (struct environment){ .block = BUF_INIT(ENVIRONMENT_MAX) };
        if (!items)
                return -ENOMEM;
        plan_always(&plan);
        r = plan_inherited(&plan, policy);
        if (r < 0)
                return r;
        for (size_t i = 0; i < policy->env_count; i++)
                plan_set(&plan, policy->env[i].name, policy->env[i].value, true);
        for (size_t i = 0; i < count; i++)
                plan_set(&plan, secrets[i].name, secrets[i].value, false);
        r = write_plan(ret, &plan, why);
        if (r < 0)
                environment_wipe(ret);
        return r;
}

const char *environment_get(const struct environment *env, const char *name)
{
        const size_t len = strlen(name);

        for (size_t i = 0; i < env->count; i++) {
                if (strncmp(env->entries[i], name, len) == 0 && env->entries[i][len] == '=')
                        return env->entries[i] + len + 1;
        }
        return NULL;
}

void environment_wipe(struct environment *env)
{
        buf_wipe(&env->block);
        mem_free(env->entries);
        env->entries = NULL;
        env->count = 0;
}
