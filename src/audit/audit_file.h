/* SPDX-License-Identifier: Apache-2.0
 *
 * The file that a session's records go to: $XDG_STATE_HOME/leastwise/audit/<time>-<session>.jsonl, 0600 in a
 * 0700 directory, append only. A write that fails half way is cut off again, so that the file holds whole
 * records only; when the file or its directory has gone, the next write makes them anew.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

struct audit_file;

/* @state_dir: absolute, .../leastwise. Creates the directories and the key, and opens nothing else: the file itself
 * appears with its first record. 0 or -errno, with *ret_message (freed by mem_free) saying what to do. */
int audit_file_new(struct audit_file **ret, const char *state_dir, struct str session, bool durable, char **ret_message);
struct audit_file *audit_file_free(struct audit_file *file);

/* The user's digest key, made at first use ($STATE/audit.key, 0600): 0 or -errno. */
int audit_file_key(const char *state_dir, uint8_t ret_key[32], char **ret_message);

/* Appends whole lines: 0, or -errno (ENOSPC, EDQUOT, EFBIG, ENOENT, EIO, ...) with the file as it was. */
int audit_file_write(struct audit_file *file, struct str lines);

const char *audit_file_path(const struct audit_file *file);
