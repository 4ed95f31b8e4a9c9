/* SPDX-License-Identifier: Apache-2.0 */
#include "digest.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>

#include "leaks.h"

static struct str digest_of(struct buf *b, uint8_t first_key_byte, const char *session, uint64_t seq, uint64_t ms, struct str text)
{
        uint8_t key[32] = { first_key_byte };

        buf_clear(b, 1024);
        digest_append(b, key, str_from(session), seq, ms, text);
        return buf_str(b);
}

Test(digest, of_short_text_depends_on_key_and_text_alone)
{
        struct buf a = BUF_INIT(200), b = BUF_INIT(200);
        struct str first = digest_of(&a, 1, "S", 1, 1, STR("{}"));

        /* Computed with Python: hashlib.blake2b(bytes([1] + [0] * 31) + b'{}', digest_size=32). */
        cr_expect(str_eq(first, STR("blake2b:2563e0a99b0d586cad26543cc275abbf174865a83f2ab9d10f32ebaea537b18a")), "%.*s", STR_FMT(first));
        cr_expect(str_eq(first, digest_of(&b, 1, "T", 2, 2, STR("{}"))));
        cr_expect_not(str_eq(first, digest_of(&b, 2, "S", 1, 1, STR("{}"))));
        cr_expect_not(str_eq(first, digest_of(&b, 1, "S", 1, 1, STR("[]"))));
        buf_deinit(&a);
        buf_deinit(&b);
        CHECK_NO_LEAKS();
}

/* Whether it is hashed in one piece or in two. */
Test(digest, of_short_text_is_the_hash_of_key_and_text)
{
        uint8_t both[600] = { 1 }, hash[32];
        struct buf b = BUF_INIT(200);
        char hex[65];

        for (size_t len = 0; len <= sizeof(both) - 32; len++) {
                struct str digest = digest_of(&b, 1, "S", 1, 1, str_of((const char *)both + 32, len));

                cr_assert_eq(crypto_generichash(hash, 32, both, 32 + len, NULL, 0), 0);
                sodium_bin2hex(hex, sizeof(hex), hash, 32);
                cr_expect(str_eq(str_skip(digest, STR("blake2b:").len), str_from(hex)), "%zu bytes", len);
                both[32 + (len < sizeof(both) - 32 ? len : 0)] = (uint8_t)(len * 7);
        }
        buf_deinit(&b);
        CHECK_NO_LEAKS();
}

static struct str long_kind(void)
{
        return crypto_aead_aes256gcm_is_available() ? STR("aes256-gmac:") : STR("poly1305:");
}

Test(digest, changes_its_kind_past_its_limit)
{
        char *text = calloc(1, DIGEST_HASHED_BYTES + 1);
        struct buf a = BUF_INIT(200), b = BUF_INIT(200);
        struct str long_text = str_of(text, DIGEST_HASHED_BYTES + 1), first;

        first = digest_of(&a, 1, "S", 1, 1, str_of(text, DIGEST_HASHED_BYTES));
        cr_expect(str_starts_with(first, STR("blake2b:")));
        cr_expect_eq(first.len, STR("blake2b:").len + 64);

        first = digest_of(&a, 1, "S", 1, 1, long_text);
        cr_expect(str_starts_with(first, long_kind()));
        cr_expect_eq(first.len, long_kind().len + 32);
        cr_expect(str_eq(first, digest_of(&b, 1, "S", 1, 1, long_text)));
        cr_expect_not(str_eq(first, digest_of(&b, 2, "S", 1, 1, long_text)), "key");
        cr_expect_not(str_eq(first, digest_of(&b, 1, "T", 1, 1, long_text)), "session");
        cr_expect_not(str_eq(first, digest_of(&b, 1, "S", 2, 1, long_text)), "number");
        cr_expect_not(str_eq(first, digest_of(&b, 1, "S", 1, 2, long_text)), "time");
        text[DIGEST_HASHED_BYTES] = 1;
        cr_expect_not(str_eq(first, digest_of(&b, 1, "S", 1, 1, long_text)), "last byte");
        free(text);
        buf_deinit(&a);
        buf_deinit(&b);
        CHECK_NO_LEAKS();
}

/* As docs/audit.md tells others to compute it. */
Test(digest, of_long_text_as_documented)
{
        static const char session[] = "01JD4RXZ7Q8WYTCAVK2M3N5P6R";
        static const uint8_t nonce[crypto_aead_aes256gcm_NPUBBYTES];
        uint8_t key[32] = { 1 }, own[32], mac[16], none[1], input[15 + 26 + 16] = "leastwise audit";
        char hex[33], *text = calloc(1, DIGEST_HASHED_BYTES + 1);
        struct buf b = BUF_INIT(200);
        struct str digest;

        memcpy(input + 15, session, 26);
        input[41] = 7;                     /* the number */
        input[49] = 0x34, input[50] = 0x12; /* the time */
        cr_assert_eq(crypto_generichash(own, 32, input, sizeof(input), key, 32), 0);
        if (crypto_aead_aes256gcm_is_available())
                cr_assert_eq(crypto_aead_aes256gcm_encrypt_detached(none, mac, NULL, NULL, 0, (const uint8_t *)text,
                                     DIGEST_HASHED_BYTES + 1, NULL, nonce, own),
                        0);
        else
                crypto_onetimeauth(mac, (const uint8_t *)text, DIGEST_HASHED_BYTES + 1, own);
        sodium_bin2hex(hex, sizeof(hex), mac, 16);
        digest = digest_of(&b, 1, session, 7, 0x1234, str_of(text, DIGEST_HASHED_BYTES + 1));
        cr_expect(str_eq(str_skip(digest, long_kind().len), str_from(hex)), "%.*s", STR_FMT(digest));
        free(text);
        buf_deinit(&b);
        CHECK_NO_LEAKS();
}
