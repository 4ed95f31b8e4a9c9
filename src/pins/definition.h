/* SPDX-License-Identifier: Apache-2.0
 *
 * A tool's definition as it is pinned: the whole object that the server lists, whatever its members, since any of them may
 * reach a client or its model. Its digest is SHA-256 over the sorted canonical text (json's sorted.h), so that neither white space nor
 * the order of members counts, and everything else does.
 */
#pragma once

#include <stdint.h>

#include "json.h"

#define DEFINITION_DIGEST_BYTES 32U
/* "sha256:" and 64 hexadecimal digits. */
#define DEFINITION_DIGEST_TEXT 71U

struct definition_digest {
        uint8_t bytes[DEFINITION_DIGEST_BYTES];
};

/* Replaces the contents of @text with the sorted text of the definition: 0, -EMSGSIZE, -ENOMEM; -EINVAL when it is no object. */
int definition_text(struct buf *text, const struct json_doc *doc, uint32_t tool);

void definition_digest_of(struct definition_digest *ret, struct str text);
bool definition_digest_eq(const struct definition_digest *a, const struct definition_digest *b);

void definition_digest_append(struct buf *out, const struct definition_digest *digest);
/* The other way round; false when the text is no digest. */
bool definition_digest_read(struct definition_digest *ret, struct str text);
