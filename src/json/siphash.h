/* SPDX-License-Identifier: Apache-2.0
 *
 * SipHash-1-3, fed in pieces: the keyed hash of tables whose keys a peer chooses. Who does not know the key cannot choose names that
 * collide.
 */
#pragma once

#include <stdint.h>

#include "str.h"

struct siphash {
        uint64_t v0, v1, v2, v3;
        uint64_t word; /* bytes that do not fill a word yet, the first one lowest */
        size_t total;
};

void siphash_init(struct siphash *h, const uint64_t key[2]);
void siphash_update(struct siphash *h, struct str s);
uint64_t siphash_end(struct siphash *h);
