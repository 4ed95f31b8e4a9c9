/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of people who may sign, in the format of `ssh-keygen -Y verify -f` (ssh-keygen(1), ALLOWED SIGNERS):
 *
 *     alice@example.com namespaces="leastwise-approval",valid-before="20270401Z" ssh-ed25519 AAAA... comment
 *
 * Read more strictly than ssh-keygen does, never more widely: names are names, no patterns, because a pattern is no person; dates are
 * in UTC; certificate authorities are refused; so is every option and kind of key that this program cannot judge. A line for
 * other namespaces only is none of its business. Several names on one line are one person's.
 *
 * The list of revoked keys holds one public key a line, of any kind, as `ssh-keygen -Y verify -r` takes it.
 */
#pragma once

#include "ssh_key.h"

#define SIGNERS_NO_END UINT64_MAX

struct signer {
        struct ssh_key key;
        struct str names;      /* as the line has them: one, or several with commas between */
        struct str namespaces; /* a pattern list; ptr is NULL when every namespace will do */
        uint64_t from_ms;      /* of real time: valid from here ... */
        uint64_t until_ms;     /* ... to just before here, or SIGNERS_NO_END */
        uint32_t line;         /* from 1 */
};

struct signers {
        struct buf text; /* what the strings above borrow from */
        struct signer *list;
        size_t count;
};

/* The next name of a list of them; false at its end. */
bool signers_next_name(struct str *names, struct str *ret);

/* Is the line about signatures for @name_space? */
bool signer_is_for(const struct signer *signer, struct str name_space);

/* Reads a list, which is copied: 0; -EINVAL with the line's number and in @message what is wrong with it and what to do; -ENOMEM.
 * *ret is to be deinitialised in either case, and must not move. A list that names nobody for @name_space is wrong too. */
int signers_read(struct signers *ret, struct str text, struct str name_space, struct buf *message, uint32_t *ret_line);
void signers_deinit(struct signers *signers); /* idempotent */

struct revoked_keys {
        uint8_t (*fingerprints)[SSH_FINGERPRINT_BYTES];
        size_t count;
        uint8_t digest[32]; /* SHA-256 of the text */
};

/* As signers_read(). An empty list is fine. */
int revoked_keys_read(struct revoked_keys *ret, struct str text, struct buf *message, uint32_t *ret_line);
void revoked_keys_deinit(struct revoked_keys *revoked); /* idempotent */
bool revoked_keys_has(const struct revoked_keys *revoked, const uint8_t fingerprint[SSH_FINGERPRINT_BYTES]);
