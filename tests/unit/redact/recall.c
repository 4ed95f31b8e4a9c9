/* SPDX-License-Identifier: Apache-2.0
 *
 * recall [SECRETS [LINES [NESTED [BORDERS]]]]: random secrets in every promised encoding, and NESTED of them in every encoding of every encoding,
 * in every place that a message, or a line of a server's stderr, has for text: none may be left. BORDERS short ones in every encoding of every
 * encoding, behind digits, where one window or block of the search ends and the next begins. And lines without a secret: none may be changed.
 * The encoders are written from their definitions, not from the forms that are looked for.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "random.h"
#include "redact.h"
#include "writer.h"

#define MARK "[redacted:TOKEN]"
#define SPACE_BYTES 65536

static uint64_t seed = 20261121;

static void append(struct buf *out, struct str s)
{
        if (buf_append_str(out, s) < 0)
                abort();
}

static bool is_alnum(char c)
{
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* --- encodings --- */

static void plain(struct str value, struct buf *out)
{
        append(out, value);
}

static void json_text(struct str value, struct buf *out)
{
        AUTO_BUF struct buf quoted = BUF_INIT(SPACE_BYTES);
        struct json_writer w;

        json_writer_init(&w, &quoted);
        json_string(&w, value);
        append(out, str_of(quoted.data + 1, quoted.len - 2));
}

static void json_all_escaped(struct str value, struct buf *out)
{
        for (size_t i = 0; i < value.len; i++)
                buf_printf(out, i % 2 ? "\\u%04x" : "\\u%04X", (unsigned char)value.ptr[i]);
}

static void json_some_escaped(struct str value, struct buf *out)
{
        for (size_t i = 0; i < value.len; i++) {
                if (value.ptr[i] == '"' || value.ptr[i] == '\\' || random_below(&seed, 3) == 0)
                        buf_printf(out, "\\u%04x", (unsigned char)value.ptr[i]);
                else if (value.ptr[i] == '/' && random_below(&seed, 2))
                        append(out, STR("\\/"));
                else
                        buf_append_char(out, value.ptr[i]);
        }
}

static void base64(struct str value, struct buf *out, int variant)
{
        static uint8_t bytes[SPACE_BYTES / 4];
        static char text[SPACE_BYTES / 2];
        const size_t before = random_below(&seed, 9), behind = random_below(&seed, 9);

        if (before + value.len + behind > sizeof(bytes))
                abort();
        randombytes_buf(bytes, before + value.len + behind);
        /* A sign that begins an escape stands in no encoded text by itself: in front of it, it would make it another text. */
        for (size_t i = 0; i < before; i++) {
                if (memchr("\\%&", bytes[i], 3))
                        bytes[i] = '/';
        }
        memcpy(bytes + before, value.ptr, value.len);
        sodium_bin2base64(text, sizeof(text), bytes, before + value.len + behind, variant);
        append(out, str_from(text));
}

static void base64_standard(struct str value, struct buf *out)
{
        base64(value, out, sodium_base64_VARIANT_ORIGINAL);
}

static void base64_bare(struct str value, struct buf *out)
{
        base64(value, out, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
}

static void base64_url(struct str value, struct buf *out)
{
        base64(value, out, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void wrapped(struct str value, struct buf *out, size_t width, const char *newline)
{
        AUTO_BUF struct buf whole = BUF_INIT(SPACE_BYTES);

        base64_standard(value, &whole);
        for (size_t i = 0; i < whole.len; i++) {
                if (i && i % width == 0)
                        append(out, str_from(newline));
                buf_append_char(out, whole.data[i]);
        }
}

static void base64_pem(struct str value, struct buf *out)
{
        wrapped(value, out, 64, "\n");
}

static void base64_mime(struct str value, struct buf *out)
{
        wrapped(value, out, 76, "\r\n");
}

static void base64_yaml(struct str value, struct buf *out)
{
        wrapped(value, out, 20, "\n      ");
}

static void hex(struct str value, struct buf *out, bool upper, char separator)
{
        for (size_t i = 0; i < value.len; i++) {
                if (i && separator)
                        buf_append_char(out, separator);
                buf_printf(out, upper ? "%02X" : "%02x", (unsigned char)value.ptr[i]);
        }
}

static void hex_lower(struct str value, struct buf *out)
{
        hex(value, out, false, 0);
}

static void hex_upper(struct str value, struct buf *out)
{
        hex(value, out, true, 0);
}

static void hex_colons(struct str value, struct buf *out)
{
        hex(value, out, false, ':');
}

static void hex_blanks(struct str value, struct buf *out)
{
        hex(value, out, true, ' ');
}

static void percent(struct str value, struct buf *out)
{
        for (size_t i = 0; i < value.len; i++) {
                if (is_alnum(value.ptr[i]) || strchr("-._~", value.ptr[i]))
                        buf_append_char(out, value.ptr[i]);
                else
                        buf_printf(out, "%%%02X", (unsigned char)value.ptr[i]);
        }
}

static void percent_some(struct str value, struct buf *out)
{
        for (size_t i = 0; i < value.len; i++) {
                if (is_alnum(value.ptr[i]) && random_below(&seed, 3))
                        buf_append_char(out, value.ptr[i]);
                else
                        buf_printf(out, random_below(&seed, 2) ? "%%%02X" : "%%%02x", (unsigned char)value.ptr[i]);
        }
}

static void percent_twice(struct str value, struct buf *out)
{
        for (size_t i = 0; i < value.len; i++) {
                if (is_alnum(value.ptr[i]) || strchr("-._~", value.ptr[i]))
                        buf_append_char(out, value.ptr[i]);
                else
                        buf_printf(out, "%%25%02X", (unsigned char)value.ptr[i]);
        }
}

static void entities(struct str value, struct buf *out)
{
        static const char *const named[][2] = { { "&", "&amp;" }, { "<", "&lt;" }, { ">", "&gt;" }, { "\"", "&quot;" }, { "'", "&#39;" } };

        for (size_t i = 0; i < value.len; i++) {
                const char *name = NULL;

                for (size_t k = 0; k < 5; k++) {
                        if (named[k][0][0] == value.ptr[i])
                                name = named[k][1];
                }
                if (name)
                        append(out, str_from(name));
                else
                        buf_append_char(out, value.ptr[i]);
        }
}

static void entities_numbered(struct str value, struct buf *out)
{
        for (size_t i = 0; i < value.len; i++) {
                switch (random_below(&seed, 4)) {
                case 0:
                        buf_printf(out, "&#%u;", (unsigned char)value.ptr[i]);
                        break;
                case 1:
                        buf_printf(out, "&#x%X;", (unsigned char)value.ptr[i]);
                        break;
                case 2:
                        buf_printf(out, "&#X%04x;", (unsigned char)value.ptr[i]);
                        break;
                default:
                        /* A & that begins nothing may stand for itself. */
                        if (value.ptr[i] == '&')
                                append(out, STR("&amp;"));
                        else
                                buf_append_char(out, value.ptr[i]);
                        break;
                }
        }
}

static const struct encoding {
        const char *name;
        void (*encode)(struct str value, struct buf *out);
} encodings[] = {
        { "plain", plain },
        { "JSON text", json_text },
        { "JSON text, all escaped", json_all_escaped },
        { "JSON text, some escaped", json_some_escaped },
        { "base64", base64_standard },
        { "base64 without padding", base64_bare },
        { "base64url", base64_url },
        { "base64 in lines of 64", base64_pem },
        { "base64 in lines of 76", base64_mime },
        { "base64, indented", base64_yaml },
        { "hex", hex_lower },
        { "HEX", hex_upper },
        { "hex:with:colons", hex_colons },
        { "HEX WITH BLANKS", hex_blanks },
        { "percent", percent },
        { "percent, some", percent_some },
        { "percent twice", percent_twice },
        { "entities", entities },
        { "numbered entities", entities_numbered },
};
#define ENCODINGS (sizeof(encodings) / sizeof(encodings[0]))

/* --- containers --- */

/* As a line with @text where %.*s stands, in a JSON string; `nested`: in JSON text within it. */
static const struct container {
        const char *name, *before, *behind;
        enum { LINE, NESTED, STDERR } kind;
} containers[] = {
        { "result", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"it is ", ".\"}]}}", LINE },
        { "structured content", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[],\"structuredContent\":{\"a\":[\"", "\"]}}}", LINE },
        { "name of a member", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"structuredContent\":{\"", "\":1}}}", LINE },
        { "error", "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32000,\"message\":\"bad token ", "\"}}", LINE },
        { "notification",
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"data\":{\"m\":\"100 % of\\n\", \"n\":\"", "& more\"}}}", LINE },
        { "JSON within text",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"{\\\"k\\\":\\\"", "\\\"}\"}]}}", NESTED },
        { "stderr", "error: it is ", " (sorry)\n", STDERR },
};
#define CONTAINERS (sizeof(containers) / sizeof(containers[0]))

static void fill(const struct container *c, struct str text, struct buf *out)
{
        AUTO_BUF struct buf once = BUF_INIT(SPACE_BYTES), twice = BUF_INIT(SPACE_BYTES);

        buf_clear(out, SPACE_BYTES);
        append(out, str_from(c->before));
        if (c->kind != STDERR) {
                json_text(text, &once);
                if (c->kind == NESTED)
                        json_text(buf_str(&once), &twice);
        }
        append(out, c->kind == STDERR ? text : c->kind == LINE ? buf_str(&once) : buf_str(&twice));
        append(out, str_from(c->behind));
}

/* --- what must hold --- */

static struct str random_secret_of(char *space, size_t length)
{
        static const char *const alphabets[] = {
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
                "0123456789abcdef",
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=_-.",
                " !\"#$%&'()*+,-./0123456789:;<=>?@AZ[\\]^_`az{|}~",
        };
        const char *alphabet = alphabets[random_below(&seed, 4)];
        const size_t letters = strlen(alphabet);

        for (size_t i = 0; i < length; i++)
                space[i] = alphabet[random_below(&seed, letters)];
        return str_of(space, length);
}

static struct str random_secret(char *space)
{
        return random_secret_of(space, 12 + random_below(&seed, 189));
}

/* Is nothing of @value left of a line into which it was put, and the rest still there? */
static bool is_gone(int result, struct str value, struct str text, struct str in, struct str out)
{
        /* No encoding is shorter than what it encodes. */
        return result == 0 && memmem(out.ptr, out.len, MARK, sizeof(MARK) - 1) && !memmem(out.ptr, out.len, text.ptr, text.len) &&
               !memmem(out.ptr, out.len, value.ptr, value.len) && out.len + value.len <= in.len + sizeof(MARK);
}

static size_t check(const struct redactor *r, struct str value, struct str text, const struct container *c, const char *how, const char *outer)
{
        AUTO_BUF struct buf in = BUF_INIT(4 * SPACE_BYTES), out = BUF_INIT(8 * SPACE_BYTES);
        int result;

        fill(c, text, &in);
        result = c->kind == STDERR ? redactor_apply(r, buf_str(&in), &out) : redactor_apply_json(r, buf_str(&in), &out);
        if (is_gone(result, value, text, buf_str(&in), buf_str(&out)))
                return 0;
        printf("%s%s%s in %s: %.*s\n    of %.*s\n    became %.*s\n", how, outer ? " in " : "", outer ? outer : "", c->name,
                STR_FMT(buf_str(&in)), STR_FMT(value), STR_FMT(buf_str(&out)));
        return 1;
}

/* In every encoding of @text, which is itself @value encoded; in one of the places, another one each time. */
static size_t check_nested(const struct redactor *r, struct str value, struct str text, const char *how)
{
        AUTO_BUF struct buf nested = BUF_INIT(SPACE_BYTES);
        size_t bad = 0;

        for (size_t e = 1; e < ENCODINGS; e++) {
                const struct container *c = &containers[random_below(&seed, CONTAINERS)];

                buf_clear(&nested, SPACE_BYTES);
                encodings[e].encode(text, &nested);
                bad += check(r, value, buf_str(&nested), c->kind == NESTED ? &containers[0] : c, how, encodings[e].name);
        }
        return bad;
}

static size_t check_secret(struct str value, bool nested)
{
        AUTO_BUF struct buf text = BUF_INIT(SPACE_BYTES);
        const struct redact_secret secret = { STR("TOKEN"), value };
        struct redactor *r;
        size_t bad = 0;

        if (redactor_new(&r, &secret, 1) < 0)
                abort();
        for (size_t e = 0; e < ENCODINGS; e++) {
                for (size_t c = 0; c < CONTAINERS; c++) {
                        buf_clear(&text, SPACE_BYTES);
                        encodings[e].encode(value, &text);
                        bad += check(r, value, buf_str(&text), &containers[c], encodings[e].name, NULL);
                }
                if (nested && e > 0)
                        bad += check_nested(r, value, buf_str(&text), encodings[e].name);
        }
        redactor_free(r);
        return bad;
}

/* What the search takes at once: its window, twice the longest form and 4 KiB, and the blocks of its first look. */
static size_t border_of(const struct redactor *r)
{
        return random_below(&seed, 2) ? 16384 : redactor_longest(r) / 16 * 2 + 4096;
}

/* @text behind up to three digits, a blank in front of them, that begins or ends near a border. In hex no two of them are a sign that begins an
 * escape (25, 26, 5c), which would make it another text. */
static void put_at_border(const struct redactor *r, struct str text, struct buf *out)
{
        const size_t border = border_of(r) + 8, back = random_below(&seed, text.len + 64);
        const size_t begin = back < border ? border - back : 0;

        while (out->len < begin)
                append(out, random_below(&seed, 64) ? STR(".") : STR("\n"));
        append(out, STR(" "));
        for (size_t i = random_below(&seed, 4); i > 0; i--)
                buf_append_char(out, "01346789abcdef"[random_below(&seed, 14)]);
        append(out, text);
}

static size_t check_borders(struct str value)
{
        const struct redact_secret secret = { STR("TOKEN"), value };
        struct redactor *r;
        size_t bad = 0;

        if (redactor_new(&r, &secret, 1) < 0)
                abort();
        for (size_t pair = 0; pair < ENCODINGS * ENCODINGS; pair++) {
                AUTO_BUF struct buf inner = BUF_INIT(SPACE_BYTES), outer = BUF_INIT(SPACE_BYTES), text = BUF_INIT(SPACE_BYTES);

                encodings[pair % ENCODINGS].encode(value, &inner);
                encodings[pair / ENCODINGS].encode(buf_str(&inner), &outer);
                put_at_border(r, buf_str(&outer), &text);
                bad += check(r, value, buf_str(&text), &containers[random_below(&seed, 2) ? 0 : CONTAINERS - 1], encodings[pair % ENCODINGS].name,
                        encodings[pair / ENCODINGS].name);
        }
        redactor_free(r);
        return bad;
}

static size_t check_benign(size_t lines)
{
        static const char alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=_-%&;#. ";
        static const char *const parts[] = { "%41", "%2F", "&#65;", "&amp;", "\\n", "\\\\u0041", "\\\\\\\"", "\\t", "0a1b2c3d", "QUJDREVG" };
        struct redact_secret secrets[10];
        char spaces[10][200];
        struct redactor *r;
        size_t bad = 0;

        for (size_t i = 0; i < 10; i++)
                secrets[i] = (struct redact_secret){ STR("TOKEN"), random_secret(spaces[i]) };
        if (redactor_new(&r, secrets, 10) < 0)
                abort();
        for (size_t i = 0; i < lines; i++) {
                AUTO_BUF struct buf line = BUF_INIT(SPACE_BYTES);
                const size_t length = 20 + random_below(&seed, 300);

                append(&line, STR("{\"text\":\""));
                while (line.len < length) {
                        if (random_below(&seed, 6) == 0)
                                append(&line, str_from(parts[random_below(&seed, sizeof(parts) / sizeof(parts[0]))]));
                        else
                                buf_append_char(&line, alphabet[random_below(&seed, sizeof(alphabet) - 1)]);
                }
                append(&line, STR("\"}"));
                if (redactor_finds_json(r, buf_str(&line)) || redactor_finds(r, buf_str(&line))) {
                        printf("found in %.*s\n", STR_FMT(buf_str(&line)));
                        bad++;
                }
        }
        redactor_free(r);
        return bad;
}

int main(int argc, char **argv)
{
        const size_t secrets = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000, lines = argc > 2 ? strtoul(argv[2], NULL, 10) : 100000;
        const size_t nested = argc > 3 ? strtoul(argv[3], NULL, 10) : secrets / 10;
        const size_t borders = argc > 4 ? strtoul(argv[4], NULL, 10) : secrets / 20;
        size_t missed = 0, changed;

        if (sodium_init() < 0)
                return 1;
        for (size_t i = 0; i < secrets && missed < 10; i++) {
                char space[200];

                missed += check_secret(random_secret(space), i < nested);
        }
        for (size_t i = 0; i < borders && missed < 10; i++) {
                char space[16];

                missed += check_borders(random_secret_of(space, 8 + i % 4));
        }
        changed = check_benign(lines);
        printf("%zu secrets in %zu encodings in %zu containers, %zu in %zu pairs of encodings, %zu of 8 to 11 bytes at borders: %zu left; "
               "%zu lines without one: %zu changed\n",
                secrets, ENCODINGS, CONTAINERS, nested, (ENCODINGS - 1) * (ENCODINGS - 1), borders, missed, lines, changed);
        return missed || changed ? 1 : 0;
}
