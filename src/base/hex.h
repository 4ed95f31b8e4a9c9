/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "buf.h"

/* Appends @len bytes as lower-case hexadecimal: 0, -EMSGSIZE or -ENOMEM. */
int hex_append(struct buf *b, const uint8_t *bytes, size_t len);
