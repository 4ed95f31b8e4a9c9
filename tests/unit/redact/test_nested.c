/* SPDX-License-Identifier: Apache-2.0
 *
 * Encodings within encodings: where exactly the mark stands, and how much work any text may be. That all pairs are found is shown by
 * recall.c.
 */
#include "looking.h"
#include "redact.h"
#include "stage.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

#include "leaks.h"
#include "limit.h"
#include "random.h"

#define MARK "[redacted:TOKEN]"

static struct redactor *redactor_of(struct str value)
{
        struct redact_secret secret = { STR("TOKEN"), value };
        struct redactor *r = NULL;

        cr_assert_eq(redactor_new(&r, &secret, 1), 0);
        return r;
}

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

/* At every offset of a window there may be what looks like half of something: what stands behind it is found. */
Test(nested, nothing_ends_a_window_early, .timeout = 60)
{
        static const char *const pieces[] = { "\\\"r\\\"", "\\tr\\t", "\\\\r\\\\", "\\r\\r\\r",
                "\\r\\n\\r\\n", "\\\\\\r\\\\", "%7%7%7", "&#1&#1" };
        struct redactor *r = redactor_of(STR("secret-one"));
        const size_t window = 2 * redactor_looking(r)->longest + 4096;

        for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
                for (size_t fill = 0; fill < window + 8; fill++) {
                        struct buf line = BUF_INIT(1U << 16), out = BUF_INIT(1U << 16);

                        buf_printf(&line, "[\"\\n");
                        while (line.len < fill)
                                buf_append_char(&line, '.');
                        buf_printf(&line, "%s.c2Vj\\ncmV0\\nLW9uZQ==\"]", pieces[i]);
                        cr_assert_eq(redactor_apply_json(r, buf_str(&line), &out), 0, "%s at %zu", pieces[i], fill);
                        cr_assert(memmem(out.data, out.len, MARK, sizeof(MARK) - 1), "%s at %zu", pieces[i], fill);
                        buf_deinit(&line);
                        buf_deinit(&out);
                }
        }
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

/* @piece over and over, encoded by @outer. */
static struct buf hostile(struct str piece, int outer, size_t length)
{
        struct buf text = BUF_INIT(4U << 20), out = BUF_INIT(8U << 20);

        while (text.len < length)
                buf_append_str(&text, piece);
        buf_reserve(&out, text.len * 4);
        switch (outer) {
        case 1: /* base64 */
        case 2: /* the same in lines */
                sodium_bin2base64(out.data, text.len * 4, (const uint8_t *)text.data, text.len, sodium_base64_VARIANT_ORIGINAL);
                out.len = strlen(out.data);
                for (size_t i = 76; outer == 2 && i < out.len; i += 77)
                        out.data[i] = '\n';
                break;
        case 3: /* hex */
                sodium_bin2hex(out.data, text.len * 4, (const uint8_t *)text.data, text.len);
                out.len = text.len * 2;
                break;
        default:
                buf_append_str(&out, buf_str(&text));
                break;
        }
        buf_deinit(&text);
        return out;
}

/* Bytes decoded, and steps to do so. */
static size_t work_of(const struct redactor *r, struct str piece, int outer, size_t length, size_t *ret_length)
{
        struct buf text = hostile(piece, outer, length);
        const size_t before = decoded_search_work(redactor_looking(r)->search);

        cr_expect_not(redactor_finds(r, buf_str(&text)));
        cr_expect_not(redactor_finds_json(r, buf_str(&text)));
        *ret_length = text.len;
        buf_deinit(&text);
        return decoded_search_work(redactor_looking(r)->search) - before;
}

Test(nested, work_grows_with_the_length_and_no_faster, .timeout = 120)
{
        static const struct str pieces[] = { STR_INIT("%"), STR_INIT("%25"), STR_INIT("%41"), STR_INIT("%2541%26%5C"), STR_INIT("&"), STR_INIT("&#"),
                STR_INIT("&#00000065;"), STR_INIT("&amp;#65;"), STR_INIT("\\"), STR_INIT("\\\\"), STR_INIT("\\\\n"), STR_INIT("\\u0041"),
                STR_INIT("\\\\u0041"), STR_INIT("\\u005cu0041"), STR_INIT("\\n   "), STR_INIT("\n  "), STR_INIT("QUFB"), STR_INIT("QUFBQUFB\n"),
                STR_INIT("AA"), STR_INIT("41"), STR_INIT("41 "), STR_INIT("4:1 "), STR_INIT("aaaaaaa\x01"), STR_INIT("secret-on"),
                STR_INIT("%41&#65;\\u0041\nQUFBQUFB 41:41:41:41:41:41:41:41\\\\n%2541&amp;#65;") };
        static const struct str values[] = { STR_INIT("secret-one"), STR_INIT("a-secret-of-forty-characters-in-all-yes!") };
        const size_t length = 1U << 15;

        for (size_t v = 0; v < 2; v++) {
                struct redactor *r = redactor_of(values[v]);

                for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
                        for (int outer = 0; outer < 4; outer++) {
                                size_t once_length, twice_length;
                                const size_t once = work_of(r, pieces[i], outer, length, &once_length);
                                const size_t twice = work_of(r, pieces[i], outer, 2 * length, &twice_length);

                                cr_expect_leq(twice, once * 2 + once / 10 + 4096, "piece %zu, outer %d: %zu, then %zu", i, outer, once, twice);
                                /* Two searches, each by at most 55 routes of up to three steps. */
                                cr_expect_leq(once, 128 * once_length, "piece %zu, outer %d: %zu for %zu bytes", i, outer, once, once_length);
                        }
                }
                redactor_free(r);
        }
        CHECK_NO_LEAKS();
}

static void put_each(struct buf *out, struct str text, int how)
{
        for (size_t i = 0; i < text.len; i++) {
                const unsigned byte = (unsigned char)text.ptr[i];

                switch (how) {
                case 0:
                        buf_printf(out, "%%%02x", byte);
                        break;
                case 1:
                        buf_printf(out, "%%25%02x", byte);
                        break;
                case 2:
                        buf_printf(out, "&#%u;", byte);
                        break;
                default:
                        buf_printf(out, "\\u%04x", byte);
                        break;
                }
        }
}

/* secret-one by every route that there is. */
static void put_all_routes(struct buf *out)
{
        static const char *const inners[] = { "secret-one", "\\u0073ecret-one", "%73ecret-one", "&#115;ecret-one", "c2Vj\ncmV0\nLW9uZQ==" };
        char space[256];

        for (size_t i = 0; i < sizeof(inners) / sizeof(inners[0]); i++) {
                const struct str inner = str_from(inners[i]);

                for (int k = 0; k < 4; k++) {
                        put_each(out, inner, k);
                        buf_printf(out, " ! ");
                }
                for (int k = 0; k < 6; k++) {
                        buf_printf(out, "%.*s", k % 4, "123");
                        if (k < 4)
                                sodium_bin2base64(space, sizeof(space), (const uint8_t *)inner.ptr, inner.len, sodium_base64_VARIANT_ORIGINAL);
                        else
                                sodium_bin2hex(space, sizeof(space), (const uint8_t *)inner.ptr, inner.len);
                        buf_printf(out, "%s ! ", space);
                }
        }
}

/* A line with the secret by all routes and @length bytes of encodings besides. */
static int replace_all(const struct redactor *r, size_t length, size_t *ret_work)
{
        static const struct str piece = STR_INIT("%41&#65;\\u0041\nQUFBQUFB 41:41:41:41:41:41:41:41\\\\n%2541&amp;#65;");
        struct buf text = BUF_INIT(64U << 20), out = BUF_INIT(64U << 20);
        const size_t before = decoded_search_work(redactor_looking(r)->search);
        int result;

        put_all_routes(&text);
        while (text.len < length)
                buf_append_str(&text, piece);
        result = redactor_apply(r, buf_str(&text), &out);
        *ret_work = decoded_search_work(redactor_looking(r)->search) - before;
        cr_expect_not(result == 0 && redactor_finds(r, buf_str(&out)), "%.*s", (int)(out.len < 2000 ? out.len : 2000), out.data);
        buf_deinit(&text);
        buf_deinit(&out);
        return result;
}

Test(nested, replacing_is_limited_work, .timeout = 120)
{
        struct redactor *r = redactor_of(STR("secret-one"));
        size_t once, twice, most;

        cr_expect_eq(replace_all(r, 1U << 15, &once), 0);
        cr_expect_eq(replace_all(r, 1U << 16, &twice), 0);
        cr_expect_leq(twice, 2 * once + once / 10, "%zu, then %zu", once, twice);
        cr_expect_eq(replace_all(r, LIMIT_LINE_BYTES, &most), -EBADMSG);
        /* And what one more search may be. */
        cr_expect_leq(most, LIMIT_REDACTED_WORK + 64U * LIMIT_LINE_BYTES);
        redactor_free(r);
        CHECK_NO_LEAKS();
}

/* A search as such is work as well: a line may have millions of values that are as long as a secret. */
Test(nested, replacing_in_many_values_is_limited_work, .timeout = 120)
{
        struct redactor *r = redactor_of(STR("secret-one"));
        struct buf text = BUF_INIT(16U << 20), out = BUF_INIT(16U << 20), routes = BUF_INIT(1U << 16);

        put_all_routes(&routes);
        buf_append_str(&text, STR("[\""));
        for (size_t i = 0; i < routes.len; i++) {
                if (routes.data[i] == '\n')
                        buf_append_str(&text, STR("\\n"));
                else if (routes.data[i] == '\\')
                        buf_append_str(&text, STR("\\\\"));
                else
                        buf_append_char(&text, routes.data[i]);
        }
        buf_append_char(&text, '"');
        while (text.len < LIMIT_LINE_BYTES - 16)
                buf_append_str(&text, STR(",\"..........\""));
        buf_append_char(&text, ']');
        cr_expect_eq(redactor_apply_json(r, buf_str(&text), &out), -EBADMSG);
        buf_deinit(&text);
        buf_deinit(&out);
        buf_deinit(&routes);
        redactor_free(r);
        CHECK_NO_LEAKS();
}

/* Where a secret repeats itself, one begins at each byte: that is one match. As many as there may be, and one more. */
Test(nested, matches_are_limited, .timeout = 120)
{
        struct redactor *r = redactor_of(STR("aaaaaaaa"));
        struct buf text = BUF_INIT(16U << 20), out = BUF_INIT(16U << 20);

        while (text.len < LIMIT_LINE_BYTES)
                buf_append_str(&text, STR("aaaaaaaaaaaaaaaa"));
        cr_expect_eq(redactor_apply(r, buf_str(&text), &out), 0);
        cr_expect(str_eq(buf_str(&out), STR(MARK)));
        buf_clear(&text, text.limit);
        for (size_t i = 0; i < LIMIT_REDACTED_MATCHES; i++)
                buf_append_str(&text, STR("aaaaaaaa."));
        buf_clear(&out, out.limit);
        cr_expect_eq(redactor_apply(r, buf_str(&text), &out), 0);
        cr_expect_eq(out.len, (size_t)LIMIT_REDACTED_MATCHES * sizeof(MARK));
        buf_append_str(&text, STR("aaaaaaaa."));
        buf_clear(&out, out.limit);
        cr_expect_eq(redactor_apply(r, buf_str(&text), &out), -EBADMSG);
        buf_deinit(&text);
        buf_deinit(&out);
        redactor_free(r);
        CHECK_NO_LEAKS();
}

/* What every line pays: nothing is decoded of one in which nothing is encoded, nor of a picture in base64. */
Test(nested, ordinary_lines_are_no_work)
{
        struct redactor *r = redactor_of(STR("a-secret-of-forty-characters-in-all-yes!"));
        const struct str line = STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"The file was read; line 1204 of "
                                    "it says: if (x < 0) return -1;\"},{\"type\":\"text\",\"text\":\"3f9a0c5e-77aa-4b21-9d3c-0123456789ab\"}]}}");
        struct buf picture = BUF_INIT(2U << 20);
        uint64_t seed = 9;

        cr_expect_not(redactor_finds_json(r, line));
        while (picture.len < 1U << 20)
                buf_append_char(&picture, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[random_below(&seed, 64)]);
        cr_expect_not(redactor_finds_json(r, buf_str(&picture)));
        cr_expect_eq(decoded_search_work(redactor_looking(r)->search), 0U);
        buf_deinit(&picture);
        redactor_free(r);
        CHECK_NO_LEAKS();
}
