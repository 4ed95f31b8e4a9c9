/* SPDX-License-Identifier: Apache-2.0
 *
 * What a terminal sends, as keys. Text that is pasted is no keys: terminals mark it (bracketed paste), and what stands
 * between the marks is dropped, so that nobody approves by pasting.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A key is a printable ASCII character, or one of these. */
enum {
        KEY_NONE = 0, /* of no meaning here: another sequence, a control, a byte outside ASCII */
        KEY_ENTER = 0x100,
        KEY_ESCAPE,
        KEY_UP,
        KEY_DOWN,
        KEY_LEFT,
        KEY_RIGHT,
        KEY_PAGE_UP,
        KEY_PAGE_DOWN,
        KEY_HOME,
        KEY_END,
        KEY_REDRAW, /* ctrl-L */
};

/* Longer sequences are of no meaning here. */
#define KEYS_SEQUENCE_MAX 16U

struct terminal_keys {
        char sequence[KEYS_SEQUENCE_MAX];
        size_t length; /* of a sequence that has begun */
        bool pasting;
};

/* Takes one byte: true with a key (which may be KEY_NONE), false while a sequence goes on. */
bool terminal_keys_byte(struct terminal_keys *k, char byte, int *ret_key);

/* Nothing has come for a while: true with a key when one had begun that is whole by that, which is the escape key by
 * itself. */
bool terminal_keys_pause(struct terminal_keys *k, int *ret_key);

/* Is a sequence under way? */
static inline bool terminal_keys_wait(const struct terminal_keys *k)
{
        return k->length > 0;
}
