/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds patterns in what a text decodes to, by one encoding or several within each other, and says where in the text itself that is. A window
 * goes over the text: its memory does not grow with it.
 */
#pragma once

#include "blob.h"
#include "decode.h"
#include "finder.h"

/* Base64 that is broken into lines, and what is encoded in it. */
#define ROUTE_STEPS_MAX 3U

/* Encodings that are undone one after the other. */
struct route {
        unsigned count;
        struct route_step {
                enum decoding decoding;
                unsigned alignment; /* of base64 and hex */
        } steps[ROUTE_STEPS_MAX];
};

/* What there is in what a route leads to, besides. */
struct route_hints {
        bool encoded[DECODE_MAX_]; /* so: by each of the encodings of single characters */
        struct blob_hints blobs;   /* stretches that may hold more */
};

struct pattern_info;
struct decoded_search; /* the memory; one search at a time uses it */

/* For the patterns of @f, the longest of @longest bytes with its edges (forms.h), which @info tells of; both are borrowed. NULL without memory.
 * Freed, and wiped, by decoded_search_free(). */
struct decoded_search *decoded_search_new(const struct finder *f, const struct pattern_info *info, size_t longest);
struct decoded_search *decoded_search_free(struct decoded_search *s);

/* Begins a search in @text, which is borrowed until its end (decode.h tells of @json). 1; 0 when nothing in it is encoded so: then
 * there is nothing to search; -ENOMEM. */
int decoded_search_begin(struct decoded_search *s, const struct route *route, bool json, struct str text);

/* The next match, edges included, with its place in the text, in the order of their beginnings, those that overlap among them, some of them
 * twice; false: there are no more. */
bool decoded_search_next(struct decoded_search *s, struct finder_match *ret);

/* Is there any? Without places, faster. @ret, unless NULL, is complete when there is none. What cannot be looked
 * at to its end counts as found. */
bool decoded_search_finds(struct decoded_search *s, const struct route *route, bool json, struct str text, struct route_hints *ret);

/* The last search has not looked at all of its text: then nobody may see it. */
bool decoded_search_is_lost(const struct decoded_search *s);

const struct blob_search *decoded_search_blobs(const struct decoded_search *s);

/* Widens a match by the characters beside it that hold bits of the secret. */
void pattern_take_edges(const struct pattern_info *info, struct str text, struct finder_match *match);

/* Bytes that all searches so far but the one under way have decoded, the steps to do so, and 64 for each: how much work they were. */
size_t decoded_search_work(const struct decoded_search *s);
