/* SPDX-License-Identifier: Apache-2.0 */
#include "hex.h"

int hex_append(struct buf *b, const uint8_t *bytes, size_t len)
{
        static const char digits[] = "0123456789abcdef";
        int r = buf_reserve(b, len * 2);

        if (r < 0)
                return r;
        for (size_t i = 0; i < len; i++) {
                b->data[b->len++] = digits[bytes[i] >> 4];
                b->data[b->len++] = digits[bytes[i] & 15];
        }
        return 0;
}
