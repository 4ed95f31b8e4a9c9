/* SPDX-License-Identifier: Apache-2.0
 *
 * What the formatter does where memory or room runs out. What it makes of policies is in tests/policies/fmt_test.py and
 * format_properties.c.
 */
#include "format.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "leaks.h"
#include "limit.h"

#define HEAD "leastwise: 1\nname: x\npurpose: y\n"

/* Refuses request number @fail_at (from 0) and none after it, counts all, and what was not given back. */
struct counting {
        size_t fail_at, asked;
        long living;
};

static void *counted_resize(void *userdata, void *ptr, size_t size)
{
        struct counting *c = userdata;
        void *result;

        if (c->asked++ == c->fail_at)
                return NULL;
        result = realloc(ptr, size);
        c->living += !ptr && result;
        return result;
}

static void counted_release(void *userdata, void *ptr)
{
        ((struct counting *)userdata)->living--;
        free(ptr);
}

/* As long as arenas are filled, and with everything that is put in order. */
static struct str make_text(char *out, size_t size)
{
        size_t n = (size_t)snprintf(out, size, "# first\npurpose: y\nleastwise: 1\nname: x\ntools:\n   allow:\n");

        for (unsigned i = 0; i < 60; ++i)
                n += (size_t)snprintf(out + n, size - n,
                        "     # %u\n     - because: no\n       # above\n       tool: t%u # behind\n     - {because: a,tool: [ b%u,c ]}\n     - { free: [\n         a],\n         tool: d }\n", i, i, i);
        return str_of(out, n);
}

static int format(struct buf *out, struct str text)
{
        struct diagnostics diags = { 0 };
        int r = policy_format(out, STR("p.yaml"), text, &diags);

        diagnostics_deinit(&diags);
        return r;
}

Test(format, each_allocation_refused_in_turn, .timeout = 100)
{
        static char source[32768];
        struct str text = make_text(source, sizeof(source));
        struct buf whole = BUF_INIT(LIMIT_POLICY_BYTES);
        bool fine = false;
        size_t n;

        cr_assert_eq(format(&whole, text), 0);
        cr_expect(!str_eq(buf_str(&whole), text));
        for (n = 0; !fine && n < 10000; ++n) {
                struct counting counting = { .fail_at = n };
                struct allocator allocator = { counted_resize, counted_release, &counting };
                struct buf out = BUF_INIT(LIMIT_POLICY_BYTES);
                int r;

                mem_set_allocator(&allocator);
                r = format(&out, text);
                fine = counting.asked <= n;
                cr_expect(fine ? r == 0 : r == -ENOMEM, "allocation %zu refused: %d", n, r);
                cr_expect(r != 0 || str_eq(buf_str(&out), buf_str(&whole)), "allocation %zu refused: another text", n);
                buf_deinit(&out);
                mem_set_allocator(NULL);
                cr_expect_eq(counting.living, 0, "allocation %zu refused: %ld blocks leaked", n, counting.living);
        }
        cr_expect(fine);
        cr_expect_gt(n, 100U, "%zu", n);
        buf_deinit(&whole);
        CHECK_NO_LEAKS();
}

/* Of what is printed every byte has room, or nothing is believed. */
Test(format, room)
{
        static char source[32768];
        struct str text = make_text(source, sizeof(source));
        struct buf whole = BUF_INIT(LIMIT_POLICY_BYTES);

        cr_assert_eq(format(&whole, text), 0);
        for (size_t room = 0; room <= whole.len + 1; room += room < 200 || room + 200 > whole.len ? 1 : 97) {
                struct buf out = BUF_INIT(room);

                cr_expect_eq(format(&out, text), room < whole.len ? -EMSGSIZE : 0, "room for %zu bytes of %zu", room, whole.len);
                buf_deinit(&out);
        }
        buf_deinit(&whole);
        CHECK_NO_LEAKS();
}

/* One word far longer than what is left. */
Test(format, no_room_for_one_word)
{
        static char text[20000];
        struct buf out = BUF_INIT(10000);
        size_t n = (size_t)snprintf(text, sizeof(text), HEAD "owner: ");

        memset(text + n, 'a', 15000);
        cr_expect_eq(format(&out, str_of(text, n + 15000)), -EMSGSIZE);
        buf_deinit(&out);
        CHECK_NO_LEAKS();
}

/* A policy of as many bytes as one may have, one less and one more; without its last line feed, which is put there. */
Test(format, largest)
{
        char *text = malloc(LIMIT_POLICY_BYTES + 3);

        cr_assert_not_null(text);
        for (size_t line_feed = 0; line_feed < 2; ++line_feed) {
                for (size_t len = LIMIT_POLICY_BYTES - 1; len <= LIMIT_POLICY_BYTES + 2; ++len) {
                        struct buf out = BUF_INIT(LIMIT_POLICY_BYTES);
                        bool fits = len + 1 - line_feed <= LIMIT_POLICY_BYTES;
                        size_t n = (size_t)snprintf(text, LIMIT_POLICY_BYTES, HEAD "# ");
                        int r;

                        memset(text + n, 'c', len - n);
                        if (line_feed)
                                text[len - 1] = '\n';
                        r = format(&out, str_of(text, len));
                        cr_expect_eq(r, fits ? 0 : -EMSGSIZE, "%zu bytes: %d", len, r);
                        cr_expect(r != 0 || (out.len == len + 1 - line_feed && memcmp(out.data, text, len) == 0), "%zu bytes", len);
                        buf_deinit(&out);
                }
        }
        free(text);
        CHECK_NO_LEAKS();
}
