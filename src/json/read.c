/* SPDX-License-Identifier: Apache-2.0
 *
 * The loop over the tokens. Nearly all names and values are short and plain, and a canonical text has no white space:
 * the functions here take that way at once, with what they count in registers, and leave the rest to read_odd.c.
 */
#include "json.h"

#include "duplicate.h"
#include "number.h"
#include "reader.h"
#include "spelling.h"

static inline bool fail(struct json_reader *r, const unsigned char *at, enum json_error error)
{
        json_reader_fail(r, at, error);
        return false;
}

static inline bool next_is(const struct json_cursor *c, char byte)
{
        return c->p < c->end && *c->p == (unsigned char)byte;
}

static inline void skip_space(struct json_cursor *c, struct json_reader *r)
{
        if (c->p == c->end || *c->p <= ' ')
                c->p = json_reader_skip_space(r, c->p);
}

/* Adds the token of the text from the cursor up to @end and moves there; a container's end is set when it is
 * reached. */
static inline bool push(struct json_cursor *c, struct json_reader *r, enum json_type type, const unsigned char *end,
                        bool escaped)
{
        if (c->token == c->tokens_end) {
                if (!json_reader_grow(r, c->p))
                        return false;
                c->token = r->doc->tokens + c->count;
                c->tokens_end = r->doc->tokens + r->doc->capacity;
        }
        *c->token++ = (struct json_token){
                .offset = (uint32_t)(c->p - r->start),
                .length = (uint32_t)(end - c->p),
                .next = ++c->count,
                .type = (uint8_t)type,
                .escaped = escaped,
                .depth = c->depth,
        };
        c->p = end;
        return true;
}

/* A string from its opening quote on, whose first byte that is not plain is at @odd. */
static inline bool read_odd_string(struct json_cursor *c, struct json_reader *r, const unsigned char *odd, bool is_name)
{
        bool escaped;
        const unsigned char *close = json_read_odd_string(r, odd, is_name, &escaped);

        if (!close)
                return false;
        /* One value may be spelt in several ways. */
        if (is_name && escaped)
                c->level->is_suspect = true;
        return push(c, r, JSON_STRING, close + 1, escaped);
}

/* A string from its opening quote on. */
static inline bool read_string(struct json_cursor *c, struct json_reader *r, bool is_name)
{
        const unsigned char *close = json_skip_plain(c->p + 1, c->end);

        if (close == c->end || *close != '"')
                return read_odd_string(c, r, close, is_name);
        return push(c, r, JSON_STRING, close + 1, false);
}

/* The colon behind a member's name, up to where its value begins. */
static inline bool read_colon(struct json_cursor *c, struct json_reader *r)
{
        if (c->end - c->p >= 2 && c->p[0] == ':' && c->p[1] > ' ') {
                c->p++;
                return true;
        }
        skip_space(c, r);
        if (!next_is(c, ':'))
                return fail(r, c->p, JSON_SYNTAX);
        c->p++;
        skip_space(c, r);
        return true;
}

/* A member's name and the colon. */
static inline bool read_name(struct json_cursor *c, struct json_reader *r)
{
        const unsigned char *start = c->p;

        if (!next_is(c, '"'))
                return fail(r, c->p, JSON_SYNTAX);
        if (c->level->next_name)
                json_forget_model(r->start, r->doc->tokens, c->level, c->count);
        if (c->level->members++ == LIMIT_JSON_MEMBERS)
                return fail(r, c->p, JSON_TOO_MANY_MEMBERS);
        if (!read_string(c, r, true))
                return false;
        json_note_name(c->level, start, c->p - 1);
        return read_colon(c, r);
}

static bool check_members(struct json_reader *r, const struct json_level *level, uint32_t count, const unsigned char *p)
{
        uint32_t name = 0;
        enum json_error error;

        r->doc->count = count;
        error = json_check_members(r->doc, level->container, level->members, &name);
        return error == JSON_OK || fail(r, name ? r->start + r->doc->tokens[name].offset : p, error);
}

/* The cursor is at the bracket that closes the innermost container. */
static inline bool close_container(struct json_cursor *c, struct json_reader *r)
{
        const struct json_level *level = c->level;
        struct json_token *container = &r->doc->tokens[level->container];

        if (level->is_suspect && level->members > 1 && !check_members(r, level, c->count, c->p))
                return false;
        c->p++;
        container->length = (uint32_t)(c->p - r->start) - container->offset;
        container->next = c->count;
        c->level--;
        c->depth--;
        return true;
}

static inline bool open_container(struct json_cursor *c, struct json_reader *r, bool is_object)
{
        const unsigned char *start = c->p;

        if (c->depth == LIMIT_JSON_DEPTH)
                return fail(r, c->p, JSON_TOO_DEEP);
        if (!push(c, r, is_object ? JSON_OBJECT : JSON_ARRAY, start, false))
                return false;
        c->depth++;
        *++c->level = (struct json_level){ .container = c->count - 1, .is_object = is_object };
        c->p++;
        skip_space(c, r);
        return true;
}

static inline bool read_literal(struct json_cursor *c, struct json_reader *r, enum json_type type, struct str word)
{
        if ((size_t)(c->end - c->p) < word.len || memcmp(c->p, word.ptr, word.len) != 0)
                return fail(r, c->p, JSON_SYNTAX);
        return push(c, r, type, c->p + word.len, false);
}

static inline bool read_number(struct json_cursor *c, struct json_reader *r)
{
        const unsigned char *end = json_skip_short_integer(c->p, c->end);
        enum json_error error = end ? JSON_OK : json_scan_number(c->p, c->end, &end);

        return error ? fail(r, end, error) : push(c, r, JSON_NUMBER, end, false);
}

/* The cursor is at a byte. */
static inline bool read_scalar(struct json_cursor *c, struct json_reader *r)
{
        switch (*c->p) {
        case 't':
                return read_literal(c, r, JSON_TRUE, STR("true"));
        case 'f':
                return read_literal(c, r, JSON_FALSE, STR("false"));
        case 'n':
                return read_literal(c, r, JSON_NULL, STR("null"));
        default:
                if (*c->p == '-' || (*c->p >= '0' && *c->p <= '9'))
                        return read_number(c, r);
                return fail(r, c->p, JSON_SYNTAX);
        }
}

/* Behind a value: closes the containers that end here and goes to where the next entry begins, or to the end of the
 * text when no container is left open. */
static inline bool read_on(struct json_cursor *c, struct json_reader *r)
{
        while (c->depth > 0) {
                skip_space(c, r);
                if (next_is(c, ',')) {
                        c->p++;
                        skip_space(c, r);
                        return true;
                }
                if (!next_is(c, c->level->is_object ? '}' : ']'))
                        return fail(r, c->p, JSON_SYNTAX);
                if (!close_container(c, r))
                        return false;
        }
        skip_space(c, r);
        return c->p == c->end || fail(r, c->p, JSON_TRAILING_BYTES);
}

/* Reads the entry at the cursor from @place on: a member or an item, and, if it is a container with something in it, no
 * more than its opening bracket. */
static inline bool read_entry(struct json_cursor *c, struct json_reader *r, enum json_place place)
{
        if (place == JSON_BEHIND_VALUE)
                return read_on(c, r);
        if (place == JSON_BEHIND_NAME && !read_colon(c, r))
                return false;
        skip_space(c, r);
        if (place == JSON_AT_ENTRY && c->level->is_object && !read_name(c, r))
                return false;
        if (c->p == c->end)
                return fail(r, c->p, JSON_SYNTAX);
        if (*c->p == '"') {
                if (!read_string(c, r, false))
                        return false;
        } else if (*c->p == '{' || *c->p == '[') {
                if (!open_container(c, r, *c->p == '{'))
                        return false;
                if (!next_is(c, c->level->is_object ? '}' : ']'))
                        return true;
        } else if (!read_scalar(c, r)) {
                return false;
        }
        return read_on(c, r);
}

/* Leaves a text that needs no care to the other loop. Copied member by member, the cursor stays in registers. */
static inline enum json_place read_dense(struct json_cursor *c, struct json_reader *r)
{
        struct json_cursor copy = { c->p, c->end, c->token, c->tokens_end, c->level, c->count, c->depth };
        enum json_place place = json_read_dense(r, &copy);

        c->p = copy.p;
        c->token = copy.token;
        c->level = copy.level;
        c->count = copy.count;
        c->depth = copy.depth;
        return place;
}

static void read_text(struct json_reader *r)
{
        struct json_cursor c = { .p = r->start, .end = r->end, .level = r->levels };
        enum json_place place = JSON_AT_ENTRY;

        c.token = r->doc->tokens;
        c.tokens_end = r->doc->capacity ? c.token + r->doc->capacity : c.token;
        *c.level = (struct json_level){ .is_object = false };
        skip_space(&c, r);
        if (c.p == c.end) {
                fail(r, c.p, JSON_EMPTY);
                return;
        }
        /* Where there is white space, there mostly is more. */
        while (read_entry(&c, r, place) && c.depth > 0)
                place = r->canonical && c.end - c.p >= JSON_DENSE_MIN ? read_dense(&c, r) : JSON_AT_ENTRY;
        r->doc->count = c.count;
}

enum json_error json_read(struct json_doc *doc, struct str text)
{
        const unsigned char *start = (const unsigned char *)text.ptr;
        struct json_reader r UNINITIALIZED;

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
        r.doc = doc;
        r.error = JSON_OK;
        r.canonical = true;
        read_text(&r);
        if (r.error) {
                doc->count = 0;
                return r.error;
        }
        doc->canonical = r.canonical;
        return JSON_OK;
}
