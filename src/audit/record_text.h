/* SPDX-License-Identifier: Apache-2.0
 *
 * Members of a record that hold a text or a number: each text is cut to its limit, in whole characters and as it stands in JSON.
 */
#pragma once

#include "buf.h"

/* @name: the member with its comma and colon. An empty text and a number of 0 are left out. Of a text that is longer than @max bytes the
 * beginning is written, and how long it was. */
void record_put_text(struct buf *b, struct str name, struct str value, size_t max);
void record_put_count(struct buf *b, struct str name, uint64_t value);

/* The longest beginning of @s, in whole characters, that takes at most @max bytes in a JSON string. */
struct str record_cut(struct str s, size_t max);
