/* SPDX-License-Identifier: Apache-2.0
 *
 * A credential in one word: `GITHUB_TOKEN: op://Work/GitHub/token`.
 */
#include "compile.h"
#include "env_name.h"
#include "limit.h"

#define URI_BYTES 4096U

struct scheme {
        const char *prefix;
        bool (*read)(struct compile *c, const struct yaml_node *node, struct str rest, struct policy_credential *ret);
};

static bool refuse(struct compile *c, const struct yaml_node *node, const char *help, const char *what)
{
        compile_error(c, P_BAD_SOURCE, node, help, "%s", what);
        return false;
}

static bool read_env(struct compile *c, const struct yaml_node *node, struct str rest, struct policy_credential *ret)
{
        if (!env_name_is_valid(rest))
                return refuse(c, node, "as in `env:GH_TOKEN`", "`env:` is followed by a variable's name");
        ret->from = CREDENTIAL_ENV;
        ret->source = rest;
        return true;
}

static bool read_file(struct compile *c, const struct yaml_node *node, struct str rest, struct policy_credential *ret)
{
        if (str_starts_with(rest, STR("//")) || !str_starts_with(rest, STR("/")))
                return refuse(c, node, "as in `file:/run/secrets/github`", "`file:` is followed by an absolute path");
        ret->from = CREDENTIAL_FILE;
        ret->source = rest;
        return true;
}

static bool read_vault(struct compile *c, const struct yaml_node *node, struct str rest, struct policy_credential *ret)
{
        if (!rest.len || str_starts_with(rest, STR("/")))
                return refuse(c, node, "as in `vault:github/read`", "`vault:` is followed by an entry's name");
        ret->from = CREDENTIAL_VAULT;
        ret->source = rest;
        return true;
}

static bool read_systemd(struct compile *c, const struct yaml_node *node, struct str rest, struct policy_credential *ret)
{
        if (!rest.len || rest.ptr[0] == '.' || memchr(rest.ptr, '/', rest.len))
                return refuse(c, node, "as in `systemd:github`", "`systemd:` is followed by a credential's name");
        ret->from = CREDENTIAL_SYSTEMD;
        ret->source = rest;
        return true;
}

/* The attributes that the keyring libraries of Python, Go and Rust write. */
static bool read_keyring(struct compile *c, const struct yaml_node *node, struct str rest, struct policy_credential *ret)
{
        const char *slash = rest.len ? memchr(rest.ptr, '/', rest.len) : NULL;
        struct str *argv, account;

        if (!slash)
                return refuse(c, node, "as in `keyring:github/alice`", "`keyring:` is followed by service and user");
        account = str_skip(rest, (size_t)(slash - rest.ptr) + 1);
        if (slash == rest.ptr || !account.len || memchr(account.ptr, '/', account.len))
                return refuse(c, node, "write `{ from: keyring, attributes: { service: ..., username: ... } }`",
                        "with several `/` it is not clear which is the service and which the user");
        argv = compile_array(c, 4, sizeof(*argv));
        if (!argv)
                return false;
        argv[0] = STR("service");
        argv[1] = str_of(rest.ptr, (size_t)(slash - rest.ptr));
        argv[2] = STR("username");
        argv[3] = account;
        ret->from = CREDENTIAL_KEYRING;
        ret->argv = argv;
        ret->argc = 4;
        return true;
}

/* op://vault/item/field or op://vault/item/section/field. */
static bool read_op(struct compile *c, const struct yaml_node *node, struct str rest, struct policy_credential *ret)
{
        size_t slashes = 0;
        bool empty = !rest.len || rest.ptr[0] == '/' || rest.ptr[rest.len - 1] == '/';
        struct str *argv;

        for (size_t i = 0; i < rest.len; i++) {
                slashes += rest.ptr[i] == '/';
                empty |= rest.ptr[i] == '/' && i > 0 && rest.ptr[i - 1] == '/';
        }
        if (empty || slashes < 2 || slashes > 3)
                return refuse(c, node, "as in `op://Work/GitHub/token`", "`op://` is followed by vault, item and field");
        argv = compile_array(c, 4, sizeof(*argv));
        if (!argv)
                return false;
        argv[0] = STR("op");
        argv[1] = STR("read");
        argv[2] = STR("--no-newline");
        argv[3] = str_of(rest.ptr - strlen("op://"), rest.len + strlen("op://"));
        ret->from = CREDENTIAL_EXEC;
        ret->argv = argv;
        ret->argc = 4;
        return true;
}

/* Not `file:`: that is how servers write addresses of files, too. */
bool compile_is_credential_uri(struct str text)
{
        static const struct str prefixes[] = { STR_INIT("env:"), STR_INIT("vault:"), STR_INIT("systemd:"), STR_INIT("keyring:"), STR_INIT("op://") };

        for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
                if (str_starts_with(text, prefixes[i]) && text.len > prefixes[i].len)
                        return !memchr(text.ptr, ' ', text.len);
        }
        return false;
}

bool compile_credential_uri(struct compile *c, const struct yaml_node *node, struct policy_credential *ret)
{
        static const struct scheme schemes[] = {
                { "env:", read_env },         { "file:", read_file },       { "vault:", read_vault },
                { "systemd:", read_systemd }, { "keyring:", read_keyring }, { "op://", read_op },
        };
        struct str text;

        if (!compile_text(c, node, "a credential", URI_BYTES, &text))
                return false;
        for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
                if (str_starts_with(text, str_from(schemes[i].prefix)))
                        return schemes[i].read(c, node, str_skip(text, strlen(schemes[i].prefix)), ret);
        }
        /* What somebody wrote here may be the secret itself: with this code the line is not shown. */
        compile_error(c, P_ENV_SECRET, node, "one of `env:`, `file:`, `vault:`, `systemd:`, `keyring:` and `op://`, or a map with `from:`",
                "a policy says where a credential comes from, not what it is");
        return false;
}
