/* SPDX-License-Identifier: Apache-2.0
 *
 * The keyed digest that stands in a record for the arguments of a call: equal short arguments of one user have equal
 * digests, and without the key nobody can try out what they were.
 *
 * Up to DIGEST_HASHED_BYTES it is BLAKE2b. Above, hashing a megabyte would take longer than everything else that is done
 * with it, so it is a message authentication code under a key of the record's own: AES-GMAC where the processor has AES, else
 * Poly1305. Neither can be forged without the key, but who has the key can make two texts of one digest (docs/audit.md).
 */
#pragma once

#include <stdint.h>

#include "buf.h"

#define DIGEST_HASHED_BYTES 65536U

/* Appends "blake2b:<64 hex>", "aes256-gmac:<32 hex>" or "poly1305:<32 hex>". @session, @seq and @time_ms make the record's own key. */
void digest_append(struct buf *out, const uint8_t key[32], struct str session, uint64_t seq, uint64_t time_ms,
        struct str text);
