/* SPDX-License-Identifier: Apache-2.0 */
#include "terminal_keys.h"

#include <string.h>

#include "str.h"

#define ESCAPE '\x1b'

static const struct sequence {
        struct str text; /* behind the escape */
        int key;
} sequences[] = {
        { STR_INIT("[A"), KEY_UP },
        { STR_INIT("[B"), KEY_DOWN },
        { STR_INIT("[C"), KEY_RIGHT },
        { STR_INIT("[D"), KEY_LEFT },
        { STR_INIT("OA"), KEY_UP },
        { STR_INIT("OB"), KEY_DOWN },
        { STR_INIT("OC"), KEY_RIGHT },
        { STR_INIT("OD"), KEY_LEFT },
        { STR_INIT("[H"), KEY_HOME },
        { STR_INIT("[F"), KEY_END },
        { STR_INIT("OH"), KEY_HOME },
        { STR_INIT("OF"), KEY_END },
        { STR_INIT("[1~"), KEY_HOME },
        { STR_INIT("[4~"), KEY_END },
        { STR_INIT("[7~"), KEY_HOME },
        { STR_INIT("[8~"), KEY_END },
        { STR_INIT("[5~"), KEY_PAGE_UP },
        { STR_INIT("[6~"), KEY_PAGE_DOWN },
};

static int plain_key(char byte)
{
        if (byte == '\r' || byte == '\n')
                return KEY_ENTER;
        if (byte == 12)
                return KEY_REDRAW;
        return byte >= ' ' && byte <= '~' ? byte : KEY_NONE;
}

/* Is the sequence whole? An escape and one character, unless that is [ (parameters and a final byte) or O (one byte).
 */
static bool is_whole(struct str s)
{
        const char last = s.ptr[s.len - 1];

        if (s.len < 2)
                return false;
        if (s.ptr[1] == '[')
                return s.len > 2 && last >= '@' && last <= '~';
        return s.ptr[1] != 'O' || s.len > 2;
}

static int sequence_key(struct terminal_keys *k, struct str s)
{
        if (str_eq(s, STR("[200~")))
                k->pasting = true;
        else if (str_eq(s, STR("[201~")))
                k->pasting = false;
        for (size_t i = 0; !k->pasting && i < sizeof(sequences) / sizeof(sequences[0]); i++)
                if (str_eq(s, sequences[i].text))
                        return sequences[i].key;
        return KEY_NONE;
}

bool terminal_keys_byte(struct terminal_keys *k, char byte, int *ret_key)
{
        if (byte == ESCAPE) {
                /* An escape before an escape was the key. Within a paste it is part of it. */
                const bool alone = k->length == 1 && !k->pasting;

                k->sequence[0] = byte;
                k->length = 1;
                *ret_key = KEY_ESCAPE;
                return alone;
        }
        if (k->length == 0) {
                *ret_key = k->pasting ? KEY_NONE : plain_key(byte);
                return true;
        }
        /* Too long to mean anything: its last byte still ends it. */
        if (k->length == KEYS_SEQUENCE_MAX)
                k->length--;
        k->sequence[k->length++] = byte;
        if (!is_whole(str_of(k->sequence, k->length)))
                return false;
        *ret_key = sequence_key(k, str_of(k->sequence + 1, k->length - 1));
        k->length = 0;
        return true;
}

bool terminal_keys_pause(struct terminal_keys *k, int *ret_key)
{
        if (k->length == 0)
                return false;
        *ret_key = k->length == 1 && !k->pasting ? KEY_ESCAPE : KEY_NONE;
        k->length = 0;
        return true;
}
