/* SPDX-License-Identifier: Apache-2.0
 *
 * What the providers have in common: each fills space that its caller owns and wipes, and says in words for a person
 * why it could not. Reasons never hold a byte of the value.
 */
#pragma once

#include "buf.h"
#include "limit.h"
#include "secrets.h"

/* Room for the longest value, the newline behind it, and one byte that shows it is too long. */
#define PROVIDER_SPACE (LIMIT_CREDENTIAL_BYTES + 2U)

/* Each: 0 with *ret_len bytes at @space (of PROVIDER_SPACE), or -errno with the reason at @why. */
int provider_env(const struct secret_source *source, char *space, size_t *ret_len, struct buf *why);
int provider_file(const struct secret_source *source, char *space, size_t *ret_len, struct buf *why);
int provider_systemd(const struct secret_source *source, char *space, size_t *ret_len, struct buf *why);
/* All that the program has printed. */
int provider_exec(const struct secret_source *source, char *space, size_t *ret_len, struct buf *why);
/* Asks nobody: a vault that is locked is an error, which says `leastwise unlock`. */
int provider_vault(const struct secret_source *source, char *space, size_t *ret_len, struct buf *why);

/* Appends a name or path from the policy in printable form. */
void provider_show(struct buf *why, struct str text);

/* The same as a word of a command that somebody may type into a shell. */
void provider_show_word(struct buf *why, struct str text);

/* Appends where the value is taken from: "the file /run/token", "the keyring's entry with service=github". */
void provider_describe(struct buf *why, const struct secret_source *source);

/* Appends @what ("the key file ", say, or nothing), the path in printable form and the @reason; provider_fail_errno() also what errno
 * says of -@error. Both return @error. */
int provider_fail(struct buf *why, const char *what, struct str path, int error, const char *reason);
int provider_fail_errno(struct buf *why, const char *what, struct str path, int error, const char *reason);
