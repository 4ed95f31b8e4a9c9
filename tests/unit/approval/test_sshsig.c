/* SPDX-License-Identifier: Apache-2.0 */
#include "sshsig.h"

#include <errno.h>

#include "signing.h"

#define NAMESPACE STR("leastwise-approval")

static int read_and_verify(struct str file, struct str text, const char **ret_why)
{
        AUTO_BUF struct buf blob = BUF_INIT(LIMIT_SSHSIG_BYTES);
        struct sshsig sig;
        int e = sshsig_read(&sig, file, &blob, ret_why);

        return e < 0 ? e : sshsig_verify(&sig, NAMESPACE, text, ret_why);
}

Test(sshsig, both_kinds_and_both_digests)
{
        static const char *const hashes[] = { "sha512", "sha256" };

        for (int i = 0; i < 4; i++) {
                const struct signing_key key = signing_key_of(1, i & 1);
                struct signing_how how = SIGNING_USUAL;
                AUTO_BUF struct buf file = BUF_INIT(8192);
                const char *why = NULL;

                how.hash = hashes[i >> 1];
                signing_file(&key, &how, STR("text\n"), &file);
                cr_expect_eq(read_and_verify(buf_str(&file), STR("text\n"), &why), 0, "row %d: %s", i, why);
                cr_expect_eq(read_and_verify(buf_str(&file), STR("text"), &why), -EPERM);
                cr_expect(strstr(why, "not one of this text"));
                cr_expect_eq(read_and_verify(buf_str(&file), STR(""), &why), -EPERM);
        }
        CHECK_NO_LEAKS();
}

Test(sshsig, what_differs_is_refused_with_a_reason)
{
        static const struct {
                struct signing_how how;
                int result;
                const char *why;
        } rows[] = {
                { { .name_space = "git", .hash = "sha512", .flags = 1 }, -EPERM, "another purpose" },
                { { .name_space = "file", .hash = "sha512", .flags = 1 }, -EPERM, "another purpose" },
                { { .name_space = "", .hash = "sha512", .flags = 1 }, -EPERM, "another purpose" },
                { { .name_space = "leastwise-approval2", .hash = "sha512", .flags = 1 }, -EPERM, "another purpose" },
                { { .name_space = "leastwise-approval", .hash = "sha1", .flags = 1 }, -EINVAL, "digest other than" },
                { { .name_space = "leastwise-approval", .hash = "", .flags = 1 }, -EINVAL, "digest other than" },
                { { .name_space = "leastwise-approval", .hash = "sha512", .magic = "SSHSIX", .flags = 1 }, -EINVAL, "no signature of ssh-keygen" },
                { { .name_space = "leastwise-approval", .hash = "sha512", .version = 2, .flags = 1 }, -EINVAL, "version other than 1" },
                { { .name_space = "leastwise-approval", .hash = "sha512", .reserved = "x", .flags = 1 }, -EINVAL, "reserved" },
                { { .name_space = "leastwise-approval", .hash = "sha512", .more = "x", .flags = 1 }, -EINVAL, "something follows it" },
                { { .name_space = "leastwise-approval", .hash = "sha512", .flags = 0 }, -EPERM, "not touched" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                const struct signing_key key = signing_key_of(1, true);
                AUTO_BUF struct buf file = BUF_INIT(8192);
                const char *why = NULL;

                signing_file(&key, &rows[i].how, STR("text"), &file);
                cr_expect_eq(read_and_verify(buf_str(&file), STR("text"), &why), rows[i].result, "row %zu", i);
                cr_expect(why && strstr(why, rows[i].why), "row %zu: %s", i, why);
        }
        CHECK_NO_LEAKS();
}

/* Any byte of the file that changes makes it no signature of the text, or leaves the same bytes of signature (a line break). */
Test(sshsig, every_byte_of_the_file_counts)
{
        const struct signing_key key = signing_key_of(5, false);
        const struct signing_how how = SIGNING_USUAL;
        AUTO_BUF struct buf file = BUF_INIT(8192);
        const char *why = NULL;

        signing_file(&key, &how, STR("text"), &file);
        for (size_t i = 0; i < file.len; i++) {
                const char was = file.data[i];

                file.data[i] = was == 'B' ? 'C' : 'B';
                cr_expect_neq(read_and_verify(buf_str(&file), STR("text"), &why), 0, "byte %zu", i);
                file.data[i] = was;
        }
        for (size_t len = 0; len + 1 < file.len; len++)
                cr_expect_eq(read_and_verify(str_of(file.data, len), STR("text"), &why), -EINVAL, "first %zu", len);
        cr_expect_eq(read_and_verify(buf_str(&file), STR("text"), &why), 0);
        CHECK_NO_LEAKS();
}

Test(sshsig, white_space_around_it_and_line_ends_of_windows_are_fine)
{
        const struct signing_key key = signing_key_of(5, false);
        const struct signing_how how = SIGNING_USUAL;
        AUTO_BUF struct buf file = BUF_INIT(8192), other = BUF_INIT(8192);
        const char *why = NULL;

        signing_file(&key, &how, STR("text"), &file);
        buf_append_str(&other, STR(" \r\n\t"));
        for (size_t i = 0; i < file.len; i++) {
                if (file.data[i] == '\n')
                        buf_append_char(&other, '\r');
                buf_append_char(&other, file.data[i]);
        }
        buf_append_str(&other, STR("\n\n"));
        cr_expect_eq(read_and_verify(buf_str(&other), STR("text"), &why), 0, "%s", why);
        buf_append_str(&other, STR("x"));
        cr_expect_eq(read_and_verify(buf_str(&other), STR("text"), &why), -EINVAL);
        CHECK_NO_LEAKS();
}

Test(sshsig, length_has_a_limit)
{
        AUTO_BUF struct buf file = BUF_INIT(8192);
        const struct signing_key key = signing_key_of(5, false);
        const struct signing_how how = SIGNING_USUAL;
        const char *why = NULL;

        signing_file(&key, &how, STR("text"), &file);
        while (file.len < LIMIT_SSHSIG_BYTES)
                buf_append_char(&file, '\n');
        cr_expect_eq(read_and_verify(buf_str(&file), STR("text"), &why), 0, "%s", why);
        buf_append_char(&file, '\n');
        cr_expect_eq(read_and_verify(buf_str(&file), STR("text"), &why), -EINVAL);
        cr_expect(strstr(why, "longer"));
        CHECK_NO_LEAKS();
}
