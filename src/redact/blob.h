/* SPDX-License-Identifier: Apache-2.0
 *
 * Stretches of base64 and hex that may hold a secret in yet another encoding. All that such an encoding consists of is text: letters,
 * digits and few signs. A picture or an archive has no stretch of as many such bytes as a secret is long, so that most of a large result is passed
 * over without being decoded: only where the last byte of a window might be of an encoding is the one before it looked at.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

#define BASE64_GROUP 4U /* characters that are three bytes */
#define BASE64_NONE UINT32_MAX

/* Three bytes come out of four characters: which group is the first is not known. Two are of one byte in hex. */
#define BASE64_ALIGNMENTS 4U
#define HEX_ALIGNMENTS 2U

#define BLOB_NOT_HEX (1U << 20)

/* Stretches that a text has. */
struct blob_hints {
        bool base64, hex;
        size_t at;                           /* how far it has been looked at */
        size_t judged[BASE64_ALIGNMENTS];    /* and what of base64 has been judged, by where its groups begin */
};

/* Does the stretch of base64 from @begin to @end, by what it says, count? */
struct blob_judge {
        bool (*holds)(void *userdata, size_t begin, size_t end);
        void *userdata;
};

struct blob_search {
        bool text[256];   /* bytes of which encodings of the secrets consist */
        /* What a character cannot be in a group that stands for such bytes: bit 3 - i is set when it cannot be at index i; and
         * BLOB_NOT_HEX when it is no part of hex. */
        uint32_t never[256];
        uint8_t hex[256]; /* 1: hex_is_part() */
        size_t shortest;  /* bytes of an encoding; shorter stretches hold none */
        size_t groups;    /* of base64 that lie within that many bytes, wherever they begin */
};

/* For @patterns, the forms of all secrets, the shortest of @shortest bytes. */
void blob_search_init(struct blob_search *b, const struct str *patterns, size_t count, size_t shortest);

/* The three bytes of the four characters at @chars, of either alphabet, the first in the highest of 24 bits; BASE64_NONE: one of them is none. */
uint32_t base64_group(const char *chars);
/* Six bits; -1: none of base64. */
int base64_value(char c);
bool hex_is_between(char c); /* one that may be between two bytes */
bool hex_is_part(char c); /* a digit of either case, or what may be between two bytes */

/* Where the first stretch of groups begins that is long enough, when groups begin at @from; SIZE_MAX: there is none in @text. */
size_t blob_base64_next(const struct blob_search *b, struct str text, size_t from);
/* Where the stretch that begins at @from ends. */
size_t blob_base64_end(const struct blob_search *b, struct str text, size_t from);
/* Where a stretch of hex digits begins. */
size_t blob_hex_next(const struct blob_search *b, struct str text, size_t from);

/* Looks for stretches at all alignments, of which as much as is long enough ends in front of @end; a text is looked at from its
 * beginning to its end with one @hints, which begins as zeros. Without a @judge each stretch of base64 counts. */
void blob_look(const struct blob_search *b, struct str text, size_t end, const struct blob_judge *judge, struct blob_hints *hints);
