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

static const struct str accepted[] = {
        /* y: structure and white space */
        STR_INIT("[]"), STR_INIT("{}"), STR_INIT("[[]   ]"), STR_INIT("[\"\"]"), STR_INIT("[1\n]"), STR_INIT(" [1]"),
        STR_INIT("[2] "), STR_INIT("[1,null,null,null,2]"), STR_INIT("[\"a\"]\n"), STR_INIT("\t[\ttrue\t,\tnull\t]\t"),
        STR_INIT("[null, 1, \"1\", {}]"), STR_INIT("[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]"), STR_INIT("\r\n\r\n[]"),
        STR_INIT("{\"a\":[]}"), STR_INIT("{\"a\":{\"b\":{\"c\":{}}}}"), STR_INIT("{\"asd\":\"sdf\", \"dfg\":\"fgh\"}"),
        STR_INIT("{\"\":0}"), STR_INIT("{ \"min\": -1.0e+28, \"max\": 1.0e+28 }"), STR_INIT("{\"a\":\"b\"\n}"),
        STR_INIT("{\"a\":1,\"b\":1,\"c\":{\"a\":1}}"), STR_INIT("{\"x\":[{\"id\": \"x\"}], \"id\": \"x\"}"),
        STR_INIT("{\"\\u043f\":\"\\u043e\"}"), STR_INIT("{\"__proto__\":1,\"constructor\":2}"),
        /* y: scalars alone */
        STR_INIT("false"), STR_INIT("true"), STR_INIT("null"), STR_INIT("42"), STR_INIT("-0.1"), STR_INIT("\"\""),
        STR_INIT("\"asd\""), STR_INIT(" null "),
        /* y: numbers */
        STR_INIT("[0]"), STR_INIT("[-0]"), STR_INIT("[-1]"), STR_INIT("[123]"), STR_INIT("[-123]"), STR_INIT("[123.456789]"),
        STR_INIT("[0e1]"), STR_INIT("[0e+1]"), STR_INIT("[1E22]"), STR_INIT("[1E-2]"), STR_INIT("[1E+2]"),
        STR_INIT("[123e45]"), STR_INIT("[123.456e78]"), STR_INIT("[1e-2]"), STR_INIT("[1e+2]"), STR_INIT("[20e1]"),
        STR_INIT("[4 ]"), STR_INIT("[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]"),
        STR_INIT("[0.0]"), STR_INIT("[10]"), STR_INIT("[1.0e-0]"), STR_INIT("[0E0]"),
        /* y: strings */
        STR_INIT("[\"\\u0060\\u012a\\u12AB\"]"), STR_INIT("[\"\\uD801\\udc37\"]"), STR_INIT("[\"\\ud83d\\ude39\\ud83d\\udc8d\"]"),
        STR_INIT("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"), STR_INIT("[\"\\\\u0000\"]"), STR_INIT("[\"\\\"\"]"),
        STR_INIT("[\"a/*b*/c/*d//e\"]"), STR_INIT("[\"\\\\a\"]"), STR_INIT("[\"\\\\n\"]"), STR_INIT("[\"\\u0012\"]"),
        STR_INIT("[\"\\uFFFF\"]"), STR_INIT("[ \"asd\"]"), STR_INIT("[\"\\uDBFF\\uDFFF\"]"), STR_INIT("[\"new\\u00A0line\"]"),
        STR_INIT("[\"\xF4\x8F\xBF\xBF\"]"), STR_INIT("[\"\xEF\xBF\xBF\"]"), STR_INIT("[\"\\u0000\"]"), STR_INIT("[\"\\u002c\"]"),
        STR_INIT("[\"\xCF\x80\"]"), STR_INIT("[\"\xF0\x9B\xBF\xBF\"]"), STR_INIT("[\"asd \"]"), STR_INIT("\" \""),
        STR_INIT("[\"\\uD834\\uDd1e\"]"), STR_INIT("[\"\\u0821\"]"), STR_INIT("[\"\xE2\x80\xA8\"]"), STR_INIT("[\"\xE2\x80\xA9\"]"),
        STR_INIT("[\"\\u0061\\u30af\\u30EA\\u30b9\"]"), STR_INIT("[\"new\\u000Aline\"]"), STR_INIT("[\"\x7F\"]"),
        STR_INIT("[\"\\uA66D\"]"), STR_INIT("[\"\xE2\x8D\x82\xE3\x88\xB4\xE2\x8D\x82\"]"), STR_INIT("[\"\\u005C\"]"),
        STR_INIT("[\"\\u0022\"]"), STR_INIT("[\"\\u200B\"]"), STR_INIT("[\"\\u2064\"]"), STR_INIT("[\"\\uFDD0\"]"),
        STR_INIT("[\"\\uFFFE\"]"), STR_INIT("[\"\\uDBFF\\uDFFE\"]"), STR_INIT("[\"\xE2\x82\xAC\xF0\x9D\x84\x9E\"]"),
        STR_INIT("[\"aa\x7F\"]"), STR_INIT("[\"\xEF\xBB\xBF\"]"), STR_INIT("[\"\xC2\x85\"]"),
        /* i, accepted: numbers that a double only approximates, or that round to 0 */
        STR_INIT("[123.456e-789]"), STR_INIT("[-123123123123123123123123123123]"), STR_INIT("[100000000000000000000]"),
        STR_INIT("[-237462374673276894279832749832423479823246327846]"), STR_INIT("[0.4e-00669999999999999999999999]"),
};

static const struct str refused[] = {
        /* n: structure */
        STR_INIT("["), STR_INIT("]"), STR_INIT("{"), STR_INIT("}"), STR_INIT("[1"), STR_INIT("[1,"), STR_INIT("[,1]"),
        STR_INIT("[1,,2]"), STR_INIT("[1,]"), STR_INIT("[\"\",]"), STR_INIT("[,]"), STR_INIT("[1]]"), STR_INIT("[1]x"),
        STR_INIT("[1 true]"), STR_INIT("[a\xE5]"), STR_INIT("[\"\": 1]"), STR_INIT("[3[4]]"), STR_INIT("[1:2]"), STR_INIT("[x"),
        STR_INIT("[\"x\"]]"), STR_INIT("[][]"), STR_INIT("1]"), STR_INIT("[}"), STR_INIT("{]"), STR_INIT("[{}"),
        STR_INIT("[\x0C]"), STR_INIT("[\v1]"), STR_INIT("[\xC2\xA0]"), STR_INIT("[\xE2\x81\xA0]"), STR_INIT("\x00"),
        STR_INIT("[1]\x00"), STR_INIT("[\x00]"), STR_INIT("<null>"), STR_INIT("[<null>]"), STR_INIT("*"), STR_INIT("[*]"),
        STR_INIT("{\"a\":1}{\"b\":2}"), STR_INIT("1 2"), STR_INIT("[\"a\"] \x1A"), STR_INIT("[\n1\n,1"), STR_INIT("\xC3\xA5"),
        STR_INIT("[\"asd]"), STR_INIT("asd"), STR_INIT("[1,\n1\n,1"), STR_INIT("[{},\"\\u0061"), STR_INIT("\xE2\x80\xA8[]"),
        /* n: objects */
        STR_INIT("{\"x\"}"), STR_INIT("{\"x\", null}"), STR_INIT("{\"x\"::\"b\"}"), STR_INIT("{\"a\":\"a\" 123}"),
        STR_INIT("{key: 'value'}"), STR_INIT("{\"a\" b}"), STR_INIT("{:\"b\"}"), STR_INIT("{\"a\":}"), STR_INIT("{\"a\""),
        STR_INIT("{\"a\":1,}"), STR_INIT("{\"a\":1,,}"), STR_INIT("{,\"a\":1}"), STR_INIT("{1:1}"), STR_INIT("{null:null}"),
        STR_INIT("{'a':0}"), STR_INIT("{\"id\":0,,,,,}"), STR_INIT("{a:\"b\"}"), STR_INIT("{\"a\":\"b\",\"c\"}"), STR_INIT("{[]:1}"),
        STR_INIT("{\"a\":\"b\"}/**/"), STR_INIT("{\"a\":/*comment*/\"b\"}"), STR_INIT("{\"a\":\"b\"}//"), STR_INIT("{\"a\":\"b\"}#"),
        STR_INIT("{\"a\":\"b\"}/"), STR_INIT("{\"a\":true} \"x\""), STR_INIT("{\"\\u0000\":1}"), STR_INIT("{\"a\":1;\"b\":2}"),
        STR_INIT("{\"asd\":\"asd\""), STR_INIT("{\"a\":1 \"b\":2}"), STR_INIT("{\"a\":b}"), STR_INIT("{\"foo\\u0000bar\": 42}"),
        /* Refused by our rule: names that mean the same. */
        STR_INIT("{\"a\":\"b\",\"a\":\"c\"}"), STR_INIT("{\"a\":\"b\",\"a\":\"b\"}"), STR_INIT("[{\"k\":{},\"\\u006B\":[]}]"),
        /* n: literals */
        STR_INIT("nul"), STR_INIT("[nul]"), STR_INIT("[tru]"), STR_INIT("[fals]"), STR_INIT("TRUE"), STR_INIT("[True]"),
        STR_INIT("Null"), STR_INIT("[nulll]"), STR_INIT("[truefalse]"), STR_INIT("undefined"), STR_INIT("[NaN]"), STR_INIT("[-NaN]"),
        STR_INIT("[Infinity]"), STR_INIT("[-Infinity]"), STR_INIT("[Inf]"), STR_INIT("[+Inf]"), STR_INIT("[t]"), STR_INIT("tru"),
        /* n: numbers */
        STR_INIT("[01]"), STR_INIT("[-01]"), STR_INIT("[00]"), STR_INIT("[+1]"), STR_INIT("[++1234]"), STR_INIT("[-]"),
        STR_INIT("[--1]"), STR_INIT("[- 1]"), STR_INIT("[-a]"), STR_INIT("[.5]"), STR_INIT("[-.5]"), STR_INIT("[1.]"),
        STR_INIT("[-2.]"), STR_INIT("[2.e3]"), STR_INIT("[.2e-3]"), STR_INIT("[0.e1]"), STR_INIT("[1.0e]"), STR_INIT("[1.0e+]"),
        STR_INIT("[1.0e-]"), STR_INIT("[1e]"), STR_INIT("[1eE2]"), STR_INIT("[0e]"), STR_INIT("[0E+]"), STR_INIT("[9.e+]"),
        STR_INIT("[1 000.0]"), STR_INIT("[1,000,]"), STR_INIT("[0x1]"), STR_INIT("[0x42]"), STR_INIT("[1a]"), STR_INIT("[1ea]"),
        STR_INIT("[0.1.2]"), STR_INIT("[0.3e+]"), STR_INIT("[-1x]"), STR_INIT("[1+2]"), STR_INIT("[1_000]"), STR_INIT("[1e1.5]"),
        STR_INIT("[\xEF\xBC\x91]"), STR_INIT("[012]"), STR_INIT("-"), STR_INIT("1."), STR_INIT("1e"), STR_INIT("[123\xE5]"),
        STR_INIT("[-012]"), STR_INIT("[1.8011670033376514H-308]"), STR_INIT("123\x00"),
        /* n: strings */
        STR_INIT("\""), STR_INIT("[\""), STR_INIT("[\"\\\"]"), STR_INIT("[\"\\"), STR_INIT("[\"\\x00\"]"), STR_INIT("[\"\\a\"]"),
        STR_INIT("[\"\\'\"]"), STR_INIT("[\"\\0\"]"), STR_INIT("[\"\\U0041\"]"), STR_INIT("[\"\\u\"]"), STR_INIT("[\"\\u00\"]"),
        STR_INIT("[\"\\u00A\"]"), STR_INIT("[\"\\u00G0\"]"), STR_INIT("[\"\\u-123\"]"), STR_INIT("[\"\\u 041\"]"), STR_INIT("[\"\\\xE5\"]"),
        STR_INIT("[\"a\x00"
                 "a\"]"),
        STR_INIT("[\"\t\"]"), STR_INIT("[\"new\nline\"]"), STR_INIT("[\"\r\"]"), STR_INIT("['single']"), STR_INIT("['"),
        STR_INIT("[\"x\" \"y\"]"), STR_INIT("[\\u0020\"asd\"]"), STR_INIT("[\"\\\\\\\"]"), STR_INIT("\"\\"), STR_INIT("\"\\u004"),
        STR_INIT("[\"\\uD834\\uDd\"]"), STR_INIT("[\"\\uD800\\u1x\"]"), STR_INIT("[\"\\\t\"]"), STR_INIT("[`a`]"), STR_INIT("[\"a\"b]"),
        STR_INIT("abc\""), STR_INIT("[\"\\\x00\"]"),
        /* i, refused: numbers past a double */
        STR_INIT("[0.4e00669999999999999999999999999999999999999999999999999999999999999999999999999999999999999999]"),
        STR_INIT("[-1e+9999]"), STR_INIT("[1.5e+9999]"), STR_INIT("[-123123e100000]"), STR_INIT("[123123e100000]"),
        /* i, refused: halves of surrogate pairs */
        STR_INIT("[\"\\uDADA\"]"), STR_INIT("[\"\\uD888\\u1234\"]"), STR_INIT("[\"\\uD800\\n\"]"), STR_INIT("[\"\\uDd61\"]"),
        STR_INIT("[\"\\uD800\\uD800\\n\"]"), STR_INIT("[\"\\ud800\"]"), STR_INIT("[\"\\ud800abc\"]"), STR_INIT("[\"\\uDd1e\\uD834\"]"),
        STR_INIT("[\"\\uDFAA\"]"), STR_INIT("{\"\\uDFAA\":0}"), STR_INIT("[\"\\uD83D\\\\uDE00\"]"),
        /* i, refused: what is not UTF-8 */
        STR_INIT("[\"\xE6\x97\xA5\xD1\x88\xFA\"]"), STR_INIT("[\"\xED\xA0\x80\"]"), STR_INIT("[\"\xE9\"]"), STR_INIT("[\"\x81\"]"),
        STR_INIT("[\"\xFF\"]"), STR_INIT("[\"\xC0\xAF\"]"), STR_INIT("[\"\xF4\xBF\xBF\xBF\"]"), STR_INIT("[\"\xFC\x80\x80\x80\x80\x80\"]"),
        STR_INIT("[\"\xFC\x83\xBF\xBF\xBF\xBF\"]"), STR_INIT("[\"\xE0\xFF\"]"), STR_INIT("[\"\xF0\x9F\x98\"]"), STR_INIT("[\"\xC2"),
        STR_INIT("\xFF\xFE[\x00\"\x00\xE9\x00\"\x00]\x00"), STR_INIT("\x00[\x00\"\x00\xE9\x00\"\x00]"),
        STR_INIT("[\x00\"\x00\xE9\x00\"\x00]\x00"), STR_INIT("[\"\xF8\x88\x80\x80\x80\"]"), STR_INIT("[\"\xED\xA0\xBD\xED\xB8\x80\"]"),
        /* i, refused: byte order marks */
        STR_INIT("\xEF\xBB\xBF{}"), STR_INIT("\xEF\xBB"), STR_INIT("\xEF"),
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
                cr_expect(is_alike(&doc, &reread), "row %zu %.*s: %.*s", i, STR_FMT(accepted[i]), STR_FMT(buf_str(&out)));
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
        static const struct str whole = STR_INIT("{\"a\":[1.5e3,\"\\ud83d\\ude00\xC3\xA9\",true,null,{\"b\":{}}],\"c\":false}");
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
