/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether to colour. Colour never says what words do not say too.
 */
#pragma once

#include <stdbool.h>

/* @when: NULL (auto), "auto", "always" or "never". True with *ret set; false when it is another word. Auto: only on a
 * terminal that is not dumb, and not with NO_COLOR; CLICOLOR_FORCE colours anything. */
bool colour_wanted(const char *when, int fd, bool *ret);
