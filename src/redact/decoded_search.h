/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds patterns in what a text decodes to, and says where in the text itself that is. A window goes over the text: its memory does
 * not grow with it.
 */
#pragma once

#include "decode.h"
#include "finder.h"

struct decoded_window; /* the memory; one search at a time uses it */

/* For a finder whose longest pattern has @longest bytes; NULL without memory. Freed, and wiped, by decoded_window_free(). */
struct decoded_window *decoded_window_new(size_t longest);
struct decoded_window *decoded_window_free(struct decoded_window *w);

/* Begins a search in @text, which is borrowed until its end (decode.h tells of @json). False when nothing in it is encoded so: then
 * there is nothing to search. */
bool decoded_search_begin(struct decoded_window *w, enum decoding decoding, bool json, struct str text);

/* The next match, with its place in the text, in the order of their beginnings, those that overlap among them, some of them twice; false:
 * there are no more. */
bool decoded_search_next(struct decoded_window *w, const struct finder *f, struct finder_match *ret);
