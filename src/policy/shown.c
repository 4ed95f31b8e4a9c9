/* SPDX-License-Identifier: Apache-2.0 */
#include "shown.h"

#include <stdio.h>

#include "utf8.h"

/* Not printable_append(): a message must also come out when there is no memory. */
struct shown show(struct str s)
{
        struct shown out;
        size_t n = 0, used;

        for (; s.len; s = str_skip(s, used)) {
                unsigned char c = (unsigned char)s.ptr[0];
                uint32_t cp;
                int wrote;

                if (n + 16 > sizeof(out.text)) {
                        n += (size_t)snprintf(out.text + n, sizeof(out.text) - n, "...");
                        break;
                }
                used = 1;
                if (c >= 0x20 && c < 0x7F)
                        wrote = snprintf(out.text + n, 16, "%c", c);
                else if (c >= 0x80 && (used = utf8_decode(s, &cp)) > 0)
                        wrote = snprintf(out.text + n, 16, "\\u{%X}", cp);
                else {
                        wrote = snprintf(out.text + n, 16, "\\x%02X", c);
                        used = 1;
                }
                n += (size_t)wrote;
        }
        out.text[n] = '\0';
        return out;
}
