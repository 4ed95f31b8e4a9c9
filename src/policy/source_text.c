/* SPDX-License-Identifier: Apache-2.0 */
#include "source_text.h"

#include "codes.h"
#include "utf8.h"

#define REPORTED 20U

struct code_point_range {
        uint32_t first, last;
};

/* Unseen, or seen elsewhere than they stand: soft hyphen, Arabic letter mark, Mongolian vowel separator, zero width and
 * directional marks, line and paragraph separator, embeddings and isolates, invisible operators, byte order mark,
 * interlinear annotation, tags, noncharacters at the end of the basic plane. */
static const struct code_point_range unseen[] = {
        { 0x00, 0x08 },
        { 0x0B, 0x1F },
        { 0x7F, 0x9F },
        { 0xAD, 0xAD },
        { 0x61C, 0x61C },
        { 0x180E, 0x180E },
        { 0x200B, 0x200F },
        { 0x2028, 0x202E },
        { 0x2060, 0x206F },
        { 0xFEFF, 0xFEFF },
        { 0xFFF9, 0xFFFB },
        { 0xFFFE, 0xFFFF },
        { 0xE0000, 0xE007F },
};

bool source_character_is_plain(uint32_t cp)
{
        for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); ++i) {
                if (cp >= unseen[i].first && cp <= unseen[i].last)
                        return false;
        }
        return true;
}

static void report(struct diagnostics *diags, struct diagnostic_place at, uint32_t cp)
{
        diagnostics_add(diags, SEVERITY_ERROR, P_FORBIDDEN_CHARACTER, at,
                cp == 0xFEFF ? "save the file as UTF-8 without a byte order mark"
                : cp == '\r' ? "end lines with LF or CR LF"
                             : "remove it; a policy holds only what its reader can see",
                "character U+%04X must not stand in a policy", cp);
}

bool source_text_check(struct str path, struct str text, struct diagnostics *diags)
{
        struct diagnostic_place at = { path, 1, 1, 1 };
        unsigned reported = 0;

        while (text.len && reported < REPORTED) {
                uint32_t cp;
                size_t n = utf8_decode(text, &cp);

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
