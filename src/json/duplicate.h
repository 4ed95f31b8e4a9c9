/* SPDX-License-Identifier: Apache-2.0
 *
 * Two members of one name. Private to the layer.
 */
#pragma once

#include "json.h"

/* Checks the object that ends at the last token so far and has @members members: JSON_OK, JSON_NO_MEMORY, or
 * JSON_DUPLICATE_MEMBER with the second one's name in *ret_name. */
enum json_error json_check_members(struct json_doc *doc, uint32_t object, uint32_t members, uint32_t *ret_name);
