/* SPDX-License-Identifier: Apache-2.0
 *
 * `{{NAME}}` in a value of an environment variable: a credential's value is to stand there. `\{{` stands for the two signs
 * themselves; braces around anything but a variable's name mean nothing.
 */
#pragma once

#include <stdbool.h>

#include "str.h"

struct placeholder {
        size_t begin, end; /* of all its signs in the text */
        struct str name;   /* empty: `\{{`, which stands for `{{` */
};

/* The first at or behind @from. */
bool placeholder_next(struct str text, size_t from, struct placeholder *ret);

/* Is there one that has a name? */
bool placeholder_is_in(struct str text);
