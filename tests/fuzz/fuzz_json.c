/* SPDX-License-Identifier: Apache-2.0
 *
 * The strict reader and the canonical writer: whatever is accepted is written, reads back as the same tree, and
 * writing that changes nothing; `canonical` says exactly whether the text already was its canonical form; the
 * accessors hold for every token.
 */
#include "json.h"

#include <stdint.h>
#include <stdlib.h>

#include "utf8.h"

#define OUT_MAX (64U << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEMAND(condition)            \
        do {                         \
                if (!(condition))    \
                        abort();     \
        } while (0)

static void check_string(const struct json_doc *doc, uint32_t token, struct buf *scratch, struct str *ret)
{
        DEMAND(json_string_get(doc, token, scratch, ret) == 0);
        DEMAND(utf8_is_valid(*ret));
        DEMAND(json_string_is(doc, token, *ret));
}

static void check_accessors(const struct json_doc *doc, uint32_t token, struct buf *scratch)
{
        const struct json_token *t = json_at(doc, token);
        int64_t integer;
        struct str s;

        DEMAND(t->next > token && t->next <= doc->count);
        DEMAND((size_t)t->offset + t->length <= doc->text.len && t->length > 0);
        json_integer_get(doc, token, &integer);
        if (t->type == JSON_ARRAY) {
                json_each_item (doc, token, item)
                        DEMAND(json_at(doc, item)->depth == t->depth + 1);
        }
        if (t->type != JSON_OBJECT)
                return;
        json_each_member (doc, token, name, value) {
                buf_clear(scratch, SIZE_MAX);
                DEMAND(json_type_of(doc, name) == JSON_STRING);
                check_string(doc, name, scratch, &s);
                /* Looking each name up among many would be slow. */
                if (t->next - token < 64)
                        DEMAND(json_member(doc, token, s) == value);
        }
}

/* The same values in the same order, token by token. */
static void check_same(const struct json_doc *a, const struct json_doc *b, struct buf *scratch)
{
        DEMAND(a->count == b->count);
        for (uint32_t i = 0; i < a->count; i++) {
                const struct json_token *x = json_at(a, i), *y = json_at(b, i);
                struct str s;

                DEMAND(x->type == y->type && x->next == y->next && x->depth == y->depth);
                if (x->type == JSON_NUMBER)
                        DEMAND(str_eq(json_text(a, i), json_text(b, i)));
                if (x->type == JSON_STRING) {
                        buf_clear(scratch, SIZE_MAX);
                        check_string(a, i, scratch, &s);
                        DEMAND(json_string_is(b, i, s));
                }
                check_accessors(a, i, scratch);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const uint64_t seed[2] = { 1, 2 };
        struct str text = str_of((const char *)data, size);
        struct buf out = BUF_INIT(OUT_MAX), again = BUF_INIT(OUT_MAX), scratch = BUF_INIT(OUT_MAX);
        struct json_doc doc, reread;

        json_doc_init(&doc, seed);
        json_doc_init(&reread, seed);
        if (json_read(&doc, text) == JSON_OK) {
                DEMAND(json_write(&out, &doc, 0) == 0);
                DEMAND(doc.canonical == str_eq(buf_str(&out), text));
                DEMAND(json_read(&reread, buf_str(&out)) == JSON_OK);
                DEMAND(reread.canonical);
                check_same(&doc, &reread, &scratch);
                /* Written token by token, not copied. */
                reread.canonical = false;
                DEMAND(json_write(&again, &reread, 0) == 0);
                DEMAND(str_eq(buf_str(&out), buf_str(&again)));
        } else {
                DEMAND(doc.count == 0 && doc.error_offset <= size);
                DEMAND(json_member(&doc, 0, text) == 0);
        }
        json_doc_deinit(&doc);
        json_doc_deinit(&reread);
        buf_deinit(&out);
        buf_deinit(&again);
        buf_deinit(&scratch);
        return 0;
}
