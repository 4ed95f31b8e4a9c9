/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the program that a command names, as execvp() would with the upstream's PATH.
 */
#pragma once

/* What is searched when the upstream has no PATH. */
#define COMMAND_DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

/* A name with a slash stands as it is. 0 with *ret_file (mem_free) set; -ENOENT when no directory has it; -EACCES when what was
 * found cannot be executed; -ENOMEM. @path may be NULL. */
int command_resolve(char **ret_file, const char *name, const char *path);
