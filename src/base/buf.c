/* SPDX-License-Identifier: Apache-2.0 */
#include "buf.h"

#include <errno.h>
#include <stdio.h>

#include "alloc.h"

#define BUF_MIN_CAP 256U

void buf_init(struct buf *b, size_t limit)
{
        *b = (struct buf)BUF_INIT(limit);
}

void buf_deinit(struct buf *b)
{
        mem_free(b->data);
        *b = (struct buf)BUF_INIT(b->limit);
}

void buf_wipe(struct buf *b)
{
        if (b->data)
                explicit_bzero(b->data, b->cap);
        buf_deinit(b);
}

int buf_error(const struct buf *b)
{
        if (!b->failed)
                return 0;
        return b->full ? -EMSGSIZE : -ENOMEM;
}

int buf_reserve(struct buf *b, size_t extra)
{
        size_t need, cap;
        char *data;

        if (extra > b->limit || b->len > b->limit - extra) {
                b->full |= !b->failed;
                b->failed = true;
                return -EMSGSIZE;
        }
        need = b->len + extra;
        if (need <= b->cap)
                return 0;
        cap = b->cap < BUF_MIN_CAP ? BUF_MIN_CAP : b->cap * 2;
        if (cap < need)
                cap = need;
        if (cap > b->limit)
                cap = b->limit;
        data = mem_resize(b->data, cap);
        if (!data) {
                b->failed = true;
                return -ENOMEM;
        }
        b->data = data;
        b->cap = cap;
        return 0;
}

int buf_append_slow(struct buf *b, const void *ptr, size_t len)
{
        int r = buf_reserve(b, len);

        if (r < 0)
                return r;
        if (len)
                memcpy(b->data + b->len, ptr, len);
        b->len += len;
        return 0;
}

static unsigned count_digits(uint64_t value)
{
        unsigned count = 1;

        for (; value >= 10000; value /= 10000)
                count += 4;
        return count + (value >= 10) + (value >= 100) + (value >= 1000);
}

/* From the last digit to the first, two at a time, where they are to stand. */
static int append_digits(struct buf *b, uint64_t magnitude, bool negative)
{
        static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748"
                                    "49505152535455565758596061626364656667686970717273747576777879808182838485868788899091929394959697"
                                    "9899";
        size_t len = count_digits(magnitude) + negative;
        char *to;

        if (len > b->cap - b->len) {
                int r = buf_reserve(b, len);

                if (r < 0)
                        return r;
        }
        b->len += len;
        to = b->data + b->len;
        for (; magnitude >= 100; magnitude /= 100) {
                to -= 2;
                memcpy(to, pairs + 2 * (magnitude % 100), 2);
        }
        if (magnitude >= 10)
                memcpy(to - 2, pairs + 2 * magnitude, 2);
        else
                to[-1] = (char)('0' + magnitude);
        if (negative)
                b->data[b->len - len] = '-';
        return 0;
}

int buf_append_integer(struct buf *b, int64_t value)
{
        return append_digits(b, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
}

int buf_append_unsigned(struct buf *b, uint64_t value)
{
        return append_digits(b, value, false);
}

int buf_vprintf(struct buf *b, const char *format, va_list args)
{
        char small[512];
        va_list again;
        int n, r;

        va_copy(again, args);
        n = vsnprintf(small, sizeof(small), format, again);
        va_end(again);
        if (n < 0) {
                b->failed = true;
                return -EINVAL;
        }
        if ((size_t)n < sizeof(small))
                return buf_append(b, small, (size_t)n);

        /* vsnprintf writes a NUL behind the text; it needs room, but is not part of the contents. */
        r = buf_reserve(b, (size_t)n + 1);
        if (r < 0)
                return r;
        vsnprintf(b->data + b->len, (size_t)n + 1, format, args);
        b->len += (size_t)n;
        return 0;
}

int buf_printf(struct buf *b, const char *format, ...)
{
        va_list args;
        int r;

        va_start(args, format);
        r = buf_vprintf(b, format, args);
        va_end(args);
        return r;
}

void buf_consume(struct buf *b, size_t n)
{
        if (n >= b->len) {
                b->len = 0;
                return;
        }
        if (n) {
                memmove(b->data, b->data + n, b->len - n);
                b->len -= n;
        }
}

void buf_clear(struct buf *b, size_t keep)
{
        b->len = 0;
        b->failed = b->full = false;
        if (b->cap > keep)
                buf_deinit(b);
}
