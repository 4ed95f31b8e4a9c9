/* SPDX-License-Identifier: Apache-2.0
 *
 * What a peer wrote, made safe to show to a person: printable ASCII stays, everything else becomes an
 * escape (\n, \t, \xHH, \u{HHHH}), a backslash becomes two. No control byte, bidi mark or look-alike letter
 * gets to a terminal or a log through here (threats T55, T68).
 */
#pragma once

#include "buf.h"

/* The character that @s, which is not empty, begins with: its length in @out, which has no NUL at its end to rely on;
 * *ret_used: how many bytes of @s it was. */
size_t printable_escape(struct str s, char out[static 16], size_t *ret_used);

/* Appends at most @max bytes of escaped text; what is longer ends in "..." . 0, -EMSGSIZE or -ENOMEM. */
int printable_append(struct buf *b, struct str s, size_t max);
