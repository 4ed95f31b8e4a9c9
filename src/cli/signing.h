/* SPDX-License-Identifier: Apache-2.0
 *
 * Signatures for the verbs that send them, with what a person should know about what went wrong.
 */
#pragma once

#include "buf.h"

/* Has ssh-keygen sign @text for @name_space, by the key in the file @key, or (NULL) the one that is there (sign_text.h). 0; or -errno, and
 * why it is not signed is appended to @why: it may hold the key's path, as it was given. */
int signing_try(struct buf *signature, struct str text, const char *name_space, const char *key, struct buf *why);

/* The same, with what went wrong said on stderr. @not_done: "not approved". 0, or an exit status. */
int signing_make(struct buf *signature, struct str text, const char *name_space, const char *key, const char *not_done);

/* Reads a signature that was made elsewhere from the file @path; "-" is standard input. 0, or an exit status. */
int signing_read(struct buf *signature, const char *path);
