/* SPDX-License-Identifier: Apache-2.0 */
#include "redact.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
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

static void expect_redacted(const struct redactor *r, struct str text, struct str expected, const char *row)
{
        struct buf out = BUF_INIT(1U << 20);

        cr_expect_eq(redactor_apply(r, text, &out), 0);
        cr_expect(str_eq(buf_str(&out), expected), "%s\n in  %.*s\n out %.*s\n for %.*s", row, STR_FMT(text),
                STR_FMT(buf_str(&out)), STR_FMT(expected));
        cr_expect(redactor_finds(r, text) != str_eq(text, expected), "%s", row);
        buf_deinit(&out);
}

/* The form at the start, in the middle, at the end and twice in a row. */
static void expect_everywhere(const struct redactor *r, struct str form, const char *row)
{
        static const char *const around[][3] = {
                { "", "", "" },
                { "", "", " behind it" },
                { "~ in front ", "", " behind ~" },
                { "~ in front ", "", "" },
                { "~", " ", "~" },
        };

        for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
                struct buf text = BUF_INIT(1U << 20), expected = BUF_INIT(1U << 20);
                bool twice = around[i][1][0];

                buf_printf(&text, "%s%.*s", around[i][0], STR_FMT(form));
                buf_printf(&expected, "%s" MARK, around[i][0]);
                if (twice) {
                        buf_printf(&text, "%s%.*s", around[i][1], STR_FMT(form));
                        buf_printf(&expected, "%s" MARK, around[i][1]);
                }
                buf_printf(&text, "%s", around[i][2]);
                buf_printf(&expected, "%s", around[i][2]);
                expect_redacted(r, buf_str(&text), buf_str(&expected), row);
                buf_deinit(&text);
                buf_deinit(&expected);
        }
}

static struct str random_secret(uint64_t *seed, char *space, size_t max)
{
        static const char *const alphabets[] = {
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=_-",
                " !\"#$%&'()*+,-./0123456789:;<=>?@AZ[\\]^_`az{|}~",
                "\"\\/<>&'+",
        };
        const char *alphabet = alphabets[random_below(seed, 4)];
        size_t len = 8 + random_below(seed, max - 8), count = strlen(alphabet);

        for (size_t i = 0; i < len; i++)
                space[i] = alphabet[random_below(seed, count)];
        /* A secret of one repeated character is hidden, but the border between two of them cannot be known. */
        memcpy(space, "<7", 2);
        memcpy(space + len - 2, "9>", 2);
        return str_of(space, len);
}

/* An encoder as somebody else would write it: @escapes lists pairs of a character and its spelling. */
static void encode(struct buf *out, struct str value, const char *const escapes[][2])
{
        for (size_t i = 0; i < value.len; i++) {
                const char *spelling = NULL;

                for (size_t k = 0; escapes[k][0]; k++) {
                        if (escapes[k][0][0] == value.ptr[i])
                                spelling = escapes[k][1];
                }
                if (spelling)
                        buf_append_str(out, str_from(spelling));
                else
                        buf_append_char(out, value.ptr[i]);
        }
}

static const char *const json[][2] = { { "\"", "\\\"" }, { "\\", "\\\\" }, { NULL } };
static const char *const php[][2] = { { "\"", "\\\"" }, { "\\", "\\\\" }, { "/", "\\/" }, { NULL } };
static const char *const go[][2] = { { "\"", "\\\"" }, { "\\", "\\\\" }, { "<", "\\u003c" }, { ">", "\\u003e" },
        { "&", "\\u0026" }, { NULL } };
static const char *const dotnet[][2] = { { "\"", "\\u0022" }, { "\\", "\\\\" }, { "<", "\\u003C" }, { ">", "\\u003E" },
        { "&", "\\u0026" }, { "'", "\\u0027" }, { "+", "\\u002B" }, { "`", "\\u0060" }, { NULL } };
static const char *const html[][2] = { { "&", "&amp;" }, { "<", "&lt;" }, { ">", "&gt;" }, { "\"", "&quot;" },
        { "'", "&#39;" }, { NULL } };

static void check_escaped(const struct redactor *r, struct str value)
{
        static const struct {
                const char *name;
                const char *const (*escapes)[2];
        } rows[] = { { "JSON", json }, { "JSON of PHP", php }, { "JSON of Go", go }, { "JSON of .NET", dotnet },
                { "HTML", html } };

        expect_everywhere(r, value, "plain");
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct buf once = BUF_INIT(4096), twice = BUF_INIT(4096);

                encode(&once, value, rows[i].escapes);
                encode(&twice, buf_str(&once), json);
                expect_everywhere(r, buf_str(&once), rows[i].name);
                expect_everywhere(r, buf_str(&twice), rows[i].name);
                buf_deinit(&once);
                buf_deinit(&twice);
        }
}

static void check_percent_and_hex(const struct redactor *r, struct str value)
{
        static const char *const formats[][2] = { { "%02x", "" }, { "%02X", "" }, { "%02x", ":" }, { "%02X", " " },
                { "%%%02x", "" }, { "%%%02X", "" }, { "%%25%02X", "" } };

        for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
                struct buf text = BUF_INIT(4096);

                for (size_t k = 0; k < value.len; k++) {
                        char byte[8];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
                        snprintf(byte, sizeof(byte), formats[i][0], (unsigned)(unsigned char)value.ptr[k]);
#pragma GCC diagnostic pop
                        buf_printf(&text, "%s%s", k ? formats[i][1] : "", byte);
                }
                expect_everywhere(r, buf_str(&text), formats[i][0]);
                buf_deinit(&text);
        }
        for (int upper = 0; upper < 2; upper++) {
                struct buf text = BUF_INIT(4096);

                for (size_t k = 0; k < value.len; k++) {
                        char c = value.ptr[k];

                        if (strchr("-._~", c) || (c >= '0' && c <= '9') ||
                                ((c | 32) >= 'a' && (c | 32) <= 'z'))
                                buf_append_char(&text, c);
                        else
                                buf_printf(&text, upper ? "%%%02X" : "%%%02x", (unsigned)(unsigned char)c);
                }
                expect_everywhere(r, buf_str(&text), "percent-encoded where needed");
                buf_deinit(&text);
        }
}

/* libsodium's encoder; every character that holds a bit of the secret must go, and no other. */
static void check_base64(const struct redactor *r, struct str value, uint64_t *seed)
{
        static const int variants[] = { sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING,
                sodium_base64_VARIANT_URLSAFE, sodium_base64_VARIANT_URLSAFE_NO_PADDING };

        for (size_t i = 0; i < 4 * 9; i++) {
                size_t before = i / 4 % 3, behind = i / 12;
                uint8_t bytes[128];
                char text[256];
                struct buf expected = BUF_INIT(1024);
                size_t first = before * 8 / 6, last = ((before + value.len) * 8 + 5) / 6;

                for (size_t k = 0; k < sizeof(bytes); k++)
                        bytes[k] = (uint8_t)random_next(seed);
                memcpy(bytes + before, value.ptr, value.len);
                sodium_bin2base64(text, sizeof(text), bytes, before + value.len + behind, variants[i % 4]);
                buf_printf(&expected, "%.*s" MARK "%s", (int)first, text, text + last);
                expect_redacted(r, str_from(text), buf_str(&expected), "base64");
                buf_deinit(&expected);
        }
}

Test(redact, every_form_of_random_secrets_is_found, .timeout = 120)
{
        uint64_t seed = 11;

        cr_assert_geq(sodium_init(), 0);
        for (int round = 0; round < 2000; round++) {
                char space[64];
                struct str value = random_secret(&seed, space, sizeof(space));
                struct redactor *r = redactor_of(value);

                check_escaped(r, value);
                check_percent_and_hex(r, value);
                check_base64(r, value, &seed);
                redactor_free(r);
        }
        CHECK_NO_LEAKS();
}

Test(redact, rows)
{
        static const struct {
                const char *name;
                struct str secret, in, out;
        } rows[] = {
                { "controls, twice escaped", STR_INIT("a\nb\tc\x01" "defg"), STR_INIT("x a\\\\nb\\\\tc\\\\u0001defg"),
                        STR_INIT("x " MARK) },
                { "C1 and U+2028", STR_INIT("\xC2\x85 secret \xE2\x80\xA8"), STR_INIT("\\u0085 secret \\u2028"),
                        STR_INIT(MARK) },
                { "Python's ASCII", STR_INIT("gr\xC3\xBC\xC3\x9F" "e \xF0\x9F\x98\x80"),
                        STR_INIT("gr\\\\u00fc\\\\u00dfe \\\\ud83d\\\\ude00"), STR_INIT(MARK) },
                { "bytes that are not UTF-8", STR_INIT("\xFF\xFE secret"), STR_INIT("\xFF\xFE secret!"),
                        STR_INIT(MARK "!") },
                { "encodeURIComponent()", STR_INIT("it's(me)*/?"), STR_INIT("it's(me)*%2F%3F"), STR_INIT(MARK) },
                { "encodeURI()", STR_INIT("a b/c?d=e&f"), STR_INIT("a%20b/c?d=e&f"), STR_INIT(MARK) },
                { "Python's quote()", STR_INIT("a b/c?d=e&f"), STR_INIT("a%20b/c%3Fd%3De%26f"), STR_INIT(MARK) },
                { "a form of the web", STR_INIT("a b/c?d=e f"), STR_INIT("a+b%2Fc%3Fd%3De+f"), STR_INIT(MARK) },
                { "the same of nothing else", STR_INIT("correct horse"), STR_INIT("q=correct+horse&"), STR_INIT("q=" MARK "&") },
                { "the same within percent-encoding", STR_INIT("a b/c?d=e f"), STR_INIT("a%2bb%252fc%253fd%253De%2Bf"), STR_INIT(MARK) },
                { "the same with quotes within JSON text", STR_INIT("a \"b\" c d"), STR_INIT("\\\"a+\\\"b\\\"+c+d\\\""), STR_INIT("\\\"" MARK "\\\"") },
                { "NUL in a secret", STR_INIT("12345\0" "678"), STR_INIT("12345\0" "678"), STR_INIT(MARK) },
                { "one byte short", STR_INIT("12345678"), STR_INIT("1234567 2345678"), STR_INIT("1234567 2345678") },
                { "overlapping itself", STR_INIT("abcabcab"), STR_INIT("abcabcabcab!"), STR_INIT(MARK "!") },
                { "empty", STR_INIT("12345678"), STR_INIT(""), STR_INIT("") },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct redactor *r = redactor_of(rows[i].secret);

                expect_redacted(r, rows[i].in, rows[i].out, rows[i].name);
                redactor_free(r);
        }
        CHECK_NO_LEAKS();
}

/* A mark is no group of base64: what stands behind it is at another alignment then. */
Test(redact, nothing_is_left_behind_marks)
{
        static const struct {
                struct str secret, in, out;
        } rows[] = {
                { STR_INIT("f19ba9c01b65f"),
                        STR_INIT("ZjE5JTYyYTklNjMlMzAxJTYyNjUlNjYzYTBaakU1WW1FNVl6QXhZalkxWmc9PWZcdTAwMzFcdTAwMzlcdTAwNjJcdTAwNjE5YzBcdTAwMzFcdTAwNjI2"
                                 "NVx1MDA2Ng=="),
                        STR_INIT(MARK "zYT" MARK "9P" MARK "==") },
                { STR_INIT("&nn;\"&b\"&n\"b;bb\\"),
                        STR_INIT("6E:26:62:26:6E:6E:3B:22:26:62:0A:20:20:22:26:6E:22:62:3B:62:0A:20:20:62:5C:5C:75:30:30:32:36:5C:75:30:30:36:65:5C:75:30:"
                                 "30:36:65:3B:22:26:62:5C:75:30:30:32:32:26:6E:22:5C:75:30:30:36:32:5C:75:30:30:33:62:5C:75:30:30:36:32:5C:75:30:30:36:32:"
                                 "5C"),
                        STR_INIT("6E:26:62:" MARK ":" MARK) },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct redactor *r = redactor_of(rows[i].secret);

                struct buf line = BUF_INIT(1000), expected = BUF_INIT(1000), out = BUF_INIT(1000);

                expect_redacted(r, rows[i].in, rows[i].out, "behind a mark");
                buf_printf(&line, "{\"%.*s\":1}", STR_FMT(rows[i].in));
                buf_printf(&expected, "{\"%.*s\":1}", STR_FMT(rows[i].out));
                cr_expect_eq(redactor_apply_json(r, buf_str(&line), &out), 0);
                cr_expect(str_eq(buf_str(&out), buf_str(&expected)), "%.*s", STR_FMT(buf_str(&out)));
                buf_deinit(&line);
                buf_deinit(&expected);
                buf_deinit(&out);
                redactor_free(r);
        }
        CHECK_NO_LEAKS();
}

Test(redact, several_secrets)
{
        static const struct redact_secret secrets[] = {
                { STR_INIT("A"), STR_INIT("prefix-of-it") },
                { STR_INIT("B"), STR_INIT("prefix-of-it-and-more") },
                { STR_INIT("C"), STR_INIT("and-more-of-the-other") },
                { STR_INIT("D"), STR_INIT("fix-of-it") },
                { STR_INIT("E"), STR_INIT("prefix-of-it") },
        };
        static const struct str rows[][2] = {
                { STR_INIT("prefix-of-it."), STR_INIT("[redacted:A].") },
                { STR_INIT("prefix-of-it-and-more."), STR_INIT("[redacted:B].") },
                { STR_INIT("prefix-of-it-and-more-of-the-other."), STR_INIT("[redacted:B].") },
                { STR_INIT("fix-of-it,prefix-of-it-and"), STR_INIT("[redacted:D],[redacted:A]-and") },
                { STR_INIT("prefix-of-itfix-of-it"), STR_INIT("[redacted:A][redacted:D]") },
                { STR_INIT("and-more-of-the-otherprefix-of-it-and-more"), STR_INIT("[redacted:C][redacted:B]") },
        };
        struct redactor *r = NULL;

        cr_assert_eq(redactor_new(&r, secrets, 5), 0);
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                expect_redacted(r, rows[i][0], rows[i][1], "several");
        redactor_free(r);
        CHECK_NO_LEAKS();
}

Test(redact, benign_lines_stay_as_they_are)
{
        static const char alphabet[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=_-%\"\\{}[]:, ";
        struct redact_secret secrets[8];
        char space[8][32], line[200];
        struct redactor *r = NULL;
        uint64_t seed = 5;

        for (size_t i = 0; i < 8; i++)
                secrets[i] = (struct redact_secret){ STR("S"), random_secret(&seed, space[i], sizeof(space[i])) };
        cr_assert_eq(redactor_new(&r, secrets, 8), 0);
        for (int i = 0; i < 100000; i++) {
                struct str text = { line, random_below(&seed, sizeof(line)) };

                for (size_t k = 0; k < text.len; k++)
                        line[k] = alphabet[random_below(&seed, sizeof(alphabet) - 1)];
                cr_assert_not(redactor_finds(r, text), "%.*s", STR_FMT(text));
        }
        redactor_free(r);
        CHECK_NO_LEAKS();
}

Test(redact, limits)
{
        struct redact_secret secret = { STR("N"), STR("1234567") };
        struct buf out = BUF_INIT(20);
        struct redactor *r = NULL;
        char *large;

        cr_expect_eq(redactor_new(&r, &secret, 1), -EINVAL);
        cr_expect_null(r);
        secret.value = STR("12345678");
        cr_assert_eq(redactor_new(&r, &secret, 1), 0);
        cr_expect_geq(redactor_longest(r), 40U, "percent-encoded twice");
        buf_append_str(&out, STR("kept "));
        cr_expect_eq(redactor_apply(r, STR("0 12345678 12345678"), &out), -EMSGSIZE);
        cr_expect(str_eq(buf_str(&out), STR("kept ")), "a failure leaves nothing half written");
        r = redactor_free(r);
        cr_expect_null(r);
        buf_deinit(&out);

        large = malloc(65536);
        for (size_t i = 0; i < 65536; i++)
                large[i] = (char)('!' + i * i % 89);
        secret.value = str_of(large, 65536);
        cr_assert_eq(redactor_new(&r, &secret, 1), 0);
        cr_expect(redactor_finds(r, secret.value));
        cr_expect_not(redactor_finds(r, str_of(large, 65535)));
        redactor_free(r);
        free(large);
        cr_assert_eq(redactor_new(&r, NULL, 0), 0);
        cr_expect_not(redactor_finds(r, STR("12345678")));
        redactor_free(r);
        CHECK_NO_LEAKS();
}

Test(redact, what_is_added_later_is_found_too)
{
        const struct redact_secret first = { STR("FIRST"), STR("the-first-value") }, again = { STR("AGAIN"), first.value },
                                   second[] = { { STR("SECOND"), STR("the-second-value") }, { STR("THIRD"), STR("third-one") } };
        const struct redact_secret bad[] = { { STR("GOOD"), STR("not-to-be-found") }, { STR("SHORT"), STR("short") } };
        struct redactor *r = NULL;
        const struct redactor *borrowed;
        size_t longest;

        cr_expect(redactor_is_empty(NULL));
        cr_assert_eq(redactor_new(&r, NULL, 0), 0);
        borrowed = r;
        cr_expect(redactor_is_empty(borrowed));
        expect_redacted(borrowed, STR("the-first-value"), STR("the-first-value"), "none yet");
        cr_assert_eq(redactor_add(r, &first, 1), 0);
        cr_expect_not(redactor_is_empty(borrowed));
        expect_redacted(borrowed, STR("the-first-value the-second-value"), STR("[redacted:FIRST] the-second-value"), "one");
        longest = redactor_longest(r);
        cr_expect_eq(redactor_add(r, &again, 1), 0);
        cr_expect_eq(redactor_add(r, bad, 2), -EINVAL);
        expect_redacted(borrowed, STR("the-first-value not-to-be-found"), STR("[redacted:FIRST] not-to-be-found"), "all or none");
        cr_assert_eq(redactor_add(r, second, 2), 0);
        cr_expect_geq(redactor_longest(r), longest);
        expect_redacted(borrowed, STR("the-first-value the-second-value dGhpcmQtb25l"),
                STR("[redacted:FIRST] [redacted:SECOND] [redacted:THIRD]"), "three");
        redactor_free(r);
        CHECK_NO_LEAKS();
}

Test(redact, no_more_than_the_limit_is_looked_for)
{
        struct redactor *r = NULL;
        char value[32];
        struct redact_secret secret = { STR("S"), { value, 0 } };

        cr_assert_eq(redactor_new(&r, NULL, 0), 0);
        for (unsigned i = 0; i < LIMIT_REDACTED_SECRETS; i++) {
                secret.value.len = (size_t)snprintf(value, sizeof(value), "value-%06u", i);
                cr_assert_eq(redactor_add(r, &secret, 1), 0);
        }
        cr_expect_eq(redactor_add(r, &secret, 1), 0, "it is known already");
        secret.value.len = (size_t)snprintf(value, sizeof(value), "one-more-value");
        cr_expect_eq(redactor_add(r, &secret, 1), -E2BIG);
        cr_expect_not(redactor_finds(r, secret.value));
        cr_expect(redactor_finds(r, STR("value-000000")));
        redactor_free(r);
}

Test(redact, names_cannot_break_out_of_the_mark)
{
        struct redact_secret secret = { STR("a\"\\\n\x1b]é"), STR("12345678") };
        struct redactor *r = NULL;

        cr_assert_eq(redactor_new(&r, &secret, 1), 0);
        expect_redacted(r, STR("12345678"), STR("[redacted:a_______]"), "name");
        redactor_free(r);
        CHECK_NO_LEAKS();
}

/* --- Memory --- */

struct failing {
        size_t asked, fail_at, live;
        bool wiped; /* no block given back so far held the secret */
        struct str secret;
};

static void *failing_resize(void *userdata, void *ptr, size_t size)
{
        struct failing *f = userdata;
        size_t *block;

        if (++f->asked == f->fail_at)
                return NULL;
        cr_assert_null(ptr, "what holds secrets must not be moved about by realloc()");
        block = malloc(sizeof(size_t) + size);
        *block = size;
        f->live++;
        return block + 1;
}

static void failing_release(void *userdata, void *ptr)
{
        struct failing *f = userdata;
        size_t *block = (size_t *)ptr - 1;

        if (memmem(ptr, *block, f->secret.ptr, f->secret.len))
                f->wiped = false;
        f->live--;
        free(block);
}

Test(redact, without_memory_it_fails_and_keeps_nothing)
{
        struct redact_secret secrets[] = { { STR_INIT("N"), STR_INIT("the-secret-value") },
                { STR_INIT("M"), STR_INIT("another-secret-value") } };
        size_t failures = 0;

        for (size_t n = 1; n < 100; n++) {
                struct failing f = { .fail_at = n, .wiped = true, .secret = STR("the-secret-value") };
                struct allocator allocator = { failing_resize, failing_release, &f };
                struct redactor *r = NULL;
                int result;

                mem_set_allocator(&allocator);
                result = redactor_new(&r, secrets, 1);
                if (result == 0) {
                        result = redactor_add(r, secrets + 1, 1);
                        /* What it knew it still knows. */
                        cr_expect(redactor_finds(r, secrets[0].value));
                        cr_expect_eq(redactor_finds(r, secrets[1].value), result == 0);
                        r = redactor_free(r);
                }
                mem_set_allocator(NULL);
                cr_assert(result == 0 || result == -ENOMEM);
                cr_assert(result == 0 || r == NULL);
                cr_expect_eq(f.live, 0U);
                cr_expect(f.wiped, "the secret is wiped before its memory is given back");
                if (result == 0)
                        break;
                failures++;
        }
        cr_expect_geq(failures, 5U);
        CHECK_NO_LEAKS();
}
