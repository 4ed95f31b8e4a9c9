/* SPDX-License-Identifier: Apache-2.0 */
#include "writer.h"

#include "emit.h"
#include "limit.h"
#include "spelling.h"
#include "utf8.h"

/* Longer strings are worth the scan by blocks and the copy of all at once. */
#define SHORT_BYTES 64U

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

/* Copies @len bytes while it looks whether all of them are plain; if not, what it has copied is of no use. Whole words
 * at a time, the last one overlapping the one before. */
static inline bool copy_plain(char *to, const char *from, size_t len)
{
        uint32_t head, tail;

        if (len >= sizeof(uint64_t)) {
                const size_t last = len - sizeof(uint64_t);

                for (size_t i = 0; i < len; i += sizeof(uint64_t)) {
                        size_t at = i < last ? i : last;
                        uint64_t word = json_load_word(from + at);

                        if (!json_word_is_plain(word))
                                return false;
                        memcpy(to + at, &word, sizeof(word));
                }
                return true;
        }
        if (len >= sizeof(head)) {
                memcpy(&head, from, sizeof(head));
                memcpy(&tail, from + len - sizeof(tail), sizeof(tail));
                memcpy(to, &head, sizeof(head));
                memcpy(to + len - sizeof(tail), &tail, sizeof(tail));
                return json_word_is_plain((uint64_t)head << 32 | tail);
        }
        for (size_t i = 0; i < len; i++) {
                if (!json_byte_is_plain((unsigned char)from[i]))
                        return false;
                to[i] = from[i];
        }
        return true;
}

/* A record's names and most of its values go this way, where the room is there already. */
static inline bool append_short(struct buf *out, struct str s)
{
        char *to;

        if (s.len > SHORT_BYTES || out->cap - out->len < s.len + 2)
                return false;
        to = out->data + out->len;
        if (!copy_plain(to + 1, s.ptr, s.len))
                return false;
        to[0] = to[s.len + 1] = '"';
        out->len += s.len + 2;
        return true;
}

int json_string_append(struct buf *out, struct str s)
{
        size_t before = out->len;
        int r;

        if (append_short(out, s))
                return 0;
        r = json_emit(out, "\"", 1);
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
