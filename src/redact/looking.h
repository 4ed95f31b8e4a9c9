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
        struct decoded_window *window; /* of the search under way */
};

const struct looking *redactor_looking(const struct redactor *r);

/* Is any pattern in what @text decodes to? */
bool looking_finds_decoded(const struct looking *l, struct str text, bool json, enum decoding decoding);
