/* SPDX-License-Identifier: Apache-2.0 */
#include "ssh_key.h"

#include <errno.h>

#include "signing.h"

Test(ssh_key, reads_both_kinds)
{
        for (int device = 0; device < 2; device++) {
                const struct signing_key made = signing_key_of(1, device);
                AUTO_BUF struct buf blob = BUF_INIT(4096);
                const char *why = NULL;
                struct ssh_key key;
                uint8_t digest[32];

                signing_key_blob(&made, &blob);
                cr_assert_eq(ssh_key_read(&key, buf_str(&blob), &why), 0);
                cr_expect_eq(key.kind, device ? SSH_KEY_SK_ED25519 : SSH_KEY_ED25519);
                cr_expect_eq(memcmp(key.public_key, made.public_key, 32), 0);
                crypto_hash_sha256(digest, (const unsigned char *)blob.data, blob.len);
                cr_expect(ssh_fingerprint_eq(key.fingerprint, digest));
                /* One byte less, one more: neither is a key. */
                for (size_t len = 0; len < blob.len; len++)
                        cr_expect_eq(ssh_key_read(&key, str_of(blob.data, len), &why), -EINVAL);
                buf_append_char(&blob, 'x');
                cr_expect_eq(ssh_key_read(&key, buf_str(&blob), &why), -EINVAL);
                cr_expect(strstr(why, "length"));
        }
        CHECK_NO_LEAKS();
}

/* Made by ssh-keygen; the fingerprint is what ssh-keygen -l says. */
Test(ssh_key, as_openssh_writes_it)
{
        AUTO_BUF struct buf text = BUF_INIT(64);
        const char *why = NULL;
        struct ssh_key key;

        cr_assert_eq(ssh_key_read_text(&key, STR("ssh-ed25519"),
                             STR("AAAAC3NzaC1lZDI1NTE5AAAAICxs3XVuymeahKbcd0Aqcp3rZXdfEGOyHCV5myD57Lqg"), &why), 0, "%s", why);
        ssh_fingerprint_append(&text, key.fingerprint);
        cr_expect(str_eq(buf_str(&text), STR("SHA256:NdKNgu9URwOy7BfTflRAikNL10ZK99f70JsSZE14Lp0")), "%.*s", STR_FMT(buf_str(&text)));
        cr_expect_eq(text.len, SSH_FINGERPRINT_TEXT);
        CHECK_NO_LEAKS();
}

Test(ssh_key, what_is_no_key_says_why)
{
        static const struct {
                struct str type, base64;
                const char *why;
        } rows[] = {
                { STR_INIT("ssh-rsa"), STR_INIT("AAAA"), "not read: make one with ssh-keygen -t ed25519" },
                { STR_INIT("ecdsa-sha2-nistp256"), STR_INIT("AAAA"), "not read" },
                { STR_INIT("ssh-ed25519-cert-v01@openssh.com"), STR_INIT("AAAA"), "not read" },
                { STR_INIT("ssh-ed25519"), STR_INIT(""), "damaged" },
                { STR_INIT("ssh-ed25519"), STR_INIT("AAAA"), "damaged" },
                { STR_INIT("ssh-ed25519"), STR_INIT("?"), "damaged" },
                /* Says ssh-rsa inside. */
                { STR_INIT("ssh-ed25519"), STR_INIT("AAAAB3NzaC1yc2E="), "damaged" },
                /* ssh-ed25519 and nothing more. */
                { STR_INIT("ssh-ed25519"), STR_INIT("AAAAC3NzaC1lZDI1NTE5"), "cut short" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                const char *why = NULL;
                struct ssh_key key;

                cr_expect_eq(ssh_key_read_text(&key, rows[i].type, rows[i].base64, &why), -EINVAL, "row %zu", i);
                cr_expect(why && strstr(why, rows[i].why), "row %zu: %s", i, why);
        }
        CHECK_NO_LEAKS();
}

Test(ssh_key, verifies_what_it_signed_and_nothing_else)
{
        const struct str text = STR("some text");

        for (int device = 0; device < 2; device++) {
                const struct signing_key made = signing_key_of(1, device), other = signing_key_of(2, device);
                AUTO_BUF struct buf blob = BUF_INIT(4096), signature = BUF_INIT(4096), foreign = BUF_INIT(4096);
                const char *why = NULL;
                struct ssh_key key;

                signing_key_blob(&made, &blob);
                cr_assert_eq(ssh_key_read(&key, buf_str(&blob), &why), 0);
                signing_sign(&made, text, 1, 0x01020304, &signature);
                signing_sign(&other, text, 1, 0, &foreign);
                cr_expect(ssh_key_verify(&key, text, buf_str(&signature), &why));
                cr_expect_not(ssh_key_verify(&key, STR("some texT"), buf_str(&signature), &why));
                cr_expect(strstr(why, "not one of this text"));
                cr_expect_not(ssh_key_verify(&key, STR(""), buf_str(&signature), &why));
                cr_expect_not(ssh_key_verify(&key, text, buf_str(&foreign), &why));
                /* Every bit of it counts. */
                for (size_t i = 0; i < signature.len * 8; i++) {
                        signature.data[i / 8] = (char)(signature.data[i / 8] ^ 1 << i % 8);
                        cr_expect_not(ssh_key_verify(&key, text, buf_str(&signature), &why), "bit %zu", i);
                        signature.data[i / 8] = (char)(signature.data[i / 8] ^ 1 << i % 8);
                }
                for (size_t len = 0; len < signature.len; len++)
                        cr_expect_not(ssh_key_verify(&key, text, str_of(signature.data, len), &why));
                buf_append_char(&signature, '\0');
                cr_expect_not(ssh_key_verify(&key, text, buf_str(&signature), &why));
        }
        CHECK_NO_LEAKS();
}

/* What a security key signed for another site, or without a touch, is no answer of a person. */
Test(ssh_key, a_device_was_touched_and_asked_for_ssh)
{
        const struct signing_key made = signing_key_of(3, true);
        struct signing_key web = made;
        static const struct {
                uint8_t flags;
                bool good;
        } rows[] = { { 0, false }, { 1, true }, { 4, false }, { 5, true }, { 0xfe, false }, { 0xff, true } };
        AUTO_BUF struct buf blob = BUF_INIT(4096), signature = BUF_INIT(4096);
        const char *why = NULL;
        struct ssh_key key;

        signing_key_blob(&made, &blob);
        cr_assert_eq(ssh_key_read(&key, buf_str(&blob), &why), 0);
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                buf_clear(&signature, 4096);
                signing_sign(&made, STR("text"), rows[i].flags, (uint32_t)i, &signature);
                cr_expect_eq(ssh_key_verify(&key, STR("text"), buf_str(&signature), &why), rows[i].good, "row %zu", i);
                cr_expect(rows[i].good || strstr(why, "was not touched"), "row %zu: %s", i, why);
        }
        web.application = "https://example.com";
        buf_clear(&signature, 4096);
        signing_sign(&web, STR("text"), 1, 0, &signature);
        cr_expect_not(ssh_key_verify(&key, STR("text"), buf_str(&signature), &why));
        CHECK_NO_LEAKS();
}

/* A signature of one kind is none of the other, even if the point were the same. */
Test(ssh_key, kinds_do_not_mix)
{
        const struct signing_key plain = signing_key_of(4, false), device = signing_key_of(4, true);
        AUTO_BUF struct buf blob = BUF_INIT(4096), signature = BUF_INIT(4096);
        const char *why = NULL;
        struct ssh_key key;

        signing_key_blob(&device, &blob);
        cr_assert_eq(ssh_key_read(&key, buf_str(&blob), &why), 0);
        signing_sign(&plain, STR("text"), 1, 0, &signature);
        cr_expect_not(ssh_key_verify(&key, STR("text"), buf_str(&signature), &why));
        cr_expect(strstr(why, "damaged"));
        CHECK_NO_LEAKS();
}
