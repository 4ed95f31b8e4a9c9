/* SPDX-License-Identifier: Apache-2.0
 *
 * The messages that are measured with, both sides', spelled and ordered as the TypeScript SDK does it. All append
 * to @out; whether they fitted is told by its `failed`. Requests are whole lines.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "str.h"

void message_add_initialize(struct buf *out);
void message_add_initialized(struct buf *out);
void message_add_list(struct buf *out, uint64_t id);
void message_add_call(struct buf *out, struct str tool, uint64_t id); /* about 300 bytes */
void message_add_blob_call(struct buf *out, size_t bytes, uint64_t id);
/* @bytes, rounded up to whole lines of text. */
void message_add_argument_call(struct buf *out, size_t bytes, uint64_t id);

/* Answers without their ends; those are the same for all. */
void message_add_initialize_result(struct buf *out);
void message_add_call_result(struct buf *out); /* about 300 bytes */
void message_add_taken_result(struct buf *out);
void message_add_unknown_method(struct buf *out);
/* @hidden of the tools, spread evenly, have names that bench.yaml refuses. */
void message_add_list_result(struct buf *out, unsigned tools, unsigned hidden);
void message_add_blob_result(struct buf *out, size_t bytes); /* base64 */
void message_add_end(struct buf *out, struct str id);
