/* SPDX-License-Identifier: Apache-2.0
 *
 * A grant as lines for a terminal, laid out as cards are (card_text.h).
 */
#pragma once

#include "buf.h"
#include "grant.h"

/* Appends what is let through, for whom and why; of one that is in force (with an id) also until when, by whom, and how often it has
 * been used. @now_ms: real time. 0 or -ENOMEM. */
int grant_lines_write(struct buf *out, const struct grant *grant, unsigned width, bool letters, uint64_t now_ms);
