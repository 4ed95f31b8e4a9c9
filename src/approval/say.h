/* SPDX-License-Identifier: Apache-2.0
 *
 * The sentence that a person is asked with: a rule's `say:` with the call's values in it.
 */
#pragma once

#include "json.h"

/* What one value may take of the sentence, and what the sentence may have. */
#define SAY_VALUE_BYTES 200U
#define SAY_BYTES 1200U

/* Appends @say with each {path} replaced: a string by its visible text in double quotes, a missing argument by (none), anything else by
 * its JSON; where a path goes over items, by all of them with commas between them. What is too long is cut and says so. @arguments: the
 * token of the arguments object; 0 = none. 0, or -ENOMEM: there is no memory or no room, and @out is as long as it was. */
int say_fill(struct buf *out, struct str say, const struct json_doc *doc, uint32_t arguments);
