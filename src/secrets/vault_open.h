/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening a vault and changing it, with everything that has to be true before a value of it counts: the file's owner and mode, its format,
 * its key, the code over all of it, and that it is not older than what was seen before.
 */
#pragma once

#include "vault_key.h"
#include "vault_place.h"

struct vault_opened {
        char *path;       /* absolute */
        struct buf image; /* the file */
        struct vault vault;
        struct vault_secret *secret; /* NULL while it is locked */
};

#define VAULT_OPENED_NONE { .image = BUF_INIT(LIMIT_VAULT_BYTES + 1U) }

void vault_close(struct vault_opened *o); /* idempotent */

/* Reads the file; nothing of it is verified. @ret is VAULT_OPENED_NONE before. 0; -ENOENT where there is none; another -errno; with the
 * reason at @why, which names the file. */
int vault_look(struct vault_opened *ret, const char *path, struct buf *why);

/* The key without anybody's help: what `unlock` left with the kernel, then the key file or systemd credential that the vault names.
 * 0 with o->secret; -ENOKEY with the reason at @why where somebody has to unlock it first; another -errno. */
int vault_unlock_alone(struct vault_opened *o, struct buf *why);

/* The key that was found otherwise; takes @secret, whose key is set, in any case. 0; -EACCES when it does not fit. */
int vault_unlock_with(struct vault_opened *o, struct vault_secret *secret, struct buf *why);

/* With o->secret: is it as its owner wrote it, and not an older copy? Reads it anew when it has just been changed. 0 or -errno with the
 * reason at @why. */
int vault_settle(struct vault_opened *o, const char *state_dir, struct buf *why);

/* A change, made by whoever calls vault_change(). */
struct vault_change {
        const struct vault *vault;        /* as it is; its entries may be kept */
        const struct vault_secret *secret;
        struct vault_header header;       /* to be written; the generation is counted up already */
        const struct vault_keys *keys;    /* for it */
        struct vault_draft *drafts;       /* all entries, kept as they are, in order */
        size_t count, room;               /* of drafts; @room was asked for */
};

typedef int (*vault_edit)(void *userdata, struct vault_change *change, struct buf *why);

/* Locks the vault, reads it anew, settles it, lets @edit change what is to be written (0, or whatever it returns then ends everything),
 * writes it and remembers it as seen. @o has the vault as it was before and must have its secret. 0 or -errno with the reason at @why: the
 * old file stands, unless the reason says that the new one does. */
int vault_change(const struct vault_opened *o, const char *state_dir, size_t more, vault_edit edit, void *userdata, uint64_t now_ms,
        struct buf *why);

/* Makes a vault without entries, never in another file's place; @secret has the keys for @header. 0; -EEXIST; -errno; with the reason at
 * @why. */
int vault_create(const char *path, const char *state_dir, const struct vault_header *header, const struct vault_secret *secret, struct buf *why);
