/* SPDX-License-Identifier: Apache-2.0 */
#include "str.h"

#include "alloc.h"

int str_cmp(struct str a, struct str b)
{
        size_t n = a.len < b.len ? a.len : b.len;
        int r = n ? memcmp(a.ptr, b.ptr, n) : 0;

        if (r != 0)
                return r;
        return a.len < b.len ? -1 : a.len > b.len;
}

static bool is_space(char c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
        while (s.len && is_space(s.ptr[0]))
                s = str_skip(s, 1);
        while (s.len && is_space(s.ptr[s.len - 1]))
                s.len--;
        return s;
}

struct str str_take_line(struct str *text)
{
        const char *newline = text->len ? memchr(text->ptr, '\n', text->len) : NULL;
        struct str line = newline ? str_of(text->ptr, (size_t)(newline - text->ptr)) : *text;

        *text = str_skip(*text, line.len + (newline != NULL));
        if (line.len && line.ptr[line.len - 1] == '\r')
                line.len--;
        return line;
}

char *str_dup(struct str s)
{
        char *copy;

        if (s.len && memchr(s.ptr, '\0', s.len))
                return NULL;
        copy = mem_alloc(s.len + 1);
        if (!copy)
                return NULL;
        if (s.len)
                memcpy(copy, s.ptr, s.len);
        copy[s.len] = '\0';
        return copy;
}
