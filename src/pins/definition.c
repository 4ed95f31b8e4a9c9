/* SPDX-License-Identifier: Apache-2.0 */
#include "definition.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>

#include "hex.h"
#include "sorted.h"

#define PREFIX "sha256:"

static_assert(crypto_hash_sha256_BYTES == DEFINITION_DIGEST_BYTES, "the digest is SHA-256");
static_assert(sizeof(PREFIX) - 1 + 2 * DEFINITION_DIGEST_BYTES == DEFINITION_DIGEST_TEXT, "two digits a byte");

int definition_text(struct buf *text, const struct json_doc *doc, uint32_t tool)
{
        if (json_type_of(doc, tool) != JSON_OBJECT)
                return -EINVAL;
        buf_clear(text, text->limit);
        return json_write_sorted(text, doc, tool);
}

void definition_digest_of(struct definition_digest *ret, struct str text)
{
        crypto_hash_sha256(ret->bytes, (const unsigned char *)text.ptr, text.len);
}

bool definition_digest_eq(const struct definition_digest *a, const struct definition_digest *b)
{
        return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

void definition_digest_append(struct buf *out, const struct definition_digest *digest)
{
        buf_append_str(out, STR(PREFIX));
        hex_append(out, digest->bytes, sizeof(digest->bytes));
}

bool definition_digest_read(struct definition_digest *ret, struct str text)
{
        return str_starts_with(text, STR(PREFIX)) &&
               hex_read(str_skip(text, sizeof(PREFIX) - 1), ret->bytes, sizeof(ret->bytes));
}
