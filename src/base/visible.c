/* SPDX-License-Identifier: Apache-2.0 */
#include "visible.h"

#include <string.h>

#include "printable.h"
#include "utf8.h"

struct code_point_range {
        uint32_t first, last;
};

/* Unseen, or seen elsewhere than they stand: soft hyphen, Arabic letter mark, Mongolian vowel separator, zero width and
 * directional marks, line and paragraph separator, embeddings and isolates, invisible operators, byte order mark,
 * interlinear annotation, tags, noncharacters at the end of the basic plane. */
static const struct code_point_range unseen[] = {
        { 0x00, 0x1F },
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

bool code_point_is_visible(uint32_t cp)
{
        for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); ++i) {
                if (cp >= unseen[i].first && cp <= unseen[i].last)
                        return false;
        }
        return true;
}

static size_t show_one(struct str text, bool quoted, char out[static 16], size_t *ret_used)
{
        uint32_t cp;
        const size_t used = (unsigned char)text.ptr[0] < 0x80 ? 0 : utf8_decode(text, &cp);

        if (used && code_point_is_visible(cp)) {
                *ret_used = used;
                memcpy(out, text.ptr, used);
                return used;
        }
        if (quoted && text.ptr[0] == '"') {
                *ret_used = 1;
                memcpy(out, "\\\"", 2);
                return 2;
        }
        return printable_escape(text, out, ret_used);
}

int visible_append(struct buf *out, struct str text, size_t max, bool quoted)
{
        size_t written = 0, used;

        for (; text.len; text = str_skip(text, used)) {
                char piece[16];
                const size_t n = show_one(text, quoted, piece, &used);
                int r;

                if (written + n + 3 > max && (text.len > used || written + n > max))
                        return buf_append(out, "...", 3);
                r = buf_append(out, piece, n);
                if (r < 0)
                        return r;
                written += n;
        }
        return 0;
}
