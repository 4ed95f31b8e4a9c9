/* SPDX-License-Identifier: Apache-2.0 */
#include "vault.h"

#include <sodium.h>

#include "little.h"
#include "utf8.h"
#include "visible.h"

static const char *const problems[] = {
        [VAULT_OK] = "is in order",
        [VAULT_NOT_ONE] = "is not a vault; name the right file",
        [VAULT_UNKNOWN] = "is a vault of a version that this leastwise does not know; use the one that wrote it, or a newer one",
        [VAULT_DAMAGED] = "is damaged or cut short; put a copy of it in its place",
        [VAULT_DEMANDS] = "wants more memory or time for a password than any vault should, or so little that the password could be "
                          "guessed; it was not made by leastwise: put a copy of yours in its place",
        [VAULT_WRONG_KEY] = "does not open with this password or key",
        [VAULT_FORGED] = "was changed by somebody who does not have its key, although the key fits; put a copy of it in its place, and "
                         "ask who can write there",
};

const char *vault_problem_text(enum vault_problem problem)
{
        return problems[problem];
}

static bool is_name_start(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool vault_name_is_valid(struct str name)
{
        bool at_start = true;

        if (name.len == 0 || name.len > LIMIT_VAULT_NAME_BYTES)
                return false;
        for (size_t i = 0; i < name.len; i++) {
                const char c = name.ptr[i];

                if (c == '/' && !at_start)
                        at_start = true;
                else if (is_name_start(c) || (!at_start && (c == '.' || c == '-')))
                        at_start = false;
                else
                        return false;
        }
        return !at_start;
}

bool vault_note_is_valid(struct str note)
{
        uint32_t cp;

        if (note.len > LIMIT_VAULT_NOTE_BYTES)
                return false;
        while (note.len > 0) {
                const size_t used = utf8_decode(note, &cp);

                if (used == 0 || !code_point_is_visible(cp))
                        return false;
                note = str_skip(note, used);
        }
        return true;
}

static bool hint_is_valid(const struct vault_header *h)
{
        if (h->hint.len > LIMIT_VAULT_HINT_BYTES)
                return false;
        for (size_t i = 0; i < h->hint.len; i++) {
                if ((unsigned char)h->hint.ptr[i] < 0x20 || h->hint.ptr[i] == 0x7F)
                        return false;
        }
        switch (h->kind) {
        case VAULT_PASSWORD:
                return h->hint.len == 0;
        case VAULT_KEY_FILE:
                return h->hint.len > 1 && h->hint.ptr[0] == '/';
        case VAULT_SYSTEMD:
                return h->hint.len > 0 && h->hint.ptr[0] != '.' && !memchr(h->hint.ptr, '/', h->hint.len);
        }
        return false;
}

enum vault_problem vault_header_check(const struct vault_header *h)
{
        if (h->kind < VAULT_PASSWORD || h->kind > VAULT_SYSTEMD || !hint_is_valid(h))
                return VAULT_DAMAGED;
        if (h->kind != VAULT_PASSWORD)
                return h->passes == 0 && h->memory_kib == 0 ? VAULT_OK : VAULT_DAMAGED;
        if (h->passes < LIMIT_VAULT_KDF_PASSES_MIN || h->passes > LIMIT_VAULT_KDF_PASSES ||
                h->memory_kib < LIMIT_VAULT_KDF_KIB_MIN || h->memory_kib > LIMIT_VAULT_KDF_KIB)
                return VAULT_DEMANDS;
        return VAULT_OK;
}

size_t vault_stable(uint8_t space[VAULT_STABLE_MAX], const struct vault_header *h)
{
        memcpy(space, VAULT_MAGIC.ptr, 8);
        little_put16(space + 8, VAULT_VERSION);
        little_put16(space + 10, (uint16_t)h->kind);
        little_put32(space + 12, h->passes);
        little_put32(space + 16, h->memory_kib);
        little_put32(space + 20, (uint32_t)h->hint.len);
        memcpy(space + 24, h->salt, VAULT_SALT_BYTES);
        memcpy(space + 40, h->id, VAULT_ID_BYTES);
        if (h->hint.len > 0)
                memcpy(space + VAULT_FIXED_BYTES, h->hint.ptr, h->hint.len);
        return VAULT_FIXED_BYTES + h->hint.len;
}

size_t vault_bound(uint8_t space[VAULT_PLAIN_MAX], const struct vault_header *h, const uint8_t *entry, size_t plain_len)
{
        const size_t len = vault_stable(space, h);

        memcpy(space + len, entry, plain_len);
        return len + plain_len;
}

/* --- keys --- */

static void derive(uint8_t *ret, size_t len, struct str purpose, const uint8_t *stable, size_t stable_len, const uint8_t *key)
{
        crypto_generichash_state state;

        crypto_generichash_init(&state, key, VAULT_KEY_BYTES, len);
        crypto_generichash_update(&state, (const uint8_t *)purpose.ptr, purpose.len);
        crypto_generichash_update(&state, stable, stable_len);
        crypto_generichash_final(&state, ret, len);
        sodium_memzero(&state, sizeof(state));
}

void vault_derive(struct vault_keys *ret, const struct vault_header *header, const uint8_t key[VAULT_KEY_BYTES])
{
        uint8_t stable[VAULT_STABLE_MAX];
        const size_t len = vault_stable(stable, header);

        derive(ret->entries, sizeof(ret->entries), STR("leastwise vault entries\n"), stable, len, key);
        derive(ret->table, sizeof(ret->table), STR("leastwise vault table\n"), stable, len, key);
        derive(ret->check, sizeof(ret->check), STR("leastwise vault check\n"), stable, len, key);
}

void vault_code(uint8_t ret[VAULT_CODE_BYTES], const struct vault_keys *keys, struct str covered)
{
        crypto_generichash(ret, VAULT_CODE_BYTES, (const uint8_t *)covered.ptr, covered.len, keys->table, sizeof(keys->table));
}

void vault_checksum(uint8_t ret[VAULT_CHECKSUM_BYTES], struct str covered)
{
        crypto_generichash(ret, VAULT_CHECKSUM_BYTES, (const uint8_t *)covered.ptr, covered.len, NULL, 0);
}
