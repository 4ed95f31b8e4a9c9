/* SPDX-License-Identifier: Apache-2.0
 *
 * A schema in the first line, a value in the second. Whatever they are, the check comes to an end and says printable
 * things; patterns only ever add to what is sure; `not` turns a sure verdict round, and being one of one changes nothing.
 */
#include "schema.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEMAND(condition)            \
        do {                         \
                if (!(condition))    \
                        abort();     \
        } while (0)

static const uint64_t seed[2] = { 5, 6 };

static void check_printable(const char *text, size_t size)
{
        size_t len = strnlen(text, size);

        DEMAND(len < size);
        for (size_t i = 0; i < len; i++)
                DEMAND(text[i] >= 0x20 && text[i] < 0x7F);
}

/* The verdict with the schema between two texts. */
static enum schema_verdict wrapped(
        const char *before, struct str schema, const char *after, const struct json_doc *value, struct schema_scratch *scratch)
{
        struct buf AUTO_BUF text = BUF_INIT(SIZE_MAX);
        struct schema_result result = { 0 };
        struct json_doc doc;

        buf_append_str(&text, str_from(before));
        buf_append_str(&text, schema);
        buf_append_str(&text, str_from(after));
        json_doc_init(&doc, seed);
        if (json_read(&doc, buf_str(&text)) == JSON_OK)
                schema_check(&doc, 0, value, 0, scratch, &result);
        json_doc_deinit(&doc);
        return result.verdict;
}

/* What the check of a wrapped schema says, unless it takes a step too many or a level too much. */
static void check_wrapped(
        enum schema_verdict verdict, struct str schema, const struct json_doc *value, struct schema_scratch *scratch)
{
        enum schema_verdict negated, one;

        /* `#` and drafts are about the whole. */
        if (memchr(schema.ptr, '$', schema.len) || memchr(schema.ptr, '\\', schema.len))
                return;
        negated = wrapped("{\"not\":", schema, "}", value, scratch);
        one = wrapped("{\"oneOf\":[", schema, "]}", value, scratch);
        DEMAND(negated == SCHEMA_NOT_EVALUATED || negated == (verdict == SCHEMA_VALID ? SCHEMA_INVALID : SCHEMA_VALID));
        DEMAND(one == SCHEMA_NOT_EVALUATED || one == verdict);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
        struct schema_scratch *scratch;
        struct schema_result with, without;
        struct json_doc schema, value;
        size_t first = newline ? (size_t)(newline - data) : 0;

        if (!newline)
                return 0;
        scratch = schema_scratch_new();
        json_doc_init(&schema, seed);
        json_doc_init(&value, seed);
        if (scratch && json_read(&schema, str_of((const char *)data, first)) == JSON_OK &&
                json_read(&value, str_of((const char *)data + first + 1, size - first - 1)) == JSON_OK) {
                schema_check(&schema, 0, &value, 0, scratch, &with);
                schema_check(&schema, 0, &value, 0, NULL, &without);
                DEMAND(without.verdict == SCHEMA_NOT_EVALUATED || without.verdict == with.verdict);
                check_printable(with.path, sizeof(with.path));
                check_printable(with.keyword, sizeof(with.keyword));
                check_printable(with.reason, sizeof(with.reason));
                DEMAND(with.verdict == SCHEMA_VALID || with.reason[0]);
                if (with.verdict != SCHEMA_NOT_EVALUATED)
                        check_wrapped(with.verdict, schema.text, &value, scratch);
        }
        json_doc_deinit(&schema);
        json_doc_deinit(&value);
        schema_scratch_free(scratch);
        return 0;
}
