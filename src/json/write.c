/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <errno.h>

#include "emit.h"
#include "limit.h"
#include "pieces.h"
#include "spelling.h"
#include "utf8.h"

/* Where a rewriting stands: between the tokens of @doc. */
struct rewriter {
        const struct json_doc *doc;
        struct buf *out;
        unsigned level;
        uint32_t open[LIMIT_JSON_DEPTH + 1]; /* the containers that we are in */
        bool is_first;                       /* in the innermost one */
        bool is_named;                       /* a name has just been written: its value follows */
};

static int close_innermost(struct rewriter *w)
{
        const struct json_token *container = json_at(w->doc, w->open[--w->level]);

        w->is_first = false;
        return json_emit(w->out, container->type == JSON_OBJECT ? "}" : "]", 1);
}

/* Closes what ends before @token, then separates. */
static int write_between(struct rewriter *w, uint32_t token)
{
        int r = 0;

        while (r == 0 && w->level > 0 && json_at(w->doc, w->open[w->level - 1])->next == token)
                r = close_innermost(w);
        if (r < 0)
                return r;
        if (w->is_named) {
                w->is_named = false;
                return json_emit(w->out, ":", 1);
        }
        w->is_named = w->level > 0 && json_at(w->doc, w->open[w->level - 1])->type == JSON_OBJECT;
        return w->is_first ? 0 : json_emit(w->out, ",", 1);
}

/* Copies what is spelt canonically in as long runs as there are, and spells anew what is not. The closing quote is not
 * plain, so that the scan, which may look on to the end of the text, stops there. */
static int write_string(struct rewriter *w, uint32_t token)
{
        struct str text = json_text(w->doc, token);
        const char *text_end = w->doc->text.ptr + w->doc->text.len;
        const char *copied = text.ptr; /* what is before it has been appended */
        const char *p = text.ptr + 1;

        for (;;) {
                const char *next;
                char spelt[6];
                uint32_t cp = 0;
                size_t length;
                int r;

                p = next = (const char *)json_skip_plain((const unsigned char *)p, (const unsigned char *)text_end);
                if (*p == '"')
                        return json_emit(w->out, copied, (size_t)(p + 1 - copied));
                if (*p == '\\')
                        cp = json_take_escape(&next);
                else
                        next += utf8_decode(str_of(p, (size_t)(text_end - p)), &cp);
                length = json_spell(cp, spelt);
                if (length != (size_t)(next - p) || memcmp(spelt, p, length) != 0) {
                        r = json_emit(w->out, copied, (size_t)(p - copied));
                        if (r == 0)
                                r = json_emit(w->out, spelt, length);
                        if (r < 0)
                                return r;
                        copied = next;
                }
                p = next;
        }
}

static int write_token(struct rewriter *w, uint32_t token)
{
        const struct json_token *t = json_at(w->doc, token);

        w->is_first = t->type == JSON_ARRAY || t->type == JSON_OBJECT;
        if (w->is_first) {
                w->open[w->level++] = token;
                return json_emit(w->out, t->type == JSON_OBJECT ? "{" : "[", 1);
        }
        if (t->type == JSON_STRING)
                return write_string(w, token);
        return json_emit(w->out, w->doc->text.ptr + t->offset, t->length);
}

int json_write(struct buf *out, const struct json_doc *doc, uint32_t token)
{
        struct rewriter w = { .doc = doc, .out = out, .is_first = true };
        size_t before = out->len;
        int r = 0;

        if (token >= doc->count)
                return -EINVAL;
        if (doc->canonical)
                return buf_append_str(out, json_text(doc, token));
        for (uint32_t i = token; r == 0 && i < json_at(doc, token)->next; i++) {
                r = write_between(&w, i);
                if (r == 0)
                        r = write_token(&w, i);
        }
        while (r == 0 && w.level > 0)
                r = close_innermost(&w);
        if (r < 0)
                out->len = before;
        return r;
}
