/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts, what is said about them, three-valued logic, malformed schemas and the limits.
 */
#include "schema.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "buf.h"
#include "common_regex.h"
#include "leaks.h"
#include "limit.h"

static const uint64_t seed[2] = { 3, 4 };

static void check_texts(struct str schema, struct str value, struct schema_scratch *scratch, struct schema_result *ret)
{
        struct json_doc a, b;

        json_doc_init(&a, seed);
        json_doc_init(&b, seed);
        cr_assert_eq(json_read(&a, schema), JSON_OK, "%.*s", STR_FMT(schema));
        cr_assert_eq(json_read(&b, value), JSON_OK, "%.*s", STR_FMT(value));
        schema_check(&a, 0, &b, 0, scratch, ret);
        json_doc_deinit(&a);
        json_doc_deinit(&b);
}

struct row {
        const char *schema, *value;
        enum schema_verdict verdict;
        const char *path, *keyword, *reason;
};

static void check_rows(const struct row *rows, size_t count)
{
        struct schema_scratch *scratch = schema_scratch_new();

        cr_assert(scratch);
        for (size_t i = 0; i < count; i++) {
                const struct row *row = &rows[i];
                struct schema_result result;

                check_texts(str_from(row->schema), str_from(row->value), scratch, &result);
                cr_expect_eq(result.verdict, row->verdict, "%s %s: %d %s %s", row->schema, row->value, result.verdict, result.keyword,
                        result.reason);
                if (row->path)
                        cr_expect_str_eq(result.path, row->path, "%s %s", row->schema, row->value);
                if (row->keyword)
                        cr_expect_str_eq(result.keyword, row->keyword, "%s %s", row->schema, row->value);
                if (row->reason)
                        cr_expect_str_eq(result.reason, row->reason, "%s %s", row->schema, row->value);
        }
        schema_scratch_free(scratch);
        CHECK_NO_LEAKS();
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

Test(schema, what_is_said)
{
        static const struct row rows[] = {
                { "{\"type\":\"string\"}", "\"a\"", SCHEMA_VALID, "", "", "" },
                { "{\"type\":\"string\"}", "1", SCHEMA_INVALID, "", "type", "must be a string" },
                { "{\"type\":\"integer\"}", "1.5", SCHEMA_INVALID, "", "type", "must be an integer" },
                { "{\"type\":\"integer\"}", "10e-1", SCHEMA_VALID },
                { "{\"properties\":{\"a\":{\"items\":{\"properties\":{\"b c\":{\"type\":\"null\"}}}}}}", "{\"a\":[{},{\"b c\":1}]}",
                        SCHEMA_INVALID, "a[1].\"b c\"", "type", "must be null" },
                { "{\"properties\":{\"perPage\":{\"maximum\":100}}}", "{\"perPage\":101}", SCHEMA_INVALID, "perPage", "maximum",
                        "must be at most 100" },
                { "{\"required\":[\"a\",\"b\\n\"]}", "{\"a\":1}", SCHEMA_INVALID, "", "required", "must have the member \"b\\n\"" },
                { "{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "{\"a\":1,\"c\":2}", SCHEMA_INVALID, "c",
                        "additionalProperties", "is not a member that the schema knows" },
                { "{\"maxLength\":3}", "\"\\ud83d\\ude00abc\"", SCHEMA_INVALID, "", "maxLength", "must have at most 3 characters" },
                { "{\"maxLength\":4}", "\"\\ud83d\\ude00abc\"", SCHEMA_VALID },
                { "{\"minItems\":2}", "[1]", SCHEMA_INVALID, "", "minItems", "must have at least 2 items" },
                { "{\"propertyNames\":{\"maxLength\":2}}", "{\"abc\":1}", SCHEMA_INVALID, "", "propertyNames",
                        "has a member that may not be called \"abc\"" },
                { "{\"patternProperties\":{\"^x\":{\"type\":\"string\"}}}", "{\"xa\":1}", SCHEMA_INVALID, "xa", "type" },
                { "{\"pattern\":\"^a+$\"}", "\"aab\"", SCHEMA_INVALID, "", "pattern", "must match the schema's pattern" },
                { "{\"uniqueItems\":true}", "[1,2,1.0]", SCHEMA_INVALID, "", "uniqueItems" },
                { "{\"multipleOf\":0.01}", "19.99", SCHEMA_VALID },
                { "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"number\"}]}", "null", SCHEMA_INVALID, "", "anyOf",
                        "fits none of the forms that the schema allows" },
                { "{\"oneOf\":[{\"type\":\"number\"},{\"type\":\"integer\"}]}", "1", SCHEMA_INVALID, "", "oneOf" },
                { "{\"allOf\":[{\"minimum\":1},{\"maximum\":2}]}", "3", SCHEMA_INVALID, "", "maximum" },
                { "{\"$ref\":\"#/$defs/a~1b%25\",\"$defs\":{\"a/b%\":{\"type\":\"null\"}}}", "1", SCHEMA_INVALID, "", "type" },
                { "{\"properties\":{\"next\":{\"$ref\":\"#\"},\"v\":{\"type\":\"number\"}}}", "{\"next\":{\"next\":{\"v\":\"x\"}}}",
                        SCHEMA_INVALID, "next.next.v", "type" },
                { "{\"enum\":[\"a\",{\"x\":[1]}]}", "{\"x\":[1.0]}", SCHEMA_VALID },
                { "{\"properties\":{\"a\":false}}", "{\"a\":1}", SCHEMA_INVALID, "a", "false", "is not allowed here" },
                { "{\"if\":{\"required\":[\"a\"]},\"then\":{\"required\":[\"b\"]},\"else\":{\"required\":[\"c\"]}}", "{\"a\":1}",
                        SCHEMA_INVALID, "", "required", "must have the member \"b\"" },
                { "true", "1", SCHEMA_VALID },
                { "false", "1", SCHEMA_INVALID, "", "false" },
        };

        CHECK_ROWS(rows);
}

Test(schema, annotations_say_nothing)
{
        static const struct row rows[] = {
                { "{\"title\":1,\"description\":2,\"default\":3,\"examples\":4,\"format\":\"uri\",\"deprecated\":true,\"readOnly\":true,"
                  "\"$comment\":\"x\",\"$id\":\"https://example.com/a\",\"x-order\":1,\"definitions\":5}",
                        "\"not a uri\"", SCHEMA_VALID },
        };

        CHECK_ROWS(rows);
}

#define ODD "{\"nullable\":true}"

/* The part that is not evaluated could be either. */
Test(schema, three_values)
{
        static const struct row rows[] = {
                { ODD, "1", SCHEMA_NOT_EVALUATED, "", "nullable", "is not a keyword that is evaluated" },
                { "{\"type\":\"string\",\"nullable\":true}", "1", SCHEMA_INVALID, "", "type" },
                { "{\"properties\":{\"a\":" ODD "}}", "{\"b\":1}", SCHEMA_VALID },
                { "{\"properties\":{\"a\":" ODD "}}", "{\"a\":1}", SCHEMA_NOT_EVALUATED, NULL, "nullable" },
                { "{\"not\":" ODD "}", "1", SCHEMA_NOT_EVALUATED },
                { "{\"not\":{\"allOf\":[" ODD ",{\"type\":\"string\"}]}}", "1", SCHEMA_VALID, "", "" },
                { "{\"anyOf\":[" ODD ",{\"type\":\"number\"}]}", "1", SCHEMA_VALID },
                { "{\"anyOf\":[" ODD ",{\"type\":\"string\"}]}", "1", SCHEMA_NOT_EVALUATED, NULL, "nullable" },
                { "{\"oneOf\":[" ODD ",{\"type\":\"number\"}]}", "1", SCHEMA_NOT_EVALUATED },
                { "{\"oneOf\":[" ODD ",{\"type\":\"number\"},{\"minimum\":0}]}", "1", SCHEMA_INVALID, NULL, "oneOf" },
                { "{\"allOf\":[" ODD ",{\"type\":\"string\"}]}", "1", SCHEMA_INVALID, NULL, "type" },
                { "{\"allOf\":[" ODD ",{\"type\":\"number\"}]}", "1", SCHEMA_NOT_EVALUATED },
                { "{\"if\":" ODD ",\"then\":{\"type\":\"string\"}}", "1", SCHEMA_NOT_EVALUATED },
                { "{\"if\":" ODD ",\"then\":{\"type\":\"string\"},\"else\":{\"maximum\":0}}", "1", SCHEMA_INVALID, NULL, "if" },
                { "{\"if\":" ODD ",\"then\":{\"type\":\"number\"}}", "1", SCHEMA_VALID },
                { "{\"contains\":" ODD "}", "[1]", SCHEMA_NOT_EVALUATED },
                { "{\"contains\":" ODD "}", "[]", SCHEMA_INVALID, NULL, "contains" },
                { "{\"contains\":" ODD ",\"minContains\":0}", "[1]", SCHEMA_VALID },
                { "{\"items\":{\"anyOf\":[" ODD ",true]},\"unevaluatedItems\":false}", "[1]", SCHEMA_NOT_EVALUATED, NULL,
                        "unevaluatedItems" },
                /* A pattern that is not settled keeps `additionalProperties` from being sure. */
                { "{\"patternProperties\":{\"(?<=a)b\":{}},\"additionalProperties\":false}", "{\"ab\":1}", SCHEMA_NOT_EVALUATED, NULL,
                        "patternProperties" },
                { "{\"propertyNames\":" ODD "}", "{\"a\":1}", SCHEMA_NOT_EVALUATED },
                { "{\"dependentSchemas\":{\"a\":" ODD "}}", "{\"b\":1}", SCHEMA_VALID },
        };

        CHECK_ROWS(rows);
}

Test(schema, what_is_not_evaluated_is_named)
{
        static const struct row rows[] = {
                { "{\"$ref\":\"https://example.com/x\"}", "1", SCHEMA_NOT_EVALUATED, NULL, "$ref" },
                { "{\"$ref\":\"#name\",\"$defs\":{\"a\":{\"$anchor\":\"name\"}}}", "1", SCHEMA_NOT_EVALUATED, NULL, "$ref" },
                { "{\"$ref\":\"#/nowhere\"}", "1", SCHEMA_NOT_EVALUATED, NULL, "$ref" },
                { "{\"$ref\":\"#/%zz\"}", "1", SCHEMA_NOT_EVALUATED, NULL, "$ref" },
                { "{\"$ref\":\"#/~2\"}", "1", SCHEMA_NOT_EVALUATED, NULL, "$ref" },
                { "{\"$ref\":\"#\"}", "1", SCHEMA_NOT_EVALUATED, NULL, "" },
                { "{\"properties\":{\"a\":{\"$id\":\"b\",\"$ref\":\"#/$defs/c\"}},\"$defs\":{\"c\":{}}}", "{\"a\":1}", SCHEMA_NOT_EVALUATED, NULL, "$ref" },
                { "{\"$dynamicRef\":\"#a\"}", "1", SCHEMA_NOT_EVALUATED, NULL, "$dynamicRef" },
                { "{\"$recursiveRef\":\"#\"}", "1", SCHEMA_NOT_EVALUATED, NULL, "$recursiveRef" },
                { "{\"unevaluatedProperties\":false}", "{}", SCHEMA_NOT_EVALUATED, NULL, "unevaluatedProperties" },
                { "{\"contentSchema\":{}}", "\"\"", SCHEMA_NOT_EVALUATED, NULL, "contentSchema" },
                { "{\"$vocabulary\":{}}", "1", SCHEMA_NOT_EVALUATED, NULL, "$vocabulary" },
                { "{\"$schema\":\"http://json-schema.org/draft-04/schema#\",\"type\":\"string\"}", "1", SCHEMA_NOT_EVALUATED, NULL,
                        "$schema" },
                { "{\"$schema\":1,\"type\":\"string\"}", "1", SCHEMA_NOT_EVALUATED, NULL, "$schema" },
                { "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"prefixItems\":[false]}", "[1]", SCHEMA_NOT_EVALUATED, NULL,
                        "prefixItems" },
                { "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"items\":[false]}", "[1]", SCHEMA_NOT_EVALUATED, NULL,
                        "items" },
                { "{\"items\":[true,false]}", "[1,1]", SCHEMA_INVALID, "[1]" },
                { "{\"dependencies\":{\"a\":[\"b\"]}}", "{\"a\":1}", SCHEMA_INVALID, NULL, "dependencies" },
                { "{\"\\u0001odd name\":1}", "1", SCHEMA_NOT_EVALUATED, NULL, "?u0001odd?name" },
                { "{\"t\\u0079pe\":\"string\"}", "1", SCHEMA_INVALID, NULL, "type" },
        };

        CHECK_ROWS(rows);
}

Test(schema, malformed_schemas_claim_nothing)
{
        static const char *const schemas[] = { "5", "null", "[]", "\"a\"", "{\"type\":5}", "{\"type\":\"strin\"}", "{\"type\":[]}",
                "{\"type\":[\"strin\"]}", "{\"properties\":[]}", "{\"required\":true}", "{\"required\":[1]}", "{\"enum\":1}",
                "{\"minimum\":\"1\"}", "{\"exclusiveMinimum\":true}", "{\"multipleOf\":0}", "{\"multipleOf\":-1}", "{\"allOf\":[]}",
                "{\"anyOf\":[]}", "{\"oneOf\":{}}", "{\"anyOf\":[1]}", "{\"not\":1}", "{\"$ref\":1}", "{\"$id\":1}", "{\"pattern\":1}",
                "{\"additionalProperties\":1}", "{\"if\":1}", "{\"minProperties\":-1}", "{\"maxProperties\":0.5}", "{\"properties\":{\"a\":1}}",
                "{\"dependentRequired\":{\"a\":1}}", "{\"patternProperties\":{\"(\":true}}" };
        struct schema_scratch *scratch = schema_scratch_new();

        for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
                struct schema_result object, number;

                check_texts(str_from(schemas[i]), STR("{\"a\":1}"), scratch, &object);
                check_texts(str_from(schemas[i]), STR("7"), scratch, &number);
                cr_expect(object.verdict == SCHEMA_NOT_EVALUATED || number.verdict == SCHEMA_NOT_EVALUATED, "%s", schemas[i]);
                cr_expect(object.verdict != SCHEMA_INVALID && number.verdict != SCHEMA_INVALID, "%s", schemas[i]);
        }
        schema_scratch_free(scratch);
        CHECK_NO_LEAKS();
}

/* --- patterns --- */

Test(schema, patterns_that_engines_read_alike)
{
        static const char *const alike[] = { "", "abc", "^a$", "^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", "^(?=.*\\d)(?!x).{2,}$",
                "a*?b+?c{2,3}?", "\\u0041\\x42", "[\\w-]+@[\\w.]+", "\\bword\\b", "^\\/path\\.txt$", "(a|b)*", "[^\\]]", "\xc3\xa9+" };
        static const char *const apart[] = { "(?<=a)b", "(?i)a", "a++", "(?>a)", "\\1", "(a)\\1", "\\Aa", "a\\Z", "\\p{L}", "[]a]", "[^]",
                "[[:alpha:]]", "a{,3}", "a{", "}", "]", "(", ")", "*a", "^*", "(?=a)*", "\\Qa\\E", "\\v", "\\0", "\\h", "\\xZZ", "\\u{41}",
                "(?#a)", "(*UTF)a", "(?<n>a)", "[\\b]", "a\\", "[a", "\\ca", "\\G", "a**" };
        struct common_regex regex;

        for (size_t i = 0; i < sizeof(alike) / sizeof(alike[0]); i++)
                cr_expect(common_regex_read(str_from(alike[i]), &regex), "%s", alike[i]);
        for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++)
                cr_expect_not(common_regex_read(str_from(apart[i]), &regex), "%s", apart[i]);
}

Test(schema, patterns)
{
        static const struct row rows[] = {
                { "{\"pattern\":\"b\"}", "\"abc\"", SCHEMA_VALID },
                { "{\"pattern\":\"^b\"}", "\"abc\"", SCHEMA_INVALID },
                { "{\"pattern\":\"a$\"}", "\"a\\n\"", SCHEMA_INVALID },
                { "{\"pattern\":\"^\\\\d+$\"}", "\"\\u0663\"", SCHEMA_INVALID },
                { "{\"pattern\":\"^\\\\s$\"}", "\"\\u00a0\"", SCHEMA_NOT_EVALUATED, NULL, "pattern" },
                { "{\"pattern\":\"^.$\"}", "\"\\u2028\"", SCHEMA_NOT_EVALUATED, NULL, "pattern" },
                { "{\"pattern\":\"^.$\"}", "\"\\r\"", SCHEMA_NOT_EVALUATED, NULL, "pattern" },
                { "{\"pattern\":\"^.$\"}", "\"\\ud83d\\ude00\"", SCHEMA_NOT_EVALUATED, NULL, "pattern" },
                { "{\"pattern\":\"^.$\"}", "\"\\u00e9\"", SCHEMA_VALID },
                { "{\"pattern\":\"^\\\\u00e9$\"}", "\"\\u00e9\"", SCHEMA_VALID },
                { "{\"pattern\":\"a.c\"}", "\"a\\u0000c\"", SCHEMA_VALID },
                { "{\"pattern\":\"(?<=a)b\"}", "\"ab\"", SCHEMA_NOT_EVALUATED, NULL, "pattern" },
                /* More than the few tries that most need, and more than any may take. */
                { "{\"pattern\":\"^(a?){12}b\"}", "\"aaaaaaaaaaaac\"", SCHEMA_INVALID },
                { "{\"pattern\":\"^(a+)+$\"}", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"", SCHEMA_NOT_EVALUATED, NULL, "pattern",
                        "takes too long" },
                { "{\"pattern\":\"((((a{1,200}){1,200}){1,200}){1,200})\"}", "\"a\"", SCHEMA_NOT_EVALUATED, NULL, "pattern" },
                { "{\"pattern\":\"\"}", "\"\"", SCHEMA_VALID },
        };
        struct schema_result result;

        CHECK_ROWS(rows);
        check_texts(STR("{\"pattern\":\"a\"}"), STR("\"a\""), NULL, &result);
        cr_expect_eq(result.verdict, SCHEMA_NOT_EVALUATED);
}

Test(schema, more_patterns_than_are_kept)
{
        struct schema_scratch *scratch = schema_scratch_new();

        for (unsigned round = 0; round < 2; round++) {
                for (unsigned i = 0; i <= LIMIT_SCHEMA_PATTERNS; i++) {
                        struct schema_result result;
                        char schema[64], value[64];

                        snprintf(schema, sizeof(schema), "{\"pattern\":\"^p%u$\"}", i);
                        snprintf(value, sizeof(value), "\"p%u\"", i);
                        check_texts(str_from(schema), str_from(value), scratch, &result);
                        cr_expect_eq(result.verdict, SCHEMA_VALID);
                        check_texts(str_from(schema), STR("\"p\""), scratch, &result);
                        cr_expect_eq(result.verdict, SCHEMA_INVALID);
                }
        }
        schema_scratch_free(scratch);
        CHECK_NO_LEAKS();
}

/* --- limits --- */

static void repeat(struct buf *b, const char *text, size_t count)
{
        for (size_t i = 0; i < count; i++)
                buf_append_str(b, str_from(text));
}

static enum schema_verdict pattern_of(size_t bytes, size_t text_bytes)
{
        struct buf AUTO_BUF schema = BUF_INIT(SIZE_MAX), value = BUF_INIT(SIZE_MAX);
        struct schema_scratch *scratch = schema_scratch_new();
        struct schema_result result;

        buf_append_str(&schema, STR("{\"pattern\":\"a|"));
        repeat(&schema, "b", bytes - 2);
        buf_append_str(&schema, STR("\"}"));
        buf_append_char(&value, '"');
        repeat(&value, "a", text_bytes);
        buf_append_char(&value, '"');
        check_texts(buf_str(&schema), buf_str(&value), scratch, &result);
        schema_scratch_free(scratch);
        return result.verdict;
}

Test(schema, limits_of_patterns)
{
        cr_expect_eq(pattern_of(LIMIT_SCHEMA_PATTERN_BYTES - 1, 10), SCHEMA_VALID);
        cr_expect_eq(pattern_of(LIMIT_SCHEMA_PATTERN_BYTES, 10), SCHEMA_VALID);
        cr_expect_eq(pattern_of(LIMIT_SCHEMA_PATTERN_BYTES + 1, 10), SCHEMA_NOT_EVALUATED);
        cr_expect_eq(pattern_of(10, LIMIT_SCHEMA_PATTERN_TEXT - 1), SCHEMA_VALID);
        cr_expect_eq(pattern_of(10, LIMIT_SCHEMA_PATTERN_TEXT), SCHEMA_VALID);
        cr_expect_eq(pattern_of(10, LIMIT_SCHEMA_PATTERN_TEXT + 1), SCHEMA_NOT_EVALUATED);
        CHECK_NO_LEAKS();
}

/* A chain of references of that many schemas, the last of which says false. */
static enum schema_verdict chain_of(size_t count)
{
        struct buf AUTO_BUF schema = BUF_INIT(SIZE_MAX);
        struct schema_result result;

        buf_append_str(&schema, STR("{\"$ref\":\"#/$defs/1\",\"$defs\":{"));
        for (size_t i = 1; i + 1 < count; i++)
                buf_printf(&schema, "\"%zu\":{\"$ref\":\"#/$defs/%zu\"},", i, i + 1);
        buf_printf(&schema, "\"%zu\":{\"type\":\"null\"}}}", count - 1);
        check_texts(buf_str(&schema), STR("1"), NULL, &result);
        return result.verdict;
}

Test(schema, limit_of_depth)
{
        cr_expect_eq(chain_of(LIMIT_SCHEMA_DEPTH - 1), SCHEMA_INVALID);
        cr_expect_eq(chain_of(LIMIT_SCHEMA_DEPTH), SCHEMA_INVALID);
        cr_expect_eq(chain_of(LIMIT_SCHEMA_DEPTH + 1), SCHEMA_NOT_EVALUATED);
        CHECK_NO_LEAKS();
}

/* The root and its keyword take two steps, each item of `items: true` one. */
static enum schema_verdict items_of(size_t count)
{
        struct buf AUTO_BUF value = BUF_INIT(SIZE_MAX);
        struct schema_result result;

        buf_append_char(&value, '[');
        repeat(&value, "0,", count - 1);
        buf_append_str(&value, STR("0]"));
        check_texts(STR("{\"items\":true}"), buf_str(&value), NULL, &result);
        return result.verdict;
}

Test(schema, limit_of_steps)
{
        cr_expect_eq(items_of(LIMIT_SCHEMA_STEPS - 3), SCHEMA_VALID);
        cr_expect_eq(items_of(LIMIT_SCHEMA_STEPS - 1), SCHEMA_NOT_EVALUATED);
        CHECK_NO_LEAKS();
}

/* Each takes far longer than the limits allow when evaluated to the end; here it is a matter of milliseconds. */
Test(schema, hostile_schemas_are_bounded, .timeout = 60)
{
        static const struct row rows[] = {
                { "{\"$defs\":{\"a\":{\"allOf\":[{\"$ref\":\"#/$defs/b\"},{\"$ref\":\"#/$defs/b\"}]},\"b\":{\"allOf\":[{\"$ref\":\"#/$defs/c\"},"
                  "{\"$ref\":\"#/$defs/c\"}]},\"c\":{\"anyOf\":[{\"$ref\":\"#/$defs/a\"},{\"$ref\":\"#/$defs/b\"},{\"$ref\":\"#/$defs/c\"}]}},"
                  "\"$ref\":\"#/$defs/a\"}",
                        "1", SCHEMA_NOT_EVALUATED },
                { "{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}", "1", SCHEMA_NOT_EVALUATED },
                { "{\"not\":{\"$ref\":\"#\"}}", "1", SCHEMA_NOT_EVALUATED },
                { "{\"if\":{\"$ref\":\"#\"},\"then\":{\"$ref\":\"#\"},\"else\":{\"$ref\":\"#\"}}", "1", SCHEMA_NOT_EVALUATED },
        };
        struct buf AUTO_BUF value = BUF_INIT(SIZE_MAX), schema = BUF_INIT(SIZE_MAX);
        struct schema_scratch *scratch = schema_scratch_new();
        struct schema_result result;

        CHECK_ROWS(rows);
        /* Many items, every one of which a pattern gives up on. */
        buf_append_char(&value, '[');
        repeat(&value, "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\",", 5000);
        buf_append_str(&value, STR("0]"));
        check_texts(STR("{\"items\":{\"pattern\":\"^(a+)+$\"}}"), buf_str(&value), scratch, &result);
        cr_expect_eq(result.verdict, SCHEMA_NOT_EVALUATED);
        /* Ten thousand members against ten thousand properties of equal length. */
        buf_clear(&value, SIZE_MAX);
        buf_append_str(&schema, STR("{\"properties\":{"));
        buf_append_char(&value, '{');
        for (int i = 0; i < 9999; i++) {
                buf_printf(&schema, "%s\"p%08d\":true", i ? "," : "", i);
                buf_printf(&value, "%s\"v%08d\":true", i ? "," : "", i);
        }
        buf_append_str(&schema, STR("}}"));
        buf_append_char(&value, '}');
        check_texts(buf_str(&schema), buf_str(&value), scratch, &result);
        cr_expect_eq(result.verdict, SCHEMA_NOT_EVALUATED);
        schema_scratch_free(scratch);
        CHECK_NO_LEAKS();
}

Test(schema, tokens_that_are_not_there)
{
        struct json_doc doc;
        struct schema_result result = { .verdict = SCHEMA_VALID };

        json_doc_init(&doc, seed);
        schema_check(&doc, 0, &doc, 0, NULL, &result);
        cr_expect_eq(result.verdict, SCHEMA_NOT_EVALUATED);
        json_doc_deinit(&doc);
}

/* Long names are cut, and what is said stays printable. */
Test(schema, long_and_odd_names)
{
        struct buf AUTO_BUF value = BUF_INIT(SIZE_MAX);
        struct schema_result result;

        buf_append_char(&value, '{');
        buf_append_char(&value, '"');
        repeat(&value, "\\u202ename", 200);
        buf_append_str(&value, STR("\":1}"));
        check_texts(STR("{\"additionalProperties\":{\"type\":\"string\"}}"), buf_str(&value), NULL, &result);
        cr_expect_eq(result.verdict, SCHEMA_INVALID);
        cr_expect_leq(strlen(result.path), 90U);
        for (const char *p = result.path; *p; p++)
                cr_assert(*p >= 0x20 && *p < 0x7F);
        /* A path longer than the result holds ends in dots. */
        buf_clear(&value, SIZE_MAX);
        repeat(&value, "{\"abcdefghijklmnopqrstuvwxyz\":", 30);
        buf_append_char(&value, '1');
        repeat(&value, "}", 30);
        check_texts(STR("{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#\"}}"), buf_str(&value), NULL, &result);
        cr_expect_eq(result.verdict, SCHEMA_INVALID);
        cr_expect_eq(strlen(result.path), SCHEMA_PATH_BYTES - 1U);
        cr_expect_str_eq(result.path + SCHEMA_PATH_BYTES - 4, "...");
        CHECK_NO_LEAKS();
}

/* The words of every refusal; path, reason and keyword are cut so that the last sentence stays. */
Test(schema, refusals_tell_the_place)
{
        char text[SCHEMA_REFUSAL_BYTES];
        struct schema_result result;

        check_texts(STR("{\"properties\":{\"n\":{\"maximum\":5}}}"), STR("{\"n\":6}"), NULL, &result);
        cr_assert_eq(result.verdict, SCHEMA_INVALID);
        schema_refusal(&result, false, text);
        cr_expect_str_eq(text, "The arguments do not fit the tool's schema: n must be at most 5 (maximum). It was not run; correct the arguments and call again.");
        check_texts(STR("{\"required\":[\"x\"]}"), STR("{}"), NULL, &result);
        schema_refusal(&result, true, text);
        cr_expect_str_eq(text, "The arguments, as policy narrows them, do not fit the tool's schema: the arguments object must have the member \"x\" "
                               "(required). It was not run; correct the arguments and call again.");
        result = (struct schema_result){ .verdict = SCHEMA_INVALID };
        memset(result.path, 'p', SCHEMA_PATH_BYTES - 1);
        memset(result.reason, 'r', SCHEMA_REASON_BYTES - 1);
        memset(result.keyword, 'k', SCHEMA_KEYWORD_BYTES - 1);
        schema_refusal(&result, true, text);
        cr_expect_not_null(strstr(text, "k). It was not run; correct the arguments and call again."), "%s", text);
}
