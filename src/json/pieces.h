/* SPDX-License-Identifier: Apache-2.0
 *
 * The unescaped bytes of a string that json_read() accepted, piece by piece and without memory: comparing,
 * hashing and copying all go through here. Private to the layer.
 */
#pragma once

#include "json.h"

struct json_pieces {
        const char *p;
        const char *end;
        char character[4]; /* of the last escape, as UTF-8 */
};

void json_pieces_init(struct json_pieces *pieces, const struct json_doc *doc, uint32_t string);

/* The next piece (never empty), borrowed until the next call, or false at the end. */
bool json_pieces_next(struct json_pieces *pieces, struct str *ret);

/* Do both go on with the same bytes to the end? */
bool json_pieces_equal(struct json_pieces *a, struct json_pieces *b);

/* Do two string tokens have equal values? */
bool json_strings_equal(const struct json_doc *doc, uint32_t a, uint32_t b);

/* The code point that the escape at *p (of a string that json_read() accepted) means; *p moves behind it. */
uint32_t json_take_escape(const char **p);

/* The value of four hexadecimal digits, or -1. */
long json_hex4(const unsigned char *p);
