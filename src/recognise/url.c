/* SPDX-License-Identifier: Apache-2.0 */
#include "url.h"

#include "character.h"
#include "limit.h"
#include "utf8.h"

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int hex_digit(char c)
{
        if (is_digit(c))
                return c - '0';
        if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
                return (c | 0x20) - 'a' + 10;
        return -1;
}

/* The byte that "%XX" at the start of @s stands for, or -1. */
static int escaped_byte(struct str s)
{
        int high = s.len >= 3 ? hex_digit(s.ptr[1]) : -1;
        int low = s.len >= 3 ? hex_digit(s.ptr[2]) : -1;

        return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static bool equal_folded(struct str text, struct str in_lower_case)
{
        if (text.len != in_lower_case.len)
                return false;
        for (size_t i = 0; i < text.len; ++i) {
                char c = text.ptr[i];

                if ((is_letter(c) ? (char)(c | 0x20) : c) != in_lower_case.ptr[i])
                        return false;
        }
        return true;
}

static const char *bytes_problem(struct str url)
{
        for (size_t i = 0; i < url.len; ++i) {
                unsigned char c = (unsigned char)url.ptr[i];

                if (c <= 0x20 || c == 0x7F)
                        return "the url has a space or a control character";
                if (c >= 0x80)
                        return "the url has a character that is not ASCII; percent-encode it";
                if (c == '\\')
                        return "the url has a backslash, which some read as a slash";
                if (memchr("\"<>^`{|}", c, 8))
                        return "the url has a character that must be percent-encoded";
                if (c == '%' && escaped_byte(str_skip(url, i)) < 0)
                        return "the url has a % without two hexadecimal digits";
        }
        return NULL;
}

static struct str take_until(struct str *rest, const char *stops)
{
        struct str head = *rest;

        head.len = 0;
        while (head.len < rest->len && !strchr(stops, rest->ptr[head.len]))
                ++head.len;
        *rest = str_skip(*rest, head.len);
        return head;
}

static bool scheme_is_plain(struct str scheme)
{
        if (scheme.len == 0 || !is_letter(scheme.ptr[0]))
                return false;
        for (size_t i = 1; i < scheme.len; ++i) {
                char c = scheme.ptr[i];

                if (!is_letter(c) && !is_digit(c) && !memchr("+.-", c, 3))
                        return false;
        }
        return true;
}

static uint16_t default_port(struct str scheme)
{
        static const struct {
                struct str scheme;
                uint16_t port;
        } ports[] = {
                { STR_INIT("http"), 80 }, { STR_INIT("https"), 443 }, { STR_INIT("ws"), 80 }, { STR_INIT("wss"), 443 },
                { STR_INIT("ftp"), 21 },
        };

        for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); ++i) {
                if (equal_folded(scheme, ports[i].scheme))
                        return ports[i].port;
        }
        return 0;
}

static const char *read_port(struct str text, uint16_t *ret)
{
        unsigned port = 0;

        if (text.len == 0 || text.len > 5 || text.ptr[0] == '0')
                return "the port is empty, zero, or has a leading zero";
        for (size_t i = 0; i < text.len; ++i) {
                if (!is_digit(text.ptr[i]))
                        return "the port is no number";
                port = port * 10 + (unsigned)(text.ptr[i] - '0');
        }
        if (port > UINT16_MAX)
                return "the port is above 65535";
        *ret = (uint16_t)port;
        return NULL;
}

static const char *read_authority(struct str authority, struct url_parts *ret)
{
        struct str host = authority;
        size_t end = 0;
        const char *why;

        if (memchr(authority.ptr, '@', authority.len))
                return "the url has a user in front of its host";
        /* A bracket begins an IPv6 address, whose colons are no port's. */
        if (authority.len && authority.ptr[0] == '[') {
                while (end < authority.len && authority.ptr[end] != ']')
                        ++end;
        }
        while (end < authority.len && authority.ptr[end] != ':')
                ++end;
        host.len = end;
        ret->port = default_port(ret->scheme);
        if (end < authority.len) {
                why = read_port(str_skip(authority, end + 1), &ret->port);
                if (why)
                        return why;
        }
        return host_read(host, &ret->host);
}

const char *url_read(struct str text, struct url_parts *ret)
{
        struct url_parts parts = { .path = STR("/") };
        struct str rest = text, authority, path;
        const char *why;

        if (text.len == 0)
                return "the url is empty";
        if (text.len > LIMIT_URI_BYTES)
                return "the url is too long";
        why = bytes_problem(text);
        if (why)
                return why;
        parts.scheme = take_until(&rest, ":/?#");
        if (!str_starts_with(rest, STR("://")) || !scheme_is_plain(parts.scheme))
                return "the url does not begin with a scheme and ://";
        rest = str_skip(rest, 3);
        authority = take_until(&rest, "/?#");
        if (authority.len == 0)
                return "the url has no host";
        why = read_authority(authority, &parts);
        if (why)
                return why;
        path = take_until(&rest, "?#");
        if (path.len == 0 && rest.len)
                return "the url has a ? or # right behind its host; put a / between";
        if (path.len)
                parts.path = path;
        if (rest.len && rest.ptr[0] == '?') {
                rest = str_skip(rest, 1);
                parts.query = take_until(&rest, "#");
        }
        if (rest.len) {
                parts.fragment = str_skip(rest, 1);
                if (memchr(parts.fragment.ptr, '#', parts.fragment.len))
                        return "the url has a second #";
        }
        *ret = parts;
        return NULL;
}

const char *url_scheme_problem(struct str scheme)
{
        if (!scheme_is_plain(scheme))
                return "the scheme is no scheme: a letter, then letters, digits, +, - and .";
        for (size_t i = 0; i < scheme.len; ++i) {
                if (scheme.ptr[i] >= 'A' && scheme.ptr[i] <= 'Z')
                        return "the scheme has an upper-case letter";
        }
        if (equal_folded(scheme, STR("file")))
                return "a file URL is a path: use within";
        return NULL;
}

static enum recognised doubt(const char *why, const char **ret_why)
{
        *ret_why = why;
        return RECOGNISED_UNREADABLE;
}

static enum recognised not_so(const char *why, const char **ret_why)
{
        *ret_why = why;
        return RECOGNISED_DOES_NOT;
}

static enum recognised holds(const char **ret_why)
{
        *ret_why = NULL;
        return RECOGNISED_HOLDS;
}

static enum recognised scheme_allowed(const struct url_rule *rule, struct str scheme, const char **ret_why)
{
        if (equal_folded(scheme, STR("file")))
                return doubt("the url is a file's", ret_why);
        if (rule->scheme_count == 0 && (equal_folded(scheme, STR("http")) || equal_folded(scheme, STR("https"))))
                return holds(ret_why);
        for (size_t i = 0; i < rule->scheme_count; ++i) {
                if (equal_folded(scheme, rule->schemes[i]))
                        return holds(ret_why);
        }
        return not_so("the url's scheme is not one of those listed", ret_why);
}

static enum recognised host_allowed(const struct url_rule *rule, const struct host *host, const char **ret_why)
{
        const char *why;

        for (size_t i = 0; i < rule->host_count; ++i) {
                if (host_matches(host, rule->hosts[i]))
                        return holds(ret_why);
        }
        if (host_is_idn(host))
                return doubt("the host has an xn-- label, and is not listed", ret_why);
        if (rule->host_any)
                return holds(ret_why);
        if (!rule->host_public)
                return not_so("the url's host is not one of those listed", ret_why);
        why = host_not_public(host);
        return why ? not_so(why, ret_why) : holds(ret_why);
}

static enum recognised port_allowed(const struct url_rule *rule, const struct url_parts *url, const char **ret_why)
{
        if (rule->port_count == 0 && url->port == default_port(url->scheme))
                return holds(ret_why);
        for (size_t i = 0; i < rule->port_count; ++i) {
                if (url->port == rule->ports[i] && url->port != 0)
                        return holds(ret_why);
        }
        return not_so("the url's port is not one of those listed", ret_why);
}

/* What an escape in a path must not hide: separators, another escape, controls, and what needs none. */
static bool escape_is_odd(int c)
{
        return c < 0x20 || c == 0x7F || is_letter((char)c) || is_digit((char)c) || memchr("-._~/\\%", c, 7);
}

static const char *odd_escapes(struct str path)
{
        char decoded[LIMIT_URI_BYTES];
        struct str text = { decoded, 0 };
        uint32_t cp;

        for (size_t i = 0; i < path.len; ++i) {
                char c = path.ptr[i];

                if (c == '%') {
                        int byte = escaped_byte(str_skip(path, i));

                        if (escape_is_odd(byte))
                                return "the url's path has an escape that is not needed, or hides a separator";
                        c = (char)byte;
                        i += 2;
                }
                decoded[text.len++] = c;
        }
        for (size_t n; text.len; text = str_skip(text, n)) {
                n = utf8_decode(text, &cp);
                if (n == 0 || !character_is_clear(cp))
                        return "the url's path has escapes of what is not UTF-8, or not seen, or taken for another";
        }
        return NULL;
}

/* `a;x=1` is `a` to servers that know path parameters. */
static const char *odd_segments(struct str path)
{
        struct str rest = str_skip(path, 1);

        while (rest.len) {
                struct str segment = take_until(&rest, "/"), parameters = segment, name;

                name = take_until(&parameters, ";");
                if (name.len == 0)
                        return "the url's path has an empty segment";
                if (str_eq(name, STR(".")) || str_eq(name, STR("..")))
                        return "the url's path has a . or .. segment";
                rest = str_skip(rest, 1);
        }
        return NULL;
}

static enum recognised path_allowed(const struct url_rule *rule, struct str path, const char **ret_why)
{
        const char *why;

        if (!rule->path_matches)
                return holds(ret_why);
        why = odd_segments(path);
        if (!why)
                why = odd_escapes(path);
        if (why)
                return doubt(why, ret_why);
        if (rule->path_matches(rule->path_userdata, path))
                return holds(ret_why);
        if (memchr(path.ptr, '%', path.len) || memchr(path.ptr, ';', path.len))
                return doubt("the url's path does not match, but may be another spelling of one that does", ret_why);
        return not_so("the url's path does not match", ret_why);
}

enum recognised url_allowed(const struct url_rule *rule, struct str text, const char **ret_why)
{
        struct url_parts url;
        const char *whys[4];
        enum recognised parts[4], least = RECOGNISED_HOLDS;

        *ret_why = url_read(text, &url);
        if (*ret_why)
                return RECOGNISED_UNREADABLE;
        parts[0] = scheme_allowed(rule, url.scheme, &whys[0]);
        parts[1] = host_allowed(rule, &url.host, &whys[1]);
        parts[2] = port_allowed(rule, &url, &whys[2]);
        parts[3] = path_allowed(rule, url.path, &whys[3]);
        for (size_t i = 0; i < 4; ++i) {
                /* One part that is surely not the rule's settles it, whatever is in doubt about the others. */
                if (parts[i] == RECOGNISED_DOES_NOT) {
                        *ret_why = whys[i];
                        return RECOGNISED_DOES_NOT;
                }
                if (parts[i] < least) {
                        least = parts[i];
                        *ret_why = whys[i];
                }
        }
        return least;
}
