/* SPDX-License-Identifier: Apache-2.0 */
#include "diagnostic.h"

#include <stdarg.h>
#include <stdio.h>

#include "alloc.h"

/* A message quotes what the author wrote, cut short: one line of a terminal or two. */
#define MESSAGE_BYTES 512U

void diagnostics_deinit(struct diagnostics *diags)
{
        for (size_t i = 0; i < diags->count; ++i) {
                mem_free(diags->items[i].message);
                mem_free(diags->items[i].help);
        }
        diags->count = diags->errors = diags->dropped = 0;
}

void diagnostics_add(struct diagnostics *diags, enum severity severity, const char *code, struct diagnostic_place at,
        const char *help, const char *format, ...)
{
        struct diagnostic *d = &diags->items[diags->count];
        char text[MESSAGE_BYTES];
        va_list args;

        if (severity == SEVERITY_ERROR)
                diags->errors++;
        if (diags->count == LIMIT_DIAGNOSTICS) {
                diags->dropped++;
                return;
        }
        va_start(args, format);
        vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        *d = (struct diagnostic){ severity, code, at.path, at.line, at.column, at.length ? at.length : 1 };
        d->message = str_dup(str_from(text));
        if (!d->message) {
                diags->dropped++;
                return;
        }
        if (help && help[0])
                d->help = str_dup(str_from(help));
        diags->count++;
}

static int compare(const struct diagnostic *a, const struct diagnostic *b)
{
        int r = str_cmp(a->path, b->path);

        if (r == 0)
                r = a->line < b->line ? -1 : a->line > b->line;
        if (r == 0)
                r = a->column < b->column ? -1 : a->column > b->column;
        return r;
}

/* By insertion: at most LIMIT_DIAGNOSTICS items, and those of one place keep their order. */
void diagnostics_sort(struct diagnostics *diags)
{
        for (size_t i = 1; i < diags->count; ++i) {
                struct diagnostic moved = diags->items[i];
                size_t j = i;

                for (; j > 0 && compare(&moved, &diags->items[j - 1]) < 0; --j)
                        diags->items[j] = diags->items[j - 1];
                diags->items[j] = moved;
        }
}
