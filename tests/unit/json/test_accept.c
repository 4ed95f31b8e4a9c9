/* SPDX-License-Identifier: Apache-2.0
 *
 * The grammar and the cases that it leaves to the reader, by category: what RFC 8259 demands to be accepted (y),
 * what it demands to be refused (n), and where readers may choose (i), with our choice. What is accepted keeps its
 * meaning: numbers their text, strings their bytes.
 */
#include "json.h"

#include <criterion/criterion.h>
#include <stdint.h>

#include "leaks.h"

static const uint64_t seed[2] = { 0x1234, 0x5678 };

#define S(literal) STR_INIT(literal)

static const struct str accepted[] = {
        /* y: structure and white space */
        S("[]"), S("{}"), S("[[]   ]"), S("[\"\"]"), S("[1\n]"), S(" [1]"),
        S("[2] "), S("[1,null,null,null,2]"), S("[\"a\"]\n"), S("\t[\ttrue\t,\tnull\t]\t"),
        S("[null, 1, \"1\", {}]"), S("[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]"), S("\r\n\r\n[]"),
        S("{\"a\":[]}"), S("{\"a\":{\"b\":{\"c\":{}}}}"), S("{\"asd\":\"sdf\", \"dfg\":\"fgh\"}"),
        S("{\"\":0}"), S("{ \"min\": -1.0e+28, \"max\": 1.0e+28 }"), S("{\"a\":\"b\"\n}"),
        S("{\"a\":1,\"b\":1,\"c\":{\"a\":1}}"), S("{\"x\":[{\"id\": \"x\"}], \"id\": \"x\"}"),
        S("{\"\\u043f\":\"\\u043e\"}"), S("{\"__proto__\":1,\"constructor\":2}"),
        /* y: scalars alone */
        S("false"), S("true"), S("null"), S("42"), S("-0.1"), S("\"\""),
        S("\"asd\""), S(" null "),
        /* y: numbers */
        S("[0]"), S("[-0]"), S("[-1]"), S("[123]"), S("[-123]"), S("[123.456789]"),
        S("[0e1]"), S("[0e+1]"), S("[1E22]"), S("[1E-2]"), S("[1E+2]"),
        S("[123e45]"), S("[123.456e78]"), S("[1e-2]"), S("[1e+2]"), S("[20e1]"),
        S("[4 ]"), S("[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]"),
        S("[0.0]"), S("[10]"), S("[1.0e-0]"), S("[0E0]"),
        /* y: strings */
        S("[\"\\u0060\\u012a\\u12AB\"]"), S("[\"\\uD801\\udc37\"]"), S("[\"\\ud83d\\ude39\\ud83d\\udc8d\"]"),
        S("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"), S("[\"\\\\u0000\"]"), S("[\"\\\"\"]"),
        S("[\"a/*b*/c/*d//e\"]"), S("[\"\\\\a\"]"), S("[\"\\\\n\"]"), S("[\"\\u0012\"]"),
        S("[\"\\uFFFF\"]"), S("[ \"asd\"]"), S("[\"\\uDBFF\\uDFFF\"]"), S("[\"new\\u00A0line\"]"),
        S("[\"\xF4\x8F\xBF\xBF\"]"), S("[\"\xEF\xBF\xBF\"]"), S("[\"\\u0000\"]"), S("[\"\\u002c\"]"),
        S("[\"\xCF\x80\"]"), S("[\"\xF0\x9B\xBF\xBF\"]"), S("[\"asd \"]"), S("\" \""),
        S("[\"\\uD834\\uDd1e\"]"), S("[\"\\u0821\"]"), S("[\"\xE2\x80\xA8\"]"), S("[\"\xE2\x80\xA9\"]"),
        S("[\"\\u0061\\u30af\\u30EA\\u30b9\"]"), S("[\"new\\u000Aline\"]"), S("[\"\x7F\"]"),
        S("[\"\\uA66D\"]"), S("[\"\xE2\x8D\x82\xE3\x88\xB4\xE2\x8D\x82\"]"), S("[\"\\u005C\"]"),
        S("[\"\\u0022\"]"), S("[\"\\u200B\"]"), S("[\"\\u2064\"]"), S("[\"\\uFDD0\"]"),
        S("[\"\\uFFFE\"]"), S("[\"\\uDBFF\\uDFFE\"]"), S("[\"\xE2\x82\xAC\xF0\x9D\x84\x9E\"]"),
        S("[\"aa\x7F\"]"), S("[\"\xEF\xBB\xBF\"]"), S("[\"\xC2\x85\"]"),
        /* i, accepted: numbers that a double only approximates, or that round to 0 */
        S("[123.456e-789]"), S("[-123123123123123123123123123123]"), S("[100000000000000000000]"),
        S("[-237462374673276894279832749832423479823246327846]"), S("[0.4e-00669999999999999999999999]"),
};

static const struct str refused[] = {
        /* n: structure */
        S("["), S("]"), S("{"), S("}"), S("[1"), S("[1,"), S("[,1]"),
        S("[1,,2]"), S("[1,]"), S("[\"\",]"), S("[,]"), S("[1]]"), S("[1]x"),
        S("[1 true]"), S("[a\xE5]"), S("[\"\": 1]"), S("[3[4]]"), S("[1:2]"), S("[x"),
        S("[\"x\"]]"), S("[][]"), S("1]"), S("[}"), S("{]"), S("[{}"),
        S("[\x0C]"), S("[\v1]"), S("[\xC2\xA0]"), S("[\xE2\x81\xA0]"), S("\x00"),
        S("[1]\x00"), S("[\x00]"), S("<null>"), S("[<null>]"), S("*"), S("[*]"),
        S("{\"a\":1}{\"b\":2}"), S("1 2"), S("[\"a\"] \x1A"), S("[\n1\n,1"), S("\xC3\xA5"),
        S("[\"asd]"), S("asd"), S("[1,\n1\n,1"), S("[{},\"\\u0061"), S("\xE2\x80\xA8[]"),
        /* n: objects */
        S("{\"x\"}"), S("{\"x\", null}"), S("{\"x\"::\"b\"}"), S("{\"a\":\"a\" 123}"),
        S("{key: 'value'}"), S("{\"a\" b}"), S("{:\"b\"}"), S("{\"a\":}"), S("{\"a\""),
        S("{\"a\":1,}"), S("{\"a\":1,,}"), S("{,\"a\":1}"), S("{1:1}"), S("{null:null}"),
        S("{'a':0}"), S("{\"id\":0,,,,,}"), S("{a:\"b\"}"), S("{\"a\":\"b\",\"c\"}"), S("{[]:1}"),
        S("{\"a\":\"b\"}/**/"), S("{\"a\":/*comment*/\"b\"}"), S("{\"a\":\"b\"}//"), S("{\"a\":\"b\"}#"),
        S("{\"a\":\"b\"}/"), S("{\"a\":true} \"x\""), S("{\"\\u0000\":1}"), S("{\"a\":1;\"b\":2}"),
        S("{\"asd\":\"asd\""), S("{\"a\":1 \"b\":2}"), S("{\"a\":b}"), S("{\"foo\\u0000bar\": 42}"),
        /* Refused by our rule: names that mean the same. */
        S("{\"a\":\"b\",\"a\":\"c\"}"), S("{\"a\":\"b\",\"a\":\"b\"}"), S("[{\"k\":{},\"\\u006B\":[]}]"),
        /* n: literals */
        S("nul"), S("[nul]"), S("[tru]"), S("[fals]"), S("TRUE"), S("[True]"),
        S("Null"), S("[nulll]"), S("[truefalse]"), S("undefined"), S("[NaN]"), S("[-NaN]"),
        S("[Infinity]"), S("[-Infinity]"), S("[Inf]"), S("[+Inf]"), S("[t]"), S("tru"),
        /* n: numbers */
        S("[01]"), S("[-01]"), S("[00]"), S("[+1]"), S("[++1234]"), S("[-]"),
        S("[--1]"), S("[- 1]"), S("[-a]"), S("[.5]"), S("[-.5]"), S("[1.]"),
        S("[-2.]"), S("[2.e3]"), S("[.2e-3]"), S("[0.e1]"), S("[1.0e]"), S("[1.0e+]"),
        S("[1.0e-]"), S("[1e]"), S("[1eE2]"), S("[0e]"), S("[0E+]"), S("[9.e+]"),
        S("[1 000.0]"), S("[1,000,]"), S("[0x1]"), S("[0x42]"), S("[1a]"), S("[1ea]"),
        S("[0.1.2]"), S("[0.3e+]"), S("[-1x]"), S("[1+2]"), S("[1_000]"), S("[1e1.5]"),
        S("[\xEF\xBC\x91]"), S("[012]"), S("-"), S("1."), S("1e"), S("[123\xE5]"),
        S("[-012]"), S("[1.8011670033376514H-308]"), S("123\x00"),
        /* n: strings */
        S("\""), S("[\""), S("[\"\\\"]"), S("[\"\\"), S("[\"\\x00\"]"), S("[\"\\a\"]"),
        S("[\"\\'\"]"), S("[\"\\0\"]"), S("[\"\\U0041\"]"), S("[\"\\u\"]"), S("[\"\\u00\"]"),
        S("[\"\\u00A\"]"), S("[\"\\u00G0\"]"), S("[\"\\u-123\"]"), S("[\"\\u 041\"]"), S("[\"\\\xE5\"]"),
        S("[\"a\x00"
                 "a\"]"),
        S("[\"\t\"]"), S("[\"new\nline\"]"), S("[\"\r\"]"), S("['single']"), S("['"),
        S("[\"x\" \"y\"]"), S("[\\u0020\"asd\"]"), S("[\"\\\\\\\"]"), S("\"\\"), S("\"\\u004"),
        S("[\"\\uD834\\uDd\"]"), S("[\"\\uD800\\u1x\"]"), S("[\"\\\t\"]"), S("[`a`]"), S("[\"a\"b]"),
        S("abc\""), S("[\"\\\x00\"]"),
        /* i, refused: numbers past a double */
        S("[0.4e00669999999999999999999999999999999999999999999999999999999999999999999999999999999999999999]"),
        S("[-1e+9999]"), S("[1.5e+9999]"), S("[-123123e100000]"), S("[123123e100000]"),
        /* i, refused: halves of surrogate pairs */
        S("[\"\\uDADA\"]"), S("[\"\\uD888\\u1234\"]"), S("[\"\\uD800\\n\"]"), S("[\"\\uDd61\"]"),
        S("[\"\\uD800\\uD800\\n\"]"), S("[\"\\ud800\"]"), S("[\"\\ud800abc\"]"), S("[\"\\uDd1e\\uD834\"]"),
        S("[\"\\uDFAA\"]"), S("{\"\\uDFAA\":0}"), S("[\"\\uD83D\\\\uDE00\"]"),
        /* i, refused: what is not UTF-8 */
        S("[\"\xE6\x97\xA5\xD1\x88\xFA\"]"), S("[\"\xED\xA0\x80\"]"), S("[\"\xE9\"]"), S("[\"\x81\"]"),
        S("[\"\xFF\"]"), S("[\"\xC0\xAF\"]"), S("[\"\xF4\xBF\xBF\xBF\"]"), S("[\"\xFC\x80\x80\x80\x80\x80\"]"),
        S("[\"\xFC\x83\xBF\xBF\xBF\xBF\"]"), S("[\"\xE0\xFF\"]"), S("[\"\xF0\x9F\x98\"]"), S("[\"\xC2"),
        S("\xFF\xFE[\x00\"\x00\xE9\x00\"\x00]\x00"), S("\x00[\x00\"\x00\xE9\x00\"\x00]"),
        S("[\x00\"\x00\xE9\x00\"\x00]\x00"), S("[\"\xF8\x88\x80\x80\x80\"]"), S("[\"\xED\xA0\xBD\xED\xB8\x80\"]"),
        /* i, refused: byte order marks */
        S("\xEF\xBB\xBF{}"), S("\xEF\xBB"), S("\xEF"),
};

static bool is_alike(const struct json_doc *a, const struct json_doc *b)
{
        struct buf scratch = BUF_INIT(4096);
        bool alike = a->count == b->count;

        for (uint32_t i = 0; alike && i < a->count; i++) {
                struct str s;

                alike = json_type_of(a, i) == json_type_of(b, i) && json_at(a, i)->next == json_at(b, i)->next;
                if (alike && json_type_of(a, i) == JSON_NUMBER)
                        alike = str_eq(json_text(a, i), json_text(b, i));
                if (alike && json_type_of(a, i) == JSON_STRING)
                        alike = json_string_get(a, i, &scratch, &s) == 0 && json_string_is(b, i, s);
        }
        buf_deinit(&scratch);
        return alike;
}

Test(accept, what_must_be_accepted_keeps_its_meaning)
{
        struct buf out = BUF_INIT(65536);
        struct json_doc doc, reread;

        json_doc_init(&doc, seed);
        json_doc_init(&reread, seed);
        for (size_t i = 0; i < sizeof(accepted) / sizeof(*accepted); i++) {
                enum json_error error = json_read(&doc, accepted[i]);

                cr_expect_eq(error, JSON_OK, "row %zu %.*s: %s", i, STR_FMT(accepted[i]), json_error_text(error));
                buf_clear(&out, SIZE_MAX);
                cr_expect_eq(json_write(&out, &doc, 0), 0);
                cr_expect_eq(json_read(&reread, buf_str(&out)), JSON_OK, "row %zu", i);
                cr_expect(is_alike(&doc, &reread), "row %zu %.*s: %.*s", i, STR_FMT(accepted[i]),
                          STR_FMT(buf_str(&out)));
        }
        json_doc_deinit(&doc);
        json_doc_deinit(&reread);
        buf_deinit(&out);
        CHECK_NO_LEAKS();
}

Test(accept, what_must_be_refused_is_refused_and_the_next_read_works)
{
        struct json_doc doc;

        json_doc_init(&doc, seed);
        for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
                cr_expect_neq(json_read(&doc, refused[i]), JSON_OK, "row %zu %.*s", i, STR_FMT(refused[i]));
                cr_expect_eq(doc.count, 0U);
                cr_expect_eq(json_read(&doc, STR("{\"a\":[1]}")), JSON_OK, "row %zu", i);
        }
        json_doc_deinit(&doc);
        CHECK_NO_LEAKS();
}

/* What every proper prefix of a document is, unless white space or digits at its end make it one. */
Test(accept, no_prefix_of_a_document_is_one)
{
        static const struct str whole =
                S("{\"a\":[1.5e3,\"\\ud83d\\ude00\xC3\xA9\",true,null,{\"b\":{}}],\"c\":false}");
        struct json_doc doc;

        json_doc_init(&doc, seed);
        for (size_t n = 0; n < whole.len; n++) {
                /* A block of exactly this size, so that reading past it is seen. */
                char *copy = malloc(n + 1);

                memcpy(copy, whole.ptr, n);
                copy = realloc(copy, n ? n : 1);
                cr_expect_neq(json_read(&doc, str_of(copy, n)), JSON_OK, "%zu", n);
                cr_expect_leq(doc.error_offset, n);
                free(copy);
        }
        cr_expect_eq(json_read(&doc, whole), JSON_OK);
        json_doc_deinit(&doc);
        CHECK_NO_LEAKS();
}
