/* SPDX-License-Identifier: Apache-2.0
 *
 * What a policy says of credentials: read as it is meant, shown for people, and refused where it means nothing.
 */
#include <errno.h>

#include "leaks.h"
#include "world.h"

#define AWS "from: exec, protocol: aws, command: [aws]"

static void compile(struct world *w, const char *credential, const char *server)
{
        static char example[8192];
        const char *texts = example;
        const struct policy_options options = { .any_agent = true };

        snprintf(example, sizeof(example), "%scredentials:\n  T: %s\n%s\n", HEAD, credential, server);
        *w = world_of(&texts, 1, &options);
}

/* What is shown of it tells what was understood. */
Test(credentials, forms_and_what_they_mean)
{
        static const struct {
                const char *text, *shown;
        } rows[] = {
                { "{ from: env, name: GH_TOKEN }", "the environment variable GH_TOKEN" },
                { "env:GH_TOKEN", "the environment variable GH_TOKEN" },
                { "{ from: file, path: /run/x }", "the file /run/x" },
                { "file:/run/x", "the file /run/x" },
                { "{ from: file, path: /run/x, as: file }", "the file /run/x, as a file" },
                { "{ from: file, path: /run/x, as: env, ttl: 1h }", "the file /run/x" },
                { "{ from: systemd, name: github }", "systemd's credential github" },
                { "systemd:github", "systemd's credential github" },
                { "{ from: keyring, attributes: { service: s, username: u } }", "the keyring's entry with service=s username=u" },
                { "keyring:s/u", "the keyring's entry with service=s username=u" },
                { "{ from: vault, name: github/read }", "the vault's entry github/read" },
                { "{ from: vault, name: github/read, vault: /srv/v }", "the vault's entry github/read in /srv/v" },
                { "vault:github/read", "the vault's entry github/read" },
                { "{ from: exec, command: [get, -x, a b] }", "the program `get -x a b`" },
                { "{ from: exec, command: [get], protocol: plain, inherit: [A, B], timeout: 5m }", "the program `get`" },
                { "op://Work/GitHub/token", "the program `op read --no-newline op://Work/GitHub/token`" },
                { "op://Work/GitHub/section/token", "the program `op read --no-newline op://Work/GitHub/section/token`" },
                { "{ " AWS ", field: SessionToken }", "the program `aws` (protocol aws: SessionToken)" },
                { "{ from: exec, protocol: exec-credential, command: [k] }", "the program `k` (protocol exec-credential: token)" },
                { "{ from: exec, protocol: git, command: [git, credential, fill], url: 'https://h/p' }",
                        "the program `git credential fill` (protocol git: password for https://h/p)" },
                { "{ from: exec, protocol: docker, command: [d, get], url: ghcr.io, field: Username }",
                        "the program `d get` (protocol docker: Username for ghcr.io)" },
                { "{ from: exec, protocol: google, command: [g] }", "the program `g` (protocol google: token)" },
                { "{ from: exec, protocol: bazel, command: [b], url: u, field: X-Token }", "the program `b` (protocol bazel: X-Token for u)" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct buf shown = BUF_INIT(4096);
                struct policy_launch launch;
                struct world w;

                compile(&w, rows[i].text, "");
                cr_assert_eq(w.r, 0, "%s: %s", rows[i].text, w.diags.count ? w.diags.items[0].message : "");
                policy_set_launch(w.set, &launch);
                cr_assert_eq(launch.credential_count, 1U);
                policy_credential_describe(&launch.credentials[0], &shown);
                cr_expect(str_eq(buf_str(&shown), str_from(rows[i].shown)), "%s: %.*s", rows[i].text, STR_FMT(buf_str(&shown)));
                buf_deinit(&shown);
                world_end(&w);
        }
        CHECK_NO_LEAKS();
}

Test(credentials, forms_that_mean_nothing)
{
        static const struct {
                const char *text, *code;
        } rows[] = {
                { "{ name: X }", P_MISSING_KEY },
                { "{ from: paper, name: X }", P_UNKNOWN_WORD },
                { "{ from: env }", P_BAD_SOURCE },
                { "{ from: env, name: X, ttl: 1h }", P_BAD_SOURCE },
                { "{ from: env, name: X, vault: /v }", P_BAD_SOURCE },
                { "{ from: env, name: 1X }", P_ENV_NAME },
                { "{ from: file, path: x }", P_PATH_NOT_ABSOLUTE },
                { "{ from: file, path: /x, as: pipe }", P_UNKNOWN_WORD },
                { "{ from: systemd, name: ../x }", P_BAD_NAME },
                { "{ from: systemd, name: .x }", P_BAD_NAME },
                { "{ from: systemd, path: /x }", P_BAD_SOURCE },
                { "{ from: keyring }", P_BAD_SOURCE },
                { "{ from: keyring, attributes: {} }", P_EMPTY_VALUE },
                { "{ from: keyring, attributes: [a, b] }", P_WRONG_KIND },
                { "{ from: keyring, attributes: { --label: x } }", P_BAD_NAME },
                { "{ from: keyring, attributes: { a: x }, command: [y] }", P_BAD_SOURCE },
                { "{ from: vault }", P_BAD_SOURCE },
                { "{ from: vault, name: x, vault: relative }", P_PATH_NOT_ABSOLUTE },
                { "{ from: exec }", P_BAD_SOURCE },
                { "{ from: exec, command: 'get it' }", P_WRONG_KIND },
                { "{ from: exec, command: [] }", P_EMPTY_VALUE },
                { "{ from: exec, command: [x], timeout: 6m }", P_BAD_TIME },
                { "{ from: exec, command: [x], ttl: 25h }", P_BAD_TIME },
                { "{ from: exec, command: [x], protocol: oauth }", P_UNKNOWN_WORD },
                { "{ from: exec, command: [x], url: u }", P_BAD_SOURCE },
                { "{ from: exec, command: [x], field: token }", P_BAD_SOURCE },
                { "{ from: exec, command: [x], inherit: [LD_PRELOAD] }", P_ENV_LOADER },
                { "{ from: exec, command: [x], inherit: [A,A,A,A,A,A,A,A,A,A,A,A,A,A,A,A,A] }", P_TOO_LONG },
                { "{ " AWS " }", P_BAD_SOURCE },
                { "{ " AWS ", field: token }", P_BAD_SOURCE },
                { "{ " AWS ", field: SessionToken, url: u }", P_BAD_SOURCE },
                { "{ from: exec, protocol: git, command: [x] }", P_BAD_SOURCE },
                { "{ from: exec, protocol: git, command: [x], url: 'a b' }", P_BAD_SOURCE },
                { "{ from: exec, protocol: docker, command: [x], url: u, field: secret }", P_BAD_SOURCE },
                { "env:1X", P_BAD_SOURCE },
                { "'env:'", P_BAD_SOURCE },
                { "file:relative", P_BAD_SOURCE },
                { "file:///x", P_BAD_SOURCE },
                { "systemd:a/b", P_BAD_SOURCE },
                { "keyring:x", P_BAD_SOURCE },
                { "keyring:a/b/c", P_BAD_SOURCE },
                { "keyring:/b", P_BAD_SOURCE },
                { "'vault:'", P_BAD_SOURCE },
                { "op://Work/GitHub", P_BAD_SOURCE },
                { "op://Work//token", P_BAD_SOURCE },
                { "op://a/b/c/d/e", P_BAD_SOURCE },
                { "ghp_0123456789abcdefghijklmn", P_ENV_SECRET },
                { "https://example.org", P_ENV_SECRET },
                { "''", P_EMPTY_VALUE },
                { "[a]", P_WRONG_KIND },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct world w;

                compile(&w, rows[i].text, "");
                cr_expect_eq(w.r, -EINVAL, "%s", rows[i].text);
                cr_expect(world_has_code(&w, rows[i].code), "%s: %s", rows[i].text, w.diags.count ? w.diags.items[0].code : "good");
                for (size_t d = 0; d < w.diags.count; d++)
                        cr_expect_null(strstr(w.diags.items[d].message, "ghp_"), "%s", w.diags.items[d].message);
                world_end(&w);
        }
        CHECK_NO_LEAKS();
}

Test(credentials, placeholders_name_one)
{
        static const struct {
                const char *server, *code; /* NULL: good */
        } rows[] = {
                { "server: { env: { URL: 'x:{{T}}@y' } }", NULL },
                { "server: { env: { URL: 'x:\\{{OTHER}}@y' } }", NULL },
                { "server: { env: { FORMAT: '{{.Names}} {{ T }}' } }", NULL },
                { "server: { env: { URL: 'x:{{OTHER}}@y' } }", P_PLACEHOLDER },
                { "server: { env: { URL: '{{T}}{{t}}' } }", P_PLACEHOLDER },
                { "server: { command: [serve, '--token={{T}}'] }", P_PLACEHOLDER_IN_COMMAND },
                { "server: { command: [serve, '{{OTHER}}'] }", P_PLACEHOLDER_IN_COMMAND },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct world w;

                compile(&w, "env:T", rows[i].server);
                cr_expect_eq(w.r, rows[i].code ? -EINVAL : 0, "%s", rows[i].server);
                if (rows[i].code)
                        cr_expect(world_has_code(&w, rows[i].code), "%s", rows[i].server);
                world_end(&w);
        }
        CHECK_NO_LEAKS();
}

/* A credential is the same only when all of it is. */
Test(credentials, every_key_makes_another_one)
{
        static const char *const rows[] = {
                "{ from: exec, command: [x] }",
                "{ from: exec, command: [x, y] }",
                "{ from: exec, command: [x], timeout: 1s }",
                "{ from: exec, command: [x], ttl: 1s }",
                "{ from: exec, command: [x], inherit: [A] }",
                "{ from: exec, command: [x], as: file }",
                "{ from: exec, command: [x], protocol: google }",
                "{ from: exec, command: [x], protocol: exec-credential }",
                "{ from: exec, command: [x], protocol: exec-credential, field: clientKeyData }",
                "{ from: exec, command: [x], protocol: git, url: a }",
                "{ from: exec, command: [x], protocol: git, url: b }",
                "{ from: vault, name: x }",
                "{ from: vault, name: x, vault: /v }",
                "{ from: systemd, name: x }",
                "{ from: keyring, attributes: { x: y } }",
        };
        struct world worlds[sizeof(rows) / sizeof(rows[0])];

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                compile(&worlds[i], rows[i], "");
                cr_assert_eq(worlds[i].r, 0, "%s", rows[i]);
        }
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                for (size_t j = 0; j < sizeof(rows) / sizeof(rows[0]); j++) {
                        struct policy_launch a, b;

                        policy_set_launch(worlds[i].set, &a);
                        policy_set_launch(worlds[j].set, &b);
                        cr_expect_eq(policy_credential_eq(a.credentials, b.credentials), i == j, "%s and %s", rows[i], rows[j]);
                }
        }
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                world_end(&worlds[i]);
        CHECK_NO_LEAKS();
}
