/* SPDX-License-Identifier: Apache-2.0
 *
 * The lists of people and of revoked keys that policies name with `approvers:`. Who could write them could approve whatever he likes,
 * so they are read under the same conditions as policies (trusted_file.h); one that is missing, broken or open to others keeps
 * everything from starting.
 */
#pragma once

#include "approvers.h"
#include "diagnostic.h"
#include "policy.h"

struct approver_file {
        char *path;      /* owned */
        struct str text; /* owned */
        bool administrators; /* one of the administrator's layers names it */
};

struct approver_files {
        struct approver_file files[2U * LIMIT_POLICIES];
        size_t count;
        struct approvers *approvers; /* NULL when no policy names people: whoever is at this machine may answer */
};

/* Reads what the policies of @set name: 0; -EINVAL with diagnostics, which may borrow from @ret; -ENOMEM. */
int approver_files_read(struct approver_files *ret, const struct policy_set *set, struct diagnostics *diags);
void approver_files_deinit(struct approver_files *files); /* idempotent */

/* All at once, with diagnostics on stderr: 0 with *ret owned by the caller (may be NULL, as above), or the exit status. */
int approver_files_load(struct approvers **ret, const struct policy_set *set, bool colour);
