/* SPDX-License-Identifier: Apache-2.0 */
#include "wildcard.h"

/* Behind the character that @s begins with. */
static size_t one_character(struct str s)
{
        size_t n = 1;

        while (n < s.len && ((unsigned char)s.ptr[n] & 0xC0U) == 0x80U)
                n++;
        return n;
}

bool wildcard_matches(struct str pattern, struct str text)
{
        struct str star = { 0 }, from = { 0 };
        bool starred = false;

        for (;;) {
                if (pattern.len && pattern.ptr[0] == '*') {
                        pattern = star = str_skip(pattern, 1);
                        from = text;
                        starred = true;
                } else if (pattern.len && text.len && pattern.ptr[0] == '?') {
                        text = str_skip(text, one_character(text));
                        pattern = str_skip(pattern, 1);
                } else if (pattern.len && text.len && pattern.ptr[0] == text.ptr[0]) {
                        text = str_skip(text, 1);
                        pattern = str_skip(pattern, 1);
                } else if (!pattern.len && !text.len) {
                        return true;
                } else if (starred && from.len) {
                        /* The last star takes one byte more. */
                        text = from = str_skip(from, 1);
                        pattern = star;
                } else {
                        return false;
                }
        }
}
