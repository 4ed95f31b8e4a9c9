/* SPDX-License-Identifier: Apache-2.0 */
#include "alike.h"

#include "pieces.h"

/* The next character of *text that counts, folded; '\0', which no name has, at the end. */
static char next_folded(struct str *text)
{
        char c;

        while (text->len && (text->ptr[0] == '_' || text->ptr[0] == '-'))
                *text = str_skip(*text, 1);
        if (text->len == 0)
                return '\0';
        if (str_starts_with(*text, STR("\xC5\xBF"))) {
                *text = str_skip(*text, 2);
                return 's';
        }
        if (str_starts_with(*text, STR("\xE2\x84\xAA"))) {
                *text = str_skip(*text, 3);
                return 'k';
        }
        c = text->ptr[0];
        *text = str_skip(*text, 1);
        return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* An escape is a piece of its own, so that no character lies in two. */
static bool is_alike(const struct json_doc *doc, uint32_t member, struct str name)
{
        struct json_pieces pieces;
        struct str piece;
        char c;

        json_pieces_init(&pieces, doc, member);
        while (json_pieces_next(&pieces, &piece)) {
                while ((c = next_folded(&piece)) != '\0') {
                        if (c != next_folded(&name))
                                return false;
                }
        }
        return next_folded(&name) == '\0';
}

bool json_has_alike(const struct json_doc *doc, uint32_t object, struct str name)
{
        json_each_member (doc, object, member, value) {
                if (is_alike(doc, member, name) && !json_string_is(doc, member, name))
                        return true;
        }
        return false;
}
