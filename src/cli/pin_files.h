/* SPDX-License-Identifier: Apache-2.0
 *
 * The locks that policies name with `pins:`. They decide what is allowed as much as the policies do, so they are read
 * under the same conditions (trusted_file.h): one that is missing, broken or open to others keeps everything from starting.
 */
#pragma once

#include "pin_set.h"
#include "policy.h"

struct pin_files {
        char *paths[LIMIT_POLICIES]; /* of the locks in @set, in order; owned */
        size_t count;
        struct pin_set *set; /* NULL when no policy pins */
};

/* Reads what the policies of @set pin: 0; -EINVAL with diagnostics, which may borrow from @ret; -ENOMEM. */
int pin_files_read(struct pin_files *ret, const struct policy_set *set, struct diagnostics *diags);
void pin_files_deinit(struct pin_files *files); /* idempotent */

/* All at once, with diagnostics on stderr: 0 with *ret owned by the caller (NULL when nothing is pinned), or the exit status. */
int pin_files_load(struct pin_set **ret, const struct policy_set *set, bool colour);

/* Where the policy's lock is: from mem_alloc(); NULL without memory, or when the policy does not pin. */
char *pin_file_path(const struct policy_set *set, size_t index);

/* One lock: 0; -ENOENT without a diagnostic when there is no such file; -EINVAL with one, which borrows @path; -ENOMEM.
 * @administrators: root's files only. */
int pin_file_read(struct pin_lock **ret, const char *path, bool administrators, struct diagnostics *diags);
