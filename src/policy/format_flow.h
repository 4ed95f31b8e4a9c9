/* SPDX-License-Identifier: Apache-2.0
 *
 * A collection in flow style, on one line.
 */
#pragma once

#include "buf.h"
#include "format_order.h"

/* False when it cannot be put on one line: a comment in it, a text over lines, nothing where a value may stand; then
 * @out may be cut short. Without memory, for the keys' order as well, @out is failed. */
bool format_flow(struct buf *out, struct arena *arena, const struct format_source *source, const struct format_node *node,
        enum format_where where);
