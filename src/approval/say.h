/* SPDX-License-Identifier: Apache-2.0
 *
 * The sentence that a person is asked with: a rule's `say:` with the call's values in it.
 */
#pragma once

#include "json.h"

/* What one value may take of the sentence, and what the sentence may have. */
#define SAY_VALUE_BYTES 200U
#define SAY_BYTES 1200U

/* Appends UTF-8 as a person can see it: characters that have no width, control something or change the direction of others become
 * \n, \t, \xHH or \u{HHHH}, and a backslash becomes two. At most @max bytes; what is longer ends in "..." . Nothing is cut within a
 * character. What is no UTF-8 becomes \xHH. 0, -EMSGSIZE or -ENOMEM. */
int visible_append(struct buf *out, struct str text, size_t max);

/* Appends @say with each {path} replaced: a string by its visible text in double quotes, a missing argument by (none), anything else by
 * its JSON; where a path goes over items, by all of them with commas between them. What is too long is cut and says so. @arguments: the
 * token of the arguments object; 0 = none. 0, or -ENOMEM: there is no memory or no room, and @out is as long as it was. */
int say_fill(struct buf *out, struct str say, const struct json_doc *doc, uint32_t arguments);
