/* SPDX-License-Identifier: Apache-2.0 */
#include "source_text.h"

#include "codes.h"
#include "utf8.h"
#include "visible.h"

#define REPORTED 20U

bool source_character_is_plain(uint32_t cp)
{
        /* Nearly all are ASCII, and the table of the others is long. */
        return (cp >= 0x20 && cp < 0x7F) || cp == '\t' || cp == '\n' || code_point_is_visible(cp);
}

static void report(struct diagnostics *diags, struct diagnostic_place at, uint32_t cp)
{
        diagnostics_add(diags, SEVERITY_ERROR, P_FORBIDDEN_CHARACTER, at,
                cp == 0xFEFF ? "save the file as UTF-8 without a byte order mark"
                : cp == '\r' ? "end lines with LF or CR LF"
                             : "remove it; a policy holds only what its reader can see",
                "character U+%04X must not stand in a policy", cp);
}

size_t source_text_plain_run(struct str text)
{
        size_t n = 0;

        while (n < text.len && text.ptr[n] >= 0x20 && text.ptr[n] < 0x7F)
                ++n;
        return n;
}

bool source_text_check(struct str path, struct str text, struct diagnostics *diags)
{
        struct diagnostic_place at = { path, 1, 1, 1 };
        unsigned reported = 0;

        while (text.len && reported < REPORTED) {
                size_t n = source_text_plain_run(text);
                uint32_t cp;

                at.column += (uint32_t)n;
                text = str_skip(text, n);
                if (text.len == 0)
                        break;
                n = utf8_decode(text, &cp);
                if (n == 0) {
                        diagnostics_add(diags, SEVERITY_ERROR, P_NOT_UTF8, at, "save the file as UTF-8",
                                "byte 0x%02X is not part of valid UTF-8", (unsigned char)text.ptr[0]);
                        return false;
                }
                at.length = (uint32_t)n;
                if (cp == '\r' && text.len > 1 && text.ptr[1] == '\n')
                        cp = ' ';
                if (!source_character_is_plain(cp)) {
                        report(diags, at, cp);
                        ++reported;
                }
                if (cp == '\n') {
                        ++at.line;
                        at.column = 1;
                } else
                        at.column += (uint32_t)n;
                text = str_skip(text, n);
        }
        return reported == 0;
}
