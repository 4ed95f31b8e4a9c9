/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

#include "little.h"
#include "vault.h"

static int order_of_names(const void *a, const void *b)
{
        const struct vault_draft *one = a, *other = b;

        return str_cmp(one->name, other->name);
}

static bool draft_is_valid(const struct vault_draft *d)
{
        return vault_name_is_valid(d->name) && vault_note_is_valid(d->note) && d->value.len <= LIMIT_CREDENTIAL_BYTES;
}

static int put_header(struct buf *out, const struct vault_header *h, const struct vault_keys *keys, size_t count)
{
        uint8_t stable[VAULT_STABLE_MAX], state[VAULT_STATE_BYTES] = { 0 };

        buf_append(out, stable, vault_stable(stable, h));
        memcpy(state, keys->check, VAULT_CHECK_BYTES);
        little_put64(state + 16, h->generation);
        little_put64(state + 24, h->written_ms);
        little_put32(state + 32, (uint32_t)count);
        return buf_append(out, state, sizeof(state));
}

/* A nonce of 24 random bytes is never had twice, however often an entry is sealed. */
static int put_sealed(struct buf *out, const struct vault_header *h, const struct vault_keys *keys, const struct vault_draft *d)
{
        const size_t plain_len = VAULT_ENTRY_BYTES + d->name.len + d->note.len;
        const size_t whole = plain_len + d->value.len + VAULT_TAG_BYTES;
        uint8_t bound[VAULT_PLAIN_MAX], *to;
        size_t bound_len;
        int r = buf_reserve(out, whole);

        if (r < 0)
                return r;
        to = (uint8_t *)out->data + out->len;
        memset(to, 0, VAULT_ENTRY_BYTES);
        little_put32(to, (uint32_t)whole);
        little_put16(to + 4, (uint16_t)d->name.len);
        little_put16(to + 6, (uint16_t)d->note.len);
        little_put32(to + 8, (uint32_t)d->value.len);
        little_put64(to + 16, d->created_ms);
        little_put64(to + 24, d->rotated_ms);
        little_put64(to + 32, d->expires_ms);
        randombytes_buf(to + VAULT_NONCE_AT, VAULT_ENTRY_BYTES - VAULT_NONCE_AT);
        memcpy(to + VAULT_ENTRY_BYTES, d->name.ptr, d->name.len);
        if (d->note.len > 0)
                memcpy(to + VAULT_ENTRY_BYTES + d->name.len, d->note.ptr, d->note.len);
        bound_len = vault_bound(bound, h, to, plain_len);
        if (crypto_aead_xchacha20poly1305_ietf_encrypt(to + plain_len, NULL, (const uint8_t *)d->value.ptr, d->value.len, bound, bound_len,
                    NULL, to + VAULT_NONCE_AT, keys->entries) != 0)
                return -EINVAL;
        out->len += whole;
        return 0;
}

static int put_entries(struct buf *out, const struct vault_header *h, const struct vault_keys *keys, const struct vault_draft *drafts, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                int r = drafts[i].kept.len ? buf_append_str(out, drafts[i].kept) : put_sealed(out, h, keys, &drafts[i]);

                if (r < 0)
                        return r;
        }
        return 0;
}

int vault_write(struct buf *out, const struct vault_header *h, const struct vault_keys *keys, struct vault_draft *drafts, size_t count)
{
        const size_t from = out->len;
        uint8_t code[VAULT_CODE_BYTES], sum[VAULT_CHECKSUM_BYTES];
        int r;

        if (vault_header_check(h) != VAULT_OK || count > LIMIT_VAULT_ENTRIES)
                return -EINVAL;
        if (count > 1)
                qsort(drafts, count, sizeof(*drafts), order_of_names);
        for (size_t i = 0; i < count; i++) {
                if (!draft_is_valid(&drafts[i]) || (i > 0 && str_eq(drafts[i - 1].name, drafts[i].name)))
                        return -EINVAL;
        }
        r = put_header(out, h, keys, count);
        if (r == 0)
                r = put_entries(out, h, keys, drafts, count);
        if (r < 0)
                return r;
        vault_code(code, keys, str_skip(buf_str(out), from));
        buf_append(out, code, sizeof(code));
        vault_checksum(sum, str_skip(buf_str(out), from));
        r = buf_append(out, sum, sizeof(sum));
        if (r < 0)
                return r;
        return out->len - from <= LIMIT_VAULT_BYTES ? 0 : -EMSGSIZE;
}
