/* SPDX-License-Identifier: Apache-2.0
 *
 * Policy files as every verb loads them. A file that somebody else could have written, or could put another in the
 * place of, is no policy: it must be a regular file of the user or of root that nobody else can write, in directories
 * of which the same holds. What is wrong becomes a diagnostic with the command that mends it.
 */
#pragma once

#include "policy.h"

struct policy_files {
        struct policy_input inputs[LIMIT_POLICIES]; /* paths are borrowed, texts owned */
        size_t count;
};

/* Opens and reads all of @paths: 0; -EINVAL with diagnostics for every file that is refused; -ENOMEM. The files that
 * could be read are there in either case. */
int policy_files_read(struct policy_files *files, const char *const *paths, size_t count, struct diagnostics *diags);
void policy_files_deinit(struct policy_files *files); /* idempotent */

/* A diagnostic_text_fn; @userdata is the struct policy_files. */
struct str policy_files_text(void *userdata, struct str path);

/* Exit statuses of what follows. */
enum { POLICY_FILES_INVALID = 3, POLICY_FILES_INTERNAL = 70 };

/* All at once: reads, compiles, prints diagnostics to stderr. 0 with *ret owned by the caller, or the exit status. */
int policy_files_load(struct policy_set **ret, const char *const *paths, size_t count,
        const struct policy_options *options, bool colour);

/* "org=acme" as a pair that borrows from @arg. False when there is no name or no `=`. */
bool policy_files_parse_bind(const char *arg, struct policy_pair *ret);
