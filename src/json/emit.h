/* SPDX-License-Identifier: Apache-2.0
 *
 * What the canonical writer and the builder share. Private to the layer.
 */
#pragma once

#include <stdint.h>
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

/* The canonical spelling of @cp within a string; returns how many of the 6 bytes were used. */
size_t json_spell(uint32_t cp, char out[static 6]);
