/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of regular expressions that ECMA-262, which JSON Schema means, and PCRE2, which is there, read alike: literals, `.`,
 * classes, groups, lookahead, alternatives, repetition, anchors. A pattern with anything else in it is not evaluated.
 */
#pragma once

#include <stdbool.h>

#include "str.h"

struct common_regex {
        bool sees_space; /* has `.`, \s or \S: a text with odd white space is read differently */
        bool sees_units; /* could take half of a character outside the basic plane, which ECMA-262 does without its flag u */
};

/* Is all of @pattern (unescaped, valid UTF-8) of that part? */
bool common_regex_read(struct str pattern, struct common_regex *ret);

/* Would both read @text alike under such a pattern? */
bool common_regex_suits(const struct common_regex *regex, struct str text);
