/* SPDX-License-Identifier: Apache-2.0 */
#include "path.h"

#include "character.h"
#include "limit.h"
#include "utf8.h"

/* A path in normal form, on the stack. */
struct normal_path {
        char bytes[LIMIT_PATH_BYTES];
        size_t len;
};

static bool is_letter(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
        return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static const char *odd_character(struct str text)
{
        uint32_t cp;

        for (size_t n; text.len; text = str_skip(text, n)) {
                n = utf8_decode(text, &cp);
                if (n == 0)
                        return "the path is not valid UTF-8";
                if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0))
                        return "the path has a control character";
                if (cp == '\\')
                        return "the path has a backslash; separate with /";
                if (cp == '*' || cp == '?')
                        return "the path has a wildcard; name one file or directory";
                if (!character_is_clear(cp))
                        return "the path has a character that is not seen, or is taken for another";
        }
        return NULL;
}

/* Pairs of characters that a program behind might expand. */
static const char *odd_sequence(struct str text)
{
        for (size_t i = 0; i < text.len; ++i) {
                char c = text.ptr[i], next = i + 1 < text.len ? text.ptr[i + 1] : '\0';

                if (c == '`' || (c == '$' && (next == '{' || next == '(')))
                        return "the path has a substitution of the shell";
                if (c == '%' && ((next | 0x20) == 'u' || (is_hex(next) && i + 2 < text.len && is_hex(text.ptr[i + 2]))))
                        return "the path has a %-escape; write the character itself";
        }
        return NULL;
}

/* `c:`, `file:` and the like. */
static bool has_scheme(struct str text)
{
        size_t n = 0;

        if (text.len == 0 || !is_letter(text.ptr[0]))
                return false;
        while (n < text.len && (is_letter(text.ptr[n]) || is_digit(text.ptr[n]) || memchr("+.-", text.ptr[n], 3)))
                ++n;
        return n < text.len && text.ptr[n] == ':';
}

static const char *odd_ends(struct str text)
{
        char last = text.ptr[text.len - 1];

        if (text.ptr[0] == '-')
                return "the path begins like an option; put ./ in front";
        if (memchr("\"'$%", text.ptr[0], 4))
                return "the path begins with a quote or a variable";
        if (last == '"' || last == '\'')
                return "the path ends in a quote";
        if (str_starts_with(text, STR("//")))
                return "the path begins with //, which need not mean /";
        if (has_scheme(text))
                return "the path begins with a scheme or a drive; give a plain path";
        return NULL;
}

/* `{a,b}` and `{a..b}`. */
static bool has_braces(struct str part)
{
        const char *brace = memchr(part.ptr, '{', part.len);
        struct str rest;

        if (!brace)
                return false;
        rest = str_skip(part, (size_t)(brace - part.ptr));
        return memchr(rest.ptr, ',', rest.len) || memmem(rest.ptr, rest.len, "..", 2);
}

/* Two dots to a program that drops what is not ASCII or takes quotes off, or that cuts off parameters: `.é.`,
 * `.'.'`, `..;x`. */
static bool is_way_up(struct str part)
{
        size_t dots = 0;

        for (size_t i = 0; i < part.len && part.ptr[i] != ';'; ++i) {
                if (part.ptr[i] == '.')
                        ++dots;
                else if (!(part.ptr[i] & 0x80) && part.ptr[i] != '\'' && part.ptr[i] != '"')
                        return false;
        }
        return dots == 2;
}

/* A mark that would stand on the slash before it. */
static bool begins_with_combining_mark(struct str part)
{
        uint32_t cp = 0;

        utf8_decode(part, &cp);
        return (cp >= 0x300 && cp <= 0x36F) || (cp >= 0x1AB0 && cp <= 0x1AFF) || (cp >= 0x1DC0 && cp <= 0x1DFF) ||
               (cp >= 0x20D0 && cp <= 0x20FF) || (cp >= 0xFE20 && cp <= 0xFE2F);
}

/* One part between slashes, neither empty nor `.`. */
static const char *odd_part(struct str part)
{
        char first = part.ptr[0], last = part.ptr[part.len - 1];

        if (is_way_up(part))
                return "the path has a .. part; give it without";
        if (first == '~' || first == ';' || begins_with_combining_mark(part))
                return "the path has a part that begins with ~, ; or a combining mark";
        if (first == ' ' || last == ' ' || last == '.')
                return "the path has a part that begins with a space or ends in a space or a dot";
        if (has_braces(part) || (first == '.' && memchr(part.ptr, '[', part.len)))
                return "the path has a wildcard; name one file or directory";
        return NULL;
}

static const char *odd_text(struct str text)
{
        const char *why;

        if (text.len == 0)
                return "the path is empty";
        if (text.len > LIMIT_PATH_BYTES)
                return "the path is too long";
        why = odd_character(text);
        if (!why)
                why = odd_sequence(text);
        return why ? why : odd_ends(text);
}

static struct str take_part(struct str *rest)
{
        const char *slash = memchr(rest->ptr, '/', rest->len);
        struct str part = { rest->ptr, slash ? (size_t)(slash - rest->ptr) : rest->len };

        *rest = str_skip(*rest, part.len + 1);
        return part;
}

static const char *append_parts(struct normal_path *to, struct str rest)
{
        while (rest.len) {
                struct str part = take_part(&rest);
                const char *why;

                if (part.len == 0 || str_eq(part, STR(".")))
                        continue;
                why = odd_part(part);
                if (why)
                        return why;
                if (part.len + 1 > sizeof(to->bytes) - to->len)
                        return "the path is too long";
                to->bytes[to->len++] = '/';
                memcpy(to->bytes + to->len, part.ptr, part.len);
                to->len += part.len;
        }
        return NULL;
}

static struct str normal_str(struct normal_path *p)
{
        if (p->len == 0)
                p->bytes[p->len++] = '/';
        return str_of(p->bytes, p->len);
}

static const char *normalise(struct str text, struct str cwd, struct normal_path *ret)
{
        const char *why = odd_text(text);

        if (why)
                return why;
        ret->len = 0;
        if (text.ptr[0] != '/') {
                if (cwd.len == 0)
                        return "the path is relative, and the rule has no cwd";
                if (!path_dir_is_normal(cwd))
                        return "the rule's cwd is no plain directory";
                why = append_parts(ret, cwd);
        }
        return why ? why : append_parts(ret, text);
}

bool path_dir_is_normal(struct str dir)
{
        struct normal_path path = { .len = 0 };

        return dir.len && dir.ptr[0] == '/' && !odd_text(dir) && !append_parts(&path, dir) &&
               str_eq(normal_str(&path), dir);
}

static bool is_inside(struct str path, struct str dir)
{
        if (dir.len == 0 || dir.ptr[0] != '/' || !str_starts_with(path, dir))
                return false;
        return dir.len == 1 || path.len == dir.len || path.ptr[dir.len] == '/';
}

/* A resolver's answer: as it is, for a name on disk may have any character; but absolute and without a way up. */
static bool is_resolved(struct str path)
{
        if (path.len == 0 || path.ptr[0] != '/' || memchr(path.ptr, '\0', path.len))
                return false;
        for (struct str rest = path; rest.len;) {
                struct str part = take_part(&rest);

                if (str_eq(part, STR("..")) || str_eq(part, STR(".")))
                        return false;
        }
        return true;
}

static bool resolve(const struct path_rule *rule, struct str path, struct normal_path *ret)
{
        /* Of this size and no limit past it, so that the buffer never asks for memory. */
        struct buf out = { .data = ret->bytes, .cap = sizeof(ret->bytes), .limit = sizeof(ret->bytes) };

        if (rule->resolve(rule->userdata, path, &out) < 0 || out.failed || out.data != ret->bytes)
                return false;
        ret->len = out.len;
        return is_resolved(buf_str(&out));
}

/* HOLDS or DOES_NOT by where links lead; the rule's directories may lie behind links as well. */
static enum recognised within_resolved(const struct path_rule *rule, struct str path, const char **ret_why)
{
        struct normal_path real, real_dir;
        enum recognised r = RECOGNISED_DOES_NOT;

        if (!resolve(rule, path, &real)) {
                *ret_why = "the path's symbolic links cannot be followed to the end";
                return RECOGNISED_UNREADABLE;
        }
        for (size_t i = 0; i < rule->dir_count; ++i) {
                if (!resolve(rule, rule->dirs[i], &real_dir)) {
                        *ret_why = "the symbolic links of the rule's directory cannot be followed to the end";
                        return RECOGNISED_UNREADABLE;
                }
                if (is_inside(str_of(real.bytes, real.len), str_of(real_dir.bytes, real_dir.len)))
                        r = RECOGNISED_HOLDS;
        }
        *ret_why = r == RECOGNISED_HOLDS ? NULL : "the path is outside the directories";
        return r;
}

enum recognised path_within(const struct path_rule *rule, struct str text, const char **ret_why)
{
        struct normal_path path;
        enum recognised lexical = RECOGNISED_DOES_NOT, real;

        *ret_why = normalise(text, rule->cwd, &path);
        if (*ret_why)
                return RECOGNISED_UNREADABLE;
        for (size_t i = 0; i < rule->dir_count; ++i) {
                if (is_inside(normal_str(&path), rule->dirs[i]))
                        lexical = RECOGNISED_HOLDS;
        }
        if (rule->resolve) {
                real = within_resolved(rule, normal_str(&path), ret_why);
                if (real == RECOGNISED_UNREADABLE || real == lexical)
                        return real;
                *ret_why = real == RECOGNISED_HOLDS ? "symbolic links lead from outside into the directories" :
                                                      "symbolic links lead out of the directories";
                return RECOGNISED_UNREADABLE;
        }
        *ret_why = lexical == RECOGNISED_HOLDS ? NULL : "the path is outside the directories";
        return lexical;
}
