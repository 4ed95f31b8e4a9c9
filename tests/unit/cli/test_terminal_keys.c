/* SPDX-License-Identifier: Apache-2.0 */
#include "terminal_keys.h"

#include <criterion/criterion.h>
#include <stdint.h>

#include "str.h"

#define KEYS 8

Test(terminal_keys, what_keys_bytes_are)
{
        static const struct {
                const char *name;
                struct str bytes;
                int keys[KEYS]; /* up to the first -1 */
        } rows[] = {
                { "letters", STR_INIT("ad"), { 'a', 'd', -1 } },
                { "both ends of a line", STR_INIT("\r\n"), { KEY_ENTER, KEY_ENTER, -1 } },
                { "arrows", STR_INIT("\x1b[A\x1bOB\x1b[C"), { KEY_UP, KEY_DOWN, KEY_RIGHT, -1 } },
                { "pages", STR_INIT("\x1b[5~\x1b[6~\x1b[1~"), { KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_HOME, -1 } },
                { "an unknown sequence", STR_INIT("\x1b[1;5Aa"), { KEY_NONE, 'a', -1 } },
                { "a long one", STR_INIT("\x1b[11111111111111111111111111;5Aa"), { KEY_NONE, 'a', -1 } },
                { "with the meta key",
                        STR_INIT("\x1b"
                                 "aa"),
                        { KEY_NONE, 'a', -1 } },
                { "escape twice", STR_INIT("\x1b\x1b[A"), { KEY_ESCAPE, KEY_UP, -1 } },
                { "pasted", STR_INIT("\x1b[200~aa\x1b[A\r\x1b[201~d"),
                        { KEY_NONE, KEY_NONE, KEY_NONE, KEY_NONE, KEY_NONE, KEY_NONE, 'd', -1 } },
                { "controls and other bytes", STR_INIT("\x01\xC3\xA4\x7F\x0C"),
                        { KEY_NONE, KEY_NONE, KEY_NONE, KEY_NONE, KEY_REDRAW, -1 } },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct terminal_keys keys = { .length = 0 };
                size_t count = 0;
                int key;

                for (size_t at = 0; at < rows[i].bytes.len; at++)
                        if (terminal_keys_byte(&keys, rows[i].bytes.ptr[at], &key)) {
                                cr_assert_lt(count, KEYS);
                                cr_expect_eq(key, rows[i].keys[count], "row %s, key %zu: %d", rows[i].name, count, key);
                                count++;
                        }
                cr_expect_eq(rows[i].keys[count], -1, "row %s: %zu keys", rows[i].name, count);
                cr_expect(!terminal_keys_wait(&keys));
        }
}

Test(terminal_keys, a_pause_ends_a_sequence)
{
        struct terminal_keys keys = { .length = 0 };
        int key;

        cr_expect(!terminal_keys_pause(&keys, &key));
        cr_expect(!terminal_keys_byte(&keys, '\x1b', &key));
        cr_expect(terminal_keys_wait(&keys));
        cr_expect(terminal_keys_pause(&keys, &key));
        cr_expect_eq(key, KEY_ESCAPE);
        cr_expect(!terminal_keys_byte(&keys, '\x1b', &key));
        cr_expect(!terminal_keys_byte(&keys, '[', &key));
        cr_expect(terminal_keys_pause(&keys, &key));
        cr_expect_eq(key, KEY_NONE);
}

/* Whatever comes, what is pasted is no key. */
Test(terminal_keys, nothing_is_a_key_within_a_paste)
{
        struct terminal_keys keys = { .length = 0 };
        uint64_t state = 1;
        int key;

        for (const char *begin = "\x1b[200~"; *begin; begin++)
                terminal_keys_byte(&keys, *begin, &key);
        for (int i = 0; i < 100000; i++) {
                state = state * 6364136223846793005U + 1442695040888963407U;
                /* No '~', so that the end of the paste does not come about by chance. */
                if (terminal_keys_byte(&keys, "a\x1b[]O0dA\r2;\x7f"[(state >> 33) % 12], &key))
                        cr_assert_eq(key, KEY_NONE);
        }
        for (const char *end = "\x1b[201~"; *end; end++)
                terminal_keys_byte(&keys, *end, &key);
        cr_expect(terminal_keys_byte(&keys, 'a', &key) && key == 'a');
}
