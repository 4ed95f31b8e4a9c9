/* SPDX-License-Identifier: Apache-2.0
 *
 * A window as it stands in a file: of fixed size, numbered, with a checksum that tells a torn one from a whole one. Numbers
 * are little-endian. docs/limits.md has the format.
 */
#pragma once

#include "window.h"

#define LIMIT_SLOT_BYTES 1024U

void limit_slot_write(unsigned char slot[LIMIT_SLOT_BYTES], const struct window *w, uint64_t sequence);

/* The number only; it means something when limit_slot_read() says so. */
uint64_t limit_slot_sequence(const unsigned char slot[LIMIT_SLOT_BYTES]);

/* False, with nothing set, when the slot is not whole. */
bool limit_slot_read(const unsigned char slot[LIMIT_SLOT_BYTES], struct window *ret);
