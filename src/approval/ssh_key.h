/* SPDX-License-Identifier: Apache-2.0
 *
 * Public keys of people who sign: ssh-ed25519, and sk-ssh-ed25519@openssh.com, whose private half sits in a security key that
 * wants to be touched (OpenSSH's PROTOCOL.u2f). Other kinds are refused by name: nothing is verified that libsodium cannot verify.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

#define SSH_FINGERPRINT_BYTES 32U
#define SSH_FINGERPRINT_TEXT 50U /* "SHA256:" and 43 letters of base64, as ssh-keygen -l prints it */

enum ssh_key_kind {
        SSH_KEY_ED25519,
        SSH_KEY_SK_ED25519,
};

struct ssh_key {
        enum ssh_key_kind kind;
        uint8_t public_key[32];
        uint8_t application[32]; /* of a security key: SHA-256 of the application's name, which it signs along */
        uint8_t fingerprint[SSH_FINGERPRINT_BYTES]; /* SHA-256 of the whole blob */
};

struct str ssh_key_name(enum ssh_key_kind kind); /* "ssh-ed25519" */

/* Reads the blob that the base64 of a key stands for, or that a signature brings along: 0; -EINVAL with a sentence in *ret_why. */
int ssh_key_read(struct ssh_key *ret, struct str blob, const char **ret_why);

/* Reads a line's `TYPE BASE64`: as above, also when the two do not say the same; -ENOMEM. */
int ssh_key_read_text(struct ssh_key *ret, struct str type, struct str base64, const char **ret_why);

/* The fingerprint of a key of any kind: 0; -EINVAL (no blob, or one of another type than @type); -ENOMEM. */
int ssh_fingerprint_read(uint8_t ret[SSH_FINGERPRINT_BYTES], struct str type, struct str base64);

bool ssh_fingerprint_eq(const uint8_t a[SSH_FINGERPRINT_BYTES], const uint8_t b[SSH_FINGERPRINT_BYTES]);
int ssh_fingerprint_append(struct buf *out, const uint8_t fingerprint[SSH_FINGERPRINT_BYTES]); /* 0, -EMSGSIZE or -ENOMEM */

/* Does @signature, the blob within an SSHSIG, sign @text by @key? False with a sentence in *ret_why. A security key must have been touched. */
bool ssh_key_verify(const struct ssh_key *key, struct str text, struct str signature, const char **ret_why);
