/* SPDX-License-Identifier: Apache-2.0
 *
 * The encoding of OpenSSH's keys and signatures (RFC 4251, section 5): numbers with the highest byte first, byte strings behind
 * their length. Whatever stands in such a text was written by somebody else: nothing is read past its end, and what is handed
 * out borrows from the text.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

struct ssh_reader {
        struct str left;
};

/* Each takes one value from the front; false, and nothing taken, when the text is too short for it. */
bool ssh_take_byte(struct ssh_reader *r, uint8_t *ret);
bool ssh_take_uint32(struct ssh_reader *r, uint32_t *ret);
bool ssh_take_string(struct ssh_reader *r, struct str *ret);
bool ssh_take_exactly(struct ssh_reader *r, struct str bytes); /* false also when other bytes stand there */

static inline bool ssh_at_end(const struct ssh_reader *r)
{
        return r->left.len == 0;
}

/* Appends the length and then the bytes. 0, -EMSGSIZE or -ENOMEM. */
int ssh_append_string(struct buf *b, struct str bytes);

/* Appends the bytes that standard base64 stands for: 0; -EBADMSG for anything but whole groups of its letters with the padding
 * that belongs to them and no bit left over; -EMSGSIZE; -ENOMEM. */
int ssh_base64_append(struct buf *b, struct str text);
