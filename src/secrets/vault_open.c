/* SPDX-License-Identifier: Apache-2.0 */
#include "vault_open.h"

#include <errno.h>
#include <sodium.h>

#include "cleanup.h"
#include "keyring.h"
#include "provider.h"
#include "vault_file.h"
#include "vault_seen.h"

/* Times that a vault is read anew because it seems to have been changed since. */
#define ATTEMPTS 4U

void vault_close(struct vault_opened *o)
{
        mem_free(o->path);
        vault_deinit(&o->vault);
        buf_deinit(&o->image);
        vault_secret_free(o->secret);
        *o = (struct vault_opened)VAULT_OPENED_NONE;
}

static int no_memory(struct buf *why)
{
        buf_append_str(why, STR("there is no memory for the vault"));
        return -ENOMEM;
}

static int say(const struct vault_opened *o, struct buf *why, int error, const char *what)
{
        buf_append_str(why, STR("the vault "));
        provider_show(why, str_from(o->path));
        buf_printf(why, " %s", what);
        return error;
}

static int read_again(struct vault_opened *o, struct buf *why)
{
        int r;

        vault_deinit(&o->vault);
        buf_clear(&o->image, LIMIT_VAULT_BYTES + 1U);
        r = vault_file_read(o->path, &o->image, why);
        if (r < 0)
                return r;
        r = vault_read(&o->vault, buf_str(&o->image));
        if (r == -ENOMEM)
                return no_memory(why);
        return r > 0 ? say(o, why, -EINVAL, vault_problem_text((enum vault_problem)r)) : 0;
}

int vault_look(struct vault_opened *ret, const char *path, struct buf *why)
{
        if (sodium_init() < 0)
                return no_memory(why);
        ret->path = str_dup(str_from(path));
        return ret->path ? read_again(ret, why) : no_memory(why);
}

/* --- the key --- */

static bool fits(const struct vault *v, struct vault_secret *secret)
{
        vault_derive(&secret->keys, &v->header, secret->key);
        return vault_verify(v, &secret->keys) != VAULT_WRONG_KEY;
}

int vault_unlock_with(struct vault_opened *o, struct vault_secret *secret, struct buf *why)
{
        if (!fits(&o->vault, secret)) {
                vault_secret_free(secret);
                return say(o, why, -EACCES, vault_problem_text(VAULT_WRONG_KEY));
        }
        vault_secret_free(o->secret);
        o->secret = secret;
        return 0;
}

static int find_key_file(const struct vault_opened *o, struct vault_secret *secret, struct buf *why)
{
        AUTO_FREE char *path = str_dup(o->vault.header.hint);
        int r = path ? vault_key_of_file(secret, path, why) : no_memory(why);

        if (r == -ENOENT) {
                buf_append_str(why, STR("; put it back from a copy of it, or, if it is elsewhere now, say:"));
                vault_command(why, o->path, "unlock --key-file FILE");
        }
        return r;
}

static int find_key(const struct vault_opened *o, struct vault_secret *secret, struct buf *why)
{
        switch (o->vault.header.kind) {
        case VAULT_PASSWORD:
                break;
        case VAULT_SYSTEMD:
                return vault_key_of_systemd(secret, o->vault.header.hint, why);
        case VAULT_KEY_FILE:
                return find_key_file(o, secret, why);
        }
        return -ENOKEY;
}

static int say_locked(const struct vault_opened *o, struct buf *why)
{
        say(o, why, 0, "is locked; unlock it in a terminal, and try again:");
        vault_command(why, o->path, "unlock");
        return -ENOKEY;
}

int vault_unlock_alone(struct vault_opened *o, struct buf *why)
{
        CLEANUP(vault_secret_freep) struct vault_secret *secret = vault_secret_new();
        int r;

        if (!secret)
                return no_memory(why);
        /* What `unlock` left may be from before the password was changed: then it is of no use to anybody. */
        if (keyring_get(o->vault.header.id, secret->key) != 0 || !fits(&o->vault, secret)) {
                r = find_key(o, secret, why);
                if (r == -ENOKEY && why->len == 0)
                        return say_locked(o, why);
                if (r < 0)
                        return r;
        }
        r = vault_unlock_with(o, secret, why);
        secret = NULL;
        return r;
}

/* --- is it the right one? --- */

static int say_older(const struct vault_opened *o, int seen, uint64_t generation, struct buf *why)
{
        if (seen == VAULT_SEEN_OTHER)
                say(o, why, 0, "is not the one that was last seen, although it has the same number of changes: copies of it were changed apart");
        else
                say(o, why, 0, "is an older copy of itself");
        buf_printf(why, " (%llu changes, %llu were seen); put the newer one back, or, if this is the right one, say:",
                (unsigned long long)o->vault.header.generation, (unsigned long long)generation);
        vault_command(why, o->path, "secret accept");
        return -ESTALE;
}

static int say_unknown(const struct vault_opened *o, const char *state_dir, struct buf *why)
{
        buf_append_str(why, STR("what was last seen of the vault, in "));
        provider_show(why, str_from(state_dir));
        buf_append_str(why, STR("/vaults, is damaged, so that an older copy could not be told from this vault; if it is the right one, say:"));
        vault_command(why, o->path, "secret accept");
        return -EINVAL;
}

int vault_settle(struct vault_opened *o, const char *state_dir, struct buf *why)
{
        uint64_t generation = 0;

        for (unsigned attempt = 1;; attempt++) {
                int r = vault_verify(&o->vault, &o->secret->keys);

                if (r == VAULT_WRONG_KEY)
                        return say(o, why, -EACCES, "has got another password or key meanwhile; try again");
                if (r != 0)
                        return say(o, why, -EBADMSG, vault_problem_text((enum vault_problem)r));
                r = vault_seen_check(state_dir, &o->vault, &generation, why);
                if (r <= 0)
                        return r;
                if (r == VAULT_SEEN_DAMAGED)
                        return say_unknown(o, state_dir, why);
                if (attempt == ATTEMPTS)
                        return say_older(o, r, generation, why);
                /* Between our reading it and looking there, somebody may have changed it. */
                r = read_again(o, why);
                if (r < 0)
                        return r;
        }
}
