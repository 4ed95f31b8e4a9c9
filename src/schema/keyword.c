/* SPDX-License-Identifier: Apache-2.0 */
#include "keyword.h"

#define TAKES(type) (1U << JSON_##type)
#define TAKES_BOOLEAN (TAKES(TRUE) | TAKES(FALSE))
#define TAKES_SCHEMA (TAKES(OBJECT) | TAKES_BOOLEAN)
#define DRAFTS_FROM_2019 (DRAFT_2019_09 | DRAFT_2020_12)
#define DRAFTS_TO_2019 (DRAFT_06 | DRAFT_07 | DRAFT_2019_09)

/* The commonest first. */
static const struct keyword_row rows[] = {
        { STR_INIT("type"), KEYWORD_TYPE, DRAFT_ALL, TAKES(STRING) | TAKES(ARRAY) },
        { STR_INIT("description"), KEYWORD_ANNOTATION, DRAFT_ALL, 0 },
        { STR_INIT("properties"), KEYWORD_PROPERTIES, DRAFT_ALL, TAKES(OBJECT) },
        { STR_INIT("additionalProperties"), KEYWORD_ADDITIONAL_PROPERTIES, DRAFT_ALL, TAKES_SCHEMA },
        { STR_INIT("required"), KEYWORD_REQUIRED, DRAFT_ALL, TAKES(ARRAY) },
        { STR_INIT("enum"), KEYWORD_ENUM, DRAFT_ALL, TAKES(ARRAY) },
        { STR_INIT("title"), KEYWORD_ANNOTATION, DRAFT_ALL, 0 },
        { STR_INIT("default"), KEYWORD_ANNOTATION, DRAFT_ALL, 0 },
        { STR_INIT("$schema"), KEYWORD_SCHEMA, DRAFT_ALL, TAKES(STRING) },
        { STR_INIT("$ref"), KEYWORD_REF, DRAFT_ALL, TAKES(STRING) },
        { STR_INIT("items"), KEYWORD_ITEMS, DRAFT_ALL, TAKES_SCHEMA | TAKES(ARRAY) },
        { STR_INIT("const"), KEYWORD_CONST, DRAFT_ALL, 0 },
        { STR_INIT("format"), KEYWORD_ANNOTATION, DRAFT_ALL, 0 },
        { STR_INIT("anyOf"), KEYWORD_ANY_OF, DRAFT_ALL, TAKES(ARRAY) },
        { STR_INIT("oneOf"), KEYWORD_ONE_OF, DRAFT_ALL, TAKES(ARRAY) },
        { STR_INIT("allOf"), KEYWORD_ALL_OF, DRAFT_ALL, TAKES(ARRAY) },
        { STR_INIT("minimum"), KEYWORD_MINIMUM, DRAFT_ALL, TAKES(NUMBER) },
        { STR_INIT("maximum"), KEYWORD_MAXIMUM, DRAFT_ALL, TAKES(NUMBER) },
        { STR_INIT("exclusiveMinimum"), KEYWORD_EXCLUSIVE_MINIMUM, DRAFT_ALL, TAKES(NUMBER) },
        { STR_INIT("exclusiveMaximum"), KEYWORD_EXCLUSIVE_MAXIMUM, DRAFT_ALL, TAKES(NUMBER) },
        { STR_INIT("multipleOf"), KEYWORD_MULTIPLE_OF, DRAFT_ALL, TAKES(NUMBER) },
        { STR_INIT("minLength"), KEYWORD_MIN_LENGTH, DRAFT_ALL, TAKES(NUMBER) },
        { STR_INIT("maxLength"), KEYWORD_MAX_LENGTH, DRAFT_ALL, TAKES(NUMBER) },
        { STR_INIT("pattern"), KEYWORD_PATTERN, DRAFT_ALL, TAKES(STRING) },
        { STR_INIT("minItems"), KEYWORD_MIN_ITEMS, DRAFT_ALL, TAKES(NUMBER) },
        { STR_INIT("maxItems"), KEYWORD_MAX_ITEMS, DRAFT_ALL, TAKES(NUMBER) },
        { STR_INIT("uniqueItems"), KEYWORD_UNIQUE_ITEMS, DRAFT_ALL, TAKES_BOOLEAN },
        { STR_INIT("prefixItems"), KEYWORD_PREFIX_ITEMS, DRAFT_2020_12, TAKES(ARRAY) },
        { STR_INIT("additionalItems"), KEYWORD_ADDITIONAL_ITEMS, DRAFTS_TO_2019, TAKES_SCHEMA },
        { STR_INIT("contains"), KEYWORD_CONTAINS, DRAFT_ALL, TAKES_SCHEMA },
        { STR_INIT("minContains"), KEYWORD_MIN_CONTAINS, DRAFTS_FROM_2019, TAKES(NUMBER) },
        { STR_INIT("maxContains"), KEYWORD_MAX_CONTAINS, DRAFTS_FROM_2019, TAKES(NUMBER) },
        { STR_INIT("patternProperties"), KEYWORD_PATTERN_PROPERTIES, DRAFT_ALL, TAKES(OBJECT) },
        { STR_INIT("propertyNames"), KEYWORD_PROPERTY_NAMES, DRAFT_ALL, TAKES_SCHEMA },
        { STR_INIT("minProperties"), KEYWORD_MIN_PROPERTIES, DRAFT_ALL, TAKES(NUMBER) },
        { STR_INIT("maxProperties"), KEYWORD_MAX_PROPERTIES, DRAFT_ALL, TAKES(NUMBER) },
        { STR_INIT("dependentRequired"), KEYWORD_DEPENDENT_REQUIRED, DRAFTS_FROM_2019, TAKES(OBJECT) },
        { STR_INIT("dependentSchemas"), KEYWORD_DEPENDENT_SCHEMAS, DRAFTS_FROM_2019, TAKES(OBJECT) },
        { STR_INIT("dependencies"), KEYWORD_DEPENDENCIES, DRAFT_06 | DRAFT_07, TAKES(OBJECT) },
        { STR_INIT("not"), KEYWORD_NOT, DRAFT_ALL, TAKES_SCHEMA },
        { STR_INIT("if"), KEYWORD_IF, DRAFT_07 | DRAFTS_FROM_2019, TAKES_SCHEMA },
        { STR_INIT("then"), KEYWORD_THEN, DRAFT_07 | DRAFTS_FROM_2019, TAKES_SCHEMA },
        { STR_INIT("else"), KEYWORD_ELSE, DRAFT_07 | DRAFTS_FROM_2019, TAKES_SCHEMA },
        { STR_INIT("$id"), KEYWORD_ID, DRAFT_ALL, TAKES(STRING) },
        { STR_INIT("$defs"), KEYWORD_ANNOTATION, DRAFT_ALL, 0 },
        { STR_INIT("definitions"), KEYWORD_ANNOTATION, DRAFT_ALL, 0 },
        { STR_INIT("examples"), KEYWORD_ANNOTATION, DRAFT_ALL, 0 },
        { STR_INIT("$comment"), KEYWORD_ANNOTATION, DRAFT_ALL, 0 },
        { STR_INIT("deprecated"), KEYWORD_ANNOTATION, DRAFT_ALL, 0 },
        { STR_INIT("readOnly"), KEYWORD_ANNOTATION, DRAFT_ALL, 0 },
        { STR_INIT("writeOnly"), KEYWORD_ANNOTATION, DRAFT_ALL, 0 },
        { STR_INIT("contentEncoding"), KEYWORD_ANNOTATION, DRAFT_ALL, 0 },
        { STR_INIT("contentMediaType"), KEYWORD_ANNOTATION, DRAFT_ALL, 0 },
        /* Names for references that are not followed here. */
        { STR_INIT("$anchor"), KEYWORD_ANNOTATION, DRAFT_ALL, 0 },
        { STR_INIT("$dynamicAnchor"), KEYWORD_ANNOTATION, DRAFT_ALL, 0 },
        { STR_INIT("$recursiveAnchor"), KEYWORD_ANNOTATION, DRAFT_ALL, 0 },
};

const struct keyword_row *keyword_find(const struct json_doc *doc, uint32_t name)
{
        struct str raw = json_raw_string(doc, name);

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                if (json_at(doc, name)->escaped ? json_string_is(doc, name, rows[i].name) :
                            rows[i].name.len == raw.len && rows[i].name.ptr[0] == raw.ptr[0] && str_eq(rows[i].name, raw))
                        return &rows[i];
        }
        return NULL;
}

const char *keyword_name(enum keyword keyword)
{
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                if (rows[i].keyword == keyword)
                        return rows[i].name.ptr;
        return "false";
}

unsigned draft_of(const struct json_doc *doc, uint32_t string)
{
        static const struct {
                struct str uri;
                unsigned draft;
        } drafts[] = {
                { STR_INIT("http://json-schema.org/draft-07/schema#"), DRAFT_07 },
                { STR_INIT("http://json-schema.org/draft-07/schema"), DRAFT_07 },
                { STR_INIT("https://json-schema.org/draft-07/schema#"), DRAFT_07 },
                { STR_INIT("https://json-schema.org/draft-07/schema"), DRAFT_07 },
                { STR_INIT("https://json-schema.org/draft/2020-12/schema"), DRAFT_2020_12 },
                { STR_INIT("https://json-schema.org/draft/2020-12/schema#"), DRAFT_2020_12 },
                { STR_INIT("https://json-schema.org/draft/2019-09/schema"), DRAFT_2019_09 },
                { STR_INIT("https://json-schema.org/draft/2019-09/schema#"), DRAFT_2019_09 },
                { STR_INIT("http://json-schema.org/draft-06/schema#"), DRAFT_06 },
                { STR_INIT("http://json-schema.org/draft-06/schema"), DRAFT_06 },
        };

        for (size_t i = 0; i < sizeof(drafts) / sizeof(drafts[0]); i++)
                if (json_string_is(doc, string, drafts[i].uri))
                        return drafts[i].draft;
        return 0;
}
