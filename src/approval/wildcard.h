/* SPDX-License-Identifier: Apache-2.0
 *
 * Patterns of people's lists, of signers and of stops: * is any run of characters, ? any one. They have no classes and no escapes;
 * those of policies are another thing (policy's pattern.h).
 */
#pragma once

#include <stdbool.h>

#include "str.h"

/* Does the whole text match? Linear in practice, and at most the product of both lengths. */
bool wildcard_matches(struct str pattern, struct str text);
