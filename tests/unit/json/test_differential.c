/* SPDX-License-Identifier: Apache-2.0
 *
 * Random and broken texts against three other readers. What we accept is written canonically; then jansson, json-c
 * and cJSON must each accept it and see the tree that our tape says. And jansson, with duplicates refused, is the
 * second opinion on the text as it came: what either of us refuses, the other must refuse too, but for the
 * differences that are listed where they are made. A test of its own kind: no Criterion, one process.
 */
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "json.h"
#include "oracle.h"
#include "utf8.h"

#define TEXTS 200000U
/* cJSON copies a number's text to a block of 64 bytes. */
#define CJSON_NUMBER_BYTES 63U

static uint64_t random_state;

static uint64_t draw(void)
{
        uint64_t x = random_state += 0x9E3779B97F4A7C15ULL;

        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ULL;
        x = (x ^ x >> 27) * 0x94D049BB133111EBULL;
        return x ^ x >> 31;
}

static unsigned below(unsigned n)
{
        return (unsigned)(draw() % n);
}

static bool one_in(unsigned n)
{
        return below(n) == 0;
}

/* --- The generator --- */

static void add(struct buf *b, const char *s)
{
        buf_append_str(b, str_from(s));
}

static void add_space(struct buf *b)
{
        static const char *const spaces[] = { " ", "\t", "\n", "\r", "  " };

        if (one_in(6))
                add(b, spaces[below(5)]);
}

static uint32_t draw_code_point(void)
{
        static const uint32_t edges[] = { 0,      0x1F,   0x7F,   0x80,   0x9F,   0xA0,    0x7FF,   0x800,   0x2027,
                                          0x2028, 0x2029, 0x202A, 0xD7FF, 0xE000, 0xFEFF,  0xFFFF,  0x10000, 0x10FFFF };
        uint32_t cp;

        if (one_in(3))
                return edges[below(sizeof(edges) / sizeof(*edges))];
        cp = one_in(2) ? below(0x250) : below(0x110000);
        return cp >= 0xD800 && cp <= 0xDFFF ? 'x' : cp;
}

static void add_escaped(struct buf *b, uint32_t cp)
{
        if (cp >= 0x10000) {
                add_escaped(b, 0xD800 + ((cp - 0x10000) >> 10));
                add_escaped(b, 0xDC00 + ((cp - 0x10000) & 0x3FF));
        } else if (one_in(2)) {
                buf_printf(b, "\\u%04x", cp);
        } else {
                buf_printf(b, "\\u%04X", cp);
        }
}

static void add_string(struct buf *b, unsigned pieces)
{
        static const char *const escapes[] = { "\\n", "\\t", "\\\"", "\\\\", "\\/", "\\b", "\\f", "\\r" };

        buf_append_char(b, '"');
        for (unsigned i = 0; i < pieces; i++) {
                uint32_t cp = draw_code_point();
                char bytes[4];

                switch (below(8)) {
                case 0:
                        add(b, escapes[below(8)]);
                        break;
                case 1:
                        /* Seldom half of a pair. */
                        add_escaped(b, one_in(60) ? 0xD800 + below(0x800) : cp);
                        break;
                case 2:
                        if (cp >= 0x20 && cp != '"' && cp != '\\')
                                buf_append(b, bytes, utf8_encode(cp, bytes));
                        break;
                default:
                        buf_append_char(b, (char)('a' + below(26)));
                }
        }
        buf_append_char(b, '"');
}

static void add_number(struct buf *b)
{
        static const char *const edges[] = { "0", "-0", "9007199254740993", "-9223372036854775808",
                                             "9223372036854775807",
                                             "9223372036854775808", "123456789012345678901234567890", "1e308", "1e-400",
                                             "1.7976931348623157e308", "1e309", "0.1", "1E+2", "-1.5e-7", "01", "1." };

        if (one_in(4))
                add(b, edges[below(sizeof(edges) / sizeof(*edges))]);
        else if (one_in(2))
                buf_printf(b, "%s%u", one_in(3) ? "-" : "", below(100000));
        else
                buf_printf(b, "%u.%ue%s%u", below(100), below(1000), one_in(2) ? "-" : "", below(320));
}

static void add_value(struct buf *b, unsigned depth);

static void add_entries(struct buf *b, unsigned depth, bool named)
{
        unsigned n = one_in(40) ? 20 + below(20) : below(5);

        for (unsigned i = 0; i < n; i++) {
                if (i)
                        add(b, ",");
                add_space(b);
                if (named) {
                        if (one_in(3))
                                add_string(b, below(6));
                        else
                                buf_printf(b, "\"m%u\"", one_in(200) ? 0 : i);
                        add_space(b);
                        add(b, ":");
                        add_space(b);
                }
                add_value(b, depth + 1);
                add_space(b);
        }
}

static void add_value(struct buf *b, unsigned depth)
{
        static const char *const words[] = { "true", "false", "null" };

        switch (depth > 5 ? below(3) : below(5)) {
        case 0:
                add(b, words[below(3)]);
                break;
        case 1:
                add_number(b);
                break;
        case 2:
                add_string(b, one_in(10) ? below(80) : below(8));
                break;
        case 3:
                add(b, "[");
                add_entries(b, depth, false);
                add(b, "]");
                break;
        default:
                add(b, "{");
                add_entries(b, depth, true);
                add(b, "}");
        }
}

/* One small damage. */
static void mutate(struct buf *b)
{
        static const char *const pieces[] = { "\"", "\\", ",", ":", "[", "]", "{", "}", "0", "e", ".", "-", " ",
                                              "\\u0000", "\\ud800",
                                              "\xC2\x85", "\xE2\x80\xA8", "\xED\xA0\x80", "\x7F", "\x01", "nul",
                                              "[[[[", "]]]]", "1e400" };
        size_t at = b->len ? below((unsigned)b->len) : 0;
        struct buf copy = BUF_INIT(1U << 20);

        buf_append(&copy, b->data, at);
        switch (below(4)) {
        case 0: /* a byte less */
                if (at < b->len)
                        buf_append(&copy, b->data + at + 1, b->len - at - 1);
                break;
        case 1: /* a byte changed */
                buf_append_char(&copy, (char)below(256));
                if (at < b->len)
                        buf_append(&copy, b->data + at + 1, b->len - at - 1);
                break;
        case 2: /* a piece more */
                add(&copy, pieces[below(sizeof(pieces) / sizeof(*pieces))]);
                buf_append(&copy, b->data + at, b->len - at);
                break;
        default: /* a part twice */
                buf_append(&copy, b->data + at / 2, at - at / 2);
                buf_append(&copy, b->data + at, b->len - at);
        }
        buf_deinit(b);
        *b = copy;
}

/* --- What each reader saw --- */

void tree_number(struct buf *tree, double number, bool clamped)
{
        if (clamped && fabs(number) >= 9.2e18)
                buf_append_str(tree, STR("#big "));
        else
                buf_printf(tree, "#%.17g ", number + 0.0); /* -0 as 0: not every reader keeps an integer's sign */
}

void tree_string(struct buf *tree, const char *bytes, size_t length)
{
        buf_printf(tree, "$%zu:", length);
        buf_append(tree, bytes, length);
}

/* The tree that our tape says. Its depth is bounded by LIMIT_JSON_DEPTH, so recursion will do. */
static void write_our_tree(struct buf *tree, const struct json_doc *doc, uint32_t token, bool clamped)
{
        struct buf scratch = BUF_INIT(1U << 20);
        struct str s = { 0 };

        switch (json_type_of(doc, token)) {
        case JSON_NULL:
                buf_append_char(tree, 'n');
                break;
        case JSON_FALSE:
                buf_append_char(tree, 'f');
                break;
        case JSON_TRUE:
                buf_append_char(tree, 't');
                break;
        case JSON_NUMBER:
                buf_append_str(&scratch, json_text(doc, token));
                buf_append_char(&scratch, '\0');
                tree_number(tree, strtod(scratch.data, NULL), clamped);
                break;
        case JSON_STRING:
                if (json_string_get(doc, token, &scratch, &s) == 0)
                        tree_string(tree, s.ptr, s.len);
                break;
        case JSON_ARRAY:
                buf_append_char(tree, '[');
                json_each_item (doc, token, item)
                        write_our_tree(tree, doc, item, clamped);
                buf_append_char(tree, ']');
                break;
        case JSON_OBJECT:
                buf_append_char(tree, '{');
                json_each_member (doc, token, name, value) {
                        write_our_tree(tree, doc, name, clamped);
                        write_our_tree(tree, doc, value, clamped);
                }
                buf_append_char(tree, '}');
                break;
        }
        buf_deinit(&scratch);
}

/* --- The test --- */

struct tally {
        unsigned accepted, refused, past_jansson, past_cjson, failures;
};

static void complain(struct tally *tally, const char *what, struct str text)
{
        tally->failures++;
        printf("%s: ", what);
        for (size_t i = 0; i < text.len; i++) {
                if (text.ptr[i] >= 0x20 && text.ptr[i] < 0x7F)
                        printf("%c", text.ptr[i]);
                else
                        printf("<%02X>", (unsigned char)text.ptr[i]);
        }
        printf("\n");
}

static bool is_past_cjson(const struct json_doc *doc)
{
        for (uint32_t i = 0; i < doc->count; i++) {
                if (json_type_of(doc, i) == JSON_NUMBER && json_at(doc, i)->length > CJSON_NUMBER_BYTES)
                        return true;
        }
        return memmem(doc->text.ptr, doc->text.len, "\\u0000", 6) != NULL;
}

static const struct {
        const char *name;
        enum oracle_answer (*read)(struct str text, struct buf *tree);
        bool clamps;
} oracles[] = {
        { "jansson", oracle_jansson, false },
        { "json-c", oracle_jsonc, true },
        { "cJSON", oracle_cjson, false },
};

/* @doc is of a canonical text, with a NUL behind it. */
static void ask_all(struct tally *tally, const struct json_doc *doc)
{
        struct buf theirs = BUF_INIT(1U << 24), ours = BUF_INIT(1U << 24);

        for (size_t i = 0; i < sizeof(oracles) / sizeof(*oracles); i++) {
                enum oracle_answer answer;

                if (oracles[i].read == oracle_cjson && is_past_cjson(doc)) {
                        tally->past_cjson++;
                        continue;
                }
                buf_clear(&theirs, SIZE_MAX);
                buf_clear(&ours, SIZE_MAX);
                write_our_tree(&ours, doc, 0, oracles[i].clamps);
                answer = oracles[i].read(doc->text, &theirs);
                tally->past_jansson += answer == ORACLE_CANNOT;
                if (answer == ORACLE_REFUSES || (answer == ORACLE_READS && !str_eq(buf_str(&ours), buf_str(&theirs)))) {
                        printf("%s %s ", oracles[i].name, answer == ORACLE_READS ? "reads otherwise" : "refuses");
                        complain(tally, "our canonical text", doc->text);
                }
        }
        buf_deinit(&theirs);
        buf_deinit(&ours);
}

/* May we refuse, for this reason, what jansson accepts? */
static bool is_own_rule(enum json_error error, struct str text)
{
        /* Just past DBL_MAX: strtod() rounds it down, we compare the text. */
        if (error == JSON_NUMBER_OVERFLOW)
                return memmem(text.ptr, text.len, "7976931348623157", 16) != NULL;
        /* jansson passes over a NUL behind a number. */
        if (error == JSON_TRAILING_BYTES || error == JSON_SYNTAX)
                return memchr(text.ptr, '\0', text.len) != NULL;
        return error == JSON_TOO_DEEP || error == JSON_NUMBER_TOO_LONG;
}

static void check_refused(struct tally *tally, struct str text, enum json_error error)
{
        struct buf tree = BUF_INIT(1U << 24);

        tally->refused++;
        if (oracle_jansson(text, &tree) == ORACLE_READS && !is_own_rule(error, text)) {
                printf("jansson reads, we refuse (%s) ", json_error_text(error));
                complain(tally, "the text", text);
        }
        buf_deinit(&tree);
}

static void check_accepted(struct tally *tally, struct json_doc *doc, struct json_doc *reread, struct buf *out)
{
        struct buf tree = BUF_INIT(1U << 24);

        tally->accepted++;
        if (oracle_jansson(doc->text, &tree) == ORACLE_REFUSES)
                complain(tally, "jansson refuses, we read", doc->text);
        buf_deinit(&tree);

        buf_clear(out, SIZE_MAX);
        if (json_write(out, doc, 0) < 0 || buf_append_char(out, '\0') < 0)
                complain(tally, "not written", doc->text);
        else if (json_read(reread, str_of(out->data, out->len - 1)) != JSON_OK || !reread->canonical)
                complain(tally, "not canonical", buf_str(out));
        else
                ask_all(tally, reread);
}

int main(int argc, char **argv)
{
        static const uint64_t seed[2] = { 3, 4 };
        struct buf text = BUF_INIT(1U << 20), out = BUF_INIT(1U << 20);
        struct json_doc doc, reread;
        struct tally tally = { 0 };

        random_state = argc > 1 ? (uint64_t)strtoumax(argv[1], NULL, 0) : 1;
        json_doc_init(&doc, seed);
        json_doc_init(&reread, seed);
        for (unsigned i = 0; i < TEXTS && tally.failures < 20; i++) {
                enum json_error error;

                buf_clear(&text, SIZE_MAX);
                add_space(&text);
                add_value(&text, 0);
                add_space(&text);
                for (unsigned damages = one_in(2) ? 1 + below(3) : 0; damages > 0; damages--)
                        mutate(&text);
                error = json_read(&doc, buf_str(&text));
                if (error)
                        check_refused(&tally, buf_str(&text), error);
                else
                        check_accepted(&tally, &doc, &reread, &out);
        }
        json_doc_deinit(&doc);
        json_doc_deinit(&reread);
        buf_deinit(&text);
        buf_deinit(&out);
        printf("%u accepted, %u refused, %u past jansson's integers, %u past cJSON; %u differences\n", tally.accepted,
               tally.refused, tally.past_jansson, tally.past_cjson, tally.failures);
        /* Too few of either kind would show nothing. */
        return tally.failures > 0 || tally.accepted < TEXTS / 4 || tally.refused < TEXTS / 10;
}
