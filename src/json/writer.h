/* SPDX-License-Identifier: Apache-2.0
 *
 * Builds canonical JSON text in a buffer: commas and quotes are the writer's business, sticky failure the
 * buffer's (`buf->failed`). No state but a bit per level; nesting is bounded by LIMIT_JSON_DEPTH.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

struct json_writer {
        struct buf *out;
        uint64_t filled; /* bit n: the container at level n has an entry already */
        unsigned depth;
};

void json_writer_init(struct json_writer *w, struct buf *out);

void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);

/* A member's name; exactly one value follows. */
void json_name(struct json_writer *w, struct str name);

/* @s must be valid UTF-8; what is not is written as U+FFFD, byte by byte. */
void json_string(struct json_writer *w, struct str s);
void json_integer(struct json_writer *w, int64_t value);
void json_unsigned(struct json_writer *w, uint64_t value);
void json_bool(struct json_writer *w, bool value);
void json_null(struct json_writer *w);
/* Text that already is canonical JSON, copied as it is. */
void json_raw(struct json_writer *w, struct str text);

/* Just a string with its quotes, without a writer: 0, -EMSGSIZE or -ENOMEM. */
int json_string_append(struct buf *out, struct str s);
