/* SPDX-License-Identifier: Apache-2.0
 *
 * Policy files as every verb loads them: the administrator's layers (system_layers.h), which nobody can leave out, then
 * those that the command line names. Each is checked as trusted_file.h says before a word of it counts.
 */
#pragma once

#include "policy.h"
#include "system_layers.h"

struct policy_files {
        struct policy_input inputs[LIMIT_POLICIES]; /* texts are owned; paths are borrowed, from @layers or from the caller */
        size_t count;
        size_t system_count; /* the first so many are the administrator's */
        struct system_layers layers;
};

/* Opens and reads the administrator's layers and then all of @paths: 0; -EINVAL with diagnostics for every file that is
 * refused; -ENOMEM. The files that could be read are there in either case. Diagnostics may borrow from @files. */
int policy_files_read(struct policy_files *files, const char *const *paths, size_t count, struct diagnostics *diags);
/* The same without the administrator's layers: for verbs that look at files as texts and put nothing in force. */
int policy_files_read_alone(struct policy_files *files, const char *const *paths, size_t count, struct diagnostics *diags);
void policy_files_deinit(struct policy_files *files); /* idempotent */

/* Is it one of the administrator's layers, by its path? What it names is the administrator's too. */
bool policy_is_administrators(struct str policy_path);

/* A file that the policy names: from mem_alloc(), relative to the policy's directory unless @name is absolute. NULL without memory. */
char *policy_file_beside(const struct policy_set *set, size_t index, struct str name);

/* A diagnostic_text_fn; @userdata is the struct policy_files. */
struct str policy_files_text(void *userdata, struct str path);

/* To stderr, with lines of the files. */
void policy_files_print(const struct diagnostics *diags, struct policy_files *files, bool colour);

/* Exit statuses of what follows. */
enum { POLICY_FILES_INVALID = 3, POLICY_FILES_INTERNAL = 70 };

/* All at once: reads, compiles, prints diagnostics to stderr. 0 with *ret owned by the caller, or the exit status. */
int policy_files_load(struct policy_set **ret, const char *const *paths, size_t count,
        const struct policy_options *options, bool colour);

/* "org=acme" as a pair that borrows from @arg. False when there is no name or no `=`. */
bool policy_files_parse_bind(const char *arg, struct policy_pair *ret);
