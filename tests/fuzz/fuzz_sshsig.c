/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a signature file, and as what stands in one: what is read lies within the bytes and is never a signature for a
 * namespace but its own; what verifies over a text does so over no other one, and is read the same when it is put in armour anew.
 *
 * Input: a byte, odd when the rest is the blob and not the file, and the rest. The text that was signed is "text".
 */
#include <errno.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>

#include "limit.h"
#include "sshsig.h"

static void armour(struct str blob, struct buf *out)
{
        static char letters[2 * LIMIT_SSHSIG_BYTES];

        sodium_bin2base64(letters, sizeof(letters), (const unsigned char *)blob.ptr, blob.len, sodium_base64_VARIANT_ORIGINAL);
        buf_append_str(out, STR("-----BEGIN SSH SIGNATURE-----\n"));
        buf_append_str(out, str_from(letters));
        buf_append_str(out, STR("\n-----END SSH SIGNATURE-----\n"));
}

static void check_inside(struct str part, struct str whole)
{
        if (part.len && (part.ptr < whole.ptr || part.ptr + part.len > whole.ptr + whole.len))
                abort();
}

static void check_again(const struct sshsig *sig, const struct buf *blob)
{
        struct buf file = BUF_INIT(65536), other_blob = BUF_INIT(LIMIT_SSHSIG_BYTES);
        struct sshsig other;
        const char *why = NULL;

        armour(buf_str(blob), &file);
        /* In one line it may be a few bytes longer than it was allowed to be in another form. */
        if (file.len <= LIMIT_SSHSIG_BYTES) {
                if (sshsig_read(&other, buf_str(&file), &other_blob, &why) < 0 || !str_eq(other.signature, sig->signature) ||
                        !str_eq(other.name_space, sig->name_space) || other.sha512 != sig->sha512 ||
                        !ssh_fingerprint_eq(other.key.fingerprint, sig->key.fingerprint))
                        abort();
        }
        buf_deinit(&file);
        buf_deinit(&other_blob);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct buf file = BUF_INIT(65536), blob = BUF_INIT(LIMIT_SSHSIG_BYTES), name = BUF_INIT(65536);
        struct str input = str_of((const char *)data, size);
        struct sshsig sig;
        const char *why = NULL;
        int result;

        if (!size || size > LIMIT_SSHSIG_BYTES)
                return 0;
        if (data[0] & 1)
                armour(str_skip(input, 1), &file);
        else
                buf_append_str(&file, str_skip(input, 1));
        result = sshsig_read(&sig, buf_str(&file), &blob, &why);
        if (result < 0 && (result != -EINVAL || !why))
                abort();
        if (result == 0) {
                check_inside(sig.name_space, buf_str(&blob));
                check_inside(sig.signature, buf_str(&blob));
                check_again(&sig, &blob);
                buf_append_str(&name, sig.name_space);
                buf_append_char(&name, 'x');
                if (sshsig_verify(&sig, buf_str(&name), STR("text"), &why) != -EPERM || !why)
                        abort();
                if (sshsig_verify(&sig, sig.name_space, STR("text"), &why) == 0 &&
                        sshsig_verify(&sig, sig.name_space, STR("another text"), &why) == 0)
                        abort();
        }
        buf_deinit(&file);
        buf_deinit(&blob);
        buf_deinit(&name);
        return 0;
}
