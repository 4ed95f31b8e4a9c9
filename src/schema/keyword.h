/* SPDX-License-Identifier: Apache-2.0
 *
 * The keywords of JSON Schema and the drafts that have them. A keyword that the schema's own draft does not have may mean
 * nothing or be meant: it is not evaluated. A schema that names no draft may use those of all of them.
 */
#pragma once

#include "json.h"

/* In the order in which they are evaluated: the cheap and telling first. */
enum keyword {
        KEYWORD_TYPE,
        KEYWORD_CONST,
        KEYWORD_ENUM,
        KEYWORD_MINIMUM,
        KEYWORD_MAXIMUM,
        KEYWORD_EXCLUSIVE_MINIMUM,
        KEYWORD_EXCLUSIVE_MAXIMUM,
        KEYWORD_MULTIPLE_OF,
        KEYWORD_MIN_LENGTH,
        KEYWORD_MAX_LENGTH,
        KEYWORD_PATTERN,
        KEYWORD_REQUIRED,
        KEYWORD_MIN_PROPERTIES,
        KEYWORD_MAX_PROPERTIES,
        KEYWORD_MEMBERS, /* stands for the next three, which are evaluated together */
        KEYWORD_PROPERTIES,
        KEYWORD_PATTERN_PROPERTIES,
        KEYWORD_ADDITIONAL_PROPERTIES,
        KEYWORD_PROPERTY_NAMES,
        KEYWORD_DEPENDENT_REQUIRED,
        KEYWORD_DEPENDENT_SCHEMAS,
        KEYWORD_DEPENDENCIES,
        KEYWORD_MIN_ITEMS,
        KEYWORD_MAX_ITEMS,
        KEYWORD_ELEMENTS, /* stands for the next three */
        KEYWORD_PREFIX_ITEMS,
        KEYWORD_ITEMS,
        KEYWORD_ADDITIONAL_ITEMS,
        KEYWORD_CONTAINS,
        KEYWORD_MIN_CONTAINS,
        KEYWORD_MAX_CONTAINS,
        KEYWORD_UNIQUE_ITEMS,
        KEYWORD_REF,
        KEYWORD_ALL_OF,
        KEYWORD_ANY_OF,
        KEYWORD_ONE_OF,
        KEYWORD_NOT,
        KEYWORD_IF,
        KEYWORD_THEN,
        KEYWORD_ELSE,
        KEYWORD_EVALUATED_, /* as many are evaluated; the next ones only looked at */
        KEYWORD_SCHEMA = KEYWORD_EVALUATED_,
        KEYWORD_ID,
        KEYWORD_ANNOTATION, /* says nothing about whether a value fits */
        KEYWORD_OTHER,      /* known or not: not evaluated */
};
_Static_assert(KEYWORD_EVALUATED_ <= 64, "a bit for each");

#define KEYWORD_BIT(keyword) ((uint64_t)1 << (keyword))

/* Drafts, one bit each. */
enum {
        DRAFT_06 = 1,
        DRAFT_07 = 2,
        DRAFT_2019_09 = 4,
        DRAFT_2020_12 = 8,
        DRAFT_ALL = 15, /* of a keyword: every draft has it; of a schema: it names none */
};

struct keyword_row {
        struct str name;
        enum keyword keyword;
        unsigned drafts;
        unsigned takes; /* the JSON types that its value may have: 1 << enum json_type; 0: any */
};

/* NULL: not known. */
const struct keyword_row *keyword_find(const struct json_doc *doc, uint32_t name);

/* For messages: the row's name; "false" for a schema that is no object. */
const char *keyword_name(enum keyword keyword);

/* The draft that a `$schema` names, or 0. */
unsigned draft_of(const struct json_doc *doc, uint32_t string);
