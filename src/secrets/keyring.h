/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys of unlocked vaults, in the kernel's keyring of the user: memory of the kernel's, never swapped or on a disk, gone at the time said
 * or when the machine stops. All processes of the user find them there, in every session and without a terminal; no other user does.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "vault.h"

/* Keeps @key for @seconds, in place of one that is there. 0 or -errno; -ENOSYS or -EPERM where the system forbids keyrings, as some
 * containers do. */
int keyring_put(const uint8_t id[VAULT_ID_BYTES], const uint8_t key[VAULT_KEY_BYTES], uint32_t seconds);

/* 0, or -ENOKEY: none, or no longer; another -errno. */
int keyring_get(const uint8_t id[VAULT_ID_BYTES], uint8_t ret_key[VAULT_KEY_BYTES]);

/* Forgets it: 0, -ENOKEY when there was none, -errno. */
int keyring_remove(const uint8_t id[VAULT_ID_BYTES]);
