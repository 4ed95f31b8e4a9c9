/* SPDX-License-Identifier: Apache-2.0
 *
 * The file that a session's records go to: $XDG_STATE_HOME/leastwise/audit/<time>-<session>.jsonl, 0600 in a
 * 0700 directory, append only. A write that fails half way is cut off again, so that the file holds whole
 * records only; when the file or its directory has gone, the next write makes them anew, under a name that ends in
 * -2, -3, ... Where a directory may be written by others or is not ours, nothing is written.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

struct audit_file;

/* @state_dir: absolute, .../leastwise. Creates the directories; the file itself appears with its first record. @durable:
 * each write reaches the disk before it returns. 0 or -errno, with *ret_message saying what is wrong and what to do
 * (freed by mem_free(); NULL without memory). */
int audit_file_new(struct audit_file **ret, const char *state_dir, struct str session, bool durable, char **ret_message);
struct audit_file *audit_file_free(struct audit_file *file);

/* The user's digest key, made at first use ($STATE/audit.key, 0600); of several who make it at once, all get the same.
 * 0 or -errno with *ret_message. */
int audit_file_key(const char *state_dir, uint8_t ret_key[32], char **ret_message);

/* Appends whole lines: 0, or -errno (ENOSPC, EDQUOT, EFBIG, ENOENT, EIO, ...) with the file as it was. Should the part
 * that was written not come off again, the next write begins with a newline: the torn record is then a line of its own.
 * SIGXFSZ must be ignored by the program. */
int audit_file_write(struct audit_file *file, struct str lines);

/* Where the records are or, before the first, will be. Valid until the next write. */
const char *audit_file_path(const struct audit_file *file);
