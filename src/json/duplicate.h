/* SPDX-License-Identifier: Apache-2.0
 *
 * Two members of one name. Private to the layer.
 */
#pragma once

#include "json.h"

/* The compiler clears automatic variables; for an array that is filled before it is read, on the way of every message,
 * that is too dear. */
#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define UNINITIALIZED __attribute__((uninitialized))
#endif
#endif
#ifndef UNINITIALIZED
#define UNINITIALIZED
#endif

/* Checks the object that ends at the last token so far and has @members members: JSON_OK, JSON_NO_MEMORY, or
 * JSON_DUPLICATE_MEMBER with the second one's name in *ret_name. */
enum json_error json_check_members(struct json_doc *doc, uint32_t object, uint32_t members, uint32_t *ret_name);
