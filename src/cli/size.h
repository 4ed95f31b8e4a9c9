/* SPDX-License-Identifier: Apache-2.0
 *
 * Sizes as people write them: "65536", "64KiB", "10MiB".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* False when @text is no size or more than @max. */
bool size_parse(const char *text, size_t max, size_t *ret);
