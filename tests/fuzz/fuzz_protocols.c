/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as what a program prints that hands out credentials: a value lies within the output or the scratch space, the same output
 * gives the same value, and no reason holds what was printed.
 *
 * Input: a byte for protocol and field, and the output.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>

#include "limit.h"
#include "protocol.h"

static const struct {
        enum secret_protocol protocol;
        const char *field;
} asked[] = {
        { PROTOCOL_PLAIN, "" },
        { PROTOCOL_AWS, "AccessKeyId" },
        { PROTOCOL_AWS, "SecretAccessKey" },
        { PROTOCOL_AWS, "SessionToken" },
        { PROTOCOL_EXEC_CREDENTIAL, "token" },
        { PROTOCOL_EXEC_CREDENTIAL, "clientKeyData" },
        { PROTOCOL_GIT, "password" },
        { PROTOCOL_GIT, "username" },
        { PROTOCOL_DOCKER, "Secret" },
        { PROTOCOL_DOCKER, "Username" },
        { PROTOCOL_GOOGLE, "token" },
        { PROTOCOL_BAZEL, "token" },
        { PROTOCOL_BAZEL, "Authorization" },
};

static void check_inside(struct str part, struct str output, const struct buf *scratch)
{
        const bool in_output = part.ptr >= output.ptr && part.ptr + part.len <= output.ptr + output.len;
        const bool in_scratch = part.ptr >= scratch->data && part.ptr + part.len <= scratch->data + scratch->len;

        if (part.len && !in_output && !in_scratch)
                abort();
}

/* Reasons are of letters that no value needs to have: a run of sixteen signs of the output in one is no chance. */
static void check_reason(const struct buf *why, struct str output)
{
        for (size_t i = 0; i + 16 <= why->len; i++) {
                for (size_t o = 0; o + 16 <= output.len && output.len < 4096; o++) {
                        static const char own[] =
                                "client.authentication.k8s.io/v1 ExecCredential apiVersion clientCertificateData clientKeyData "
                                "expirationTimestamp password_expiry_utc expiration_time SecretAccessKey";

                        if (memcmp(why->data + i, output.ptr + o, 16) == 0 && !memmem(own, sizeof(own), why->data + i, 14) &&
                                !memchr(why->data + i, ' ', 16) && !memchr(why->data + i, '"', 16))
                                abort();
                }
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct buf scratch = BUF_INIT(LIMIT_CREDENTIAL_BYTES + 2), other = BUF_INIT(LIMIT_CREDENTIAL_BYTES + 2), why = BUF_INIT(4096);
        struct protocol_answer first = { .expires = false }, second = { .expires = false };
        struct str output;
        size_t which;
        int r;

        if (size < 1 || size > LIMIT_CREDENTIAL_BYTES || sodium_init() < 0)
                return 0;
        which = data[0] % (sizeof(asked) / sizeof(asked[0]));
        output = str_of((const char *)data + 1, size - 1);
        if (buf_reserve(&scratch, size) < 0 || buf_reserve(&other, size) < 0)
                return 0;
        r = protocol_read(asked[which].protocol, output, str_from(asked[which].field), &scratch, &first, &why);
        if (r == 0) {
                check_inside(first.value, output, &scratch);
                if (protocol_read(asked[which].protocol, output, str_from(asked[which].field), &other, &second, &why) != 0 ||
                        !str_eq(first.value, second.value) || first.expires != second.expires ||
                        first.expires_s != second.expires_s)
                        abort();
        } else {
                if (first.value.ptr || first.expires || !why.len)
                        abort();
                check_reason(&why, output);
        }
        buf_deinit(&scratch);
        buf_deinit(&other);
        buf_deinit(&why);
        return 0;
}
