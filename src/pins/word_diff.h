/* SPDX-License-Identifier: Apache-2.0
 *
 * What differs between two texts, word by word: a longest common subsequence of words. A word is taken with the white space in front of
 * it, so that the runs put together give back both texts to the byte, and text hidden behind a hundred newlines shows.
 */
#pragma once

#include "str.h"

enum word_run { WORDS_SAME, WORDS_REMOVED, WORDS_ADDED };

/* @text: the bytes of the run, of the old text if removed or the same, else of the new one. */
typedef void (*word_diff_fn)(void *userdata, enum word_run run, struct str text);

/* Calls @fn for each run in order. What differs between texts past LIMIT_DIFF_WORDS is told as a whole. 0 or -ENOMEM. */
int word_diff(struct str before, struct str after, word_diff_fn fn, void *userdata);

/* Words in @text. */
size_t word_count(struct str text);
