/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <errno.h>

#include "emit.h"
#include "limits.h"
#include "pieces.h"

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

static int write_string(struct rewriter *w, uint32_t token)
{
        struct json_pieces pieces;
        struct str piece;
        int r = json_emit(w->out, "\"", 1);

        json_pieces_init(&pieces, w->doc, token);
        while (r == 0 && json_pieces_next(&pieces, &piece))
                r = json_emit_escaped(w->out, piece);
        return r < 0 ? r : json_emit(w->out, "\"", 1);
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
