/* SPDX-License-Identifier: Apache-2.0 */
#include "uri.h"

#include "host.h"
#include "utf8.h"

static bool is_lower(char c)
{
        return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

/* May stand in a plain URI as it is (the separators and `%` have rules of their own). */
static bool is_raw(unsigned char c)
{
        return c > 0x20 && c < 0x7F && !memchr("\\\"<>^`{|}", c, 9);
}

static bool is_unreserved(unsigned char c)
{
        return is_digit((char)c) || is_lower((char)c) || (c >= 'A' && c <= 'Z') || (c && memchr("-._~", c, 4));
}

/* Upper-case digits only: lower-case ones would be a second spelling. */
static int hex_digit(char c)
{
        return is_digit(c) ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that "%XX" at @s stands for, or -1. */
static int escaped_byte(struct str s)
{
        int high = s.len >= 3 ? hex_digit(s.ptr[1]) : -1;
        int low = s.len >= 3 ? hex_digit(s.ptr[2]) : -1;

        return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static enum uri_form escape_form(struct str s)
{
        int c = escaped_byte(s);

        if (c < 0x20 || c == 0x7F || c == '/' || c == '\\' || c == '%' || is_unreserved((unsigned char)c))
                return URI_ODD;
        return c >= 0x80 || c == '?' || c == '#' || !is_raw((unsigned char)c) ? URI_STRICT : URI_PLAIN;
}

/* Every byte by itself; and what escapes stand for must be UTF-8, or some server reads %C0%AE as a dot. */
static enum uri_form bytes_form(struct str uri)
{
        char decoded[LIMIT_URI_BYTES];
        size_t count = 0;
        enum uri_form form = URI_STRICT;

        for (size_t i = 0; i < uri.len; ++i) {
                unsigned char c = (unsigned char)uri.ptr[i];

                if (!is_raw(c) || c == '#')
                        return URI_ODD;
                if (c == '%') {
                        enum uri_form here = escape_form(str_skip(uri, i));

                        if (here == URI_ODD)
                                return URI_ODD;
                        if (here < form)
                                form = here;
                        c = (unsigned char)escaped_byte(str_skip(uri, i));
                        i += 2;
                }
                decoded[count++] = (char)c;
        }
        return utf8_is_valid(str_of(decoded, count)) ? form : URI_ODD;
}

static struct str take_until(struct str *rest, const char *stops, size_t count)
{
        struct str head = *rest;

        head.len = 0;
        while (head.len < rest->len && !memchr(stops, rest->ptr[head.len], count))
                ++head.len;
        *rest = str_skip(*rest, head.len);
        return head;
}

static bool take_scheme(struct str *rest, struct str *ret)
{
        struct str scheme = take_until(rest, ":", 1);

        if (rest->len == 0 || scheme.len == 0 || !is_lower(scheme.ptr[0]))
                return false;
        for (size_t i = 1; i < scheme.len; ++i) {
                char c = scheme.ptr[i];

                if (!is_lower(c) && !is_digit(c) && c != '+' && c != '.' && c != '-')
                        return false;
        }
        *rest = str_skip(*rest, 1);
        *ret = scheme;
        return true;
}

bool uri_scheme_has_hosts(struct str scheme)
{
        static const struct str schemes[] = { STR_INIT("http"), STR_INIT("https"), STR_INIT("ws"), STR_INIT("wss"),
                STR_INIT("ftp") };

        for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); ++i) {
                if (str_eq(scheme, schemes[i]))
                        return true;
        }
        return false;
}

/* The port that is meant when none is written: writing it is a second spelling. */
static bool port_is_default(struct str scheme, struct str port)
{
        if (str_eq(scheme, STR("http")) || str_eq(scheme, STR("ws")))
                return str_eq(port, STR("80"));
        if (str_eq(scheme, STR("https")) || str_eq(scheme, STR("wss")))
                return str_eq(port, STR("443"));
        return str_eq(scheme, STR("ftp")) && str_eq(port, STR("21"));
}

static bool port_is_plain(struct str scheme, struct str port)
{
        if (port.len == 0 || port.len > 5 || port.ptr[0] == '0' || port_is_default(scheme, port))
                return false;
        for (size_t i = 0; i < port.len; ++i) {
                if (!is_digit(port.ptr[i]))
                        return false;
        }
        return true;
}

/* A host whose last label is a number is an IPv4 address to a browser, in whatever spelling: only a.b.c.d is plain. */
static bool numbers_are_plain(struct str host)
{
        struct str rest = host, label;
        uint8_t address[4];

        for (;;) {
                label = take_until(&rest, ".", 1);
                if (rest.len == 0)
                        break;
                rest = str_skip(rest, 1);
        }
        if (!is_digit(label.ptr[0]))
                return true;
        for (size_t i = 1; i < label.len; ++i) {
                char c = label.ptr[i];

                if (!is_digit(c) && !(c >= 'a' && c <= 'f') && c != 'x')
                        return true;
        }
        return host_read_ipv4(host, address);
}

/* Lower-case labels without an empty one: no userinfo, no escapes, no brackets, no trailing dot. */
static bool host_is_plain(struct str scheme, struct str host)
{
        bool label_is_empty = true;

        for (size_t i = 0; i < host.len; ++i) {
                char c = host.ptr[i];

                if (c == '.' && label_is_empty)
                        return false;
                if (c != '.' && !is_lower(c) && !is_digit(c) && c != '-' && c != '_' && c != '~')
                        return false;
                label_is_empty = c == '.';
        }
        if (label_is_empty)
                return false;
        return !uri_scheme_has_hosts(scheme) || numbers_are_plain(host);
}

static bool authority_is_plain(struct str scheme, struct str authority)
{
        struct str rest = authority, host = take_until(&rest, ":", 1);

        if (rest.len && !port_is_plain(scheme, str_skip(rest, 1)))
                return false;
        return host_is_plain(scheme, host);
}

/* No `.` or `..`, and nothing empty but perhaps the last. */
static bool segments_are_plain(struct str path)
{
        if (path.len && path.ptr[0] == '/')
                path = str_skip(path, 1);
        while (path.len) {
                struct str segment = take_until(&path, "/", 1);

                if (segment.len == 0 || str_eq(segment, STR(".")) || str_eq(segment, STR("..")))
                        return false;
                path = str_skip(path, 1);
        }
        return true;
}

enum uri_form uri_form_of(struct str uri)
{
        struct str rest = uri, scheme, authority = { NULL, 0 }, path;
        enum uri_form form;
        bool is_file, has_hosts, has_authority;

        if (uri.len > LIMIT_URI_BYTES || !take_scheme(&rest, &scheme))
                return URI_ODD;
        form = bytes_form(rest);
        if (form == URI_ODD)
                return URI_ODD;
        is_file = str_eq(scheme, STR("file"));
        has_hosts = uri_scheme_has_hosts(scheme);
        has_authority = str_starts_with(rest, STR("//"));
        if (has_authority) {
                rest = str_skip(rest, 2);
                authority = take_until(&rest, "/?", 2);
        }
        path = take_until(&rest, "?", 1);
        if (!segments_are_plain(path))
                return URI_ODD;
        /* `file:/x`, `file://localhost/x` and `file:///x?y` all open /x. */
        if (is_file)
                return has_authority && authority.len == 0 && path.len && rest.len == 0 ? form : URI_ODD;
        if (!has_authority)
                return has_hosts ? URI_ODD : form;
        if (authority.len == 0)
                return has_hosts || path.len == 0 ? URI_ODD : form;
        /* A `?` right behind the host would let a wildcard reach past the host; browsers put a `/` between. */
        if (path.len == 0 && (has_hosts || rest.len))
                return URI_ODD;
        return authority_is_plain(scheme, authority) ? form : URI_ODD;
}

bool root_dir_is_normal(struct str dir)
{
        if (dir.len == 0 || dir.len > LIMIT_URI_BYTES || dir.ptr[0] != '/')
                return false;
        for (size_t i = 0; i < dir.len; ++i) {
                unsigned char c = (unsigned char)dir.ptr[i];

                if (c < 0x20 || c == 0x7F)
                        return false;
        }
        return dir.len == 1 || (dir.ptr[dir.len - 1] != '/' && segments_are_plain(dir));
}

/* The next byte of the path that a root names, or -1 where there is doubt. */
static int root_byte(struct str rest, size_t *ret_used)
{
        int c = (unsigned char)rest.ptr[0];

        *ret_used = 1;
        if (c == '%') {
                *ret_used = 3;
                c = escaped_byte(rest);
                return c < 0x20 || c == 0x7F || c == '/' || c == '\\' || c == '%' ? -1 : c;
        }
        return is_raw((unsigned char)c) && c != '?' && c != '#' ? c : -1;
}

enum root_match root_uri_within(struct str uri, struct str dir)
{
        char path[LIMIT_URI_BYTES];
        struct str rest = str_skip(uri, 7), decoded = { path, 0 };
        size_t used;

        if (uri.len > LIMIT_URI_BYTES || !str_starts_with(uri, STR("file:///")))
                return ROOT_ODD;
        for (; rest.len; rest = str_skip(rest, used)) {
                int c = root_byte(rest, &used);

                if (c < 0)
                        return ROOT_ODD;
                path[decoded.len++] = (char)c;
        }
        if (decoded.len > 1 && path[decoded.len - 1] == '/')
                --decoded.len;
        if (!root_dir_is_normal(decoded) || !utf8_is_valid(decoded))
                return ROOT_ODD;
        if (!str_starts_with(decoded, dir))
                return ROOT_OUTSIDE;
        return dir.len == 1 || decoded.len == dir.len || path[dir.len] == '/' ? ROOT_INSIDE : ROOT_OUTSIDE;
}

void uri_near_spellings(struct str uri, struct uri_spellings *ret)
{
        const char *query = uri.len ? memchr(uri.ptr, '?', uri.len) : NULL;

        ret->count = 0;
        if (query) {
                uri.len = (size_t)(query - uri.ptr);
                ret->uris[ret->count++] = uri;
        }
        if (uri.len && uri.ptr[uri.len - 1] == '/') {
                --uri.len;
        } else {
                memcpy(ret->slashed, uri.ptr, uri.len);
                ret->slashed[uri.len++] = '/';
                uri.ptr = ret->slashed;
        }
        ret->uris[ret->count++] = uri;
}
