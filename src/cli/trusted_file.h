/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that decide what is allowed: policies, and what they name. A file that somebody else could have written, or could
 * put another in the place of, decides nothing: it must be a regular file of the user or of root that nobody else can write,
 * in directories of which the same holds, links on the way among them. What is wrong becomes a diagnostic with the command that
 * mends it.
 */
#pragma once

#include "diagnostic.h"

struct trusted_kind {
        const char *noun;       /* "policy": what the file should have been, in messages */
        const char *empty_help; /* what the smallest one looks like; may be NULL */
        size_t limit;           /* bytes */
        const char *limit_text; /* "1 MiB" */
        bool administrators;    /* the user's own files do not count: only @owner and root may have made it */
        unsigned owner;         /* user id, looked at with @administrators; root in the program, another in tests */
};

/* Opens, checks and reads @path: 0 with *ret owned by the caller (mem_free); -EINVAL with a diagnostic that borrows @path;
 * -ENOMEM. */
int trusted_file_read(const char *path, const struct trusted_kind *kind, struct str *ret, struct diagnostics *diags);

/* Opens the directory @path and checks it and all directories above it in the same way: a descriptor, -ENOENT without a
 * diagnostic when there is none, or -EINVAL with one. */
int trusted_directory_open(const char *path, const struct trusted_kind *kind, struct diagnostics *diags);
