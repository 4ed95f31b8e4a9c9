/* SPDX-License-Identifier: Apache-2.0
 *
 * Characters that a person sees where they stand.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

/* Not a control character, of no width, nor one that changes the direction or the order of what is shown. */
bool code_point_is_visible(uint32_t cp);

/* Appends UTF-8 as a person can see it: characters that are not visible, and what is no UTF-8, become escapes as in
 * printable.h, a backslash two, and if @quoted a double quote \". At most @max bytes; what is longer ends in "..." .
 * Nothing is cut within a character. 0, -EMSGSIZE or -ENOMEM. */
int visible_append(struct buf *out, struct str text, size_t max, bool quoted);
