/* SPDX-License-Identifier: Apache-2.0
 *
 * A detached signature as `ssh-keygen -Y sign` makes it (OpenSSH's PROTOCOL.sshsig): which key signed, for which purpose (the namespace,
 * so that a signature of a mail or a commit is never an approval), over which digest of the text.
 */
#pragma once

#include "ssh_key.h"

struct sshsig {
        struct ssh_key key;
        struct str name_space;  /* these borrow from the buffer that it was read into */
        struct str signature;   /* a blob for ssh_key_verify() */
        bool sha512;            /* else SHA-256 */
};

/* Reads the text between -----BEGIN SSH SIGNATURE----- and -----END SSH SIGNATURE-----, with these lines; white space may stand
 * around it. @blob is overwritten, and must outlive *ret. 0; -EINVAL with a sentence in *ret_why; -ENOMEM. */
int sshsig_read(struct sshsig *ret, struct str armour, struct buf *blob, const char **ret_why);

/* Does it sign @text for the namespace @name_space, by the key that it names? Whose key that is, is for the caller to know. 0; -EPERM with
 * a sentence in *ret_why; -ENOMEM. */
int sshsig_verify(const struct sshsig *sig, struct str name_space, struct str text, const char **ret_why);
