/* SPDX-License-Identifier: Apache-2.0 */
#include "decode.h"

#include <stdint.h>

#include "utf8.h"

/* Longer numbers, and what they stand in, are none of a character: &#x0010FFFF; */
#define REFERENCE_DIGITS_MAX 8U
#define REFERENCE_BYTES_MAX (REFERENCE_DIGITS_MAX + 4U)

static size_t find(struct str text, char c, size_t from)
{
        const char *found = from < text.len ? memchr(text.ptr + from, c, text.len - from) : NULL;

        return found ? (size_t)(found - text.ptr) : text.len;
}

static char char_at(struct str text, size_t at)
{
        return at < text.len ? text.ptr[at] : '\0';
}

int decode_hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        c = (char)(c | 0x20);
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The value of @count hex digits at @at; -1: they are none. */
static int32_t hex_at(struct str text, size_t at, size_t count)
{
        int32_t value = 0;

        for (size_t i = 0; i < count; i++) {
                int digit = decode_hex_digit(char_at(text, at + i));

                if (digit < 0)
                        return -1;
                value = value * 16 + digit;
        }
        return value;
}

/* What comes out is spelled as around it; of the controls those that break lines. Others are in no secret: they may come out as they
 * are. */
static void give(struct decoded_place *p, bool json, uint32_t cp)
{
        const bool breaks = cp == '\n' || cp == '\r' || cp == '\t';

        if (json && (cp == '"' || cp == '\\' || breaks))
                p->bytes[p->count++] = '\\';
        if (json && breaks)
                cp = cp == '\n' ? 'n' : cp == '\r' ? 'r' : 't';
        if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
                cp = 0xFFFD;
        if (cp < 0x80)
                p->bytes[p->count++] = (char)cp;
        else
                p->count = utf8_encode(cp, p->bytes);
}

/* Bytes of a percent-encoding make up characters together. */
static void give_byte(struct decoded_place *p, bool json, uint8_t byte)
{
        if (byte < 0x80)
                give(p, json, byte);
        else
                p->bytes[p->count++] = (char)byte;
}

/* --- escapes --- */

/* The escape whose backslash, @width bytes of text, is at @at; @taken stays 0 when it is none. */
static struct decoded_place read_escape(struct str text, size_t at, size_t width, bool json)
{
        struct decoded_place p = { .at = at };
        const size_t letter = at + width;
        int32_t unit, low;

        switch (char_at(text, letter)) {
        case '\\': /* in a JSON string every quote and backslash has a backslash of its own */
                if (json && char_at(text, letter + 1) != '"' && char_at(text, letter + 1) != '\\')
                        break;
                give(&p, json, (uint8_t)char_at(text, letter + (json ? 1 : 0)));
                p.taken = width + (json ? 2 : 1);
                break;
        case '"':
                if (json)
                        break;
                give(&p, json, '"');
                p.taken = width + 1;
                break;
        case '/':
        case '\'':
                give(&p, json, (uint8_t)char_at(text, letter));
                p.taken = width + 1;
                break;
        case 'x':
                unit = hex_at(text, letter + 1, 2);
                if (unit < 0)
                        break;
                p.taken = width + 3;
                give(&p, json, (uint32_t)unit);
                break;
        case 'n':
        case 'r':
                p.taken = width + 1;
                while (char_at(text, at + p.taken) == ' ' && p.taken < DECODE_TAKES_MAX)
                        p.taken++;
                break;
        case 'u':
                unit = hex_at(text, letter + 1, 4);
                if (unit < 0)
                        break;
                p.taken = width + 5;
                low = unit >= 0xD800 && unit <= 0xDBFF && find(str_skip(text, letter + 5), '\\', 0) == 0 &&
                                      char_at(text, letter + 5 + width) == 'u' ?
                              hex_at(text, letter + 6 + width, 4) :
                              -1;
                if (low >= 0xDC00 && low <= 0xDFFF) {
                        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                        p.taken += width + 5;
                }
                give(&p, json, (uint32_t)unit);
                break;
        default:
                break;
        }
        return p;
}

static struct decoded_place next_escape(bool json, struct str text, size_t from)
{
        for (size_t at = find(text, '\\', from); at < text.len; at = find(text, '\\', from)) {
                struct decoded_place p = { 0 };

                if (!json)
                        p = read_escape(text, at, 1, false);
                else if (char_at(text, at + 1) == '\\')
                        p = read_escape(text, at, 2, true);
                if (p.taken)
                        return p;
                /* Of the line's own JSON, or a backslash that means itself. */
                from = at + (json ? 2 : 1);
        }
        return (struct decoded_place){ .at = text.len };
}

/* --- percent --- */

static struct decoded_place next_percent(bool json, struct str text, size_t from)
{
        for (size_t at = find(text, '%', from); at < text.len; at = find(text, '%', at + 1)) {
                struct decoded_place p = { .at = at, .taken = 3 };
                const int32_t byte = hex_at(text, at + 1, 2);

                if (byte < 0)
                        continue;
                give_byte(&p, json, (uint8_t)byte);
                return p;
        }
        return (struct decoded_place){ .at = text.len };
}

/* --- entities --- */

static uint32_t read_number(struct str digits, bool hex)
{
        uint32_t value = 0;

        if (digits.len == 0 || digits.len > REFERENCE_DIGITS_MAX)
                return UINT32_MAX;
        for (size_t i = 0; i < digits.len; i++) {
                const int digit = decode_hex_digit(digits.ptr[i]);

                if (digit < 0 || (!hex && digit > 9))
                        return UINT32_MAX;
                value = value * (hex ? 16 : 10) + (uint32_t)digit;
        }
        return value;
}

/* The character that @name, between & and ;, stands for; UINT32_MAX: none that is known. */
static uint32_t read_reference(struct str name)
{
        static const struct {
                struct str name;
                uint32_t cp;
        } rows[] = {
                { STR_INIT("amp"), '&' },
                { STR_INIT("lt"), '<' },
                { STR_INIT("gt"), '>' },
                { STR_INIT("quot"), '"' },
                { STR_INIT("apos"), '\'' },
        };

        if (char_at(name, 0) == '#' && (char_at(name, 1) | 0x20) == 'x')
                return read_number(str_skip(name, 2), true);
        if (char_at(name, 0) == '#')
                return read_number(str_skip(name, 1), false);
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                if (str_eq(name, rows[i].name))
                        return rows[i].cp;
        }
        return UINT32_MAX;
}

static struct decoded_place next_entity(bool json, struct str text, size_t from)
{
        for (size_t at = find(text, '&', from); at < text.len; at = find(text, '&', at + 1)) {
                const struct str rest = str_of(text.ptr, at + REFERENCE_BYTES_MAX < text.len ? at + REFERENCE_BYTES_MAX : text.len);
                const size_t end = find(rest, ';', at);
                struct decoded_place p = { .at = at, .taken = end + 1 - at };
                uint32_t cp;

                if (end == rest.len)
                        continue;
                cp = read_reference(str_of(text.ptr + at + 1, end - at - 1));
                if (cp == UINT32_MAX)
                        continue;
                give(&p, json, cp);
                return p;
        }
        return (struct decoded_place){ .at = text.len };
}

/* --- wraps --- */

/* Bytes of the blank, or of one more newline, at @at; 0: there is none. */
static size_t blank_at(struct str text, size_t at, bool json)
{
        const char c = char_at(text, at), next = char_at(text, at + 1);

        if (c == ' ' || (!json && (c == '\t' || c == '\n' || c == '\r')))
                return 1;
        return json && c == '\\' && (next == 't' || next == 'n' || next == 'r') ? 2 : 0;
}

static bool is_return(struct str text, size_t at, bool json)
{
        return json ? text.ptr[at] == '\\' && char_at(text, at + 1) == 'r' : text.ptr[at] == '\r';
}

static struct decoded_place next_wrap(bool json, struct str text, size_t from)
{
        const char first = json ? '\\' : '\n';
        const size_t width = json ? 2 : 1, start = from;
        struct decoded_place p = { .at = text.len };

        for (size_t at = find(text, first, from); at < text.len; at = find(text, first, at + width)) {
                size_t end = at + width, more;

                if (json && char_at(text, at + 1) != 'n')
                        continue;
                if (at >= start + width && is_return(text, at - width, json))
                        at -= width;
                while ((more = blank_at(text, end, json)) > 0 && end + more <= at + DECODE_TAKES_MAX)
                        end += more;
                p.at = at;
                p.taken = end - at;
                return p;
        }
        return p;
}

struct decoded_place decode_next(enum decoding decoding, bool json, struct str text, size_t from)
{
        switch (decoding) {
        case DECODE_ESCAPES:
                return next_escape(json, text, from);
        case DECODE_PERCENT:
                return next_percent(json, text, from);
        case DECODE_ENTITIES:
                return next_entity(json, text, from);
        case DECODE_WRAPS:
                return next_wrap(json, text, from);
        case DECODE_BASE64:
        case DECODE_HEX:
        case DECODE_MAX_:
                break;
        }
        return (struct decoded_place){ .at = text.len };
}
