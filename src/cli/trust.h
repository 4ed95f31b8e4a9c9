/* SPDX-License-Identifier: Apache-2.0
 *
 * Which contents of which files the user has said yes to: $XDG_STATE_HOME/leastwise/trust/, one file for each path, named by
 * the digest of the path, with the digest of the contents and the path in it. A proxy that runs takes a changed policy that
 * allows more only when its contents are the trusted ones.
 */
#pragma once

#include <stdbool.h>

#include "str.h"

/* "sha256:" and 64 digits, and a NUL. */
#define TRUST_DIGEST_BYTES 72U

void trust_digest_of(char ret[TRUST_DIGEST_BYTES], struct str contents);

/* The path that trust is kept for: absolute and without links, from mem_alloc(); NULL when there is no such file or no memory. */
char *trust_path_of(const char *path);

/* @path is from trust_path_of(). 0, or -errno with *ret_message (mem_free; may be NULL) saying what to do. */
int trust_add(const char *state_dir, const char *path, const char *digest, char **ret_message);
/* The same; *ret_was: there was something to take back. */
int trust_remove(const char *state_dir, const char *path, bool *ret_was, char **ret_message);

/* False also when that cannot be known. */
bool trust_holds(const char *state_dir, const char *path, struct str contents);

/* The directory's path, from mem_alloc(); NULL without memory. It is made with the first trust. */
char *trust_directory(const char *state_dir);
