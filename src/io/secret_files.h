/* SPDX-License-Identifier: Apache-2.0
 *
 * Credentials that a server takes as files (`as: file`): each 0600 in a directory of this run, 0700, on a file system that lives in memory.
 * The directory goes with us however we end: we remove it, or the guardian does, or, when both were killed, the next one that makes
 * such a directory (it is locked for as long as we live).
 */
#pragma once

#include <stddef.h>

#include "buf.h"
#include "child.h"
#include "str.h"

struct secret_files {
        char *path;    /* of the directory; NULL: there is none */
        int dir, base; /* open; -1 */
};

#define SECRET_FILES_NONE { .dir = -1, .base = -1 }

/* Writes the value, and a newline behind its last line when it has several; makes the directory for the first one. Appends the file's path
 * to @out. 0; -ENOTSUP when no directory in memory could be had; or -errno. */
int secret_files_write(
        struct secret_files *files, const struct child *child, struct str name, struct str value, struct buf *out);

/* Removes all of it. Idempotent. */
void secret_files_remove(struct secret_files *files, const struct child *child);
