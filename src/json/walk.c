/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <errno.h>

#include "pieces.h"

/* Every reader in use represents the integers of this magnitude exactly. */
#define INTEGER_MAX (1LL << 53)

static bool is_type(const struct json_doc *doc, uint32_t token, enum json_type type)
{
        return token < doc->count && doc->tokens[token].type == type;
}

bool json_string_is(const struct json_doc *doc, uint32_t token, struct str s)
{
        struct json_pieces pieces;
        struct str piece;

        if (!is_type(doc, token, JSON_STRING))
                return false;
        if (!doc->tokens[token].escaped)
                return str_eq(json_raw_string(doc, token), s);
        json_pieces_init(&pieces, doc, token);
        while (json_pieces_next(&pieces, &piece)) {
                if (!str_starts_with(s, piece))
                        return false;
                s = str_skip(s, piece.len);
        }
        return s.len == 0;
}

uint32_t json_member(const struct json_doc *doc, uint32_t object, struct str name)
{
        if (!is_type(doc, object, JSON_OBJECT))
                return 0;
        json_each_member (doc, object, member, value) {
                const struct json_token *token = &doc->tokens[member];

                /* Most names differ in length already; a token's has its two quotes. */
                if ((token->escaped || token->length == name.len + 2) && json_string_is(doc, member, name))
                        return value;
        }
        return 0;
}

int json_string_get(const struct json_doc *doc, uint32_t token, struct buf *scratch, struct str *ret)
{
        struct json_pieces pieces;
        struct str piece;
        size_t start;
        int r;

        if (!is_type(doc, token, JSON_STRING))
                return -EINVAL;
        if (!doc->tokens[token].escaped) {
                *ret = json_raw_string(doc, token);
                return 0;
        }
        /* Unescaping never makes a string longer: room for all of it, so that the pieces cannot fail half-way. */
        r = buf_reserve(scratch, json_raw_string(doc, token).len);
        if (r < 0)
                return r;
        start = scratch->len;
        json_pieces_init(&pieces, doc, token);
        while (json_pieces_next(&pieces, &piece)) {
                memcpy(scratch->data + scratch->len, piece.ptr, piece.len);
                scratch->len += piece.len;
        }
        *ret = str_of(scratch->data + start, scratch->len - start);
        return 0;
}

bool json_integer_get(const struct json_doc *doc, uint32_t token, int64_t *ret)
{
        struct str text;
        bool negative;
        int64_t value = 0;

        if (!is_type(doc, token, JSON_NUMBER))
                return false;
        text = json_text(doc, token);
        negative = text.ptr[0] == '-';
        text = str_skip(text, negative);
        if (text.len > 16 || (negative && text.ptr[0] == '0'))
                return false;
        for (size_t i = 0; i < text.len; i++) {
                if (text.ptr[i] < '0' || text.ptr[i] > '9')
                        return false;
                value = value * 10 + (text.ptr[i] - '0');
        }
        if (value > INTEGER_MAX)
                return false;
        *ret = negative ? -value : value;
        return true;
}
