/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes a text that was taken apart anew, laid out as format.h says. It does not look at what it wrote: format.c does.
 */
#pragma once

#include "buf.h"
#include "format_tree.h"

/* 0; -EINVAL for a layout that it does not know; -EMSGSIZE; -ENOMEM. */
int format_print(struct buf *out, struct arena *arena, const struct format_source *source);
