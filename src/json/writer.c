/* SPDX-License-Identifier: Apache-2.0 */
#include "writer.h"

#include "emit.h"
#include "limits.h"
#include "spelling.h"
#include "utf8.h"

/* The one code point at the start of @s that is not plain. */
static int emit_odd(struct buf *out, struct str s, size_t *ret_used)
{
        static const char digits[] = "0123456789abcdef";
        uint32_t cp = 0;
        char spelt[6] = { '\\' };
        size_t used = utf8_decode(s, &cp);

        *ret_used = used ? used : 1;
        if (used == 0)
                return json_emit(out, "\xEF\xBF\xBD", 3);
        if (json_short_escape(cp)) {
                spelt[1] = json_short_escape(cp);
                return json_emit(out, spelt, 2);
        }
        if (!json_is_long_escape(cp))
                return json_emit(out, s.ptr, used);
        spelt[1] = 'u';
        spelt[2] = digits[cp >> 12 & 15];
        spelt[3] = digits[cp >> 8 & 15];
        spelt[4] = digits[cp >> 4 & 15];
        spelt[5] = digits[cp & 15];
        return json_emit(out, spelt, 6);
}

int json_emit_escaped(struct buf *out, struct str s)
{
        const unsigned char *p = (const unsigned char *)s.ptr;
        const unsigned char *end = p + s.len;

        while (p < end) {
                const unsigned char *odd = json_skip_plain(p, end);
                size_t used = 0;
                int r = json_emit(out, (const char *)p, (size_t)(odd - p));

                if (r == 0 && odd < end)
                        r = emit_odd(out, str_of((const char *)odd, (size_t)(end - odd)), &used);
                if (r < 0)
                        return r;
                p = odd + used;
        }
        return 0;
}

int json_string_append(struct buf *out, struct str s)
{
        size_t before = out->len;
        int r = json_emit(out, "\"", 1);

        if (r == 0 && s.len > 0)
                r = json_emit_escaped(out, s);
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
        buf_printf(w->out, "%lld", (long long)value);
}

void json_unsigned(struct json_writer *w, uint64_t value)
{
        separate(w);
        buf_printf(w->out, "%llu", (unsigned long long)value);
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
