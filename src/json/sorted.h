/* SPDX-License-Identifier: Apache-2.0
 *
 * The canonical form with the members of every object in the order of their names' bytes: two values that differ in nothing but
 * white space, spelling of strings and order of members have one sorted text. Numbers stay as they were written.
 */
#pragma once

#include "json.h"

/* Appends it: 0, -EMSGSIZE or -ENOMEM, with @out as long as it was. */
int json_write_sorted(struct buf *out, const struct json_doc *doc, uint32_t token);
