/* SPDX-License-Identifier: Apache-2.0 */
#include "hex.h"

/* By arithmetic, which the compiler can do for many digits at once. */
static inline char digit(unsigned value)
{
        return (char)('0' + value + (value > 9 ? 'a' - '0' - 10 : 0));
}

int hex_append(struct buf *b, const uint8_t *bytes, size_t len)
{
        int r = buf_reserve(b, len * 2);
        char *to;

        if (r < 0)
                return r;
        to = b->data + b->len;
        for (size_t i = 0; i < len; i++) {
                to[2 * i] = digit(bytes[i] >> 4);
                to[2 * i + 1] = digit(bytes[i] & 15U);
        }
        b->len += len * 2;
        return 0;
}

static int value_of(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hex_read(struct str text, uint8_t *ret, size_t len)
{
        if (text.len / 2 != len || text.len % 2 != 0)
                return false;
        for (size_t i = 0; i < text.len; i++)
                if (value_of(text.ptr[i]) < 0)
                        return false;
        for (size_t i = 0; i < len; i++)
                ret[i] = (uint8_t)(value_of(text.ptr[2 * i]) << 4 | value_of(text.ptr[2 * i + 1]));
        return true;
}
