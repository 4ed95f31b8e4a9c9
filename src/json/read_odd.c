/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include "alloc.h"
#include "pieces.h"
#include "spelling.h"

#define FIRST_CAPACITY 64U

const unsigned char *json_reader_fail(struct json_reader *r, const unsigned char *at, enum json_error error)
{
        r->error = error;
        r->doc->error_offset = (uint32_t)(at - r->start);
        return NULL;
}

bool json_reader_grow(struct json_reader *r, const unsigned char *at)
{
        struct json_doc *doc = r->doc;
        uint32_t capacity = doc->capacity ? doc->capacity * 2 : FIRST_CAPACITY;
        struct json_token *tokens;

        if (doc->capacity >= LIMIT_JSON_TOKENS) {
                json_reader_fail(r, at, JSON_TOO_MANY_TOKENS);
                return false;
        }
        if (capacity > LIMIT_JSON_TOKENS)
                capacity = LIMIT_JSON_TOKENS;
        tokens = mem_resize(doc->tokens, capacity * sizeof(*tokens));
        if (!tokens) {
                json_reader_fail(r, at, JSON_NO_MEMORY);
                return false;
        }
        doc->tokens = tokens;
        doc->capacity = capacity;
        return true;
}

void json_forget_model(const unsigned char *text, const struct json_token *tokens, struct json_level *level,
                       uint32_t count)
{
        level->next_name = 0;
        for (uint32_t name = level->container + 1; name < count; name = tokens[name + 1].next) {
                const unsigned char *start = text + tokens[name].offset;

                level->members++;
                level->is_suspect |= tokens[name].escaped;
                json_note_name(level, start, start + tokens[name].length - 1);
        }
}

const unsigned char *json_reader_skip_space(struct json_reader *r, const unsigned char *p)
{
        const unsigned char *start = p;

        while (p < r->end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
                p++;
        if (p != start)
                r->canonical = false;
        return p;
}

/* Is the low half of a pair spelt out at @p? */
static bool is_low_surrogate(const struct json_reader *r, const unsigned char *p)
{
        long low;

        if (r->end - p < 6 || p[0] != '\\' || p[1] != 'u')
                return false;
        low = json_hex4(p + 2);
        return low >= 0xDC00 && low <= 0xDFFF;
}

static bool has_upper_hex(const unsigned char *p)
{
        for (int i = 0; i < 4; i++) {
                if (p[i] >= 'A' && p[i] <= 'F')
                        return true;
        }
        return false;
}

static const unsigned char *read_long_escape(struct json_reader *r, const unsigned char *p, bool in_name)
{
        long cp = r->end - p < 6 ? -1 : json_hex4(p + 2);

        if (cp < 0)
                return json_reader_fail(r, p, JSON_SYNTAX);
        if (cp == 0 && in_name)
                return json_reader_fail(r, p, JSON_NUL_IN_NAME);
        if (cp >= 0xD800 && cp <= 0xDFFF) {
                if (cp >= 0xDC00 || !is_low_surrogate(r, p + 6))
                        return json_reader_fail(r, p, JSON_LONE_SURROGATE);
                r->canonical = false;
                return p + 12;
        }
        if (!json_is_long_escape((uint32_t)cp) || has_upper_hex(p + 2))
                r->canonical = false;
        return p + 6;
}

static inline const unsigned char *read_escape(struct json_reader *r, const unsigned char *p, bool in_name)
{
        unsigned char letter = r->end - p < 2 ? 0 : p[1];

        if (json_is_short_escape[letter])
                return p + 2;
        if (letter == 'u')
                return read_long_escape(r, p, in_name);
        if (letter != '/')
                return json_reader_fail(r, p, JSON_SYNTAX);
        r->canonical = false;
        return p + 2;
}

static inline bool is_continuation(unsigned char c)
{
        return (c & 0xC0) == 0x80;
}

/* The length of the well-formed sequence of two bytes or more at @p, or 0. The bounds on the second byte rule out
 * overlong forms, surrogates and what lies past U+10FFFF. */
static inline size_t sequence_length(const unsigned char *p, size_t left)
{
        if (p[0] >= 0xC2 && p[0] <= 0xDF)
                return left >= 2 && is_continuation(p[1]) ? 2 : 0;
        if (p[0] >= 0xE0 && p[0] <= 0xEF) {
                unsigned char low = p[0] == 0xE0 ? 0xA0 : 0x80;
                unsigned char high = p[0] == 0xED ? 0x9F : 0xBF;

                return left >= 3 && p[1] >= low && p[1] <= high && is_continuation(p[2]) ? 3 : 0;
        }
        if (p[0] >= 0xF0 && p[0] <= 0xF4) {
                unsigned char low = p[0] == 0xF0 ? 0x90 : 0x80;
                unsigned char high = p[0] == 0xF4 ? 0x8F : 0xBF;

                if (left < 4 || p[1] < low || p[1] > high)
                        return 0;
                return is_continuation(p[2]) && is_continuation(p[3]) ? 4 : 0;
        }
        return 0;
}

/* Reads the sequences from @p on up to the next ASCII byte. */
static const unsigned char *read_utf8(struct json_reader *r, const unsigned char *p)
{
        while (p < r->end && *p >= 0x80) {
                size_t n = sequence_length(p, (size_t)(r->end - p));

                if (n == 0)
                        return json_reader_fail(r, p, JSON_INVALID_UTF8);
                /* U+0080..U+009F, U+2028 and U+2029 are escaped in the canonical form. */
                if ((p[0] == 0xC2 && p[1] <= 0x9F) || (p[0] == 0xE2 && p[1] == 0x80 && (p[2] | 1) == 0xA9))
                        r->canonical = false;
                p += n;
        }
        return p;
}

const unsigned char *json_read_odd_string(struct json_reader *r, const unsigned char *p, bool is_name,
                                          bool *ret_escaped)
{
        bool escaped = false;

        for (; p < r->end; p = json_skip_plain(p, r->end)) {
                if (*p == '\\') {
                        escaped = true;
                        p = read_escape(r, p, is_name);
                        if (p)
                                p = json_skip_short_escapes(p, r->end);
                } else if (*p == '"') {
                        *ret_escaped = escaped;
                        return p;
                } else if (*p >= 0x80) {
                        p = read_utf8(r, p);
                } else if (*p == 0x7F) {
                        r->canonical = false;
                        p++;
                } else {
                        return json_reader_fail(r, p, JSON_CONTROL_CHARACTER);
                }
                if (!p)
                        return NULL;
        }
        return json_reader_fail(r, p, JSON_SYNTAX);
}
