/* SPDX-License-Identifier: Apache-2.0
 *
 * What was last seen of each vault: its generation and its code, in a small file of the state directory. A vault that is older than that,
 * or another one of the same generation, is an older copy put back, or two that were changed apart. Who can write the state directory can
 * make us forget.
 */
#pragma once

#include "vault.h"

enum vault_seen {
        VAULT_SEEN_OK = 0,
        VAULT_SEEN_NEWER = 1, /* there was a later generation */
        VAULT_SEEN_OTHER,     /* there was another vault of this generation */
        VAULT_SEEN_DAMAGED,   /* what is remembered cannot be read */
};

/* Compares @vault, which has been verified, with what is remembered, and remembers it if it is newer or was never seen. An enum
 * vault_seen, with *ret_generation as remembered unless that is damaged; or -errno with the reason at @why. */
int vault_seen_check(const char *state_dir, const struct vault *vault, uint64_t *ret_generation, struct buf *why);

/* Remembers it as it is, whatever was there. 0, or -errno with the reason at @why. */
int vault_seen_accept(const char *state_dir, const struct vault *vault, struct buf *why);
