/* SPDX-License-Identifier: Apache-2.0
 *
 * The state directory and the audit directory in it: made when missing, opened once, and checked on the descriptor. A
 * directory that others can write to could have its files swapped under us; nothing is kept there.
 */
#pragma once

#include "buf.h"

/* Opens the directory @path (absolute), making it and what is missing above it with mode 0700: a descriptor for openat(),
 * or -errno with *ret_message (NULL without memory). */
int state_dir_open(const char *path, char **ret_message);

/* As state_dir_open() for @name within @parent_fd; @path is the whole path, for messages. A symbolic link is refused. */
int state_dir_open_at(int parent_fd, const char *name, const char *path, char **ret_message);

/* Sets *ret_message to a formatted text, freed by mem_free(); NULL without memory. @ret_message may be NULL. */
void state_dir_message(char **ret_message, const char *format, ...) __attribute__((format(printf, 2, 3)));
