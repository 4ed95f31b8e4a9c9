/* SPDX-License-Identifier: Apache-2.0
 *
 * Equality of JSON values, of one document or of two: of the same type, numbers by value (1.0 is 1), strings after
 * unescaping, arrays item by item, objects whatever the order of their members.
 */
#pragma once

#include "json.h"

enum json_equality { JSON_DIFFERENT, JSON_EQUAL, JSON_EQUALITY_UNSETTLED };

/* Two string tokens (names too) of maybe different documents. */
bool json_same_string(const struct json_doc *a_doc, uint32_t a, const struct json_doc *b_doc, uint32_t b);

/* The value of the member of @object (in @doc) that has the same name as the string token @name (in @name_doc), or 0. */
uint32_t json_member_like(const struct json_doc *doc, uint32_t object, const struct json_doc *name_doc, uint32_t name);

/* Takes a step off *steps for each pair of tokens looked at, and for each 64 bytes of strings. Not settled when they run out, or when two numbers cannot
 * be compared (decimal.h). */
enum json_equality json_equal(const struct json_doc *a_doc, uint32_t a, const struct json_doc *b_doc, uint32_t b,
        uint64_t *steps);
