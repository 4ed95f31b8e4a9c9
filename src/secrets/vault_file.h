/* SPDX-License-Identifier: Apache-2.0
 *
 * The vault's file: opened and checked on its descriptor, replaced as a whole. One program at a time changes it; who reads it meets the
 * old file or the new one.
 */
#pragma once

#include <sys/types.h>

#include "buf.h"

/* Reads all of it: 0; -ENOENT and other -errno with the reason at @why, which names the file. It must be a regular file of ours or of
 * root's that nobody else can write, in a directory of which the same holds. @image has a limit of at least LIMIT_VAULT_BYTES + 1. */
int vault_file_read(const char *path, struct buf *image, struct buf *why);

/* Who may change it. Zeroed but for descriptors of -1: none. */
struct vault_lock {
        int lock_fd, dir_fd;
        char name[256]; /* in dir_fd, not a link */
        mode_t mode;    /* of the file that is there; 0600 for a new one */
        bool exists;
};

#define VAULT_LOCK_NONE { .lock_fd = -1, .dir_fd = -1 }

/* Waits for others that change it: 0; -ETIMEDOUT, -errno, with the reason at @why. Makes the directory, not those above it, if there is
 * none. A link at @path is followed. */
int vault_lock(struct vault_lock *ret, const char *path, struct buf *why);
void vault_unlock(struct vault_lock *lock); /* idempotent */

/* Puts @image in the file's place, on the disk and not only in memory. 0; -errno: the old file stands as it was; or errno: the new one
 * stands, but a crash may undo that. */
int vault_replace(struct vault_lock *lock, struct str image);
