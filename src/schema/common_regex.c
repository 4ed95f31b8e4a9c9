/* SPDX-License-Identifier: Apache-2.0 */
#include "common_regex.h"

#include <stdint.h>

#include "utf8.h"

#define GROUPS_MAX 64U

struct scan {
        struct str rest;
        struct common_regex *found;
        uint64_t lookahead; /* a bit for each open group */
        unsigned groups;
        bool repeatable; /* what stands before may be repeated */
};

static bool is_one_of(char c, const char *set)
{
        return c != '\0' && strchr(set, c);
}

static bool is_hex(struct str s, size_t count)
{
        if (s.len < count)
                return false;
        for (size_t i = 0; i < count; i++)
                if (!is_one_of(s.ptr[i], "0123456789abcdefABCDEF"))
                        return false;
        return true;
}

static bool is_ascii_punctuation(char c)
{
        return is_one_of(c, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ ");
}

/* Behind the backslash. */
static bool take_escape(struct scan *s, bool in_class)
{
        char c;

        if (!s->rest.len)
                return false;
        c = s->rest.ptr[0];
        s->rest = str_skip(s->rest, 1);
        if (c == 'x' || c == 'u') {
                size_t digits = c == 'x' ? 2 : 4;

                if (!is_hex(s->rest, digits))
                        return false;
                s->rest = str_skip(s->rest, digits);
                return true;
        }
        if (is_one_of(c, "sS"))
                s->found->sees_space = true;
        if (is_one_of(c, "DWS"))
                s->found->sees_units = true;
        return is_one_of(c, "dDwWsStnrf") || is_ascii_punctuation(c) || (!in_class && is_one_of(c, "bB"));
}

/* Behind the bracket, up to its end. */
static bool take_class(struct scan *s)
{
        if (s->rest.len && s->rest.ptr[0] == '^') {
                s->found->sees_units = true;
                s->rest = str_skip(s->rest, 1);
        }
        /* Empty for the one, a literal bracket for the other. */
        if (s->rest.len && s->rest.ptr[0] == ']')
                return false;
        while (s->rest.len) {
                char c = s->rest.ptr[0];

                s->rest = str_skip(s->rest, 1);
                if (c == ']')
                        return true;
                if (c == '\\' && !take_escape(s, true))
                        return false;
                if (c == '[' && s->rest.len && is_one_of(s->rest.ptr[0], ":.="))
                        return false;
                if ((unsigned char)c >= 0xF0)
                        s->found->sees_units = true;
        }
        return false;
}

static bool open_group(struct scan *s)
{
        bool lookahead = false;

        if (s->rest.len && s->rest.ptr[0] == '*')
                return false;
        if (s->rest.len && s->rest.ptr[0] == '?') {
                if (s->rest.len < 2 || !is_one_of(s->rest.ptr[1], ":=!"))
                        return false;
                lookahead = s->rest.ptr[1] != ':';
                s->rest = str_skip(s->rest, 2);
        }
        if (s->groups == GROUPS_MAX)
                return false;
        s->lookahead = s->lookahead << 1 | lookahead;
        s->groups++;
        s->repeatable = false;
        return true;
}

static bool close_group(struct scan *s)
{
        if (s->groups == 0)
                return false;
        s->groups--;
        s->repeatable = !(s->lookahead & 1);
        s->lookahead >>= 1;
        return true;
}

static size_t count_digits(struct str s)
{
        size_t n = 0;

        while (n < s.len && s.ptr[n] >= '0' && s.ptr[n] <= '9')
                n++;
        return n;
}

/* {2}, {2,} or {2,3}: behind the brace. */
static bool take_counts(struct scan *s)
{
        size_t n = count_digits(s->rest);

        if (n == 0 || n > 5)
                return false;
        s->rest = str_skip(s->rest, n);
        if (s->rest.len && s->rest.ptr[0] == ',') {
                s->rest = str_skip(s->rest, 1);
                s->rest = str_skip(s->rest, count_digits(s->rest));
        }
        if (!s->rest.len || s->rest.ptr[0] != '}')
                return false;
        s->rest = str_skip(s->rest, 1);
        return true;
}

static bool take_repetition(struct scan *s, char c)
{
        if (!s->repeatable || (c == '{' && !take_counts(s)))
                return false;
        s->repeatable = false;
        /* A `+` here is possessive for the one only; repeatable is false, so that it is refused. */
        if (s->rest.len && s->rest.ptr[0] == '?')
                s->rest = str_skip(s->rest, 1);
        return true;
}

static bool take_one(struct scan *s)
{
        char c = s->rest.ptr[0];

        s->rest = str_skip(s->rest, 1);
        switch (c) {
        case '(':
                return open_group(s);
        case ')':
                return close_group(s);
        case '*':
        case '+':
        case '?':
        case '{':
                return take_repetition(s, c);
        case '}':
        case ']':
                return false;
        case '^':
        case '$':
        case '|':
                s->repeatable = false;
                return true;
        case '[':
                s->repeatable = true;
                return take_class(s);
        case '.':
                s->found->sees_space = s->found->sees_units = true;
                s->repeatable = true;
                return true;
        case '\\':
                /* \b and \B cannot be repeated. */
                s->repeatable = s->rest.len && !is_one_of(s->rest.ptr[0], "bB");
                return take_escape(s, false);
        default:
                /* A repetition of a character of two units repeats the second one only. */
                s->found->sees_units |= (unsigned char)c >= 0xF0;
                s->repeatable = true;
                return c != '\0';
        }
}

bool common_regex_read(struct str pattern, struct common_regex *ret)
{
        struct scan s = { .rest = pattern, .found = ret };

        *ret = (struct common_regex){ 0 };
        while (s.rest.len)
                if (!take_one(&s))
                        return false;
        return s.groups == 0;
}

/* What `.` or \s is for one and not for the other. */
static bool is_odd_space(uint32_t cp)
{
        return cp == '\r' || cp == 0xA0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 || cp == 0x2029 || cp == 0x202F ||
               cp == 0x205F || cp == 0x3000 || cp == 0xFEFF;
}

bool common_regex_suits(const struct common_regex *regex, struct str text)
{
        if (!regex->sees_space && !regex->sees_units)
                return true;
        while (text.len) {
                uint32_t cp = (unsigned char)text.ptr[0];
                size_t n = (unsigned char)text.ptr[0] < 0x80 ? 1 : utf8_decode(text, &cp);

                if ((regex->sees_units && cp > 0xFFFF) || (regex->sees_space && is_odd_space(cp)) || n == 0)
                        return false;
                text = str_skip(text, n);
        }
        return true;
}
