/* SPDX-License-Identifier: Apache-2.0
 *
 * The store of a user: $XDG_STATE_HOME/leastwise/limits/, a file for each window, shared by all proxies. When a count cannot be
 * kept, for whatever reason, nothing is reserved.
 */
#pragma once

#include "limit_store.h"

struct limit_files;

/* @state_dir: absolute, .../leastwise. Directories and files are made when the first count is kept. @durable: a reservation is
 * on the disk before it counts. 0 or -ENOMEM. */
int limit_files_new(struct limit_files **ret, const char *state_dir, bool durable);
struct limit_files *limit_files_free(struct limit_files *files); /* NULL is fine; returns NULL */

struct limit_store limit_files_store(struct limit_files *files);

/* What was mended and somebody should know: one line, valid until the next call; false when there is nothing. */
bool limit_files_take_notice(struct limit_files *files, struct str *ret);
