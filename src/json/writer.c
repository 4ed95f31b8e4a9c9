/* SPDX-License-Identifier: Apache-2.0 */
#include "writer.h"

#include "emit.h"
#include "limit.h"
#include "spelling.h"
#include "utf8.h"

size_t json_spell(uint32_t cp, char out[static 6])
{
        static const char digits[] = "0123456789abcdef";

        if (json_short_escape(cp)) {
                out[0] = '\\';
                out[1] = json_short_escape(cp);
                return 2;
        }
        if (!json_is_long_escape(cp))
                return utf8_encode(cp, out);
        out[0] = '\\';
        out[1] = 'u';
        out[2] = digits[cp >> 12 & 15];
        out[3] = digits[cp >> 8 & 15];
        out[4] = digits[cp >> 4 & 15];
        out[5] = digits[cp & 15];
        return 6;
}

/* Like the rewriting of a string in write.c, but of unescaped bytes that may not be UTF-8. */
static int emit_escaped(struct buf *out, struct str s)
{
        const char *copied = s.ptr; /* what is before it has been appended */
        const char *end = s.ptr + s.len;
        const char *p = s.ptr;
        int r;

        for (;;) {
                char spelt[6];
                uint32_t cp = 0;
                size_t used;

                p = (const char *)json_skip_plain((const unsigned char *)p, (const unsigned char *)end);
                used = utf8_decode(str_of(p, (size_t)(end - p)), &cp);
                if (used > 1 && !json_is_long_escape(cp)) {
                        p += used;
                        continue;
                }
                r = json_emit(out, copied, (size_t)(p - copied));
                if (r < 0 || p == end)
                        return r;
                r = json_emit(out, spelt, json_spell(used ? cp : 0xFFFD, spelt));
                if (r < 0)
                        return r;
                p += used ? used : 1;
                copied = p;
        }
}

int json_string_append(struct buf *out, struct str s)
{
        size_t before = out->len;
        int r = json_emit(out, "\"", 1);

        if (r == 0 && s.len > 0)
                r = emit_escaped(out, s);
        if (r == 0)
                r = json_emit(out, "\"", 1);
        if (r < 0)
                out->len = before;
        return r;
}

void json_writer_init(struct json_writer *w, struct buf *out)
{
        *w = (struct json_writer){ .out = out };
}

/* The innermost container's bit; 0 outside of all. What is nested too deep has failed already. */
static uint64_t bit_of(const struct json_writer *w)
{
        return w->depth > 0 && w->depth <= LIMIT_JSON_DEPTH ? 1ULL << (w->depth - 1) : 0;
}

/* Before an entry: a comma, unless it is the first. A name leaves the bit clear, so that its value gets none. */
static void separate(struct json_writer *w)
{
        if (w->filled & bit_of(w))
                buf_append_char(w->out, ',');
        w->filled |= bit_of(w);
}

static void begin(struct json_writer *w, char bracket)
{
        separate(w);
        buf_append_char(w->out, bracket);
        w->depth++;
        if (w->depth > LIMIT_JSON_DEPTH)
                w->out->failed = true;
        w->filled &= ~bit_of(w);
}

static void end(struct json_writer *w, char bracket)
{
        if (w->depth == 0) {
                w->out->failed = true;
                return;
        }
        buf_append_char(w->out, bracket);
        w->depth--;
}

void json_begin_object(struct json_writer *w)
{
        begin(w, '{');
}

void json_end_object(struct json_writer *w)
{
        end(w, '}');
}

void json_begin_array(struct json_writer *w)
{
        begin(w, '[');
}

void json_end_array(struct json_writer *w)
{
        end(w, ']');
}

void json_name(struct json_writer *w, struct str name)
{
        separate(w);
        json_string_append(w->out, name);
        buf_append_char(w->out, ':');
        w->filled &= ~bit_of(w);
}

void json_string(struct json_writer *w, struct str s)
{
        separate(w);
        json_string_append(w->out, s);
}

void json_integer(struct json_writer *w, int64_t value)
{
        separate(w);
        buf_append_integer(w->out, value);
}

void json_unsigned(struct json_writer *w, uint64_t value)
{
        separate(w);
        buf_append_unsigned(w->out, value);
}

void json_bool(struct json_writer *w, bool value)
{
        separate(w);
        buf_append_str(w->out, value ? STR("true") : STR("false"));
}

void json_null(struct json_writer *w)
{
        separate(w);
        buf_append_str(w->out, STR("null"));
}

void json_raw(struct json_writer *w, struct str text)
{
        separate(w);
        buf_append_str(w->out, text);
}
