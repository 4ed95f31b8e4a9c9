/* SPDX-License-Identifier: Apache-2.0
 *
 * What a server's tools have become since a person accepted them, for that person to read: each tool that changed, with the
 * members that differ and their texts word by word. Everything that a server wrote is escaped (printable.h): no control
 * byte, bidi mark, invisible character or look-alike letter gets to the terminal as itself, and no text can pass for one of the
 * signs that mark what was added, because each stands between quotes on a line of its own.
 */
#pragma once

#include "lock.h"

struct pin_counts {
        size_t changed, added, gone;
};

/* Appends the text; nothing when both are the same. 0, -EMSGSIZE or -ENOMEM. */
int pin_lock_compare(const struct pin_lock *before, const struct pin_lock *after, bool colour, struct buf *out,
        struct pin_counts *ret);

static inline bool pin_counts_any(const struct pin_counts *c)
{
        return c->changed || c->added || c->gone;
}
