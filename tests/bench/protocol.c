/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol.h"

static const struct str method_start = STR_INIT("{\"method\":\"");
static const struct str call_start = STR_INIT("{\"method\":\"tools/call\",\"params\":{\"name\":\"");
static const struct str id_marker = STR_INIT("\"id\":");

/* Is @word what stands between @start, with which @line begins, and the next quote? */
static bool has_word_after(struct str line, struct str start, struct str word)
{
        struct str rest;

        if (!str_starts_with(line, start))
                return false;
        rest = str_skip(line, start.len);
        return rest.len > word.len && str_starts_with(rest, word) && rest.ptr[word.len] == '"';
}

bool protocol_is_method(struct str line, struct str method)
{
        return has_word_after(line, method_start, method);
}

bool protocol_is_call_of(struct str line, struct str tool)
{
        return has_word_after(line, call_start, tool);
}

bool protocol_id(struct str line, struct str *ret)
{
        size_t end, start;

        if (line.len < 2 || line.ptr[line.len - 1] != '}')
                return false;
        end = line.len - 1;
        for (start = end; start > 0 && line.ptr[start - 1] >= '0' && line.ptr[start - 1] <= '9';)
                start--;
        if (start == end || !str_ends_with(str_of(line.ptr, start), id_marker))
                return false;
        *ret = str_of(line.ptr + start, end - start);
        return true;
}

bool protocol_integer_after(struct str line, struct str marker, uint64_t *ret)
{
        const char *found = memmem(line.ptr, line.len, marker.ptr, marker.len);
        struct str digits;
        uint64_t value = 0;
        size_t i;

        if (!found)
                return false;
        digits = str_skip(line, (size_t)(found - line.ptr) + marker.len);
        for (i = 0; i < digits.len && i < 19 && digits.ptr[i] >= '0' && digits.ptr[i] <= '9'; i++)
                value = value * 10 + (uint64_t)(digits.ptr[i] - '0');
        *ret = value;
        return i > 0;
}
