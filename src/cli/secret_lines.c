/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs that read such files differ in what a quote, a `#`, a `$` or a space means. What two of them could read differently is refused
 * here, with the advice to put it into single quotes, where all agree.
 */
#include <errno.h>

#include "secret_command.h"

static int refuse(struct buf *why, const char *what)
{
        buf_append_str(why, str_from(what));
        return -EINVAL;
}

static struct str trim(struct str s)
{
        while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
                s = str_skip(s, 1);
        while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t' || s.ptr[s.len - 1] == '\r'))
                s.len--;
        return s;
}

static int bare_value(struct str text, struct str *ret, struct buf *why)
{
        for (size_t i = 0; i < text.len; i++) {
                const unsigned char c = (unsigned char)text.ptr[i];

                if (c <= ' ' || c > '~' || strchr("'\"`$\\", c) || (c == '#' && i == 0))
                        return refuse(why, "its value has a sign that programs read differently; put the value into single quotes");
        }
        *ret = text;
        return 0;
}

static int single_quoted(struct str text, struct str *ret, struct buf *why)
{
        const char *end = memchr(text.ptr + 1, '\'', text.len - 1);

        if (!end || (size_t)(end - text.ptr) != text.len - 1)
                return refuse(why, "its value begins with a single quote, and must end with the next one");
        *ret = str_of(text.ptr + 1, text.len - 2);
        return 0;
}

static char escaped(char c)
{
        switch (c) {
        case 'n':
                return '\n';
        case 'r':
                return '\r';
        case 't':
                return '\t';
        case '"':
        case '\\':
        case '$':
        case '`':
                return c;
        default:
                return 0;
        }
}

/* Resolves escapes where they stand: what comes out is never longer. */
static int double_quoted(struct str text, struct str *ret, struct buf *why)
{
        char *from = (char *)(uintptr_t)text.ptr + 1, *to = from;
        const char *end = text.ptr + text.len;

        for (; from < end && *from != '"'; from++) {
                char c = *from;

                if (c == '$' || c == '`')
                        return refuse(why, "its value has a $ or ` that some programs replace; put the value into single quotes");
                if (c == '\\') {
                        c = ++from < end ? escaped(*from) : '\0';
                        if (!c)
                                return refuse(why, "its value has a \\ that programs read differently; put the value into single quotes");
                }
                *to++ = c;
        }
        if (from != end - 1)
                return refuse(why, "its value begins with a double quote, and must end with the next one");
        *ret = str_of(text.ptr + 1, (size_t)(to - text.ptr) - 1);
        return 0;
}

static int read_line(struct str line, struct secret_line *ret, struct buf *why)
{
        const char *equals;
        struct str value;

        if (str_starts_with(line, STR("export ")))
                line = trim(str_skip(line, 7));
        equals = memchr(line.ptr, '=', line.len);
        if (!equals)
                return refuse(why, "it is not NAME=VALUE");
        ret->name = str_of(line.ptr, (size_t)(equals - line.ptr));
        value = str_skip(line, ret->name.len + 1);
        if (value.len > 0 && value.ptr[0] == '\'')
                return single_quoted(value, &ret->value, why);
        if (value.len > 0 && value.ptr[0] == '"')
                return double_quoted(value, &ret->value, why);
        return bare_value(value, &ret->value, why);
}

int secret_line_next(char **text, char *end, struct secret_line *ret, struct buf *why)
{
        while (*text < end) {
                char *newline = memchr(*text, '\n', (size_t)(end - *text));
                const struct str line = trim(str_of(*text, (size_t)((newline ? newline : end) - *text)));
                int r;

                *text = newline ? newline + 1 : end;
                if (line.len == 0 || line.ptr[0] == '#')
                        continue;
                r = read_line(line, ret, why);
                return r < 0 ? r : 1;
        }
        return 0;
}

static bool needs_double_quotes(struct str value)
{
        for (size_t i = 0; i < value.len; i++) {
                if (value.ptr[i] == '\'' || value.ptr[i] == '\n' || value.ptr[i] == '\r')
                        return true;
        }
        return false;
}

size_t secret_line_write(char *to, struct str name, struct str value)
{
        const bool twice = needs_double_quotes(value);
        char *at = to;

        memcpy(at, name.ptr, name.len);
        at += name.len;
        *at++ = '=';
        *at++ = twice ? '"' : '\'';
        for (size_t i = 0; i < value.len; i++) {
                const char c = value.ptr[i];

                if (twice && strchr("\"\\$`\n\r", c))
                        *at++ = '\\';
                *at++ = twice && c == '\n' ? 'n' : twice && c == '\r' ? 'r' : c;
        }
        *at++ = twice ? '"' : '\'';
        *at++ = '\n';
        return (size_t)(at - to);
}
