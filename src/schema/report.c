/* SPDX-License-Identifier: Apache-2.0
 *
 * What is said about a value that does not fit, and about what was not evaluated. Names are the peers': they are cut and made
 * printable. Only here memory is asked for, and without it the words are fewer.
 */
#include <stdarg.h>
#include <stdio.h>

#include "evaluation.h"
#include "limit.h"
#include "printable.h"

#define NAME_BYTES 80

static void copy_text(char *to, size_t size, struct str from)
{
        size_t n = from.len < size - 1 ? from.len : size - 1;

        if (n)
                memcpy(to, from.ptr, n);
        to[n] = '\0';
}

static void append_name(struct buf *b, const struct json_doc *doc, uint32_t name)
{
        struct buf AUTO_BUF unescaped = BUF_INIT(SIZE_MAX);
        struct str text;

        if (json_string_get(doc, name, &unescaped, &text) == 0)
                printable_append(b, text, NAME_BYTES);
}

static bool is_plain(struct str name)
{
        for (size_t i = 0; i < name.len; i++) {
                char c = name.ptr[i];

                if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
                        return false;
        }
        return name.len > 0 && name.len <= NAME_BYTES;
}

static void append_step(struct buf *b, const struct evaluation *e, const struct place *place)
{
        bool plain;

        if (!place->name) {
                buf_printf(b, "[%u]", place->index);
                return;
        }
        plain = !json_at(e->value, place->name)->escaped && is_plain(json_raw_string(e->value, place->name));
        if (b->len)
                buf_append_char(b, '.');
        if (!plain)
                buf_append_char(b, '"');
        append_name(b, e->value, place->name);
        if (!plain)
                buf_append_char(b, '"');
}

/* Only where the path begins is known to the place: first up, then down again. */
static void write_path(struct evaluation *e)
{
        const struct place *places[LIMIT_JSON_DEPTH + 1];
        struct buf AUTO_BUF path = BUF_INIT(SIZE_MAX);
        size_t count = 0;

        for (const struct place *place = e->place; place && count <= LIMIT_JSON_DEPTH; place = place->up)
                places[count++] = place;
        while (count > 0 && path.len < SCHEMA_PATH_BYTES)
                append_step(&path, e, places[--count]);
        copy_text(e->result->path, SCHEMA_PATH_BYTES, buf_str(&path));
        if (path.len >= SCHEMA_PATH_BYTES)
                memcpy(e->result->path + SCHEMA_PATH_BYTES - 4, "...", 4);
}

static bool is_reported(struct evaluation *e, enum keyword keyword)
{
        if (e->tries)
                return false;
        write_path(e);
        snprintf(e->result->keyword, SCHEMA_KEYWORD_BYTES, "%s", keyword_name(keyword));
        return true;
}

enum outcome fails(struct evaluation *e, enum keyword keyword, const char *format, ...)
{
        va_list args;

        if (is_reported(e, keyword)) {
                va_start(args, format);
                vsnprintf(e->result->reason, SCHEMA_REASON_BYTES, format, args);
                va_end(args);
        }
        return OUTCOME_FAILS;
}

enum outcome fails_by_name(struct evaluation *e, enum keyword keyword, const struct json_doc *doc, uint32_t name,
        const char *before, const char *after)
{
        struct buf AUTO_BUF text = BUF_INIT(SIZE_MAX);

        if (is_reported(e, keyword)) {
                append_name(&text, doc, name);
                snprintf(e->result->reason, SCHEMA_REASON_BYTES, "%s\"%.*s\"%s", before, (int)text.len, text.len ? text.data : "", after);
        }
        return OUTCOME_FAILS;
}

enum outcome unsure(struct evaluation *e, struct str keyword, const char *why)
{
        if (!e->note.why)
                e->note = (struct note){ why, keyword };
        return OUTCOME_UNSURE;
}

enum outcome unsure_about(struct evaluation *e, enum keyword keyword, const char *why)
{
        return unsure(e, str_from(keyword_name(keyword)), why);
}

void report_note(struct evaluation *e)
{
        char *to = e->result->keyword;

        for (size_t i = 0; i < e->note.keyword.len && i < SCHEMA_KEYWORD_BYTES - 1; i++) {
                char c = e->note.keyword.ptr[i];

                *to++ = '?';
                if (c > 0x20 && c < 0x7F && c != '\\')
                        to[-1] = c;
        }
        *to = '\0';
        snprintf(e->result->reason, SCHEMA_REASON_BYTES, "%s", e->note.why ? e->note.why : "was not evaluated");
}

void schema_refusal(const struct schema_result *result, bool narrowed, char ret[SCHEMA_REFUSAL_BYTES])
{
        snprintf(ret, SCHEMA_REFUSAL_BYTES,
                "The arguments%s do not fit the tool's schema: %.150s %.150s (%s). It was not run; correct the arguments and call again.",
                narrowed ? ", as policy narrows them," : "", result->path[0] ? result->path : "the arguments object", result->reason,
                result->keyword);
}
