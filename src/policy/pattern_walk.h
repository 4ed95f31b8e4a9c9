/* SPDX-License-Identifier: Apache-2.0
 *
 * The search behind pattern_compare.h; for that file only. It knows nothing of the matcher's limits: whoever asks has seen to it
 * that the patterns settle within them, and that they read characters.
 */
#pragma once

#include "pattern.h"

enum pattern_found { PATTERN_FOUND_NONE, PATTERN_FOUND_ONE, PATTERN_FOUND_UNKNOWN /* too large, or no memory */ };

/* Is there a text that @a and @b match, and @wide does not? Without @wide: one that both match? */
enum pattern_found pattern_walk(const struct pattern *a, const struct pattern *b, const struct pattern *wide);
