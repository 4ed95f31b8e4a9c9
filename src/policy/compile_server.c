/* SPDX-License-Identifier: Apache-2.0 */
#include "compile.h"
#include "env_name.h"
#include "limit.h"
#include "placeholder.h"

bool compile_argv(struct compile *c, const struct yaml_node *value, const struct str **ret, size_t *ret_count)
{
        struct str *argv;
        size_t n = 0;

        if (!compile_wants(c, value, YAML_LIST, "a command"))
                return false;
        if (value->count == 0) {
                compile_error(c, P_EMPTY_VALUE, value, NULL, "a command has at least the program's name");
                return false;
        }
        argv = compile_array(c, value->count, sizeof(*argv));
        if (!argv)
                return false;
        yaml_each (value, item) {
                if (!compile_wants(c, item, YAML_TEXT, "a command's argument"))
                        return false;
                if (n == 0 && item->text.len == 0) {
                        compile_error(c, P_EMPTY_VALUE, item, NULL, "the program's name cannot be empty");
                        return false;
                }
                if (env_value_looks_secret(item->text) || (c->options->lint && env_value_looks_random(item->text)))
                        compile_warning(c, P_ENV_SECRET, item,
                                "put it under `credentials:`; every user of the machine sees arguments",
                                "this argument looks like a secret");
                if (arena_str(c->arena, item->text, &argv[n++]) < 0) {
                        c->no_memory = true;
                        return false;
                }
        }
        *ret = argv;
        *ret_count = n;
        return true;
}

static void read_command(struct compile *c, const struct yaml_node *value, void *into)
{
        struct launch *launch = &c->policy->launch;

        launch->command_line = value->line;
        launch->command_column = value->column;
        if (!compile_argv(c, value, &launch->command, &launch->command_count))
                return;
        yaml_each (value, item) {
                if (placeholder_is_in(item->text))
                        compile_error(c, P_PLACEHOLDER_IN_COMMAND, item,
                                "put it into a variable's value under `env:`; every user of the machine sees arguments",
                                "an argument cannot hold a credential");
        }
}

bool compile_env_name(struct compile *c, const struct yaml_node *node, struct str *ret)
{
        if (!compile_text(c, node, "an environment name", LIMIT_NAME_BYTES, ret))
                return false;
        if (!env_name_is_valid(*ret)) {
                compile_error(c, P_ENV_NAME, node, "letters, digits and `_`, not beginning with a digit",
                        "`%s` is not an environment name", show(*ret).text);
                return false;
        }
        if (env_name_steers_loader(*ret)) {
                compile_error(c, P_ENV_LOADER, node, "start the server through a script that sets it",
                        "`%s` changes which code every program loads; a policy cannot set or pass it", show(*ret).text);
                return false;
        }
        return true;
}

static struct launch_pair *pair_named(struct launch_pair *pairs, size_t count, struct str name)
{
        for (size_t i = 0; i < count; ++i) {
                if (str_eq(pairs[i].name, name))
                        return &pairs[i];
        }
        return NULL;
}

static void read_env(struct compile *c, const struct yaml_node *value, void *into)
{
        struct launch *launch = &c->policy->launch;

        if (!compile_wants(c, value, YAML_MAP, "`env`"))
                return;
        launch->env = compile_array(c, value->count, sizeof(*launch->env));
        if (!launch->env)
                return;
        yaml_each (value, key) {
                struct launch_pair *pair = &launch->env[launch->env_count];

                *pair = (struct launch_pair){ .line = key->line, .column = key->column, .length = key->length };
                if (!compile_env_name(c, key, &pair->name) || !compile_template(c, key->value, &pair->value))
                        continue;
                if (env_value_looks_secret(pair->value) || (c->options->lint && env_value_looks_random(pair->value)))
                        compile_warning(c, P_ENV_SECRET, key->value,
                                "take it from somewhere: `credentials: { NAME: { from: env, name: ... } }`",
                                "the value of `%s` looks like a secret", pair->name.ptr);
                else if (compile_is_credential_uri(pair->value))
                        compile_warning(c, P_SOURCE_AS_TEXT, key->value, "for the credential itself, write this line under `credentials:`",
                                "the server gets this text as it stands in `%s`", pair->name.ptr);
                launch->env_count++;
        }
}

static void read_inherit(struct compile *c, const struct yaml_node *value, void *into)
{
        struct launch *launch = &c->policy->launch;

        if (!compile_wants(c, value, YAML_LIST, "`inherit`"))
                return;
        launch->inherit = compile_array(c, value->count, sizeof(*launch->inherit));
        if (!launch->inherit)
                return;
        yaml_each (value, item) {
                struct launch_pair *name = &launch->inherit[launch->inherit_count];

                *name = (struct launch_pair){ .line = item->line, .column = item->column, .length = item->length };
                if (!compile_env_name(c, item, &name->name))
                        continue;
                if (env_name_loads_code(name->name))
                        compile_warning(c, P_ENV_LOADS_CODE, item,
                                "if the server needs it, write its value under `env:`",
                                "whoever sets `%s` decides which code the server runs", name->name.ptr);
                if (!pair_named(launch->inherit, launch->inherit_count, name->name))
                        launch->inherit_count++;
        }
}

static void read_restart(struct compile *c, const struct yaml_node *value, void *into)
{
        static const char *const words[] = { [POLICY_RESTART_NEVER] = "never", [POLICY_RESTART_ON_FAILURE] = "on-failure" };
        int word = compile_word(c, value, words, 2);

        if (word >= 0)
                c->policy->launch.restart = (enum policy_restart)word;
}

static void read_keeps_state(struct compile *c, const struct yaml_node *value, void *into)
{
        static const char *const words[] = { "false", "true" };
        int word = compile_word(c, value, words, 2);

        if (word >= 0)
                c->policy->launch.keeps_state = word == 1;
}

void compile_server(struct compile *c, const struct yaml_node *value, void *into)
{
        static const struct key_row rows[] = {
                { "command", KEY_OPTIONAL, read_command },
                { "env", KEY_OPTIONAL, read_env },
                { "inherit", KEY_OPTIONAL, read_inherit },
                { "restart", KEY_OPTIONAL, read_restart },
                { "keeps_state", KEY_OPTIONAL, read_keeps_state },
        };

        COMPILE_MAP(c, value, "server", rows, NULL);
}
