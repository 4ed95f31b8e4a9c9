/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the first of many patterns in a text (Wu and Manber's method: a table keyed by three bytes says how far
 * the window may jump). Speed hardly depends on how many patterns there are, but on the length of the shortest.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

/* A pattern may not be shorter: the window is read in blocks of three, and short patterns are found by chance. */
#define FINDER_MIN_BYTES 8U

#define FINDER_TABLE_BITS 15

struct finder_entry {
        uint16_t hash; /* of the last block of the pattern's window */
        uint32_t pattern;
};

struct finder {
        const struct str *patterns; /* borrowed for the finder's life */
        struct finder_entry *entries; /* one a pattern, ordered by hash, then pattern; owned */
        size_t count;
        size_t window; /* the length of the shortest pattern */
        uint8_t jump[1U << FINDER_TABLE_BITS];
};

struct finder_match {
        size_t begin;
        size_t end;
        size_t pattern;
};

/* 0, -EINVAL (a pattern too short) or -ENOMEM. No patterns: nothing is ever found. */
int finder_init(struct finder *f, const struct str *patterns, size_t count);
void finder_deinit(struct finder *f); /* wipes the tables */

/* The match that begins first at or behind @from, the longest of those that begin there, the first pattern of equals. */
bool finder_next(const struct finder *f, struct str text, size_t from, struct finder_match *ret);

/* Is there any match? Faster than finder_next() for long texts without one. */
bool finder_finds(const struct finder *f, struct str text);
