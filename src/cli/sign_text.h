/* SPDX-License-Identifier: Apache-2.0
 *
 * Signatures by the person's own ssh-keygen: we see neither the key nor its passphrase.
 */
#pragma once

#include "buf.h"

/* Has `ssh-keygen -Y sign` sign @text for the namespace @name_space by the key in the file @key (a private key, or the public
 * one of a key that an agent holds). What it asks and says goes to the terminal and stderr. Appends the signature's text: 0; -EPERM:
 * it did not sign, and has said why; -ENOENT: there is no ssh-keygen; another -errno. */
int sign_text(struct buf *signature, struct str text, const char *name_space, const char *key);

/* The key that is there: ~/.ssh/id_ed25519_sk, or else ~/.ssh/id_ed25519. From mem_alloc(); NULL: neither is, or no memory. */
char *sign_default_key(void);
