/* SPDX-License-Identifier: Apache-2.0
 *
 * Characters that a person sees where they stand.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Not a control character, of no width, nor one that changes the direction or the order of what is shown. */
bool code_point_is_visible(uint32_t cp);
