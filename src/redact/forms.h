/* SPDX-License-Identifier: Apache-2.0
 *
 * The spellings in which a secret is looked for: what JSON writers, base64, hex, percent and HTML encoders make of
 * it. Two of a kind are listed once. Each is at least as long as the secret, so none is shorter than
 * LIMIT_SECRET_MIN_BYTES.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "str.h"

#define FORMS_MAX 55U

struct form {
        struct str text;
        /* Base64 at this alignment has a character before (behind) @text that holds bits of the secret and of its
         * neighbour: it cannot be searched for, and must not be left standing. */
        uint8_t edge_before;
        uint8_t edge_behind;
};

/* Bytes that forms_make() needs for @value. */
size_t forms_size(struct str value);

/* Writes the forms behind one another to @space (of forms_size() bytes) and lists them; returns how many there are. */
size_t forms_make(struct str value, char *space, struct form ret[static FORMS_MAX]);
