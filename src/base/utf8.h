/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing past U+10FFFF.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

/* Decodes one code point at the start of @s: its length in bytes (1 to 4) with *ret_cp set, or 0 when the
 * bytes are not valid UTF-8 or @s is empty. */
size_t utf8_decode(struct str s, uint32_t *ret_cp);

/* Writes @cp (a valid code point, not a surrogate) to @out; returns how many of its 4 bytes were used. */
size_t utf8_encode(uint32_t cp, char out[static 4]);

bool utf8_is_valid(struct str s);
