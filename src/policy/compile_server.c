/* SPDX-License-Identifier: Apache-2.0 */
#include "compile.h"
#include "env_name.h"
#include "limit.h"

#define PATH_BYTES 4096U
/* A credential helper that takes longer than this is stuck; a client waits a minute for its server at the most. */
#define TIMEOUT_MOST_MS 300000U
#define TIMEOUT_DEFAULT_MS 10000U

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
        compile_argv(c, value, &launch->command, &launch->command_count);
}

/* An environment name that may be given to the server. False after reporting. */
static bool check_name(struct compile *c, const struct yaml_node *node, struct str *ret)
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
                if (!check_name(c, key, &pair->name) || !compile_template(c, key->value, &pair->value))
                        continue;
                if (env_value_looks_secret(pair->value) || (c->options->lint && env_value_looks_random(pair->value)))
                        compile_warning(c, P_ENV_SECRET, key->value,
                                "take it from somewhere: `credentials: { NAME: { from: env, name: ... } }`",
                                "the value of `%s` looks like a secret", pair->name.ptr);
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
                if (!check_name(c, item, &name->name))
                        continue;
                if (env_name_loads_code(name->name))
                        compile_warning(c, P_ENV_LOADS_CODE, item,
                                "if the server needs it, write its value under `env:`",
                                "whoever sets `%s` decides which code the server runs", name->name.ptr);
                if (!pair_named(launch->inherit, launch->inherit_count, name->name))
                        launch->inherit_count++;
        }
}

void compile_server(struct compile *c, const struct yaml_node *value, void *into)
{
        static const struct key_row rows[] = {
                { "command", KEY_OPTIONAL, read_command },
                { "env", KEY_OPTIONAL, read_env },
                { "inherit", KEY_OPTIONAL, read_inherit },
        };

        COMPILE_MAP(c, value, "server", rows, NULL);
}

/* --- credentials --- */

struct credential_reading {
        struct policy_credential *credential;
        const struct yaml_node *from, *name, *path, *command, *timeout;
};

static void read_from(struct compile *c, const struct yaml_node *value, void *into)
{
        static const char *const words[] = {
                [CREDENTIAL_ENV] = "env", [CREDENTIAL_FILE] = "file", [CREDENTIAL_EXEC] = "exec"
        };
        struct credential_reading *reading = into;
        int word;

        if (value->kind == YAML_TEXT && str_eq(value->text, STR("vault"))) {
                compile_later(c, value, STR("from: vault"));
                return;
        }
        word = compile_word(c, value, words, 3);
        if (word < 0)
                return;
        reading->from = value;
        reading->credential->from = (enum credential_from)word;
}

static void read_source_name(struct compile *c, const struct yaml_node *value, void *into)
{
        struct credential_reading *reading = into;

        reading->name = value;
        compile_text(c, value, "a variable's name", LIMIT_NAME_BYTES, &reading->credential->source);
}

static void read_path(struct compile *c, const struct yaml_node *value, void *into)
{
        struct credential_reading *reading = into;

        reading->path = value;
        if (!compile_text(c, value, "a path", PATH_BYTES, &reading->credential->source))
                return;
        if (reading->credential->source.ptr[0] != '/')
                compile_error(c, P_PATH_NOT_ABSOLUTE, value, "clients start servers in a directory of their own choice",
                        "a credential's path must be absolute");
}

static void read_exec(struct compile *c, const struct yaml_node *value, void *into)
{
        struct credential_reading *reading = into;

        reading->command = value;
        compile_argv(c, value, &reading->credential->argv, &reading->credential->argc);
}

static void read_timeout(struct compile *c, const struct yaml_node *value, void *into)
{
        struct credential_reading *reading = into;

        reading->timeout = value;
        if (!compile_wants(c, value, YAML_TEXT, "a time span"))
                return;
        if (!time_span_ms(value->text, TIMEOUT_MOST_MS, &reading->credential->timeout_ms))
                compile_error(c, P_BAD_TIME, value, "a whole number and ms, s, m or h, up to 5m: `10s`",
                        "`%s` is not a time span", show(value->text).text);
}

/* Each source has a key of its own, and the others' keys would have no effect. */
static void check_source(struct compile *c, const struct yaml_node *node, const struct credential_reading *r)
{
        const struct {
                const char *key;
                const struct yaml_node *value;
                bool wanted, required;
        } keys[] = {
                { "name", r->name, r->credential->from == CREDENTIAL_ENV, true },
                { "path", r->path, r->credential->from == CREDENTIAL_FILE, true },
                { "command", r->command, r->credential->from == CREDENTIAL_EXEC, true },
                { "timeout", r->timeout, r->credential->from == CREDENTIAL_EXEC, false },
        };

        if (!r->from)
                return;
        if (r->credential->from == CREDENTIAL_ENV && r->name && r->credential->source.len &&
                !env_name_is_valid(r->credential->source))
                compile_error(c, P_ENV_NAME, r->name, "letters, digits and `_`, not beginning with a digit",
                        "`%s` is not an environment name", show(r->credential->source).text);
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); ++i) {
                if (keys[i].value && !keys[i].wanted)
                        compile_error(c, P_BAD_SOURCE, keys[i].value, NULL, "`%s` does not go with `from: %s`",
                                keys[i].key, show(r->from->text).text);
                else if (!keys[i].value && keys[i].wanted && keys[i].required)
                        compile_error(c, P_BAD_SOURCE, node, NULL, "`from: %s` needs `%s`", show(r->from->text).text,
                                keys[i].key);
        }
}

static void read_credential(
        struct compile *c, const struct yaml_node *key, struct launch_credential *slot, size_t *count)
{
        static const struct key_row rows[] = {
                { "from", KEY_REQUIRED, read_from },
                { "name", KEY_OPTIONAL, read_source_name },
                { "path", KEY_OPTIONAL, read_path },
                { "command", KEY_OPTIONAL, read_exec },
                { "timeout", KEY_OPTIONAL, read_timeout },
        };
        struct credential_reading reading = { .credential = &slot->credential };

        *slot = (struct launch_credential){ .length = key->length };
        slot->credential.file = c->policy->path;
        slot->credential.line = key->line;
        slot->credential.column = key->column;
        slot->credential.timeout_ms = TIMEOUT_DEFAULT_MS;
        if (!check_name(c, key, &slot->credential.env_name))
                return;
        COMPILE_MAP(c, key->value, "a credential", rows, &reading);
        if (key->value->kind == YAML_MAP)
                check_source(c, key->value, &reading);
        ++*count;
}

void compile_credential_map(
        struct compile *c, const struct yaml_node *value, struct launch_credential **ret, size_t *ret_count)
{
        if (!compile_wants(c, value, YAML_MAP, "`credentials`"))
                return;
        *ret = compile_array(c, value->count, sizeof(**ret));
        if (!*ret)
                return;
        yaml_each (value, key)
                read_credential(c, key, &(*ret)[*ret_count], ret_count);
}

void compile_credentials(struct compile *c, const struct yaml_node *value, void *into)
{
        struct launch *launch = &c->policy->launch;

        compile_credential_map(c, value, &launch->credentials, &launch->credential_count);
}
