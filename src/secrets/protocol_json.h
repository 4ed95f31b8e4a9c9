/* SPDX-License-Identifier: Apache-2.0
 *
 * What the protocols that print JSON have in common, for the files of this layer only.
 */
#pragma once

#include "json.h"
#include "protocol.h"

struct protocol_reading {
        struct json_doc doc;
        struct buf *scratch;
        struct buf *why;
};

/* Appends the reason and returns @error. */
int protocol_fail(struct buf *why, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The member of an object, or 0; one that is null counts as none. */
uint32_t protocol_member(const struct protocol_reading *r, uint32_t object, const char *name);

/* The text of the member @name of @object: 0, -ENOENT when there is none, or another error with its reason. */
int protocol_text(struct protocol_reading *r, uint32_t object, const char *name, struct str *ret);

/* It must be there, and be @text. 0 or an error with its reason. */
int protocol_expect(struct protocol_reading *r, uint32_t object, const char *name, const char *text);
int protocol_expect_one(struct protocol_reading *r, uint32_t object, const char *name);

/* A time as RFC 3339 has it; nothing when there is none. 0 or an error with its reason. */
int protocol_expiry(struct protocol_reading *r, uint32_t object, const char *name, struct protocol_answer *ret);

/* One for each protocol that prints JSON; the document's root is an object. As protocol_read(). */
int protocol_read_aws(struct protocol_reading *r, struct str field, struct protocol_answer *ret);
int protocol_read_exec_credential(struct protocol_reading *r, struct str field, struct protocol_answer *ret);
int protocol_read_docker(struct protocol_reading *r, struct str field, struct protocol_answer *ret);
int protocol_read_google(struct protocol_reading *r, struct str field, struct protocol_answer *ret);
int protocol_read_bazel(struct protocol_reading *r, struct str field, struct protocol_answer *ret);

/* And those that print lines. */
int protocol_read_git(struct str output, struct str field, struct protocol_answer *ret, struct buf *why);
