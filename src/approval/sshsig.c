/* SPDX-License-Identifier: Apache-2.0 */
#include "sshsig.h"

#include <errno.h>
#include <sodium.h>

#include "limit.h"
#include "ssh_wire.h"

#define MAGIC "SSHSIG"
#define BEGIN "-----BEGIN SSH SIGNATURE-----"
#define END "-----END SSH SIGNATURE-----"

static int refuse(const char **ret_why, const char *why)
{
        *ret_why = why;
        return -EINVAL;
}

/* Between the two lines there is base64 in lines of any length. */
static int unarmour(struct str armour, struct buf *blob, const char **ret_why)
{
        AUTO_BUF struct buf letters = BUF_INIT(LIMIT_SSHSIG_BYTES);
        int e;

        if (armour.len > LIMIT_SSHSIG_BYTES)
                return refuse(ret_why, "the signature is longer than any that ssh-keygen makes");
        armour = str_trim(armour);
        if (!str_starts_with(armour, STR(BEGIN)) || !str_ends_with(armour, STR(END)) || armour.len < sizeof(BEGIN) + sizeof(END))
                return refuse(ret_why, "this is no signature: send the whole file that ssh-keygen -Y sign writes, with its first and last line");
        armour = str_of(armour.ptr + sizeof(BEGIN) - 1, armour.len - (sizeof(BEGIN) - 1) - (sizeof(END) - 1));
        if (buf_reserve(&letters, armour.len ? armour.len : 1) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < armour.len; i++) {
                if (armour.ptr[i] != '\n' && armour.ptr[i] != '\r')
                        buf_append_char(&letters, armour.ptr[i]);
        }
        buf_clear(blob, LIMIT_SSHSIG_BYTES);
        e = ssh_base64_append(blob, buf_str(&letters));
        return e == -ENOMEM || e == 0 ? e : refuse(ret_why, "the signature is damaged: its base64 cannot be read");
}

int sshsig_read(struct sshsig *ret, struct str armour, struct buf *blob, const char **ret_why)
{
        struct sshsig sig = { .sha512 = false };
        struct str key, reserved, hash;
        struct ssh_reader r;
        uint32_t version;
        int e = unarmour(armour, blob, ret_why);

        if (e < 0)
                return e;
        r.left = buf_str(blob);
        if (!ssh_take_exactly(&r, STR(MAGIC)) || !ssh_take_uint32(&r, &version))
                return refuse(ret_why, "this is no signature of ssh-keygen -Y sign");
        if (version != 1)
                return refuse(ret_why, "the signature has a version other than 1");
        if (!ssh_take_string(&r, &key) || !ssh_take_string(&r, &sig.name_space) || !ssh_take_string(&r, &reserved) ||
                !ssh_take_string(&r, &hash) || !ssh_take_string(&r, &sig.signature) || !ssh_at_end(&r))
                return refuse(ret_why, "the signature is damaged: it is cut short, or something follows it");
        if (reserved.len)
                return refuse(ret_why, "the signature says something in a field that is reserved");
        sig.sha512 = str_eq(hash, STR("sha512"));
        if (!sig.sha512 && !str_eq(hash, STR("sha256")))
                return refuse(ret_why, "the signature is over a digest other than SHA-512 or SHA-256");
        e = ssh_key_read(&sig.key, key, ret_why);
        if (e < 0)
                return e;
        *ret = sig;
        return 0;
}

/* What the key signs: everything that the signature says of itself, and the text's digest in place of the signature. */
static int append_signed(struct buf *out, const struct sshsig *sig, struct str text)
{
        unsigned char digest[crypto_hash_sha512_BYTES];

        if (sig->sha512)
                crypto_hash_sha512(digest, (const unsigned char *)text.ptr, text.len);
        else
                crypto_hash_sha256(digest, (const unsigned char *)text.ptr, text.len);
        buf_append_str(out, STR(MAGIC));
        ssh_append_string(out, sig->name_space);
        ssh_append_string(out, STR(""));
        ssh_append_string(out, sig->sha512 ? STR("sha512") : STR("sha256"));
        ssh_append_string(out,
                str_of((const char *)digest, sig->sha512 ? crypto_hash_sha512_BYTES : crypto_hash_sha256_BYTES));
        return out->failed ? -ENOMEM : 0;
}

int sshsig_verify(const struct sshsig *sig, struct str name_space, struct str text, const char **ret_why)
{
        AUTO_BUF struct buf signed_text = BUF_INIT(2U * LIMIT_SSHSIG_BYTES);

        if (!str_eq(sig->name_space, name_space)) {
                *ret_why = "the signature was made for another purpose: what ssh-keygen -Y sign is given with -n is another name than the one it is wanted for";
                return -EPERM;
        }
        if (append_signed(&signed_text, sig, text) < 0)
                return -ENOMEM;
        return ssh_key_verify(&sig->key, buf_str(&signed_text), sig->signature, ret_why) ? 0 : -EPERM;
}
