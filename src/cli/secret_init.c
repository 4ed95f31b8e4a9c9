/* SPDX-License-Identifier: Apache-2.0
 *
 * leastwise secret init, passwd, accept: what concerns a vault as a whole.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "cleanup.h"
#include "keyring.h"
#include "paths.h"
#include "secret_command.h"
#include "state_dir.h"
#include "vault_seen.h"
#include "verb.h"

/* Where the user's own vault is; directories of others are not made. */
static int make_own_place(struct vault_verb *v)
{
        AUTO_FREE char *dir = paths_config_dir();
        AUTO_FREE char *own = vault_own_path();
        AUTO_FREE char *message = NULL;
        int fd;

        if (!dir || !own || strcmp(own, v->path) != 0)
                return 0;
        fd = state_dir_open(dir, &message);
        if (fd >= 0) {
                close(fd);
                return 0;
        }
        buf_append_str(&v->why, str_from(message ? message : "there is not enough memory"));
        return fd;
}

static int init(struct vault_verb *v)
{
        CLEANUP(vault_secret_freep) struct vault_secret *secret = NULL;
        struct vault_header header = { .generation = 1, .written_ms = vault_verb_now() };
        AUTO_FREE char *hint = NULL;
        int r = make_own_place(v);

        if (r < 0)
                return vault_verb_fail(v, r);
        /* Before a password is asked for in vain; looked at again under the lock. */
        if (access(v->path, F_OK) == 0) {
                buf_printf(&v->why, "there is a file already: %s; another vault is made with --vault FILE", v->path);
                return vault_verb_fail(v, -EEXIST);
        }
        randombytes_buf(header.id, sizeof(header.id));
        secret = vault_verb_new_key(v, &header, false, &hint, &r);
        if (!secret)
                return r;
        r = vault_create(v->path, v->state_dir, &header, secret, &v->why);
        if (r < 0)
                return vault_verb_fail(v, r);
        printf("made the vault %s\n", v->path);
        return secret_said();
}

/* --- another password or key --- */

struct rekey {
        struct vault_header header; /* kind, salt, parameters, hint */
        struct vault_secret *secret;
        struct secret_text values; /* all of them, while they are sealed anew */
};

static int seal_anew(void *userdata, struct vault_change *c, struct buf *why)
{
        struct rekey *rekey = userdata;
        struct secret_text *values = &rekey->values;

        rekey->header.generation = c->header.generation;
        rekey->header.written_ms = c->header.written_ms;
        memcpy(rekey->header.id, c->header.id, sizeof(rekey->header.id));
        c->header = rekey->header;
        vault_derive(&rekey->secret->keys, &c->header, rekey->secret->key);
        c->keys = &rekey->secret->keys;
        if (secret_text_new(values, LIMIT_VAULT_BYTES) < 0) {
                buf_append_str(why, STR("there is not enough memory"));
                return -ENOMEM;
        }
        for (size_t i = 0; i < c->count; i++) {
                const struct vault_entry *e = &c->vault->entries[i];
                char *at = values->data + values->len;

                if (vault_open_value(c->vault, &c->secret->keys, e, at) != 0) {
                        buf_append_str(why, str_from(vault_problem_text(VAULT_FORGED)));
                        return -EBADMSG;
                }
                c->drafts[i].value = str_of(at, e->value_len);
                c->drafts[i].kept = (struct str){ 0 };
                values->len += e->value_len;
        }
        return 0;
}

static void rekey_deinit(struct rekey *rekey)
{
        vault_secret_free(rekey->secret);
        secret_text_free(&rekey->values);
}

static int passwd(struct vault_verb *v)
{
        CLEANUP(rekey_deinit) struct rekey rekey = { 0 };
        AUTO_FREE char *hint = NULL;
        int r = vault_verb_open(v, true);

        if (r != 0)
                return r;
        memcpy(rekey.header.id, v->opened.vault.header.id, sizeof(rekey.header.id));
        rekey.secret = vault_verb_new_key(v, &rekey.header, true, &hint, &r);
        if (!rekey.secret)
                return r;
        r = vault_verb_change(v, 0, seal_anew, &rekey);
        if (r != 0)
                return r;
        /* It opens nothing any more. */
        (void)keyring_remove(rekey.header.id);
        printf("the vault %s has another %s, and is locked\n", v->path, rekey.header.kind == VAULT_PASSWORD ? "password" : "key");
        puts("copies of it still open with the old one: where that is known to somebody, put new values into the vault");
        return secret_said();
}

/* --- an older copy that is the right one --- */

static int accept_it(struct vault_verb *v)
{
        int r = vault_verb_look(v);

        if (r != 0)
                return r;
        r = vault_verb_unlock(v, true);
        if (r == 0 && vault_verify(&v->opened.vault, &v->opened.secret->keys) != 0) {
                buf_printf(&v->why, "the vault %s %s", v->path, vault_problem_text(VAULT_FORGED));
                r = -EBADMSG;
        }
        if (r == 0)
                r = vault_seen_accept(v->state_dir, &v->opened.vault, &v->why);
        if (r < 0)
                return vault_verb_fail(v, r);
        printf("the vault %s counts as it is, with %llu changes\n", v->path, (unsigned long long)v->opened.vault.header.generation);
        return secret_said();
}

static const struct option_spec init_options[] = { VAULT_OPTIONS, { "systemd-credential", true, false }, { NULL } };
static const struct option_spec passwd_options[] = { VAULT_OPTIONS, { "new-password-file", true, false }, { "new-key-file", true, false },
        { "systemd-credential", true, false }, { NULL } };
static const struct option_spec accept_options[] = { VAULT_OPTIONS, { NULL } };

const struct secret_command secret_init = { "secret init", init_options, 0, 0, NULL, init };
const struct secret_command secret_passwd = { "secret passwd", passwd_options, 0, 0, NULL, passwd };
const struct secret_command secret_accept = { "secret accept", accept_options, 0, 0, NULL, accept_it };
