/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a path leads on this machine, for the conditions of a policy. What is told holds for the moment: who can
 * exchange a directory for a link between the decision and the server's open() is not held by it.
 */
#pragma once

#include "buf.h"
#include "str.h"

/* Appends the real path of the longest part of @path (absolute, without `..`) that exists, and the rest behind it.
 * 0, or negative where there is doubt: -ELOOP (a loop, or a link of /proc that means something else to each
 * process), -ENOENT (a link to nothing), -ENOTDIR, -EACCES, -ENAMETOOLONG, -EINVAL (no absolute path), what
 * buf_append() has. Touches @ret only on success, and no memory but its. Has the type that path.h and struct
 * policy_host want; @userdata is not looked at. */
int path_resolver_resolve(void *userdata, struct str path, struct buf *ret);
