/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys and signatures in OpenSSH's formats, made with libsodium: what ssh-keygen and a security key would make, and what they never would.
 */
#pragma once

#include <sodium.h>
#include <stdio.h>

#include "leaks.h"
#include "limit.h"
#include "ssh_key.h"
#include "ssh_wire.h"

struct signing_key {
        bool is_device;
        const char *application; /* of a device: "ssh:" */
        uint8_t public_key[32];
        uint8_t secret_key[64];
};

/* Equal seeds make equal keys. */
static inline struct signing_key signing_key_of(uint8_t seed_byte, bool is_device)
{
        struct signing_key key = { .is_device = is_device, .application = "ssh:" };
        uint8_t seed[32];

        memset(seed, seed_byte, sizeof(seed));
        cr_assert_eq(crypto_sign_seed_keypair(key.public_key, key.secret_key, seed), 0);
        return key;
}

static inline struct str signing_bytes(const uint8_t *bytes, size_t len)
{
        return str_of((const char *)bytes, len);
}

static inline void signing_key_blob(const struct signing_key *key, struct buf *out)
{
        ssh_append_string(out, ssh_key_name(key->is_device ? SSH_KEY_SK_ED25519 : SSH_KEY_ED25519));
        ssh_append_string(out, signing_bytes(key->public_key, 32));
        if (key->is_device)
                ssh_append_string(out, str_from(key->application));
}

static inline void signing_base64(struct buf *out, struct str bytes)
{
        char text[8192];

        cr_assert(bytes.len < 4096);
        sodium_bin2base64(text, sizeof(text), (const unsigned char *)bytes.ptr, bytes.len, sodium_base64_VARIANT_ORIGINAL);
        buf_append_str(out, str_from(text));
}

/* "ssh-ed25519 AAAA..." */
static inline void signing_public_line(const struct signing_key *key, struct buf *out)
{
        AUTO_BUF struct buf blob = BUF_INIT(4096);

        signing_key_blob(key, &blob);
        buf_append_str(out, ssh_key_name(key->is_device ? SSH_KEY_SK_ED25519 : SSH_KEY_ED25519));
        buf_append_char(out, ' ');
        signing_base64(out, buf_str(&blob));
}

/* The blob that ssh_key_verify() takes. */
static inline void signing_sign(const struct signing_key *key, struct str text, uint8_t flags, uint32_t counter, struct buf *out)
{
        const uint8_t extra[5] = { flags, (uint8_t)(counter >> 24), (uint8_t)(counter >> 16), (uint8_t)(counter >> 8), (uint8_t)counter };
        uint8_t message[69], signature[64];

        if (key->is_device) {
                crypto_hash_sha256(message, (const unsigned char *)key->application, strlen(key->application));
                memcpy(message + 32, extra, 5);
                crypto_hash_sha256(message + 37, (const unsigned char *)text.ptr, text.len);
                text = signing_bytes(message, sizeof(message));
        }
        crypto_sign_detached(signature, NULL, (const unsigned char *)text.ptr, text.len, key->secret_key);
        ssh_append_string(out, ssh_key_name(key->is_device ? SSH_KEY_SK_ED25519 : SSH_KEY_ED25519));
        ssh_append_string(out, signing_bytes(signature, 64));
        if (key->is_device)
                buf_append(out, extra, sizeof(extra));
}

struct signing_how {
        const char *name_space, *hash; /* "sha512" or "sha256" */
        const char *magic, *reserved;  /* NULL: as they should be */
        uint32_t version;              /* 0: as it should be */
        uint8_t flags;                 /* of a device; 1 is "touched" */
        const char *more;              /* bytes behind the end; may be NULL */
};

#define SIGNING_USUAL { .name_space = "leastwise-approval", .hash = "sha512", .flags = 1 }

static inline void signing_armour(struct str blob, struct buf *out)
{
        AUTO_BUF struct buf letters = BUF_INIT(8192);
        struct str left;

        signing_base64(&letters, blob);
        buf_append_str(out, STR("-----BEGIN SSH SIGNATURE-----\n"));
        for (left = buf_str(&letters); left.len; left = str_skip(left, 70)) {
                buf_append(out, left.ptr, left.len < 70 ? left.len : 70);
                buf_append_char(out, '\n');
        }
        buf_append_str(out, STR("-----END SSH SIGNATURE-----\n"));
}

/* A whole signature file over @text. */
static inline void signing_file(const struct signing_key *key, const struct signing_how *how, struct str text, struct buf *out)
{
        AUTO_BUF struct buf blob = BUF_INIT(4096), part = BUF_INIT(4096), inner = BUF_INIT(4096);
        const uint32_t version = how->version ? how->version : 1;
        const uint8_t number[4] = { (uint8_t)(version >> 24), (uint8_t)(version >> 16), (uint8_t)(version >> 8), (uint8_t)version };
        const bool sha256 = strcmp(how->hash, "sha256") == 0;
        uint8_t digest[64];

        if (sha256)
                crypto_hash_sha256(digest, (const unsigned char *)text.ptr, text.len);
        else
                crypto_hash_sha512(digest, (const unsigned char *)text.ptr, text.len);
        buf_append_str(&inner, str_from(how->magic ? how->magic : "SSHSIG"));
        ssh_append_string(&inner, str_from(how->name_space));
        ssh_append_string(&inner, str_from(how->reserved ? how->reserved : ""));
        ssh_append_string(&inner, str_from(how->hash));
        ssh_append_string(&inner, signing_bytes(digest, sha256 ? 32 : 64));

        buf_append_str(&blob, str_from(how->magic ? how->magic : "SSHSIG"));
        buf_append(&blob, number, 4);
        signing_key_blob(key, &part);
        ssh_append_string(&blob, buf_str(&part));
        ssh_append_string(&blob, str_from(how->name_space));
        ssh_append_string(&blob, str_from(how->reserved ? how->reserved : ""));
        ssh_append_string(&blob, str_from(how->hash));
        buf_clear(&part, 4096);
        signing_sign(key, buf_str(&inner), how->flags, 7, &part);
        ssh_append_string(&blob, buf_str(&part));
        buf_append_str(&blob, str_from(how->more));
        signing_armour(buf_str(&blob), out);
}
