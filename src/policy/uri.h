/* SPDX-License-Identifier: Apache-2.0
 *
 * When can a URI be compared with a pattern? Two programs that spell one resource differently must not be
 * able to play a policy against a server, so a wildcard is only trusted with URIs that have one spelling.
 * Whatever this reader is not sure of is odd, and odd is refused (docs/policy-language.md, "URIs").
 */
#pragma once

#include <stdbool.h>

#include "limit.h"
#include "str.h"

enum uri_form {
        URI_ODD,    /* some server may read it as something else than it looks like */
        URI_PLAIN,  /* safe to hold against an allow pattern */
        URI_STRICT, /* also has no second spelling: no escape of a character that could stand as it is. Safe to
                     * hold against a deny pattern */
};

enum uri_form uri_form_of(struct str uri);

/* What a server may well take for @uri: the same without its query, and that with or without a slash at the end. Rules
 * that make something stricter look at these as well. They borrow from @uri and from the structure. */
struct uri_spellings {
        struct str uris[2];
        size_t count;
        char slashed[LIMIT_URI_BYTES + 1];
};

/* @uri: of at most LIMIT_URI_BYTES. */
void uri_near_spellings(struct str uri, struct uri_spellings *ret);

/* For http, https, ws, wss and ftp a part of the host must never be a wildcard's to fill. */
bool uri_scheme_has_hosts(struct str scheme);

/* Is @dir an absolute path in normal form (no empty, `.` or `..` segment, no control character, no trailing slash but
 * that of `/` itself)? */
bool root_dir_is_normal(struct str dir);

enum root_match { ROOT_OUTSIDE, ROOT_INSIDE, ROOT_ODD };

/* Is the root `file:///...` the directory @dir or something below it, segment by segment? ROOT_ODD when the URI cannot
 * be read without doubt. */
enum root_match root_uri_within(struct str uri, struct str dir);
