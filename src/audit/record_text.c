/* SPDX-License-Identifier: Apache-2.0 */
#include "record_text.h"

#include "utf8.h"
#include "writer.h"

void record_put_count(struct buf *b, struct str name, uint64_t value)
{
        if (!value)
                return;
        buf_append_str(b, name);
        buf_append_unsigned(b, value);
}

/* What the character at the start of @s takes in a JSON string; @ret_len is what it takes in @s. */
static size_t written_length(struct str s, size_t *ret_len)
{
        uint8_t first = (uint8_t)s.ptr[0];
        uint32_t cp;

        *ret_len = 1;
        if (first >= 0x20 && first < 0x7F)
                return first == '"' || first == '\\' ? 2 : 1;
        if (first < 0x80)
                return 6;
        *ret_len = utf8_decode(s, &cp);
        if (!*ret_len) {
                *ret_len = 1;
                return 3; /* U+FFFD */
        }
        return cp <= 0x9F || cp == 0x2028 || cp == 0x2029 ? 6 : *ret_len;
}

struct str record_cut(struct str s, size_t max)
{
        size_t at = 0, written = 0;

        while (at < s.len) {
                size_t len, more = written_length(str_skip(s, at), &len);

                if (more > max - written)
                        break;
                written += more;
                at += len;
        }
        return str_of(s.ptr, at);
}

void record_put_text(struct buf *b, struct str name, struct str value, size_t max)
{
        struct str shown;

        if (!value.len)
                return;
        shown = value.len <= max / 6 ? value : record_cut(value, max);
        buf_append_str(b, name);
        json_string_append(b, shown);
        if (shown.len < value.len && !b->failed) {
                b->len--; /* the closing quote */
                buf_append_str(b, STR("...[cut, "));
                buf_append_unsigned(b, value.len);
                buf_append_str(b, STR(" bytes]\""));
        }
}
