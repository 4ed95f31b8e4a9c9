/* SPDX-License-Identifier: Apache-2.0 */
#include "compile.h"
#include "env_name.h"
#include "limit.h"

#define PATH_BYTES 4096U
#define URL_BYTES 2048U
/* A credential helper that takes longer than this is stuck; a client waits a minute for its server at the most. */
#define TIMEOUT_MOST_MS 300000U
#define TIMEOUT_DEFAULT_MS 10000U
#define TTL_MOST_MS (24U * 60 * 60 * 1000)
/* As many as src/secrets hands on. */
#define INHERIT_MAX 16U

#define OF(from) (1U << CREDENTIAL_##from)

/* Which key goes with which source; the names that a protocol's answers have. */
enum credential_key {
        KEY_NAME,
        KEY_PATH,
        KEY_COMMAND,
        KEY_ATTRIBUTES,
        KEY_VAULT,
        KEY_TIMEOUT,
        KEY_PROTOCOL,
        KEY_FIELD,
        KEY_URL,
        KEY_TTL,
        KEY_INHERIT,
        KEY_MAX_,
};

static const struct {
        const char *name;
        unsigned goes, needed; /* with these sources */
} keys[KEY_MAX_] = {
        [KEY_NAME] = { "name", OF(ENV) | OF(SYSTEMD) | OF(VAULT), OF(ENV) | OF(SYSTEMD) | OF(VAULT) },
        [KEY_PATH] = { "path", OF(FILE), OF(FILE) },
        [KEY_COMMAND] = { "command", OF(EXEC), OF(EXEC) },
        [KEY_ATTRIBUTES] = { "attributes", OF(KEYRING), OF(KEYRING) },
        [KEY_VAULT] = { "vault", OF(VAULT), 0 },
        [KEY_TIMEOUT] = { "timeout", OF(EXEC) | OF(KEYRING), 0 },
        [KEY_PROTOCOL] = { "protocol", OF(EXEC), 0 },
        [KEY_FIELD] = { "field", OF(EXEC), 0 },
        [KEY_URL] = { "url", OF(EXEC), 0 },
        [KEY_TTL] = { "ttl", OF(EXEC) | OF(FILE) | OF(KEYRING) | OF(SYSTEMD) | OF(VAULT), 0 },
        [KEY_INHERIT] = { "inherit", OF(EXEC), 0 },
};

static const struct {
        const char *name;
        const char *fields[4]; /* the first is what is meant when none is named; none: there is one value without a name */
        const char *help;      /* the same for people */
        bool any_field, asks;
} protocols[CREDENTIAL_PROTOCOL_MAX_] = {
        [CREDENTIAL_PLAIN] = { "plain", { NULL }, "its first line is the value: leave `field` out", false, false },
        [CREDENTIAL_AWS] = { "aws", { "AccessKeyId", "SecretAccessKey", "SessionToken" }, "AccessKeyId, SecretAccessKey or SessionToken",
                false, false },
        [CREDENTIAL_EXEC_CREDENTIAL] = { "exec-credential", { "token", "clientCertificateData", "clientKeyData" },
                "token, clientCertificateData or clientKeyData", false, false },
        [CREDENTIAL_GIT] = { "git", { "password", "username" }, "password or username", false, true },
        [CREDENTIAL_DOCKER] = { "docker", { "Secret", "Username" }, "Secret or Username", false, true },
        [CREDENTIAL_GOOGLE] = { "google", { "token" }, "token", false, false },
        [CREDENTIAL_BAZEL] = { "bazel", { "token" }, NULL, true, true },
};

struct credential_reading {
        struct policy_credential *credential;
        const struct yaml_node *from, *keys[KEY_MAX_];
};

/* --- the keys --- */

static void read_from(struct compile *c, const struct yaml_node *value, void *into)
{
        static const char *const words[CREDENTIAL_FROM_MAX_] = {
                [CREDENTIAL_ENV] = "env",         [CREDENTIAL_FILE] = "file",   [CREDENTIAL_SYSTEMD] = "systemd",
                [CREDENTIAL_KEYRING] = "keyring", [CREDENTIAL_VAULT] = "vault", [CREDENTIAL_EXEC] = "exec",
        };
        struct credential_reading *reading = into;
        const int word = compile_word(c, value, words, CREDENTIAL_FROM_MAX_);

        if (word < 0)
                return;
        reading->from = value;
        reading->credential->from = (enum credential_from)word;
}

static void read_name(struct compile *c, const struct yaml_node *value, void *into)
{
        struct credential_reading *reading = into;

        reading->keys[KEY_NAME] = value;
        compile_text(c, value, "a credential's name", LIMIT_NAME_BYTES, &reading->credential->source);
}

static void read_absolute(struct compile *c, const struct yaml_node *value, struct str *ret)
{
        if (!compile_text(c, value, "a path", PATH_BYTES, ret))
                return;
        if (ret->ptr[0] != '/')
                compile_error(c, P_PATH_NOT_ABSOLUTE, value, "clients start servers in a directory of their own choice",
                        "a credential's path must be absolute");
}

static void read_path(struct compile *c, const struct yaml_node *value, void *into)
{
        struct credential_reading *reading = into;

        reading->keys[KEY_PATH] = value;
        read_absolute(c, value, &reading->credential->source);
}

static void read_vault(struct compile *c, const struct yaml_node *value, void *into)
{
        struct credential_reading *reading = into;

        reading->keys[KEY_VAULT] = value;
        read_absolute(c, value, &reading->credential->vault);
}

static void read_command(struct compile *c, const struct yaml_node *value, void *into)
{
        struct credential_reading *reading = into;

        reading->keys[KEY_COMMAND] = value;
        compile_argv(c, value, &reading->credential->argv, &reading->credential->argc);
}

static void read_attributes(struct compile *c, const struct yaml_node *value, void *into)
{
        struct credential_reading *reading = into;
        struct str *argv;
        size_t n = 0;

        reading->keys[KEY_ATTRIBUTES] = value;
        if (!compile_wants(c, value, YAML_MAP, "`attributes`"))
                return;
        if (!value->count) {
                compile_error(c, P_EMPTY_VALUE, value, NULL, "an entry of the keyring has at least one attribute");
                return;
        }
        argv = compile_array(c, 2 * value->count, sizeof(*argv));
        if (!argv)
                return;
        yaml_each (value, key) {
                /* secret-tool reads it as an option otherwise. */
                if (key->text.len && key->text.ptr[0] == '-') {
                        compile_error(c, P_BAD_NAME, key, NULL, "an attribute's name does not begin with `-`");
                        return;
                }
                if (!compile_text(c, key, "an attribute's name", LIMIT_NAME_BYTES, &argv[n]) ||
                        !compile_text(c, key->value, "an attribute's value", LIMIT_NAME_BYTES, &argv[n + 1]))
                        return;
                n += 2;
        }
        reading->credential->argv = argv;
        reading->credential->argc = n;
}

static void read_span(
        struct compile *c, const struct yaml_node *value, uint32_t most_ms, const char *help, uint32_t *ret)
{
        if (!compile_wants(c, value, YAML_TEXT, "a time span"))
                return;
        if (!time_span_ms(value->text, most_ms, ret))
                compile_error(c, P_BAD_TIME, value, help, "`%s` is not a time span", show(value->text).text);
}

static void read_timeout(struct compile *c, const struct yaml_node *value, void *into)
{
        struct credential_reading *reading = into;

        reading->keys[KEY_TIMEOUT] = value;
        read_span(c, value, TIMEOUT_MOST_MS, "a whole number and ms, s, m or h, up to 5m: `10s`",
                &reading->credential->timeout_ms);
}

static void read_ttl(struct compile *c, const struct yaml_node *value, void *into)
{
        struct credential_reading *reading = into;

        reading->keys[KEY_TTL] = value;
        read_span(c, value, TTL_MOST_MS, "a whole number and ms, s, m or h, up to 24h: `50m`", &reading->credential->ttl_ms);
}

static void read_protocol(struct compile *c, const struct yaml_node *value, void *into)
{
        struct credential_reading *reading = into;
        const char *words[CREDENTIAL_PROTOCOL_MAX_];
        int word;

        for (size_t i = 0; i < CREDENTIAL_PROTOCOL_MAX_; i++)
                words[i] = protocols[i].name;
        reading->keys[KEY_PROTOCOL] = value;
        word = compile_word(c, value, words, CREDENTIAL_PROTOCOL_MAX_);
        if (word >= 0)
                reading->credential->protocol = (enum credential_protocol)word;
        else
                reading->keys[KEY_PROTOCOL] = NULL;
}

static void read_field(struct compile *c, const struct yaml_node *value, void *into)
{
        struct credential_reading *reading = into;

        reading->keys[KEY_FIELD] = value;
        compile_text(c, value, "`field`", 64, &reading->credential->field);
}

static void read_url(struct compile *c, const struct yaml_node *value, void *into)
{
        struct credential_reading *reading = into;
        struct str *url = &reading->credential->url;

        reading->keys[KEY_URL] = value;
        if (!compile_text(c, value, "`url`", URL_BYTES, url))
                return;
        for (size_t i = 0; i < url->len; i++) {
                if ((unsigned char)url->ptr[i] <= 0x20 || url->ptr[i] == 0x7F) {
                        compile_error(c, P_BAD_SOURCE, value, NULL, "a URL has no spaces");
                        return;
                }
        }
}

static void read_inherit(struct compile *c, const struct yaml_node *value, void *into)
{
        struct credential_reading *reading = into;
        struct str *names;
        size_t n = 0;

        reading->keys[KEY_INHERIT] = value;
        if (!compile_wants(c, value, YAML_LIST, "`inherit`"))
                return;
        if (value->count > INHERIT_MAX) {
                compile_error(c, P_TOO_LONG, value, NULL, "a program inherits at most %u names", INHERIT_MAX);
                return;
        }
        names = compile_array(c, value->count, sizeof(*names));
        if (!names)
                return;
        yaml_each (value, item) {
                if (compile_env_name(c, item, &names[n]))
                        n++;
        }
        reading->credential->inherit = names;
        reading->credential->inherit_count = n;
}

static void read_as(struct compile *c, const struct yaml_node *value, void *into)
{
        static const char *const words[] = { "env", "file" };
        struct credential_reading *reading = into;

        reading->credential->as_file = compile_word(c, value, words, 2) == 1;
}

/* --- what goes together --- */

/* Each source has keys of its own, and the others' keys would have no effect. */
static void check_keys(struct compile *c, const struct yaml_node *node, const struct credential_reading *r)
{
        const unsigned from = 1U << r->credential->from;

        for (size_t i = 0; i < KEY_MAX_; ++i) {
                if (r->keys[i] && !(keys[i].goes & from))
                        compile_error(c, P_BAD_SOURCE, r->keys[i], NULL, "`%s` does not go with `from: %s`", keys[i].name,
                                show(r->from->text).text);
                else if (!r->keys[i] && (keys[i].needed & from))
                        compile_error(c, P_BAD_SOURCE, node, NULL, "`from: %s` needs `%s`", show(r->from->text).text,
                                keys[i].name);
        }
}

static void check_name(struct compile *c, const struct credential_reading *r)
{
        const struct policy_credential *credential = r->credential;

        if (!r->keys[KEY_NAME] || !credential->source.len)
                return;
        if (credential->from == CREDENTIAL_ENV && !env_name_is_valid(credential->source))
                compile_error(c, P_ENV_NAME, r->keys[KEY_NAME], "letters, digits and `_`, not beginning with a digit",
                        "`%s` is not an environment name", show(credential->source).text);
        if (credential->from == CREDENTIAL_SYSTEMD &&
                (credential->source.ptr[0] == '.' || memchr(credential->source.ptr, '/', credential->source.len)))
                compile_error(c, P_BAD_NAME, r->keys[KEY_NAME], NULL, "`%s` is no name of a systemd credential",
                        show(credential->source).text);
}

/* AWS_ACCESS_KEY_ID means the answer's AccessKeyId, and so on. */
static struct str field_of_name(const struct policy_credential *credential)
{
        static const struct {
                struct str env_name;
                const char *field;
        } rows[] = {
                { STR_INIT("AWS_ACCESS_KEY_ID"), "AccessKeyId" },
                { STR_INIT("AWS_SECRET_ACCESS_KEY"), "SecretAccessKey" },
                { STR_INIT("AWS_SESSION_TOKEN"), "SessionToken" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                if (str_eq(credential->env_name, rows[i].env_name))
                        return str_from(rows[i].field);
        }
        return (struct str){ 0 };
}

static bool has_field(enum credential_protocol protocol, struct str field)
{
        for (size_t i = 0; i < 4 && protocols[protocol].fields[i]; i++) {
                if (str_eq(field, str_from(protocols[protocol].fields[i])))
                        return true;
        }
        return protocols[protocol].any_field;
}

static void check_protocol(struct compile *c, const struct yaml_node *node, const struct credential_reading *r)
{
        struct policy_credential *credential = r->credential;
        const enum credential_protocol protocol = credential->protocol;
        const char *name = protocols[protocol].name, *first = protocols[protocol].fields[0];

        if (protocols[protocol].asks && !r->keys[KEY_URL])
                compile_error(c, P_BAD_SOURCE, node, "as in `url: https://github.com`", "`protocol: %s` needs `url`", name);
        if (!protocols[protocol].asks && r->keys[KEY_URL])
                compile_error(c, P_BAD_SOURCE, r->keys[KEY_URL], NULL, "`url` does not go with `protocol: %s`", name);
        if (!r->keys[KEY_FIELD] && protocol == CREDENTIAL_AWS)
                credential->field = field_of_name(credential);
        else if (!r->keys[KEY_FIELD] && first)
                credential->field = str_from(first);
        if (!r->keys[KEY_FIELD] && protocol == CREDENTIAL_AWS && !credential->field.len)
                compile_error(c, P_BAD_SOURCE, node, protocols[protocol].help,
                        "`protocol: aws` gives several values: say which with `field`");
        if (r->keys[KEY_FIELD] && !has_field(protocol, credential->field))
                compile_error(c, P_BAD_SOURCE, r->keys[KEY_FIELD], protocols[protocol].help, "`protocol: %s` gives no `%s`", name,
                        show(credential->field).text);
}

/* --- a credential, and a map of them --- */

static void read_map(struct compile *c, const struct yaml_node *node, struct policy_credential *credential)
{
        static const struct key_row rows[] = {
                { "from", KEY_REQUIRED, read_from },
                { "name", KEY_OPTIONAL, read_name },
                { "path", KEY_OPTIONAL, read_path },
                { "command", KEY_OPTIONAL, read_command },
                { "attributes", KEY_OPTIONAL, read_attributes },
                { "vault", KEY_OPTIONAL, read_vault },
                { "timeout", KEY_OPTIONAL, read_timeout },
                { "protocol", KEY_OPTIONAL, read_protocol },
                { "field", KEY_OPTIONAL, read_field },
                { "url", KEY_OPTIONAL, read_url },
                { "ttl", KEY_OPTIONAL, read_ttl },
                { "inherit", KEY_OPTIONAL, read_inherit },
                { "as", KEY_OPTIONAL, read_as },
        };
        struct credential_reading reading = { .credential = credential };

        COMPILE_MAP(c, node, "a credential", rows, &reading);
        if (node->kind != YAML_MAP || !reading.from)
                return;
        check_keys(c, node, &reading);
        check_name(c, &reading);
        if (credential->from == CREDENTIAL_EXEC)
                check_protocol(c, node, &reading);
}

static void read_credential(
        struct compile *c, const struct yaml_node *key, struct launch_credential *slot, size_t *count)
{
        *slot = (struct launch_credential){ .length = key->length };
        slot->credential.file = c->policy->path;
        slot->credential.line = key->line;
        slot->credential.column = key->column;
        slot->credential.timeout_ms = TIMEOUT_DEFAULT_MS;
        if (!compile_env_name(c, key, &slot->credential.env_name))
                return;
        if (key->value->kind == YAML_TEXT)
                compile_credential_uri(c, key->value, &slot->credential);
        else
                read_map(c, key->value, &slot->credential);
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
