/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include "alloc.h"

void json_doc_init(struct json_doc *doc, const uint64_t seed[2])
{
        *doc = (struct json_doc){ .seed = { seed[0], seed[1] } };
}

void json_doc_deinit(struct json_doc *doc)
{
        const uint64_t seed[2] = { doc->seed[0], doc->seed[1] };

        mem_free(doc->tokens);
        mem_free(doc->scratch);
        json_doc_init(doc, seed);
}

void json_doc_shrink(struct json_doc *doc, uint32_t keep_tokens)
{
        struct json_token *smaller;

        if (doc->count > keep_tokens)
                doc->count = 0;
        if (keep_tokens == 0) {
                mem_free(doc->tokens);
                doc->tokens = NULL;
                doc->capacity = 0;
        } else if (doc->capacity > keep_tokens) {
                smaller = mem_resize(doc->tokens, keep_tokens * sizeof(*smaller));
                if (smaller) {
                        doc->tokens = smaller;
                        doc->capacity = keep_tokens;
                }
        }
        /* The table of an object of half as many members is about as long as this. */
        if (doc->scratch_capacity > 4 * (size_t)keep_tokens) {
                mem_free(doc->scratch);
                doc->scratch = NULL;
                doc->scratch_capacity = 0;
        }
}

static const char *const error_texts[] = {
        [JSON_OK] = "no error",
        [JSON_SYNTAX] = "not JSON",
        [JSON_TRAILING_BYTES] = "more text behind the value",
        [JSON_EMPTY] = "no value",
        [JSON_BOM] = "a byte order mark",
        [JSON_INVALID_UTF8] = "invalid UTF-8",
        [JSON_LONE_SURROGATE] = "half of a surrogate pair",
        [JSON_CONTROL_CHARACTER] = "a raw control character in a string",
        [JSON_DUPLICATE_MEMBER] = "two members of the same name",
        [JSON_NUL_IN_NAME] = "NUL in a member's name",
        [JSON_NUMBER_OVERFLOW] = "a number too large for a double",
        [JSON_NUMBER_TOO_LONG] = "a number with too many characters",
        [JSON_TOO_DEEP] = "nested too deeply",
        [JSON_TOO_MANY_TOKENS] = "too many values",
        [JSON_TOO_MANY_MEMBERS] = "too many members in one object",
        [JSON_TOO_LONG] = "too long",
        [JSON_NO_MEMORY] = "out of memory",
};
_Static_assert(sizeof(error_texts) / sizeof(*error_texts) == JSON_ERROR_MAX_, "a text for each error");

const char *json_error_text(enum json_error error)
{
        return (unsigned)error < JSON_ERROR_MAX_ ? error_texts[error] : "unknown error";
}
