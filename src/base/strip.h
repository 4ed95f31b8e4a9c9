/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes out of text what nobody sees but somebody obeys: sequences that a terminal carries out, and characters without a shape,
 * in which instructions to a model can be hidden. Which ones: docs/policy-language.md, "Results".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

enum {
        STRIP_TERMINAL = 1U << 0,
        STRIP_INVISIBLE = 1U << 1,
};

/* Is there anything to take out? @text is valid UTF-8. */
bool strip_finds(struct str text, unsigned what);

/* Appends what remains, and adds to *count how many sequences and characters do not; 0, -EMSGSIZE or -ENOMEM. Of what remains
 * nothing can be taken out again. */
int strip_append(struct buf *out, struct str text, unsigned what, uint64_t *count);
