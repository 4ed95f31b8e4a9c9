/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "buf.h"

/* Appends @len bytes as lower-case hexadecimal: 0, -EMSGSIZE or -ENOMEM. */
int hex_append(struct buf *b, const uint8_t *bytes, size_t len);

/* Reads what hex_append() wrote of @len bytes, and no other spelling. Where it is none, @ret is as it was. */
bool hex_read(struct str text, uint8_t *ret, size_t len);
