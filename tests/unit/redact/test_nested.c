/* SPDX-License-Identifier: Apache-2.0
 *
 * Encodings within encodings: where exactly the mark stands. That all pairs are found is shown by recall.c; how much work any text may
 * be, by test_work.c.
 */
#include "looking.h"
#include "redact.h"
#include "stage.h"

#include <criterion/criterion.h>

#include "leaks.h"
#include "one_secret.h"

Test(nested, rows)
{
        static const struct row {
                const char *name;
                bool json;
                struct str secret, in, out;
        } rows[] = {
                /* in front %73ecret-on%65 behind */
                { "percent in base64", false, STR_INIT("secret-one"), STR_INIT("data:aW4gZnJvbnQgJTczZWNyZXQtb24lNjUgYmVoaW5k,"),
                        STR_INIT("data:aW4gZnJvbnQg" MARK "gYmVoaW5k,") },
                { "the same in lines", false, STR_INIT("secret-one"), STR_INIT("aW4gZnJvbnQgJTcz\n  ZWNyZXQtb24lNjUg\n  YmVoaW5k\n"),
                        STR_INIT("aW4gZnJvbnQg" MARK "g\n  YmVoaW5k\n") },
                { "the same in a line of JSON", true, STR_INIT("secret-one"), STR_INIT("[\"aW4gZnJvbnQgJTcz\\r\\nZWNyZXQtb24lNjUg\\r\\nYmVoaW5k\"]"),
                        STR_INIT("[\"aW4gZnJvbnQg" MARK "g\\r\\nYmVoaW5k\"]") },
                { "words beside it", false, STR_INIT("secret-one"), STR_INIT("wordJTczZWNyZXQtb24lNjU word"), STR_INIT("word" MARK " word") },
                { "base64 in base64", false, STR_INIT("secret-one"), STR_INIT("YzJWamNtVjBMVzl1WlE9PQ=="), STR_INIT(MARK "9PQ==") },
                { "hex in hex, which is a number", true, STR_INIT("secret0123"),
                        STR_INIT("{\"n\":3733363536333732363537343330333133323333}"), STR_INIT("{\"n\":0}") },
                { "references in percent-encoding", true, STR_INIT("secret-one"), STR_INIT("[\"%26%23115%3Becret-on%26#x65;!\"]"),
                        STR_INIT("[\"" MARK "!\"]") },
                { "base64 in lines, in percent-encoding", true, STR_INIT("secret-one, and more"),
                        STR_INIT("[\"c2VjcmV0%0D%0ALW9uZSwg%0AYW5kIG1vcmU%3D.\"]"), STR_INIT("[\"" MARK "%3D.\"]") },
                { "an edge of base64 that is encoded, too", false, STR_INIT("secret-one"), STR_INIT("x%7A%63%32VjcmV0LW9u%5AQ%3D%3D"),
                        STR_INIT("x%7A" MARK "%3D%3D") },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                const struct row *row = &rows[i];
                struct redactor *r = redactor_of(row->secret);
                struct buf out = BUF_INIT(4096);

                cr_expect_eq(row->json ? redactor_apply_json(r, row->in, &out) : redactor_apply(r, row->in, &out), 0, "%s", row->name);
                cr_expect(str_eq(buf_str(&out), row->out), "%s: %.*s", row->name, STR_FMT(buf_str(&out)));
                buf_deinit(&out);
                redactor_free(r);
        }
        CHECK_NO_LEAKS();
}

/* A mark moves what is behind it to another alignment, and what comes behind a newline is read as if it were joined. */
Test(nested, many_in_one_text)
{
        static const char *const between[] = { ".", "..", "...", "....", "\n", "\n.", "\n  ..", "," };
        struct redactor *r = redactor_of(STR("secret-one"));
        struct buf text = BUF_INIT(1U << 16), expected = BUF_INIT(1U << 16), out = BUF_INIT(1U << 16);

        for (size_t i = 0; i < 64; i++) {
                const char *gap = between[i * i % 8];

                buf_printf(&text, "%s%s", i % 3 ? "JTczZWNyZXQtb24lNjUg" : "25373365637265742d6f6e25363520", gap);
                buf_printf(&expected, MARK "%s%s", i % 3 ? "g" : "20", gap);
        }
        cr_expect_eq(redactor_apply(r, buf_str(&text), &out), 0);
        cr_expect(str_eq(buf_str(&out), buf_str(&expected)), "%.*s\n%.*s", STR_FMT(buf_str(&out)), STR_FMT(buf_str(&expected)));
        buf_deinit(&text);
        buf_deinit(&expected);
        buf_deinit(&out);
        redactor_free(r);
        CHECK_NO_LEAKS();
}

/* Numbers in front of hex, glued to it or not, in every combination of even and odd. */
Test(nested, digits_in_front_of_hex)
{
        static const char *const before[] = { "", "1", "12", "123", "1 ", "12 ", "123 ", ":", ": ", "1: ", "1 2 ", "12:34 5 ",
                "123 456: ", "size 1\n",
                "size 12\n  ", "123 4\n" };
        static const char *const hex[] = { "25373365637265742d6f6e65", "25:37:33:65:63:72:65:74:2d:6f:6e:65", "25 37 33 65 63 72 65 74 2D 6F 6E 65" };
        struct redactor *r = redactor_of(STR("secret-one"));

        for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
                for (size_t k = 0; k < 4 * 3 * 3; k++) {
                        struct buf text = BUF_INIT(4096), out = BUF_INIT(4096);

                        buf_printf(&text, "x %s%.*s%s%.*s", before[i], (int)(k % 4), "456", hex[k / 4 % 3], (int)(k / 12), "67");
                        cr_expect_eq(redactor_apply(r, buf_str(&text), &out), 0);
                        cr_expect(memmem(out.data, out.len, MARK, sizeof(MARK) - 1), "%.*s", STR_FMT(buf_str(&text)));
                        buf_deinit(&text);
                        buf_deinit(&out);
                }
        }
        redactor_free(r);
        CHECK_NO_LEAKS();
}

/* A stage with too little room for what the next one must see at once: that is told, and no end. */
Test(nested, a_stage_that_is_stuck_says_so)
{
        struct stage text, small, next;

        cr_assert_eq(stage_init(&small, 32), 0);
        cr_assert_eq(stage_init(&next, 4096), 0);
        stage_of_text(&text, STR("........................................................................................................"));
        stage_begin(&small, &text, DECODE_PERCENT, 0, false, false);
        stage_begin(&next, &small, DECODE_WRAPS, 0, false, false);
        while (stage_more(&next) && !next.ended)
                next.taken = next.length;
        cr_expect(next.ended);
        cr_expect(next.stuck);
        stage_deinit(&small);
        stage_deinit(&next);
        CHECK_NO_LEAKS();
}
