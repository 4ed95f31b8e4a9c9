/* SPDX-License-Identifier: Apache-2.0 */
#include "pieces.h"

#include "utf8.h"

static int hex_digit(unsigned char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -1;
}

long json_hex4(const unsigned char *p)
{
        long value = 0;

        for (int i = 0; i < 4; i++) {
                int digit = hex_digit(p[i]);

                if (digit < 0)
                        return -1;
                value = value << 4 | digit;
        }
        return value;
}

void json_pieces_init(struct json_pieces *pieces, const struct json_doc *doc, uint32_t string)
{
        struct str raw = json_raw_string(doc, string);

        pieces->p = raw.ptr;
        pieces->end = raw.ptr + raw.len;
}

/* Takes the \uXXXX, or the pair of them, at *p. */
static uint32_t take_long_escape(const char **p)
{
        uint32_t cp = (uint32_t)json_hex4((const unsigned char *)*p + 2);

        *p += 6;
        if (cp >= 0xD800 && cp <= 0xDBFF) {
                uint32_t low = (uint32_t)json_hex4((const unsigned char *)*p + 2);

                cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
                *p += 6;
        }
        return cp;
}

uint32_t json_take_escape(const char **p)
{
        char letter = (*p)[1];

        if (letter == 'u')
                return take_long_escape(p);
        *p += 2;
        switch (letter) {
        case 'b':
                return '\b';
        case 'f':
                return '\f';
        case 'n':
                return '\n';
        case 'r':
                return '\r';
        case 't':
                return '\t';
        default: /* the quote, the backslash and the slash stand for themselves */
                return (unsigned char)letter;
        }
}

bool json_pieces_next(struct json_pieces *pieces, struct str *ret)
{
        const char *start = pieces->p;
        const char *escape;

        if (start == pieces->end)
                return false;
        if (*start == '\\') {
                size_t n = utf8_encode(json_take_escape(&pieces->p), pieces->character);

                *ret = str_of(pieces->character, n);
                return true;
        }
        escape = memchr(start, '\\', (size_t)(pieces->end - start));
        pieces->p = escape ? escape : pieces->end;
        *ret = str_of(start, (size_t)(pieces->p - start));
        return true;
}

/* Either side's pieces may be cut at other places. */
bool json_pieces_equal(struct json_pieces *a, struct json_pieces *b)
{
        struct str left = { 0 }, right = { 0 };

        for (;;) {
                bool left_more = left.len > 0 || json_pieces_next(a, &left);
                bool right_more = right.len > 0 || json_pieces_next(b, &right);
                size_t n = left.len < right.len ? left.len : right.len;

                if (!left_more || !right_more)
                        return left_more == right_more;
                if (memcmp(left.ptr, right.ptr, n) != 0)
                        return false;
                left = str_skip(left, n);
                right = str_skip(right, n);
        }
}

bool json_strings_equal(const struct json_doc *doc, uint32_t a, uint32_t b)
{
        struct json_pieces left, right;

        if (!doc->tokens[a].escaped && !doc->tokens[b].escaped)
                return str_eq(json_raw_string(doc, a), json_raw_string(doc, b));
        json_pieces_init(&left, doc, a);
        json_pieces_init(&right, doc, b);
        return json_pieces_equal(&left, &right);
}
