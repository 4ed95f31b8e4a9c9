/* SPDX-License-Identifier: Apache-2.0
 *
 * Structures of callers that begin with their size. A caller built with an older header has fewer members: the others are zero. One
 * built with a newer header may have more: they must be zero, for what this library does not know it must not ignore.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Copies @from to @ret, @size bytes, at least @least of which the caller must have. False when it is none of ours. */
bool versioned_read(void *ret, size_t size, size_t least, const void *from);
