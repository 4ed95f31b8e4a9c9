/* SPDX-License-Identifier: Apache-2.0 */
#include "digest.h"

#include <assert.h>
#include <sodium.h>

#include "hex.h"

static_assert(crypto_generichash_BYTES == 32, "the digest is 64 hexadecimal digits");
static_assert(crypto_onetimeauth_BYTES == 16 && crypto_aead_aes256gcm_ABYTES == 16, "the digest is 32 hexadecimal digits");

/* A key and a text no longer than this together are hashed in one call. */
#define SHORT_BYTES 256U

static void put_le64(uint8_t to[8], uint64_t value)
{
        for (unsigned i = 0; i < 8; i++)
                to[i] = (uint8_t)(value >> (8 * i));
}

/* A number is given again when its record was lost: the time keeps two records of one number from sharing a key. */
static void record_key(uint8_t ret[32], const uint8_t key[32], struct str session, uint64_t seq, uint64_t time_ms)
{
        static const char context[] = "leastwise audit";
        crypto_generichash_state state;
        uint8_t numbers[16];

        put_le64(numbers, seq);
        put_le64(numbers + 8, time_ms);
        crypto_generichash_init(&state, key, 32, 32);
        crypto_generichash_update(&state, (const uint8_t *)context, sizeof(context) - 1);
        crypto_generichash_update(&state, (const uint8_t *)session.ptr, session.len);
        crypto_generichash_update(&state, numbers, sizeof(numbers));
        crypto_generichash_final(&state, ret, 32);
        explicit_bzero(&state, sizeof(state));
}

static void hash_short(uint8_t ret[32], const uint8_t key[32], struct str text)
{
        uint8_t both[SHORT_BYTES];

        memcpy(both, key, 32);
        if (text.len)
                memcpy(both + 32, text.ptr, text.len);
        crypto_generichash(ret, 32, both, 32 + text.len, NULL, 0);
        explicit_bzero(both, 32);
}

static void hash_long(uint8_t ret[32], const uint8_t key[32], struct str text)
{
        crypto_generichash_state state;

        crypto_generichash_init(&state, NULL, 0, 32);
        crypto_generichash_update(&state, key, 32);
        crypto_generichash_update(&state, (const uint8_t *)text.ptr, text.len);
        crypto_generichash_final(&state, ret, 32);
        explicit_bzero(&state, sizeof(state));
}

/* BLAKE2b of the key and the text. Its own keyed mode pads the key to a block: a third of the time of a small call's
 * arguments. A key of fixed length in front says the same. */
static void hash(uint8_t ret[32], const uint8_t key[32], struct str text)
{
        if (text.len <= SHORT_BYTES - 32)
                hash_short(ret, key, text);
        else
                hash_long(ret, key, text);
}

/* The tag of AES-256-GCM over the text as additional data, with nothing encrypted: GMAC (NIST SP 800-38D). The key is the
 * record's own, so that the nonce may be all zeros. */
static void authenticate_by_aes(uint8_t ret[16], const uint8_t own_key[32], struct str text)
{
        static const uint8_t nonce[crypto_aead_aes256gcm_NPUBBYTES];
        crypto_aead_aes256gcm_state state;
        uint8_t no_text[1];

        crypto_aead_aes256gcm_beforenm(&state, own_key);
        crypto_aead_aes256gcm_encrypt_detached_afternm(
                no_text, ret, NULL, NULL, 0, (const uint8_t *)text.ptr, text.len, NULL, nonce, &state);
        explicit_bzero(&state, sizeof(state));
}

void digest_append(struct buf *out, const uint8_t key[32], struct str session, uint64_t seq, uint64_t time_ms,
        struct str text)
{
        uint8_t digest[32], own_key[32];

        if (text.len <= DIGEST_HASHED_BYTES) {
                hash(digest, key, text);
                buf_append_str(out, STR("blake2b:"));
                hex_append(out, digest, 32);
                return;
        }
        record_key(own_key, key, session, seq, time_ms);
        if (crypto_aead_aes256gcm_is_available()) {
                authenticate_by_aes(digest, own_key, text);
                buf_append_str(out, STR("aes256-gmac:"));
        } else {
                crypto_onetimeauth(digest, (const uint8_t *)text.ptr, text.len, own_key);
                buf_append_str(out, STR("poly1305:"));
        }
        explicit_bzero(own_key, sizeof(own_key));
        hex_append(out, digest, 16);
}
