/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the id of a line that cannot be read as a message (too long, or refused by the strict reader), so that its
 * sender gets an answer instead of a silence. Works on a stream, in constant memory, and looks at brackets, strings
 * and the members of the outermost object only. What it finds is used to address an error, never to decide.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limit.h"
#include "str.h"

struct skim {
        uint32_t depth;
        uint8_t state;   /* enum in skim.c */
        bool in_string, after_backslash;
        bool broken;     /* not one object: nothing found counts */
        bool has_method; /* the outermost object has a member `method` */
        unsigned ids;    /* how many members `id` it has */
        char key[8];     /* start of the member name being read */
        size_t key_len;
        bool taking_id;  /* the value being read is the id's */
        size_t id_len;
        char id[LIMIT_ID_BYTES * 6 + 3]; /* its text: every byte of the longest id may be an escape */
};

void skim_init(struct skim *k);
void skim_feed(struct skim *k, struct str bytes);

/* The text of the id's value when the line was one complete object with exactly one `id`; else false. */
bool skim_id(const struct skim *k, struct str *ret);
/* Was it a request (or notification), as far as could be seen? */
bool skim_has_method(const struct skim *k);
