/* SPDX-License-Identifier: Apache-2.0 */
#include "visible.h"

#include <stddef.h>

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
