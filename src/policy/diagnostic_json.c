/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "diagnostic.h"
#include "writer.h"

static const char *const severity_names[] = { [SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning" };

static void json_place(struct json_writer *w, struct str name, uint32_t line, uint32_t column)
{
        json_name(w, name);
        json_begin_object(w);
        json_name(w, STR("line"));
        json_unsigned(w, line);
        json_name(w, STR("col"));
        json_unsigned(w, column);
        json_end_object(w);
}

static void json_text_member(struct json_writer *w, struct str name, const char *text)
{
        json_name(w, name);
        json_string(w, str_from(text));
}

int diagnostics_print_json(const struct diagnostics *diags, struct buf *out)
{
        struct json_writer w;
        size_t warnings = 0;

        json_writer_init(&w, out);
        json_begin_object(&w);
        json_name(&w, STR("version"));
        json_unsigned(&w, 1);
        json_name(&w, STR("diagnostics"));
        json_begin_array(&w);
        for (size_t i = 0; i < diags->count; ++i) {
                const struct diagnostic *d = &diags->items[i];

                json_begin_object(&w);
                json_name(&w, STR("path"));
                json_string(&w, d->path);
                json_place(&w, STR("start"), d->line, d->column);
                json_place(&w, STR("end"), d->line, d->line ? d->column + d->length : 0);
                json_text_member(&w, STR("severity"), severity_names[d->severity]);
                json_text_member(&w, STR("code"), d->code);
                json_text_member(&w, STR("message"), d->message);
                if (d->help)
                        json_text_member(&w, STR("help"), d->help);
                json_end_object(&w);
                warnings += d->severity == SEVERITY_WARNING;
        }
        json_end_array(&w);
        json_name(&w, STR("summary"));
        json_begin_object(&w);
        json_name(&w, STR("errors"));
        json_unsigned(&w, diags->errors);
        json_name(&w, STR("warnings"));
        json_unsigned(&w, warnings);
        json_end_object(&w);
        json_end_object(&w);
        return out->failed ? -ENOMEM : 0;
}
