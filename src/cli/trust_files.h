/* SPDX-License-Identifier: Apache-2.0
 *
 * What the verbs that keep trust have in common: files and nothing else on the command line, and the directory of our state.
 */
#pragma once

#include "verb.h"

/* Of one file: the exit status. */
typedef int (*trust_file)(const char *state_dir, const char *path);

/* Each file in turn, also behind one that failed; the worst exit status. */
int trust_files_run(const struct verb *verb, trust_file one, int argc, char **argv);
