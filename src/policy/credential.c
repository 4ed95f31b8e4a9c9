/* SPDX-License-Identifier: Apache-2.0 */
#include "printable.h"
#include "set.h"

#define SHOWN_BYTES 1000U

static bool texts_eq(const struct str *a, size_t a_count, const struct str *b, size_t b_count)
{
        bool eq = a_count == b_count;

        for (size_t i = 0; eq && i < a_count; i++)
                eq = str_eq(a[i], b[i]);
        return eq;
}

bool policy_credential_eq(const struct policy_credential *a, const struct policy_credential *b)
{
        return a->from == b->from && str_eq(a->source, b->source) && str_eq(a->vault, b->vault) &&
               texts_eq(a->argv, a->argc, b->argv, b->argc) &&
               texts_eq(a->inherit, a->inherit_count, b->inherit, b->inherit_count) && a->protocol == b->protocol &&
               str_eq(a->field, b->field) && str_eq(a->url, b->url) && a->ttl_ms == b->ttl_ms &&
               a->timeout_ms == b->timeout_ms && a->as_file == b->as_file;
}

static void put(struct buf *out, struct str text)
{
        printable_append(out, text, SHOWN_BYTES);
}

static void put_words(struct buf *out, const struct policy_credential *c, const char *before, size_t step)
{
        for (size_t i = 0; i < c->argc; i += step) {
                buf_append_str(out, i ? STR(" ") : str_from(before));
                put(out, c->argv[i]);
                if (step == 2 && i + 1 < c->argc) {
                        buf_append_char(out, '=');
                        put(out, c->argv[i + 1]);
                }
        }
}

static void describe_program(const struct policy_credential *c, struct buf *out)
{
        static const char *const names[] = { "plain", "aws", "exec-credential", "git", "docker", "google", "bazel" };

        put_words(out, c, "the program `", 1);
        buf_append_char(out, '`');
        if (c->protocol == CREDENTIAL_PLAIN)
                return;
        buf_printf(out, " (protocol %s: ", names[c->protocol]);
        put(out, c->field);
        if (c->url.len) {
                buf_append_str(out, STR(" for "));
                put(out, c->url);
        }
        buf_append_char(out, ')');
}

void policy_credential_describe(const struct policy_credential *c, struct buf *out)
{
        static const struct str words[] = {
                [CREDENTIAL_ENV] = STR_INIT("the environment variable "),
                [CREDENTIAL_FILE] = STR_INIT("the file "),
                [CREDENTIAL_SYSTEMD] = STR_INIT("systemd's credential "),
                [CREDENTIAL_KEYRING] = STR_INIT("the keyring's entry with "),
                [CREDENTIAL_VAULT] = STR_INIT("the vault's entry "),
                [CREDENTIAL_EXEC] = STR_INIT(""),
        };

        buf_append_str(out, words[c->from]);
        if (c->from == CREDENTIAL_EXEC)
                describe_program(c, out);
        else if (c->from == CREDENTIAL_KEYRING)
                put_words(out, c, "", 2);
        else
                put(out, c->source);
        if (c->vault.len) {
                buf_append_str(out, STR(" in "));
                put(out, c->vault);
        }
        if (c->as_file)
                buf_append_str(out, STR(", as a file"));
}

void policy_set_each_credential(const struct policy_set *set, policy_credential_observer observer, void *userdata)
{
        for (size_t p = 0; p < set->count; p++) {
                const struct policy *policy = &set->policies[p];

                for (size_t i = 0; i < policy->launch.credential_count; i++)
                        observer(userdata, p, STR(""), &policy->launch.credentials[i].credential);
                for (size_t lane = 0; lane < policy->lane_count; lane++) {
                        for (size_t i = 0; i < policy->lanes[lane].credential_count; i++)
                                observer(userdata, p, policy->lanes[lane].name, &policy->lanes[lane].credentials[i].credential);
                }
        }
}
