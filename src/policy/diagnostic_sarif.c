/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "codes.h"
#include "diagnostic.h"
#include "utf8.h"
#include "writer.h"

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

struct sarif {
        struct json_writer w;
        const struct diagnostics *diags;
        struct str version;
        diagnostic_text_fn text;
        void *userdata;
};

static void member(struct json_writer *w, struct str name, struct str value)
{
        json_name(w, name);
        json_string(w, value);
}

/* {"text": "..."} */
static void message(struct json_writer *w, struct str name, const char *text, const char *more)
{
        json_name(w, name);
        json_begin_object(w);
        json_name(w, STR("text"));
        if (more) {
                char both[1200];
                int n = snprintf(both, sizeof(both), "%s (%s)", text, more);

                json_string(w, str_of(both, n < (int)sizeof(both) ? (size_t)n : sizeof(both) - 1));
        } else {
                json_string(w, str_from(text));
        }
        json_end_object(w);
}

/* --- rules: the codes that are used --- */

static bool is_used(const struct diagnostics *diags, const struct policy_code *code)
{
        for (size_t i = 0; i < diags->count; ++i) {
                if (str_eq(str_from(diags->items[i].code), str_from(code->code)))
                        return true;
        }
        return false;
}

static size_t index_of(const struct diagnostics *diags, const char *code)
{
        size_t index = 0;

        for (size_t i = 0; i < policy_code_count && !str_eq(str_from(policy_codes[i].code), str_from(code)); ++i)
                index += is_used(diags, &policy_codes[i]);
        return index;
}

static void driver(struct sarif *s)
{
        struct json_writer *w = &s->w;

        json_name(w, STR("tool"));
        json_begin_object(w);
        json_name(w, STR("driver"));
        json_begin_object(w);
        member(w, STR("name"), STR("leastwise"));
        member(w, STR("version"), s->version);
        json_name(w, STR("rules"));
        json_begin_array(w);
        for (size_t i = 0; i < policy_code_count; ++i) {
                if (!is_used(s->diags, &policy_codes[i]))
                        continue;
                json_begin_object(w);
                member(w, STR("id"), str_from(policy_codes[i].code));
                message(w, STR("shortDescription"), policy_codes[i].title, NULL);
                json_end_object(w);
        }
        json_end_array(w);
        json_end_object(w);
        json_end_object(w);
}

/* --- places --- */

/* A path as a relative reference or, when it is absolute, with a scheme. */
static void uri(struct json_writer *w, struct str path)
{
        static const char hex[] = "0123456789ABCDEF";
        AUTO_BUF struct buf out = BUF_INIT(16U << 10);

        if (path.len && path.ptr[0] == '/')
                buf_append_str(&out, STR("file://"));
        for (size_t i = 0; i < path.len; ++i) {
                unsigned char c = (unsigned char)path.ptr[i];
                bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c && strchr("-._~/", c));

                if (plain) {
                        buf_append_char(&out, (char)c);
                        continue;
                }
                buf_append_char(&out, '%');
                buf_append_char(&out, hex[c >> 4]);
                buf_append_char(&out, hex[c & 15]);
        }
        member(w, STR("uri"), buf_str(&out));
        w->out->failed |= out.failed;
}

/* The line and what follows it. */
static struct str from_line(struct str text, uint32_t line)
{
        for (; line > 1 && text.len; --line) {
                const char *end = memchr(text.ptr, '\n', text.len);

                text = str_skip(text, end ? (size_t)(end - text.ptr) + 1 : text.len);
        }
        return text;
}

/* The column in code points of the one that is @bytes (1-based) into the line. Without the text: as if all were ASCII. */
static uint32_t code_points(struct str line, uint32_t bytes)
{
        uint32_t column = 1;

        for (size_t at = 0; at + 1 < bytes;) {
                uint32_t cp;
                size_t n = at < line.len ? utf8_decode(str_skip(line, at), &cp) : 0;

                at += n ? n : 1;
                ++column;
        }
        return column;
}

static void region(struct sarif *s, const struct diagnostic *d)
{
        struct json_writer *w = &s->w;
        struct str line = from_line(s->text(s->userdata, d->path), d->line);

        json_name(w, STR("region"));
        json_begin_object(w);
        json_name(w, STR("startLine"));
        json_unsigned(w, d->line);
        json_name(w, STR("startColumn"));
        json_unsigned(w, code_points(line, d->column));
        json_name(w, STR("endColumn"));
        json_unsigned(w, code_points(line, d->column + d->length));
        json_end_object(w);
}

/* What is wrong with an option of the command line has no place. */
static void locations(struct sarif *s, const struct diagnostic *d)
{
        struct json_writer *w = &s->w;

        json_name(w, STR("locations"));
        json_begin_array(w);
        if (!str_starts_with(d->path, STR("--"))) {
                json_begin_object(w);
                json_name(w, STR("physicalLocation"));
                json_begin_object(w);
                json_name(w, STR("artifactLocation"));
                json_begin_object(w);
                uri(w, d->path);
                json_end_object(w);
                if (d->line)
                        region(s, d);
                json_end_object(w);
                json_end_object(w);
        }
        json_end_array(w);
}

static void result(struct sarif *s, const struct diagnostic *d)
{
        struct json_writer *w = &s->w;

        json_begin_object(w);
        member(w, STR("ruleId"), str_from(d->code));
        json_name(w, STR("ruleIndex"));
        json_unsigned(w, index_of(s->diags, d->code));
        member(w, STR("level"), d->severity == SEVERITY_ERROR ? STR("error") : STR("warning"));
        message(w, STR("message"), d->message, d->help);
        locations(s, d);
        json_end_object(w);
}

int diagnostics_print_sarif(const struct diagnostics *diags, struct str version, struct buf *out, diagnostic_text_fn text,
        void *userdata)
{
        struct sarif s = { .diags = diags, .version = version, .text = text, .userdata = userdata };
        struct json_writer *w = &s.w;

        json_writer_init(w, out);
        json_begin_object(w);
        member(w, STR("$schema"), STR(SCHEMA));
        member(w, STR("version"), STR("2.1.0"));
        json_name(w, STR("runs"));
        json_begin_array(w);
        json_begin_object(w);
        driver(&s);
        member(w, STR("columnKind"), STR("unicodeCodePoints"));
        json_name(w, STR("results"));
        json_begin_array(w);
        for (size_t i = 0; i < diags->count; ++i)
                result(&s, &diags->items[i]);
        json_end_array(w);
        json_end_object(w);
        json_end_array(w);
        json_end_object(w);
        return out->failed ? -ENOMEM : 0;
}
