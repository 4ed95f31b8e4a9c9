/* SPDX-License-Identifier: Apache-2.0
 *
 * Parts of a credential that a server may say alone: it reads the whole (a service account's JSON, a settings file, the address of a
 * database) and repeats what it found there.
 */
#pragma once

#include "buf.h"

/* Called with each part, which is borrowed from the value or from @space; not 0 ends the search. */
typedef int (*hidden_part)(void *userdata, struct str part);

/* Tells the parts of @value: texts of a JSON value, words of other text, the password of an address. A part has 16 bytes and looks
 * like no word of a language, or 8 and a name in front of it that says what it is. @space has room for at least as many bytes as @value
 * has, and is not made larger. 0 or what @tell returned. */
int hidden_parts(struct str value, struct buf *space, hidden_part tell, void *userdata);
