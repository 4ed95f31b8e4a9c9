/* SPDX-License-Identifier: Apache-2.0
 *
 * Undoes the encodings that may spell any character in several ways, so that listing a secret's spellings would never end: the
 * escapes of JSON text within text, percent-encoding, HTML's character references, and lines broken into text that has none.
 * The rest of the text stays as it is: what comes out is searched for the listed forms (forms.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "str.h"

enum decoding {
        DECODE_ESCAPES, /* \u0061, \", \/ of JSON, \x61 and \' of other languages; breaks of lines spelled so vanish */
        DECODE_PERCENT, /* %61 */
        DECODE_ENTITIES, /* &#97; &#x61; &amp; */
        DECODE_WRAPS, /* a newline, a carriage return before it and blanks behind it vanish: base64 of many lines */
        DECODE_BASE64, /* of either alphabet; decode_next() knows no place of these two: stage.h undoes them */
        DECODE_HEX,
        DECODE_MAX_,
};

/* The most bytes that one place takes (a newline with as many blanks as are taken), and that come out of it. */
#define DECODE_TAKES_MAX 64U
#define DECODE_GIVES_MAX 4U

struct decoded_place {
        size_t at;    /* in the text; its length: there is none */
        size_t taken; /* bytes there */
        char bytes[DECODE_GIVES_MAX];
        size_t count; /* bytes that come out; 0 when something vanishes */
};

/* 0 to 15; -1: it is none. */
int decode_hex_digit(char c);

/* The first place at or behind @from where something is encoded. @json: @text is (a part of) a canonical JSON line and @from
 * is no second half of an escape; what comes out is spelled as in a canonical JSON string again, so that it is searched for the same
 * forms as the line itself. */
struct decoded_place decode_next(enum decoding decoding, bool json, struct str text, size_t from);
