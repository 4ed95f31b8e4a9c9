/* SPDX-License-Identifier: Apache-2.0
 *
 * `url`: a text is an absolute URL, read alike by everybody, and its parts are those that a rule lists. What is
 * read is the subset of the WHATWG URL standard and of RFC 3986 on which the two agree without changing a byte:
 *
 *     scheme "://" host [":" port] [path ["?" query] ["#" fragment]]
 *
 * in printable ASCII without space, backslash, " < > ^ ` { | }; every % with two hexadecimal digits behind it; the
 * host as host.h has it; a `/` in front of a query or fragment. No user, no empty port, no port with a leading
 * zero, no second #.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host.h"
#include "recognise.h"

/* Borrowed from the text. */
struct url_parts {
        struct str scheme; /* as written: compare without case */
        struct host host;
        uint16_t port; /* the one written, or the scheme's own; 0 for a scheme without one */
        struct str path; /* begins with `/`; "/" for none */
        struct str query, fragment; /* without ? and #; empty for none */
};

/* NULL with *ret, or what is wrong. */
const char *url_read(struct str text, struct url_parts *ret);

/* Does a pattern of the caller's match the path? */
typedef bool (*url_path_fn)(const void *userdata, struct str path);

/* A part that lists nothing takes little, never everything: memory of zeros holds for no URL. */
struct url_rule {
        const struct str *schemes; /* in lower case; none: http and https */
        size_t scheme_count;
        const struct str *hosts; /* each without a host_pattern_problem() */
        size_t host_count;
        bool host_public; /* besides those listed: any that host_not_public() has nothing against */
        bool host_any;    /* every host, but xn-- names that are not listed */
        const uint16_t *ports; /* none: the scheme's own */
        size_t port_count;
        /* NULL: any path. With it the path must be plain: no empty, `.` or `..` segment (`..;x` is one to some), no
         * escape of a letter, a digit or one of - . _ ~ / \ % ; what escapes stand for is UTF-8 of clear characters
         * (character.h). */
        url_path_fn path_matches;
        const void *path_userdata;
};

/* What is wrong with @scheme as an entry of `schemes`, or NULL. */
const char *url_scheme_problem(struct str scheme);

/* A path that the pattern does not match is unreadable, not outside, when it has an escape or a `;`: it may be another
 * spelling of one that does. @ret_why: what decided, or NULL. */
enum recognised url_allowed(const struct url_rule *rule, struct str text, const char **ret_why);
