/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a vault's file, by somebody who can make its checksum and even has its key: what is read lies within the limits and the
 * bytes, and written again it is the same file.
 */
#include <sodium.h>
#include <stdlib.h>

#include "vault.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        return sodium_init() < 0;
}

static void check_entry(const struct vault_entry *e, struct str image)
{
        if (!vault_name_is_valid(e->name) || !vault_note_is_valid(e->note) || e->value_len > LIMIT_CREDENTIAL_BYTES)
                abort();
        if (e->bytes.ptr < image.ptr || e->bytes.len > (size_t)(image.ptr + image.len - e->bytes.ptr))
                abort();
        if (e->value_len >= e->bytes.len)
                abort();
}

static void check_values(const struct vault *v, const struct vault_keys *keys)
{
        char *value = malloc(LIMIT_CREDENTIAL_BYTES);

        for (size_t i = 0; i < v->count; i++)
                (void)vault_open_value(v, keys, &v->entries[i], value);
        free(value);
}

static void check_again(const struct vault *v, const struct vault_keys *keys)
{
        struct vault_draft *drafts = calloc(v->count + 1, sizeof(*drafts));
        struct buf again = BUF_INIT(LIMIT_VAULT_BYTES);

        for (size_t i = 0; i < v->count; i++)
                drafts[i] = (struct vault_draft){ .name = v->entries[i].name, .note = v->entries[i].note, .kept = v->entries[i].bytes };
        if (vault_write(&again, &v->header, keys, drafts, v->count) != 0 || !str_eq(buf_str(&again), v->image))
                abort();
        buf_deinit(&again);
        free(drafts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const uint8_t key[VAULT_KEY_BYTES] = "0123456789abcdefghijklmnopqrstuv";
        struct vault_keys keys;
        struct vault v = { 0 };
        char *image = malloc(size + 1);

        if (size)
                memcpy(image, data, size);
        /* As they are, and with everything that the end of the file is to hold made to fit. */
        if (vault_read(&v, str_of(image, size)) == 0)
                vault_deinit(&v);
        if (size >= VAULT_END_BYTES) {
                vault_checksum((uint8_t *)image + size - VAULT_CHECKSUM_BYTES, str_of(image, size - VAULT_CHECKSUM_BYTES));
                if (vault_read(&v, str_of(image, size)) == 0) {
                        vault_derive(&keys, &v.header, key);
                        for (size_t i = 0; i < v.count; i++)
                                check_entry(&v.entries[i], v.image);
                        memcpy(image + VAULT_FIXED_BYTES + v.header.hint.len, keys.check, VAULT_CHECK_BYTES);
                        vault_code((uint8_t *)image + size - VAULT_END_BYTES, &keys, str_of(image, size - VAULT_END_BYTES));
                        vault_checksum((uint8_t *)image + size - VAULT_CHECKSUM_BYTES, str_of(image, size - VAULT_CHECKSUM_BYTES));
                        vault_deinit(&v);
                        if (vault_read(&v, str_of(image, size)) != 0 || vault_verify(&v, &keys) != 0)
                                abort();
                        check_values(&v, &keys);
                        check_again(&v, &keys);
                        vault_deinit(&v);
                }
        }
        free(image);
        return 0;
}
