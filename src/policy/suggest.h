/* SPDX-License-Identifier: Apache-2.0
 *
 * "Did you mean ...": the word of a list that is the fewest edits away from what was written.
 */
#pragma once

#include "str.h"

/* Edits (insert, drop, replace, swap neighbours; letter case is free) from @a to @b, or anything above @most when it
 * takes more than @most. Words longer than 64 bytes are never close. */
unsigned suggest_distance(struct str a, struct str b, unsigned most);

struct suggestion {
        struct str best;
        unsigned distance;
};

/* Starts with nothing; offer() each candidate; then best.len is 0 when none is close enough to be worth saying. */
void suggest_begin(struct suggestion *s, struct str word);
void suggest_offer(struct suggestion *s, struct str word, struct str candidate);
