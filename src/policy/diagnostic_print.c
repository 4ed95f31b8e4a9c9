/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "codes.h"
#include "diagnostic.h"
#include "printable.h"

/* Bytes of a source line that are shown; a longer one is shown around the place. */
#define SHOWN_BYTES 160U
#define SHOWN_BEFORE 60U

static const char *const severity_names[] = { [SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning" };

static struct str line_of(struct str text, uint32_t line)
{
        struct str rest = text;

        while (line > 1) {
                const char *end = rest.len ? memchr(rest.ptr, '\n', rest.len) : NULL;

                if (!end)
                        return str_of(NULL, 0);
                rest = str_skip(rest, (size_t)(end - rest.ptr) + 1);
                --line;
        }
        if (rest.len) {
                const char *end = memchr(rest.ptr, '\n', rest.len);

                if (end)
                        rest.len = (size_t)(end - rest.ptr);
                if (rest.len && rest.ptr[rest.len - 1] == '\r')
                        --rest.len;
        }
        return rest;
}

/* Source is shown as it is where it is printable ASCII; the rest is escaped, so that no file can write to the
 * terminal. */
static void append_source(struct buf *out, struct str s)
{
        for (size_t i = 0; i < s.len; ++i) {
                struct str one = str_of(s.ptr + i, 1);
                unsigned char c = (unsigned char)s.ptr[i];

                if (c == '\t')
                        buf_append_char(out, ' ');
                else if (c == '\\')
                        buf_append_char(out, '\\');
                else {
                        while (c >= 0x80 && i + 1 < s.len && ((unsigned char)s.ptr[i + 1] & 0xC0) == 0x80) {
                                ++i;
                                ++one.len;
                        }
                        printable_append(out, one, SIZE_MAX / 2);
                }
        }
}

static void repeat(struct buf *out, char c, size_t n)
{
        while (n--)
                buf_append_char(out, c);
}

static void print_excerpt(const struct diagnostic *d, struct buf *out, bool colour, struct str line)
{
        char number[16];
        int width = snprintf(number, sizeof(number), "%u", d->line);
        size_t from = 0, start = d->column ? d->column - 1 : 0, length = d->length, mark;

        if (start > line.len)
                start = line.len;
        if (length > line.len - start)
                length = line.len - start;
        if (start > SHOWN_BYTES - SHOWN_BEFORE)
                from = start - SHOWN_BEFORE;
        line = str_skip(line, from);
        start -= from;
        if (line.len > SHOWN_BYTES)
                line.len = SHOWN_BYTES;
        if (length > line.len - start)
                length = line.len - start;

        buf_printf(out, "%*s |\n%s | ", width, "", number);
        append_source(out, line);
        buf_printf(out, "\n%*s | ", width, "");
        mark = out->len;
        append_source(out, str_of(line.ptr, start));
        if (!out->failed) {
                size_t indent = out->len - mark, carets;

                append_source(out, str_of(line.ptr + start, length));
                carets = out->failed ? 0 : out->len - mark - indent;
                out->len = mark;
                repeat(out, ' ', indent);
                buf_printf(out, "%s", colour ? "\033[1;31m" : "");
                repeat(out, '^', carets ? carets : 1);
                buf_printf(out, "%s\n", colour ? "\033[0m" : "");
        }
}

static void print_help(const struct diagnostic *d, struct buf *out, bool colour)
{
        char number[16];
        int width = d->line ? snprintf(number, sizeof(number), "%u", d->line) : 1;
        const char *from = d->help;

        while (from && *from) {
                size_t n = strcspn(from, "\n");

                buf_printf(out, "%*s %s= help:%s %.*s\n", width, "", colour ? "\033[36m" : "", colour ? "\033[0m" : "",
                        (int)n, from);
                from += n + (from[n] == '\n');
        }
}

static void print_one(const struct diagnostic *d, struct buf *out, bool colour, struct str text)
{
        const char *paint = d->severity == SEVERITY_ERROR ? "\033[1;31m" : "\033[1;33m";

        printable_append(out, d->path, SIZE_MAX / 2);
        if (d->line)
                buf_printf(out, ":%u:%u", d->line, d->column ? d->column : 1);
        buf_printf(out, ": %s%s[%s]%s: ", colour ? paint : "", severity_names[d->severity], d->code,
                colour ? "\033[0m" : "");
        buf_append_str(out, str_from(d->message));
        buf_append_char(out, '\n');
        /* The line with a pasted secret stays out of terminals and build logs. */
        if (d->line && text.ptr && !str_eq(str_from(d->code), STR(P_ENV_SECRET)))
                print_excerpt(d, out, colour, line_of(text, d->line));
        print_help(d, out, colour);
}

int diagnostics_print(
        const struct diagnostics *diags, struct buf *out, bool colour, diagnostic_text_fn text, void *userdata)
{
        for (size_t i = 0; i < diags->count; ++i) {
                const struct diagnostic *d = &diags->items[i];

                print_one(d, out, colour, text ? text(userdata, d->path) : str_of(NULL, 0));
        }
        if (diags->dropped)
                buf_printf(out, "... and %zu more\n", diags->dropped);
        return out->failed ? -ENOMEM : 0;
}
