/* SPDX-License-Identifier: Apache-2.0
 *
 * What the canonical writer and the builder share. Private to the layer.
 */
#pragma once

#include <string.h>

#include "buf.h"

/* buf_append() without the call where the room is there already (a buffer's cap never passes its limit). */
static inline int json_emit(struct buf *out, const char *ptr, size_t len)
{
        if (out->cap - out->len < len)
                return buf_append(out, ptr, len);
        memcpy(out->data + out->len, ptr, len);
        out->len += len;
        return 0;
}

/* Appends the canonical spelling of @s, without quotes. What is not UTF-8 becomes U+FFFD, byte by byte. */
int json_emit_escaped(struct buf *out, struct str s);
