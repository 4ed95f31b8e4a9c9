/* SPDX-License-Identifier: Apache-2.0 */
#include "placeholder.h"

#define OPEN STR("{{")
#define CLOSE STR("}}")
#define ESCAPED STR("\\{{")

static bool is_letter(char c)
{
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

/* Bytes of the variable's name at the start of @text. */
static size_t name_length(struct str text)
{
        size_t len = 0;

        while (len < text.len && (is_letter(text.ptr[len]) || (len && text.ptr[len] >= '0' && text.ptr[len] <= '9')))
                len++;
        return len;
}

bool placeholder_next(struct str text, size_t from, struct placeholder *ret)
{
        for (size_t i = from; i < text.len; i++) {
                const struct str rest = str_skip(text, i);
                size_t len;

                if (str_starts_with(rest, ESCAPED)) {
                        *ret = (struct placeholder){ i, i + ESCAPED.len, { 0 } };
                        return true;
                }
                if (!str_starts_with(rest, OPEN))
                        continue;
                len = name_length(str_skip(rest, OPEN.len));
                if (len == 0 || !str_starts_with(str_skip(rest, OPEN.len + len), CLOSE))
                        continue;
                *ret = (struct placeholder){ i, i + OPEN.len + len + CLOSE.len, str_of(rest.ptr + OPEN.len, len) };
                return true;
        }
        return false;
}

bool placeholder_is_in(struct str text)
{
        struct placeholder p;

        for (size_t from = 0; placeholder_next(text, from, &p); from = p.end) {
                if (p.name.len)
                        return true;
        }
        return false;
}
