/* SPDX-License-Identifier: Apache-2.0
 *
 * A vault's key, in locked memory where the machine allows, and where it comes from.
 */
#pragma once

#include "vault.h"

struct vault_secret {
        uint8_t key[VAULT_KEY_BYTES];
        struct vault_keys keys; /* for the header that it was made for */
};

/* NULL without memory. Freed by vault_secret_free(), which wipes it and takes NULL. */
struct vault_secret *vault_secret_new(void);
void vault_secret_free(struct vault_secret *secret);
static inline void vault_secret_freep(struct vault_secret **secret)
{
        vault_secret_free(*secret);
}

/* Each fills @secret->key. 0, or -errno with the reason at @why, of which the password's never is a part. */

/* By Argon2id, as the header says, within the limits: takes a third of a second and 256 MiB unless it says otherwise. */
int vault_key_of_password(struct vault_secret *secret, const struct vault_header *header, struct str password, struct buf *why);
/* A file of ours or root's that nobody else can read, of 32 bytes. */
int vault_key_of_file(struct vault_secret *secret, const char *path, struct buf *why);
/* The credential that systemd handed to us by that name. */
int vault_key_of_systemd(struct vault_secret *secret, struct str name, struct buf *why);

/* Makes a key file with random bytes, never in another's place: 0; -EEXIST, with nothing at @why; -errno. */
int vault_key_file_make(const char *path, struct buf *why);
