/* SPDX-License-Identifier: Apache-2.0
 *
 * How much work any text may be, and what is found at each place of a long one: tests that decode very much.
 */
#include "looking.h"
#include "redact.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

#include "leaks.h"
#include "limit.h"
#include "one_secret.h"
#include "random.h"

/* At every offset of a window there may be what looks like half of something: what stands behind it is found. */
Test(work, nothing_ends_a_window_early, .timeout = 60)
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

Test(work, work_grows_with_the_length_and_no_faster, .timeout = 120)
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

Test(work, replacing_is_limited_work, .timeout = 120)
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
Test(work, replacing_in_many_values_is_limited_work, .timeout = 120)
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
Test(work, matches_are_limited, .timeout = 120)
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
Test(work, ordinary_lines_are_no_work)
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
