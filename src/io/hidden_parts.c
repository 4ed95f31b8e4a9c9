/* SPDX-License-Identifier: Apache-2.0 */
#include "hidden_parts.h"

#include <stdint.h>
#include <strings.h>

#include "limit.h"
#include "utf8.h"

/* Without a name that tells more, a shorter text could be a host's or a person's. */
#define PART_LEAST 16U

struct search {
        struct buf *space;
        hidden_part tell;
        void *userdata;
};

static bool is_letter(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

/* Does a value of that name have to be secret? */
static bool name_tells(struct str name)
{
        static const struct str words[] = { STR_INIT("pass"), STR_INIT("secret"), STR_INIT("token"), STR_INIT("key"), STR_INIT("auth"),
                STR_INIT("cred"), STR_INIT("pwd") };

        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
                for (size_t at = 0; at + words[i].len <= name.len; at++) {
                        if (strncasecmp(name.ptr + at, words[i].ptr, words[i].len) == 0)
                                return true;
                }
        }
        return false;
}

/* https://host/path, which holds nobody's password. */
static bool is_public_address(struct str text)
{
        return (str_starts_with(text, STR("http://")) || str_starts_with(text, STR("https://")) || str_starts_with(text, STR("//"))) &&
               !memchr(text.ptr, '@', text.len);
}

/* --- the password of an address: scheme://user:password@host --- */

static int hex_digit(char c)
{
        return is_digit(c) ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* As the server reads it: without percent-encoding. */
static int tell_decoded(const struct search *s, struct str text)
{
        const size_t at = s->space->len;

        for (size_t i = 0; i < text.len; i++) {
                int high = -1, low = -1;

                if (text.ptr[i] == '%' && i + 2 < text.len) {
                        high = hex_digit(text.ptr[i + 1]);
                        low = hex_digit(text.ptr[i + 2]);
                }
                if (s->space->len == s->space->cap)
                        return 0;
                s->space->data[s->space->len++] = high >= 0 && low >= 0 ? (char)(high * 16 + low) : text.ptr[i];
                i += high >= 0 && low >= 0 ? 2 : 0;
        }
        if (s->space->len - at < LIMIT_SECRET_MIN_BYTES)
                return 0;
        return s->tell(s->userdata, str_of(s->space->data + at, s->space->len - at));
}

static int tell_password(const struct search *s, struct str text)
{
        size_t from = 0, end, at, colon;

        while (from + 3 <= text.len && memcmp(text.ptr + from, "://", 3) != 0)
                from++;
        from += 3;
        if (from >= text.len)
                return 0;
        for (end = from; end < text.len && !strchr("/?# \t\r\n\"'", text.ptr[end]); end++)
                continue;
        for (at = end; at > from && text.ptr[at - 1] != '@'; at--)
                continue;
        for (colon = from; colon < at && text.ptr[colon] != ':'; colon++)
                continue;
        /* The @ itself is at @at - 1. */
        if (at == from || colon + 1 >= at - 1 || at - 1 - (colon + 1) < LIMIT_SECRET_MIN_BYTES)
                return 0;
        text = str_of(text.ptr + colon + 1, at - 1 - (colon + 1));
        return memchr(text.ptr, '%', text.len) ? tell_decoded(s, text) : s->tell(s->userdata, text);
}

/* --- texts of a JSON value; whether it is one in every respect does not matter --- */

static size_t put_escape(struct buf *space, struct str text, size_t at)
{
        static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
        const char c = text.ptr[at];
        const char *known = strchr(from, c);
        uint32_t unit = 0;
        char bytes[4];
        size_t len;

        if (c != 'u' || at + 4 >= text.len) {
                space->data[space->len++] = known && c ? to[known - from] : c;
                return at;
        }
        for (size_t i = 1; i <= 4; i++) {
                const int digit = hex_digit(text.ptr[at + i]);

                unit = unit * 16 + (uint32_t)(digit < 0 ? 0 : digit);
        }
        if (unit >= 0xD800 && unit <= 0xDFFF)
                unit = 0xFFFD; /* no key or token has such characters */
        len = utf8_encode(unit, bytes);
        memcpy(space->data + space->len, bytes, len);
        space->len += len;
        return at + 4;
}

/* The text that begins behind the quote at @at; *ret_end is where its closing quote is, or the end. Never longer than it was. */
static struct str unescape(const struct search *s, struct str value, size_t at, size_t *ret_end)
{
        struct buf *space = s->space;
        const size_t begin = space->len;

        for (at++; at < value.len && value.ptr[at] != '"' && space->cap - space->len >= 4; at++) {
                if (value.ptr[at] == '\\' && at + 1 < value.len)
                        at = put_escape(space, value, at + 1);
                else
                        space->data[space->len++] = value.ptr[at];
        }
        *ret_end = at;
        return str_of(space->data + begin, space->len - begin);
}

static int tell_text(const struct search *s, struct str name, struct str text)
{
        const size_t least = name_tells(name) ? LIMIT_SECRET_MIN_BYTES : PART_LEAST;
        int r = tell_password(s, text);

        return r == 0 && text.len >= least && !is_public_address(text) ? s->tell(s->userdata, text) : r;
}

static int tell_texts(const struct search *s, struct str value)
{
        struct str name = STR("");
        int r = 0;

        for (size_t at = 0; at < value.len && r == 0; at++) {
                size_t end, next;
                struct str text;

                if (value.ptr[at] != '"')
                        continue;
                text = unescape(s, value, at, &end);
                for (next = end + 1; next < value.len && strchr(" \t\r\n", value.ptr[next]); next++)
                        continue;
                if (next < value.len && value.ptr[next] == ':')
                        name = text;
                else
                        r = tell_text(s, name, text);
                at = end;
        }
        return r;
}

/* --- words of other text --- */

static bool is_between_words(char c)
{
        return c == '\0' || strchr(" \t\r\n=:\"'`,;&?<>(){}[]|", c);
}

/* Letters and digits, as what was drawn by chance has. */
static bool looks_drawn(struct str word)
{
        bool letters = false, digits = false;

        for (size_t i = 0; i < word.len; i++) {
                letters |= is_letter(word.ptr[i]);
                digits |= is_digit(word.ptr[i]);
        }
        return word.len >= PART_LEAST && letters && digits && !is_public_address(word);
}

static int tell_words(const struct search *s, struct str line)
{
        struct str before = STR("");

        for (size_t at = 0, end; at < line.len; at = end + 1) {
                struct str word;
                int r = 0;

                for (end = at; end < line.len && !is_between_words(line.ptr[end]); end++)
                        continue;
                word = str_of(line.ptr + at, end - at);
                if (!word.len)
                        continue;
                if (word.len < line.len && (looks_drawn(word) || (word.len >= LIMIT_SECRET_MIN_BYTES && name_tells(before))))
                        r = s->tell(s->userdata, word);
                if (r != 0)
                        return r;
                before = word;
        }
        return 0;
}

static int tell_lines(const struct search *s, struct str value)
{
        int r = 0;

        while (value.len && r == 0) {
                const struct str line = str_take_line(&value);

                if (!str_starts_with(line, STR("-----")))
                        r = tell_words(s, line);
                if (r == 0)
                        r = tell_password(s, line);
        }
        return r;
}

/* An object or a list; not `[default]`, with which settings files begin. */
static bool is_json(struct str value)
{
        size_t at = 0;

        while (at < value.len && strchr(" \t\r\n[", value.ptr[at]))
                at++;
        return at < value.len && (value.ptr[at] == '{' || (at > 0 && value.ptr[at] == '"' && memchr(value.ptr, '[', at)));
}

int hidden_parts(struct str value, struct buf *space, hidden_part tell, void *userdata)
{
        const struct search s = { space, tell, userdata };

        return is_json(value) ? tell_texts(&s, value) : tell_lines(&s, value);
}
