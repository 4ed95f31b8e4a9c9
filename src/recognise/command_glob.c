/* SPDX-License-Identifier: Apache-2.0 */
#include "command_glob.h"

static char class_byte(struct str members, size_t *at)
{
        if (members.ptr[*at] == '\\' && *at + 1 < members.len)
                ++*at;
        return members.ptr[(*at)++];
}

bool glob_class_next(struct str members, size_t *at, char *ret_first, char *ret_last)
{
        if (*at >= members.len)
                return false;
        *ret_first = *ret_last = class_byte(members, at);
        if (*at + 1 < members.len && members.ptr[*at] == '-') {
                ++*at;
                *ret_last = class_byte(members, at);
        }
        return true;
}

static struct glob_element read_class(struct str text, struct glob_cursor *c, bool *ret_broken)
{
        struct glob_element e = { .kind = GLOB_CLASS, .quoted = c->quoted };
        size_t start;

        e.inverted = c->at < text.len && text.ptr[c->at] == '!';
        start = c->at += e.inverted;
        while (c->at < text.len && text.ptr[c->at] != ']')
                c->at += text.ptr[c->at] == '\\' ? 2 : 1;
        if (c->at >= text.len) {
                c->at = text.len;
                *ret_broken = true;
                return e;
        }
        e.members = str_of(text.ptr + start, c->at++ - start);
        return e;
}

struct glob_element glob_next(struct str text, struct glob_cursor *c, bool *ret_broken)
{
        struct glob_element e = { .kind = GLOB_END };
        char byte;

        while (c->at < text.len && text.ptr[c->at] == '"') {
                c->quoted = !c->quoted;
                ++c->at;
        }
        e.quoted = c->quoted;
        if (c->at == text.len || (text.ptr[c->at] == ' ' && !c->quoted))
                return e;
        byte = text.ptr[c->at++];
        if (byte == '[')
                return read_class(text, c, ret_broken);
        e.kind = byte == '*' ? GLOB_STAR : byte == '?' ? GLOB_ONE : GLOB_LITERAL;
        e.literal = byte;
        if (byte == '\\') {
                if (c->at == text.len)
                        *ret_broken = true;
                else
                        e.literal = text.ptr[c->at++];
        }
        return e;
}
