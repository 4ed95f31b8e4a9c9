/* SPDX-License-Identifier: Apache-2.0
 *
 * Characters that stand for themselves with every program, also with one that applies a Unicode normal form, trims
 * white space, or converts to a code page by "best fit".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Visible, no white space but U+0020, and not folded by anything into one of . / \ : ~ $ % */
bool character_is_clear(uint32_t cp);
