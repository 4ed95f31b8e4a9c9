/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include "alloc.h"
#include "duplicate.h"
#include "limit.h"
#include "number.h"
#include "pieces.h"
#include "spelling.h"

#define FIRST_CAPACITY 64U

/* A container that we are in. */
struct level {
        uint32_t container;
        uint32_t members; /* names so far, if an object */
        bool is_object;
};

/* One read. The functions below take the place to read at and return the place behind what they read, or NULL
 * when they have called fail(). */
struct reader {
        const unsigned char *start;
        const unsigned char *end;
        struct json_token *next;       /* the first free one of the tape */
        struct json_token *tokens_end; /* of the tape's memory */
        struct json_doc *doc;          /* its count is set when others read the tape */
        enum json_error error;
        bool canonical;
        unsigned depth;
        struct level levels[LIMIT_JSON_DEPTH];
};

static const unsigned char *fail(struct reader *r, const unsigned char *at, enum json_error error)
{
        r->error = error;
        r->doc->error_offset = (uint32_t)(at - r->start);
        return NULL;
}

static inline bool next_is(const struct reader *r, const unsigned char *p, char c)
{
        return p < r->end && *p == (unsigned char)c;
}

static const unsigned char *skip_space_slow(struct reader *r, const unsigned char *p)
{
        const unsigned char *start = p;

        while (p < r->end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
                p++;
        if (p != start)
                r->canonical = false;
        return p;
}

static inline const unsigned char *skip_space(struct reader *r, const unsigned char *p)
{
        return p < r->end && *p > ' ' ? p : skip_space_slow(r, p);
}

static inline uint32_t count_tokens(const struct reader *r)
{
        return (uint32_t)(r->next - r->doc->tokens);
}

/* False after fail(). */
static bool grow_tape(struct reader *r, const unsigned char *at)
{
        struct json_doc *doc = r->doc;
        uint32_t count = doc->capacity;
        uint32_t capacity = count ? count * 2 : FIRST_CAPACITY;
        struct json_token *tokens;

        if (count >= LIMIT_JSON_TOKENS) {
                fail(r, at, JSON_TOO_MANY_TOKENS);
                return false;
        }
        if (capacity > LIMIT_JSON_TOKENS)
                capacity = LIMIT_JSON_TOKENS;
        tokens = mem_resize(doc->tokens, capacity * sizeof(*tokens));
        if (!tokens) {
                fail(r, at, JSON_NO_MEMORY);
                return false;
        }
        doc->tokens = tokens;
        doc->capacity = capacity;
        r->next = tokens + count;
        r->tokens_end = tokens + capacity;
        return true;
}

/* Adds the token of the text from @start up to @end; a container's end is set when it is reached. */
static inline bool push(struct reader *r, enum json_type type, const unsigned char *start, const unsigned char *end,
                        bool escaped)
{
        if (r->next == r->tokens_end && !grow_tape(r, start))
                return false;
        *r->next = (struct json_token){
                .offset = (uint32_t)(start - r->start),
                .length = (uint32_t)(end - start),
                .next = count_tokens(r) + 1,
                .type = (uint8_t)type,
                .escaped = escaped,
                .depth = (uint16_t)r->depth,
        };
        r->next++;
        return true;
}

/* Is the low half of a pair spelt out at @p? */
static bool is_low_surrogate(const struct reader *r, const unsigned char *p)
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

static const unsigned char *read_long_escape(struct reader *r, const unsigned char *p, bool in_name)
{
        long cp = r->end - p < 6 ? -1 : json_hex4(p + 2);

        if (cp < 0)
                return fail(r, p, JSON_SYNTAX);
        if (cp == 0 && in_name)
                return fail(r, p, JSON_NUL_IN_NAME);
        if (cp >= 0xD800 && cp <= 0xDFFF) {
                if (cp >= 0xDC00 || !is_low_surrogate(r, p + 6))
                        return fail(r, p, JSON_LONE_SURROGATE);
                r->canonical = false;
                return p + 12;
        }
        if (!json_is_long_escape((uint32_t)cp) || has_upper_hex(p + 2))
                r->canonical = false;
        return p + 6;
}

static inline const unsigned char *read_escape(struct reader *r, const unsigned char *p, bool in_name)
{
        switch (r->end - p < 2 ? 0 : p[1]) {
        case '"':
        case '\\':
        case 'b':
        case 'f':
        case 'n':
        case 'r':
        case 't':
                return p + 2;
        case '/':
                r->canonical = false;
                return p + 2;
        case 'u':
                return read_long_escape(r, p, in_name);
        default:
                return fail(r, p, JSON_SYNTAX);
        }
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
static const unsigned char *read_utf8(struct reader *r, const unsigned char *p)
{
        while (p < r->end && *p >= 0x80) {
                size_t n = sequence_length(p, (size_t)(r->end - p));

                if (n == 0)
                        return fail(r, p, JSON_INVALID_UTF8);
                /* U+0080..U+009F, U+2028 and U+2029 are escaped in the canonical form. */
                if ((p[0] == 0xC2 && p[1] <= 0x9F) || (p[0] == 0xE2 && p[1] == 0x80 && (p[2] | 1) == 0xA9))
                        r->canonical = false;
                p += n;
        }
        return p;
}

/* @p is the first byte of the string that begins at @start and is not plain, or the end. */
static const unsigned char *read_odd_string(struct reader *r, const unsigned char *start, const unsigned char *p,
                                            bool is_name)
{
        bool escaped = false;

        for (; !next_is(r, p, '"'); p = json_skip_plain(p, r->end)) {
                if (p == r->end)
                        return fail(r, p, JSON_SYNTAX);
                if (*p >= 0x80) {
                        p = read_utf8(r, p);
                } else if (*p == 0x7F) {
                        r->canonical = false;
                        p++;
                } else if (*p != '\\') {
                        return fail(r, p, JSON_CONTROL_CHARACTER);
                }
                while (p && next_is(r, p, '\\')) {
                        escaped = true;
                        p = read_escape(r, p, is_name);
                }
                if (!p)
                        return NULL;
        }
        return push(r, JSON_STRING, start, p + 1, escaped) ? p + 1 : NULL;
}

static inline const unsigned char *read_string(struct reader *r, const unsigned char *p, bool is_name)
{
        const unsigned char *start = p;

        p = json_skip_plain(p + 1, r->end);
        if (!next_is(r, p, '"'))
                return read_odd_string(r, start, p, is_name);
        return push(r, JSON_STRING, start, p + 1, false) ? p + 1 : NULL;
}

/* A member's name and the colon: returns where its value begins. */
static inline const unsigned char *read_name(struct reader *r, const unsigned char *p)
{
        if (!next_is(r, p, '"'))
                return fail(r, p, JSON_SYNTAX);
        if (r->levels[r->depth - 1].members++ == LIMIT_JSON_MEMBERS)
                return fail(r, p, JSON_TOO_MANY_MEMBERS);
        p = read_string(r, p, true);
        if (!p)
                return NULL;
        p = skip_space(r, p);
        if (!next_is(r, p, ':'))
                return fail(r, p, JSON_SYNTAX);
        return skip_space(r, p + 1);
}

/* @p is at the bracket that closes the innermost container. */
static inline const unsigned char *close_container(struct reader *r, const unsigned char *p)
{
        const struct level *level = &r->levels[--r->depth];
        uint32_t container = level->container;
        struct json_doc *doc = r->doc;

        if (level->members > 1) {
                uint32_t name = 0;
                enum json_error error;

                doc->count = count_tokens(r);
                error = json_check_members(doc, container, level->members, &name);
                if (error)
                        return fail(r, name ? r->start + doc->tokens[name].offset : p, error);
        }
        doc->tokens[container].length = (uint32_t)(p + 1 - r->start) - doc->tokens[container].offset;
        doc->tokens[container].next = count_tokens(r);
        return p + 1;
}

/* Returns where the first value within begins, or the place behind an empty container with *ret_empty set. */
static const unsigned char *open_container(struct reader *r, const unsigned char *p, enum json_type type,
                                           bool *ret_empty)
{
        uint32_t container = count_tokens(r);

        *ret_empty = false;
        if (r->depth == LIMIT_JSON_DEPTH)
                return fail(r, p, JSON_TOO_DEEP);
        if (!push(r, type, p, p, false))
                return NULL;
        r->levels[r->depth++] = (struct level){ container, 0, type == JSON_OBJECT };
        p = skip_space(r, p + 1);
        if (next_is(r, p, type == JSON_OBJECT ? '}' : ']')) {
                *ret_empty = true;
                return close_container(r, p);
        }
        return type == JSON_OBJECT ? read_name(r, p) : p;
}

static const unsigned char *read_literal(struct reader *r, const unsigned char *p, enum json_type type, struct str word)
{
        if ((size_t)(r->end - p) < word.len || memcmp(p, word.ptr, word.len) != 0)
                return fail(r, p, JSON_SYNTAX);
        return push(r, type, p, p + word.len, false) ? p + word.len : NULL;
}

static const unsigned char *read_number(struct reader *r, const unsigned char *p)
{
        const unsigned char *end;
        enum json_error error = json_scan_number(p, r->end, &end);

        if (error)
                return fail(r, end, error);
        return push(r, JSON_NUMBER, p, end, false) ? end : NULL;
}

static const unsigned char *read_scalar(struct reader *r, const unsigned char *p)
{
        unsigned char first = p < r->end ? *p : 0;

        switch (first) {
        case '"':
                return read_string(r, p, false);
        case 't':
                return read_literal(r, p, JSON_TRUE, STR("true"));
        case 'f':
                return read_literal(r, p, JSON_FALSE, STR("false"));
        case 'n':
                return read_literal(r, p, JSON_NULL, STR("null"));
        default:
                if (first == '-' || (first >= '0' && first <= '9'))
                        return read_number(r, p);
                return fail(r, p, JSON_SYNTAX);
        }
}

/* Behind a value: closes the containers that end here and returns where the next value begins, or the end of the text
 * when no container is left open. */
static inline const unsigned char *read_on(struct reader *r, const unsigned char *p)
{
        while (r->depth > 0) {
                bool in_object = r->levels[r->depth - 1].is_object;

                p = skip_space(r, p);
                if (next_is(r, p, ',')) {
                        p = skip_space(r, p + 1);
                        return in_object ? read_name(r, p) : p;
                }
                if (!next_is(r, p, in_object ? '}' : ']'))
                        return fail(r, p, JSON_SYNTAX);
                p = close_container(r, p);
                if (!p)
                        return NULL;
        }
        p = skip_space(r, p);
        return p == r->end ? p : fail(r, p, JSON_TRAILING_BYTES);
}

static void read_text(struct reader *r)
{
        const unsigned char *p = skip_space(r, r->start);

        if (p == r->end) {
                fail(r, p, JSON_EMPTY);
                return;
        }
        do {
                bool complete = true;

                if (next_is(r, p, '{') || next_is(r, p, '[')) {
                        p = open_container(r, p, *p == '{' ? JSON_OBJECT : JSON_ARRAY, &complete);
                } else {
                        p = read_scalar(r, p);
                }
                if (p && complete)
                        p = read_on(r, p);
        } while (p && r->depth > 0);
}

enum json_error json_read(struct json_doc *doc, struct str text)
{
        const unsigned char *start = (const unsigned char *)text.ptr;
        struct reader r UNINITIALIZED;

        doc->text = text;
        doc->count = 0;
        doc->canonical = false;
        doc->error_offset = 0;
        if (text.len > UINT32_MAX)
                return JSON_TOO_LONG;
        if (text.len == 0)
                return JSON_EMPTY;
        if (str_starts_with(text, STR("\xEF\xBB\xBF")))
                return JSON_BOM;

        r.start = start;
        r.end = start + text.len;
        r.next = doc->tokens;
        r.tokens_end = doc->capacity ? doc->tokens + doc->capacity : doc->tokens;
        r.doc = doc;
        r.error = JSON_OK;
        r.canonical = true;
        r.depth = 0;
        read_text(&r);
        if (r.error) {
                doc->count = 0;
                return r.error;
        }
        doc->count = count_tokens(&r);
        doc->canonical = r.canonical;
        return JSON_OK;
}
