/* SPDX-License-Identifier: Apache-2.0
 *
 * The strict reader (law L3) and the canonical form (law L2).
 *
 * json_read() validates one JSON value in one pass and leaves a tape: an array of tokens in document order
 * that point into the text. The text is borrowed: it must stand unchanged for as long as the document is
 * used. The tape's memory is kept from one read to the next, so that a steady stream of messages allocates
 * nothing.
 *
 * Refused, beyond RFC 8259's grammar: a BOM, invalid UTF-8, lone surrogates (escaped or not), two members
 * of one name at any depth (compared after unescaping), NUL in a member's name, a number whose value
 * overflows a double, and whatever passes a LIMIT_JSON_* of limit.h.
 *
 * The canonical form: no white space outside strings; strings in their shortest spelling (\" \\ \b \f \n \r
 * \t, \u00xx with lower-case digits for the other controls and for U+007F..U+009F, \u2028, \u2029, everything
 * else as UTF-8); number texts and member order as received. That is what JSON.stringify() writes, but for
 * the last three escapes; writing it again changes nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "str.h"

enum json_type {
        JSON_NULL = 1,
        JSON_FALSE,
        JSON_TRUE,
        JSON_NUMBER,
        JSON_STRING,
        JSON_ARRAY,
        JSON_OBJECT,
};

/* A value, or a member's name (a JSON_STRING just before its value). The first token is the root. */
struct json_token {
        uint32_t offset; /* of the text's first byte: a string's opening quote, a container's bracket */
        uint32_t length; /* of the text, quotes and brackets included */
        uint32_t next;   /* index of the token behind this value and everything in it */
        uint8_t type;    /* enum json_type */
        bool escaped;    /* a string with a backslash in it */
        uint16_t depth;  /* of nesting; 0 for the root */
};

enum json_error {
        JSON_OK = 0,
        JSON_SYNTAX,
        JSON_TRAILING_BYTES, /* something but white space behind the value */
        JSON_EMPTY,          /* nothing but white space */
        JSON_BOM,
        JSON_INVALID_UTF8,
        JSON_LONE_SURROGATE,
        JSON_CONTROL_CHARACTER, /* raw, within a string */
        JSON_DUPLICATE_MEMBER,
        JSON_NUL_IN_NAME,
        JSON_NUMBER_OVERFLOW,
        JSON_NUMBER_TOO_LONG,
        JSON_TOO_DEEP,
        JSON_TOO_MANY_TOKENS,
        JSON_TOO_MANY_MEMBERS,
        JSON_TOO_LONG, /* the text does not fit 32-bit offsets */
        JSON_NO_MEMORY,
        JSON_ERROR_MAX_,
};

/* A short phrase ("two members of the same name") for messages and records; never NULL. */
const char *json_error_text(enum json_error error);

struct json_doc {
        struct str text;           /* as given to json_read() */
        struct json_token *tokens; /* tokens[0] is the root; owned */
        uint32_t count;
        uint32_t capacity;
        bool canonical;        /* the text already is its canonical form, to the byte */
        uint32_t error_offset; /* of the byte that a failed read stumbled over */
        uint64_t seed[2];      /* random key of the duplicate check's hash: names cannot be made to collide */
        uint32_t *scratch;     /* the duplicate check's table; owned */
        uint32_t scratch_capacity;
};

void json_doc_init(struct json_doc *doc, const uint64_t seed[2]);
void json_doc_deinit(struct json_doc *doc); /* idempotent */

/* Gives back memory beyond what a document of @keep_tokens tokens needs; a document that is larger is forgotten. */
void json_doc_shrink(struct json_doc *doc, uint32_t keep_tokens);

/* Reads @text, replacing what the document held. On failure the tape is empty. White space (space, tab,
 * CR, LF) may stand around and between tokens; it only makes the text not canonical. */
enum json_error json_read(struct json_doc *doc, struct str text);

/* --- Walking the tape. Token indexes are valid until the next read. 0 (the root is nobody's child) means none. --- */

static inline const struct json_token *json_at(const struct json_doc *doc, uint32_t token)
{
        return &doc->tokens[token];
}

static inline enum json_type json_type_of(const struct json_doc *doc, uint32_t token)
{
        return (enum json_type)doc->tokens[token].type;
}

/* The value's text as it stands in the document. */
static inline struct str json_text(const struct json_doc *doc, uint32_t token)
{
        return (struct str){ doc->text.ptr + doc->tokens[token].offset, doc->tokens[token].length };
}

/* A string's bytes between the quotes, escapes and all. */
static inline struct str json_raw_string(const struct json_doc *doc, uint32_t token)
{
        return (struct str){ doc->text.ptr + doc->tokens[token].offset + 1, doc->tokens[token].length - 2 };
}

/* Where the members (or items) of @container end: at once, when it is of another type. */
static inline uint32_t json_end_of(const struct json_doc *doc, uint32_t container, enum json_type type)
{
        return doc->tokens[container].type == type ? doc->tokens[container].next : 0;
}

/* for (each member): @name and @value are token indexes; the name's value is always the next token. What is not an
 * object has no members. */
#define json_each_member(doc, object, name, value)                                                               \
        for (uint32_t name = (object) + 1, value = name + 1; name < json_end_of(doc, object, JSON_OBJECT);       \
             name = (doc)->tokens[value].next, value = name + 1)

/* What is not an array has no items. */
#define json_each_item(doc, array, item)                                                         \
        for (uint32_t item = (array) + 1; item < json_end_of(doc, array, JSON_ARRAY);            \
             item = (doc)->tokens[item].next)

/* The value of the member of that name (its unescaped bytes compared), or 0. @object may be any token; what
 * is not an object has no members. Look at each step's result before the next: "none" is the root's index too,
 * so that a chain of calls would go on there. */
uint32_t json_member(const struct json_doc *doc, uint32_t object, struct str name);

/* Does the string token's unescaped value equal @s? False for tokens that are not strings. */
bool json_string_is(const struct json_doc *doc, uint32_t token, struct str s);

/* The string's unescaped bytes: borrowed from the document when it has no escapes, else written to @scratch
 * (appended behind what is there; valid until it changes). 0, -EMSGSIZE or -ENOMEM; -EINVAL when the token is not
 * a string. On failure @scratch is as it was. */
int json_string_get(const struct json_doc *doc, uint32_t token, struct buf *scratch, struct str *ret);

/* Reads a number token that is a canonical integer: -?(0|[1-9][0-9]*), no "-0", within +-2^53. */
bool json_integer_get(const struct json_doc *doc, uint32_t token, int64_t *ret);

/* Appends the canonical form of a value (a copy of the bytes when the document is canonical). 0, -EMSGSIZE or -ENOMEM;
 * -EINVAL when there is no such token. On failure @out has the length that it had. */
int json_write(struct buf *out, const struct json_doc *doc, uint32_t token);

/* Index into @names (token indexes of strings) of the first that equals an earlier one, or -1; -ENOMEM as -2. */
long json_find_duplicate(struct json_doc *doc, const uint32_t *names, size_t count);
