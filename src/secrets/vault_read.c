/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sodium.h>

#include "cleanup.h"
#include "little.h"
#include "vault.h"

/* Not yet read, front to back; it never goes past what the end of the file needs. */
struct rest {
        const uint8_t *at;
        size_t len;
};

static const uint8_t *take(struct rest *rest, size_t len)
{
        const uint8_t *at = rest->at;

        if (len > rest->len)
                return NULL;
        rest->at += len;
        rest->len -= len;
        return at;
}

static struct str str_at(const uint8_t *bytes, size_t len)
{
        return str_of((const char *)bytes, len);
}

/* *ret_count: what the file says, within the limit. */
static enum vault_problem read_header(struct vault *v, struct rest *rest, uint32_t *ret_count)
{
        struct vault_header *h = &v->header;
        const uint8_t *fixed = take(rest, VAULT_FIXED_BYTES), *hint, *state;
        uint32_t hint_len;

        if (!fixed)
                return VAULT_DAMAGED;
        h->kind = (enum vault_kind)little_get16(fixed + 10);
        h->passes = little_get32(fixed + 12);
        h->memory_kib = little_get32(fixed + 16);
        memcpy(h->salt, fixed + 24, VAULT_SALT_BYTES);
        memcpy(h->id, fixed + 40, VAULT_ID_BYTES);
        hint_len = little_get32(fixed + 20);
        hint = hint_len <= LIMIT_VAULT_HINT_BYTES ? take(rest, hint_len) : NULL;
        state = hint ? take(rest, VAULT_STATE_BYTES) : NULL;
        if (!state)
                return VAULT_DAMAGED;
        h->hint = str_at(hint, hint_len);
        memcpy(v->check, state, VAULT_CHECK_BYTES);
        h->generation = little_get64(state + 16);
        h->written_ms = little_get64(state + 24);
        *ret_count = little_get32(state + 32);
        if (little_get32(state + 36) != 0 || *ret_count > LIMIT_VAULT_ENTRIES)
                return VAULT_DAMAGED;
        return vault_header_check(h);
}

static enum vault_problem read_entry(struct vault_entry *e, struct rest *rest)
{
        const uint8_t *start = rest->at, *fixed = take(rest, VAULT_ENTRY_BYTES), *name, *note;
        size_t name_len, note_len;

        if (!fixed)
                return VAULT_DAMAGED;
        name_len = little_get16(fixed + 4);
        note_len = little_get16(fixed + 6);
        e->value_len = little_get32(fixed + 8);
        e->created_ms = little_get64(fixed + 16);
        e->rotated_ms = little_get64(fixed + 24);
        e->expires_ms = little_get64(fixed + 32);
        name = take(rest, name_len);
        note = name ? take(rest, note_len) : NULL;
        if (!note || little_get32(fixed + 12) != 0 || e->value_len > LIMIT_CREDENTIAL_BYTES ||
                !take(rest, e->value_len + VAULT_TAG_BYTES))
                return VAULT_DAMAGED;
        e->name = str_at(name, name_len);
        e->note = str_at(note, note_len);
        e->bytes = str_at(start, (size_t)(rest->at - start));
        if (little_get32(fixed) != e->bytes.len || !vault_name_is_valid(e->name) || !vault_note_is_valid(e->note))
                return VAULT_DAMAGED;
        return VAULT_OK;
}

/* In order, none twice: there is one file for one set of entries. */
static enum vault_problem read_entries(struct vault *v, struct rest *rest)
{
        for (size_t i = 0; i < v->count; i++) {
                enum vault_problem problem = read_entry(&v->entries[i], rest);

                if (problem)
                        return problem;
                if (i > 0 && str_cmp(v->entries[i - 1].name, v->entries[i].name) >= 0)
                        return VAULT_DAMAGED;
        }
        return rest->len == 0 ? VAULT_OK : VAULT_DAMAGED;
}

/* Before anything of it is believed: is this what was written, as far as accidents go? */
static enum vault_problem look_over(struct str image)
{
        uint8_t sum[VAULT_CHECKSUM_BYTES];
        const size_t covered = image.len - VAULT_CHECKSUM_BYTES;

        if (!str_starts_with(image, VAULT_MAGIC))
                return VAULT_NOT_ONE;
        if (image.len < VAULT_FIXED_BYTES + VAULT_STATE_BYTES + VAULT_END_BYTES || image.len > LIMIT_VAULT_BYTES)
                return VAULT_DAMAGED;
        vault_checksum(sum, str_of(image.ptr, covered));
        if (memcmp(sum, image.ptr + covered, sizeof(sum)) != 0)
                return VAULT_DAMAGED;
        return little_get16((const uint8_t *)image.ptr + 8) == VAULT_VERSION ? VAULT_OK : VAULT_UNKNOWN;
}

int vault_read(struct vault *ret, struct str image)
{
        CLEANUP(vault_deinit) struct vault v = { .image = image };
        struct rest rest;
        uint32_t count = 0;
        enum vault_problem problem = look_over(image);

        if (problem)
                return (int)problem;
        rest = (struct rest){ (const uint8_t *)image.ptr, image.len - VAULT_END_BYTES };
        problem = read_header(&v, &rest, &count);
        if (problem)
                return (int)problem;
        v.count = count;
        v.entries = mem_calloc(v.count + 1, sizeof(*v.entries));
        if (!v.entries)
                return -ENOMEM;
        problem = read_entries(&v, &rest);
        if (problem)
                return (int)problem;
        *ret = v;
        v = (struct vault){ 0 };
        return 0;
}

void vault_deinit(struct vault *vault)
{
        mem_free(vault->entries);
        *vault = (struct vault){ 0 };
}

int vault_verify(const struct vault *v, const struct vault_keys *keys)
{
        const size_t covered = v->image.len - VAULT_END_BYTES;
        uint8_t code[VAULT_CODE_BYTES];

        if (sodium_memcmp(v->check, keys->check, sizeof(v->check)) != 0)
                return VAULT_WRONG_KEY;
        vault_code(code, keys, str_of(v->image.ptr, covered));
        return sodium_memcmp(code, v->image.ptr + covered, sizeof(code)) == 0 ? 0 : VAULT_FORGED;
}

const struct vault_entry *vault_find(const struct vault *v, struct str name)
{
        for (size_t i = 0; i < v->count; i++) {
                if (str_eq(v->entries[i].name, name))
                        return &v->entries[i];
        }
        return NULL;
}

int vault_open_value(const struct vault *v, const struct vault_keys *keys, const struct vault_entry *e, char *space)
{
        const uint8_t *bytes = (const uint8_t *)e->bytes.ptr;
        const size_t plain_len = VAULT_ENTRY_BYTES + e->name.len + e->note.len;
        uint8_t bound[VAULT_PLAIN_MAX];
        const size_t bound_len = vault_bound(bound, &v->header, bytes, plain_len);

        if (crypto_aead_xchacha20poly1305_ietf_decrypt((uint8_t *)space, NULL, NULL, bytes + plain_len, e->bytes.len - plain_len, bound,
                    bound_len, bytes + VAULT_NONCE_AT, keys->entries) == 0)
                return 0;
        sodium_memzero(space, e->value_len);
        return VAULT_FORGED;
}
