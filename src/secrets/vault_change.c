/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sodium.h>

#include "cleanup.h"
#include "provider.h"
#include "vault_file.h"
#include "vault_open.h"
#include "vault_seen.h"

static int no_memory(struct buf *why)
{
        buf_append_str(why, STR("there is no memory for the vault"));
        return -ENOMEM;
}

static int not_written(const char *path, int error, struct buf *why)
{
        if (error == -EMSGSIZE) {
                buf_printf(why, "the vault would be larger than %u MiB; nothing was changed", LIMIT_VAULT_BYTES >> 20);
                return error;
        }
        buf_append_str(why, STR("the vault "));
        provider_show(why, str_from(path));
        buf_printf(why, " could not be written, and is as it was: %s", strerror(-error));
        return error;
}

/* Under the lock: writes, and remembers what was written. */
static int put(struct vault_lock *lock, const char *path, const char *state_dir, struct vault_change *c, struct buf *why)
{
        AUTO_BUF struct buf image = BUF_INIT(LIMIT_VAULT_BYTES);
        CLEANUP(vault_deinit) struct vault written = { 0 };
        AUTO_BUF struct buf reason = BUF_INIT(8192);
        int r = vault_write(&image, &c->header, c->keys, c->drafts, c->count), unsure;

        if (r < 0)
                return not_written(path, r, why);
        /* What cannot be read back must not take the place of what can. */
        r = vault_read(&written, buf_str(&image));
        if (r == 0)
                r = vault_verify(&written, c->keys);
        if (r != 0)
                return not_written(path, r < 0 ? r : -EINVAL, why);
        unsure = vault_replace(lock, buf_str(&image));
        if (unsure < 0)
                return not_written(path, unsure, why);
        r = vault_seen_accept(state_dir, &written, &reason);
        if (r < 0) {
                buf_append_str(why, STR("the vault was written, but "));
                buf_append_str(why, buf_str(&reason));
        } else if (unsure) {
                buf_printf(why, "the vault was written, but a crash of the machine may undo that: %s", strerror(unsure));
                r = -unsure;
        }
        return r;
}

static void keep(struct vault_draft *drafts, const struct vault *v)
{
        for (size_t i = 0; i < v->count; i++) {
                const struct vault_entry *e = &v->entries[i];

                drafts[i] = (struct vault_draft){
                        .name = e->name,
                        .note = e->note,
                        .created_ms = e->created_ms,
                        .rotated_ms = e->rotated_ms,
                        .expires_ms = e->expires_ms,
                        .kept = e->bytes,
                };
        }
}

/* The vault as it is now, opened with the key that opened it before. */
static int open_anew(struct vault_opened *now, const struct vault_opened *before, const char *state_dir, struct buf *why)
{
        int r = vault_look(now, before->path, why);

        if (r < 0)
                return r;
        now->secret = vault_secret_new();
        if (!now->secret)
                return no_memory(why);
        memcpy(now->secret->key, before->secret->key, VAULT_KEY_BYTES);
        vault_derive(&now->secret->keys, &now->vault.header, now->secret->key);
        return vault_settle(now, state_dir, why);
}

int vault_change(const struct vault_opened *o, const char *state_dir, size_t more, vault_edit edit, void *userdata, uint64_t now_ms,
        struct buf *why)
{
        CLEANUP(vault_unlock) struct vault_lock lock = VAULT_LOCK_NONE;
        CLEANUP(vault_close) struct vault_opened now = VAULT_OPENED_NONE;
        AUTO_FREE struct vault_draft *drafts = NULL;
        struct vault_change c = { 0 };
        int r = vault_lock(&lock, o->path, why);

        if (r == 0)
                r = open_anew(&now, o, state_dir, why);
        if (r < 0)
                return r;
        c.room = now.vault.count + more;
        drafts = mem_calloc(c.room + 1, sizeof(*drafts));
        if (!drafts)
                return no_memory(why);
        keep(drafts, &now.vault);
        c.vault = &now.vault;
        c.secret = now.secret;
        c.header = now.vault.header;
        c.header.generation++;
        c.header.written_ms = now_ms;
        c.keys = &now.secret->keys;
        c.drafts = drafts;
        c.count = now.vault.count;
        r = edit(userdata, &c, why);
        if (r != 0)
                return r;
        if (c.count > LIMIT_VAULT_ENTRIES) {
                buf_printf(why, "a vault holds at most %u credentials; nothing was changed", LIMIT_VAULT_ENTRIES);
                return -EMSGSIZE;
        }
        return put(&lock, o->path, state_dir, &c, why);
}

int vault_create(const char *path, const char *state_dir, const struct vault_header *header, const struct vault_secret *secret, struct buf *why)
{
        CLEANUP(vault_unlock) struct vault_lock lock = VAULT_LOCK_NONE;
        struct vault_draft none = { 0 };
        struct vault_change c = { .header = *header, .keys = &secret->keys, .drafts = &none };
        int r = vault_lock(&lock, path, why);

        if (r < 0)
                return r;
        if (lock.exists) {
                buf_append_str(why, STR("there is a vault already: "));
                provider_show(why, str_from(path));
                return -EEXIST;
        }
        return put(&lock, path, state_dir, &c, why);
}
