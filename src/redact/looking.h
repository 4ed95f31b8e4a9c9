/* SPDX-License-Identifier: Apache-2.0
 *
 * What a redactor looks for, for the files of this folder only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decoded_search.h"
#include "finder.h"
#include "str.h"

struct redactor;

struct pattern_info {
        struct str mark; /* of its secret */
        uint8_t edge_before, edge_behind;
        bool plain; /* the secret itself */
};

/* What is searched for; made anew whenever secrets are added. */
struct looking {
        struct finder *finder; /* NULL: for nothing */
        struct str *patterns;  /* in the batches */
        struct pattern_info *info; /* one a pattern */
        size_t count;
        size_t secrets;
        size_t longest;
        struct decoded_search *search; /* the one under way */
};

const struct looking *redactor_looking(const struct redactor *r);

/* Is any pattern in @text, or in what it decodes to? @json: it is (a part of) a canonical JSON line. */
bool looking_finds(const struct looking *l, struct str text, bool json);

/* The first of all routes, from the one numbered *@from on, that leads to something. True: *@from and @ret are its. */
bool looking_find_route(const struct looking *l, struct str text, bool json, unsigned *from, struct route *ret);
