/* SPDX-License-Identifier: Apache-2.0 */
#include "printable.h"

#include <stdio.h>

#include "utf8.h"

size_t printable_escape(struct str s, char out[static 16], size_t *ret_used)
{
        unsigned char c = (unsigned char)s.ptr[0];
        uint32_t cp = 0;
        size_t used = 1;
        int n;

        if (c == '\\')
                n = snprintf(out, 16, "\\\\");
        else if (c >= 0x20 && c < 0x7F)
                n = snprintf(out, 16, "%c", c);
        else if (c == '\n')
                n = snprintf(out, 16, "\\n");
        else if (c == '\t')
                n = snprintf(out, 16, "\\t");
        else if (c >= 0x80 && (used = utf8_decode(s, &cp)) > 0)
                n = snprintf(out, 16, "\\u{%X}", cp);
        else {
                n = snprintf(out, 16, "\\x%02X", c);
                used = 1;
        }
        *ret_used = used;
        return (size_t)n;
}

/* No further than @max: a long run that does not fit is taken a byte at a time, and would be measured for each. */
static size_t plain_run(struct str s, size_t max)
{
        size_t n = 0;

        while (n < s.len && n < max && s.ptr[n] >= 0x20 && s.ptr[n] < 0x7F && s.ptr[n] != '\\')
                n++;
        return n;
}

int printable_append(struct buf *b, struct str s, size_t max)
{
        size_t written = 0, used;

        for (; s.len > 0; s = str_skip(s, used)) {
                char piece[16];
                size_t n = plain_run(s, max);
                int r;

                if (n && written + n + 3 <= max) {
                        r = buf_append(b, s.ptr, n);
                        if (r < 0)
                                return r;
                        written += n;
                        used = n;
                        continue;
                }
                n = printable_escape(s, piece, &used);

                if (written + n + 3 > max && s.len > used)
                        return buf_append(b, "...", 3);
                r = buf_append(b, piece, n);
                if (r < 0)
                        return r;
                written += n;
        }
        return 0;
}
