/* SPDX-License-Identifier: Apache-2.0 */
#include "ssh_key.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>

#include "limit.h"
#include "ssh_wire.h"

#define FLAG_TOUCHED 0x01U
#define SIGNED_BY_DEVICE (32U + 1U + 4U + 32U) /* application, flags, counter, message */

static_assert(crypto_sign_PUBLICKEYBYTES == sizeof(((struct ssh_key *)NULL)->public_key), "a key of ed25519");
static_assert(crypto_hash_sha256_BYTES == SSH_FINGERPRINT_BYTES, "a fingerprint is SHA-256");

static const struct str names[] = {
        [SSH_KEY_ED25519] = STR_INIT("ssh-ed25519"),
        [SSH_KEY_SK_ED25519] = STR_INIT("sk-ssh-ed25519@openssh.com"),
};

struct str ssh_key_name(enum ssh_key_kind kind)
{
        return names[kind];
}

static bool kind_of(struct str name, enum ssh_key_kind *ret)
{
        for (unsigned kind = 0; kind < sizeof(names) / sizeof(names[0]); kind++) {
                if (str_eq(names[kind], name)) {
                        *ret = (enum ssh_key_kind)kind;
                        return true;
                }
        }
        return false;
}

static void sha256(uint8_t ret[32], struct str bytes)
{
        crypto_hash_sha256(ret, (const unsigned char *)bytes.ptr, bytes.len);
}

static int refuse(const char **ret_why, const char *why)
{
        *ret_why = why;
        return -EINVAL;
}

int ssh_key_read(struct ssh_key *ret, struct str blob, const char **ret_why)
{
        struct ssh_reader r = { blob };
        struct ssh_key key = { .kind = SSH_KEY_ED25519 };
        struct str name, point, application = { 0 };

        if (!ssh_take_string(&r, &name))
                return refuse(ret_why, "the key is cut short");
        if (!kind_of(name, &key.kind))
                return refuse(ret_why, "keys of this kind are not read: make one with ssh-keygen -t ed25519, or -t ed25519-sk on a security key");
        if (!ssh_take_string(&r, &point) || (key.kind == SSH_KEY_SK_ED25519 && !ssh_take_string(&r, &application)))
                return refuse(ret_why, "the key is cut short");
        if (point.len != sizeof(key.public_key) || !ssh_at_end(&r))
                return refuse(ret_why, "the key has not the length that belongs to its kind");
        memcpy(key.public_key, point.ptr, point.len);
        sha256(key.application, application);
        sha256(key.fingerprint, blob);
        *ret = key;
        return 0;
}

/* The blob of any kind of key begins with the name of its kind. */
static int blob_of(struct buf *blob, struct str type, struct str base64)
{
        struct ssh_reader r;
        struct str name;
        int e = ssh_base64_append(blob, base64);

        if (e < 0)
                return e == -ENOMEM ? e : -EINVAL;
        r.left = buf_str(blob);
        return ssh_take_string(&r, &name) && str_eq(name, type) ? 0 : -EINVAL;
}

int ssh_key_read_text(struct ssh_key *ret, struct str type, struct str base64, const char **ret_why)
{
        AUTO_BUF struct buf blob = BUF_INIT(LIMIT_SSH_KEY_BYTES);
        enum ssh_key_kind kind;
        int e;

        if (!kind_of(type, &kind))
                return refuse(ret_why, "keys of this kind are not read: make one with ssh-keygen -t ed25519, or -t ed25519-sk on a security key");
        e = blob_of(&blob, type, base64);
        if (e < 0)
                return e == -ENOMEM ? e : refuse(ret_why, "the key is damaged: copy the whole line of the .pub file");
        return ssh_key_read(ret, buf_str(&blob), ret_why);
}

int ssh_fingerprint_read(uint8_t ret[SSH_FINGERPRINT_BYTES], struct str type, struct str base64)
{
        AUTO_BUF struct buf blob = BUF_INIT(LIMIT_SSH_KEY_BYTES);
        int e = blob_of(&blob, type, base64);

        if (e == 0)
                sha256(ret, buf_str(&blob));
        return e;
}

bool ssh_fingerprint_eq(const uint8_t a[SSH_FINGERPRINT_BYTES], const uint8_t b[SSH_FINGERPRINT_BYTES])
{
        return memcmp(a, b, SSH_FINGERPRINT_BYTES) == 0;
}

int ssh_fingerprint_append(struct buf *out, const uint8_t fingerprint[SSH_FINGERPRINT_BYTES])
{
        char text[sodium_base64_ENCODED_LEN(SSH_FINGERPRINT_BYTES, sodium_base64_VARIANT_ORIGINAL_NO_PADDING)];

        sodium_bin2base64(text, sizeof(text), fingerprint, SSH_FINGERPRINT_BYTES, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
        buf_append_str(out, STR("SHA256:"));
        return buf_append_str(out, str_from(text));
}

static bool signs(const struct ssh_key *key, struct str text, struct str signature)
{
        return signature.len == crypto_sign_BYTES &&
               crypto_sign_verify_detached((const unsigned char *)signature.ptr, (const unsigned char *)text.ptr, text.len,
                       key->public_key) == 0;
}

/* A security key signs neither the text nor its digest alone, but what it was asked for and whether it was touched. */
static bool device_signs(const struct ssh_key *key, struct str text, struct str signature, struct str flags_and_counter)
{
        uint8_t message[SIGNED_BY_DEVICE];

        memcpy(message, key->application, 32);
        memcpy(message + 32, flags_and_counter.ptr, 5);
        sha256(message + 37, text);
        return signs(key, str_of((const char *)message, sizeof(message)), signature);
}

bool ssh_key_verify(const struct ssh_key *key, struct str text, struct str signature, const char **ret_why)
{
        struct ssh_reader r = { signature };
        struct str name, bytes;
        bool good;

        *ret_why = "the signature is damaged";
        if (!ssh_take_string(&r, &name) || !str_eq(name, names[key->kind]) || !ssh_take_string(&r, &bytes))
                return false;
        if (key->kind == SSH_KEY_SK_ED25519) {
                if (r.left.len != 5)
                        return false;
                good = device_signs(key, text, bytes, r.left);
                if (good && !((uint8_t)r.left.ptr[0] & FLAG_TOUCHED)) {
                        *ret_why = "the security key was not touched: sign with a key made without -O no-touch-required";
                        return false;
                }
        } else {
                if (!ssh_at_end(&r))
                        return false;
                good = signs(key, text, bytes);
        }
        if (!good)
                *ret_why = "the signature is not one of this text: sign what `leastwise approve ID --statement` prints, byte for byte";
        return good;
}
