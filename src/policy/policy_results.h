/* SPDX-License-Identifier: Apache-2.0
 *
 * What policies take out of results on their way to the client (`results:`). All policies' patterns and words apply.
 */
#pragma once

#include "policy.h"

struct policy_filtering {
        uint64_t redacted; /* stretches of text that have a mark in their place */
        uint64_t stripped; /* sequences and characters that are gone */
        uint64_t work;     /* what the patterns have cost so far, against LIMIT_RESULT_WORK; for one message */
        uint64_t withheld; /* texts that are gone whole, because a pattern could not be settled; among `redacted` */
        struct str withheld_by, withheld_policy; /* the first such pattern and its policy; borrowed from the set */
        const char *withheld_why;                /* a sentence's end, of which the pattern is the subject */
};

bool policy_set_filters_results(const struct policy_set *set);
/* Does a policy have `strip:`? Then descriptions are looked at as well. */
bool policy_set_strips(const struct policy_set *set);

/* Appends to @out what of the unescaped @text may reach the client, and counts: 1. 0 with nothing appended: all of it may. Negative:
 * no memory, or no room. @only_strip: leaves `redact:` aside. */
int policy_set_filter_text(const struct policy_set *set, struct policy_scratch *scratch, struct str text, bool only_strip,
        struct policy_filtering *count, struct buf *out);
