/* SPDX-License-Identifier: Apache-2.0
 *
 * The lines that ask a server for what it lists. Each function appends one line with its newline; what does not fit makes the buffer
 * fail.
 */
#pragma once

#include "buf.h"

void listing_request_initialize(struct buf *out, int64_t id);
void listing_request_discover(struct buf *out, int64_t id);
/* The end of the handshake, to which nobody answers. */
void listing_request_initialized(struct buf *out);
/* A page of the list that @method names; @cursor: NULL for the first. @modern: of a revision without a handshake. */
void listing_request_page(struct buf *out, int64_t id, struct str method, bool modern, const struct str *cursor);
