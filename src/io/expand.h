/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts credentials in the place of `{{NAME}}` (placeholder.h). What they hold is not looked through again.
 */
#pragma once

#include "buf.h"
#include "environment.h"

/* How many bytes it comes to: 0, or -ENOENT with the name that no credential has. */
int expand_size(struct str text, const struct environment_secret *secrets, size_t count, size_t *ret, struct str *ret_unknown);

/* Appends it to @out, which has room for that: the buffer must not move, or copies of secrets stay behind. */
void expand_into(struct buf *out, struct str text, const struct environment_secret *secrets, size_t count);
