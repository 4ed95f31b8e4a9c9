/* SPDX-License-Identifier: Apache-2.0
 *
 * A security key without hardware: what ssh-keygen and ssh-sk-helper load as SSH_SK_PROVIDER (OpenSSH's PROTOCOL.u2f, "Middleware").
 * Its key handle is the seed of its key, and it is always touched, unless the key's application is "ssh:untouched". For tests
 * only: whoever has the file of such a key has the key.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define API_VERSION 0x000a0000U
#define ALGORITHM_ED25519 1U
#define ERROR_GENERAL (-1)
#define ERROR_UNSUPPORTED (-2)
#define FLAG_TOUCHED 0x01U

struct sk_option;

struct sk_enroll_response {
        uint8_t flags;
        uint8_t *public_key;
        size_t public_key_len;
        uint8_t *key_handle;
        size_t key_handle_len;
        uint8_t *signature;
        size_t signature_len;
        uint8_t *attestation_cert;
        size_t attestation_cert_len;
        uint8_t *authdata;
        size_t authdata_len;
};

struct sk_sign_response {
        uint8_t flags;
        uint32_t counter;
        uint8_t *sig_r;
        size_t sig_r_len;
        uint8_t *sig_s;
        size_t sig_s_len;
};

#define VISIBLE __attribute__((visibility("default")))

VISIBLE uint32_t sk_api_version(void);
VISIBLE int sk_enroll(uint32_t algorithm, const uint8_t *challenge, size_t challenge_len, const char *application, uint8_t flags,
        const char *pin, struct sk_option **options, struct sk_enroll_response **ret);
VISIBLE int sk_sign(uint32_t algorithm, const uint8_t *data, size_t data_len, const char *application, const uint8_t *key_handle,
        size_t key_handle_len, uint8_t flags, const char *pin, struct sk_option **options, struct sk_sign_response **ret);
VISIBLE int sk_load_resident_keys(const char *pin, struct sk_option **options, void ***ret, size_t *ret_count);

uint32_t sk_api_version(void)
{
        return API_VERSION;
}

int sk_enroll(uint32_t algorithm, const uint8_t *challenge, size_t challenge_len, const char *application, uint8_t flags,
        const char *pin, struct sk_option **options, struct sk_enroll_response **ret)
{
        struct sk_enroll_response *response = calloc(1, sizeof(*response));
        uint8_t *public_key = malloc(crypto_sign_PUBLICKEYBYTES), *seed = malloc(crypto_sign_SEEDBYTES);
        uint8_t secret_key[crypto_sign_SECRETKEYBYTES];

        if (algorithm != ALGORITHM_ED25519 || !response || !public_key || !seed) {
                free(response);
                free(public_key);
                free(seed);
                return algorithm != ALGORITHM_ED25519 ? ERROR_UNSUPPORTED : ERROR_GENERAL;
        }
        randombytes_buf(seed, crypto_sign_SEEDBYTES);
        crypto_sign_seed_keypair(public_key, secret_key, seed);
        sodium_memzero(secret_key, sizeof(secret_key));
        response->flags = flags;
        response->public_key = public_key;
        response->public_key_len = crypto_sign_PUBLICKEYBYTES;
        response->key_handle = seed;
        response->key_handle_len = crypto_sign_SEEDBYTES;
        *ret = response;
        return 0;
}

int sk_sign(uint32_t algorithm, const uint8_t *data, size_t data_len, const char *application, const uint8_t *key_handle,
        size_t key_handle_len, uint8_t flags, const char *pin, struct sk_option **options, struct sk_sign_response **ret)
{
        uint8_t message[69] = { 0 }, public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES];
        struct sk_sign_response *response = calloc(1, sizeof(*response));
        uint8_t *signature = malloc(crypto_sign_BYTES);

        if (algorithm != ALGORITHM_ED25519 || key_handle_len != crypto_sign_SEEDBYTES || !response || !signature) {
                free(response);
                free(signature);
                return ERROR_GENERAL;
        }
        response->flags = strcmp(application, "ssh:untouched") == 0 ? 0 : FLAG_TOUCHED;
        response->counter = 7;
        response->sig_r = signature;
        response->sig_r_len = crypto_sign_BYTES;
        crypto_hash_sha256(message, (const unsigned char *)application, strlen(application));
        message[32] = response->flags;
        message[36] = (uint8_t)response->counter;
        crypto_hash_sha256(message + 37, data, data_len);
        crypto_sign_seed_keypair(public_key, secret_key, key_handle);
        crypto_sign_detached(signature, NULL, message, sizeof(message), secret_key);
        sodium_memzero(secret_key, sizeof(secret_key));
        *ret = response;
        return 0;
}

int sk_load_resident_keys(const char *pin, struct sk_option **options, void ***ret, size_t *ret_count)
{
        return ERROR_UNSUPPORTED;
}
