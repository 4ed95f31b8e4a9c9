/* SPDX-License-Identifier: Apache-2.0 */
#include "edit.h"

#include <errno.h>
#include <stdlib.h>

#include "alloc.h"
#include "limit.h"
#include "writer.h"

/* Most are small ("private", {"roots":[]}); the arguments of a call may be all of it. */
#define TEXTS_LIMIT (2U * LIMIT_LINE_BYTES)

void edits_init(struct edits *e)
{
        *e = (struct edits){ .texts = BUF_INIT(TEXTS_LIMIT) };
}

void edits_deinit(struct edits *e)
{
        mem_free(e->items);
        buf_deinit(&e->texts);
        edits_init(e);
}

void edits_clear(struct edits *e)
{
        e->count = 0;
        e->failed = false;
        buf_clear(&e->texts, 4096);
}

static void add(struct edits *e, struct edit edit)
{
        if (e->count == e->cap) {
                size_t cap = e->cap ? e->cap * 2 : 32;
                struct edit *bigger = mem_resize(e->items, cap * sizeof(*bigger));

                if (!bigger) {
                        e->failed = true;
                        return;
                }
                e->items = bigger;
                e->cap = cap;
        }
        e->items[e->count++] = edit;
}

void edits_remove(struct edits *e, uint32_t token)
{
        add(e, (struct edit){ .token = token, .remove = true });
}

void edits_replace(struct edits *e, uint32_t token, struct str text)
{
        uint32_t at = (uint32_t)e->texts.len;

        if (buf_append_str(&e->texts, text) < 0) {
                e->failed = true;
                return;
        }
        add(e, (struct edit){ .token = token, .text_at = at, .text_len = (uint32_t)text.len });
}

void edits_add_member(struct edits *e, uint32_t object, struct str name, struct str text)
{
        size_t at = e->texts.len;

        if (json_string_append(&e->texts, name) < 0 || buf_append_char(&e->texts, ':') < 0 || buf_append_str(&e->texts, text) < 0) {
                e->failed = true;
                return;
        }
        add(e, (struct edit){ .token = object, .add = true, .text_at = (uint32_t)at, .text_len = (uint32_t)(e->texts.len - at) });
}

void edits_add_item(struct edits *e, uint32_t array, struct str text)
{
        uint32_t at = (uint32_t)e->texts.len;

        if (buf_append_str(&e->texts, text) < 0) {
                e->failed = true;
                return;
        }
        add(e, (struct edit){ .token = array, .add = true, .text_at = at, .text_len = (uint32_t)text.len });
}

/* What is added to a container comes behind what replaces it, in the order of adding; what removes a value, before. */
static int by_token(const void *a, const void *b)
{
        const struct edit *x = a, *y = b;

        if (x->token != y->token)
                return x->token < y->token ? -1 : 1;
        if (x->add != y->add)
                return x->add ? 1 : -1;
        if (x->remove != y->remove)
                return x->remove ? -1 : 1;
        return x->text_at < y->text_at ? -1 : x->text_at > y->text_at;
}

/* Edits are mostly made from the front to the back. */
static bool in_order(const struct edits *e)
{
        for (size_t i = 1; i < e->count; i++)
                if (by_token(&e->items[i - 1], &e->items[i]) > 0)
                        return false;
        return true;
}

struct writing {
        struct edits *edits;
        size_t at; /* the first edit not yet passed */
        const struct json_doc *doc;
        struct buf *out;
};

static int write_value(struct writing *w, uint32_t token);

static const struct edit *edit_of(struct writing *w, uint32_t token)
{
        while (w->at < w->edits->count && w->edits->items[w->at].token < token)
                w->at++;
        if (w->at < w->edits->count && w->edits->items[w->at].token == token)
                return &w->edits->items[w->at];
        return NULL;
}

static int write_text(struct writing *w, const struct edit *edit)
{
        return buf_append(w->out, w->edits->texts.data + edit->text_at, edit->text_len);
}

/* @added: how many members or items come behind those that are there, from @first_added on. */
static int write_container(struct writing *w, uint32_t token, const struct edit *first_added, size_t added)
{
        bool is_object = json_type_of(w->doc, token) == JSON_OBJECT, first = true;
        uint32_t end = json_at(w->doc, token)->next;
        int r = buf_append_char(w->out, is_object ? '{' : '[');

        for (uint32_t at = token + 1; r == 0 && at < end;) {
                uint32_t value = is_object ? at + 1 : at;
                const struct edit *edit = edit_of(w, value);

                if (!edit || !edit->remove) {
                        r = first ? 0 : buf_append_char(w->out, ',');
                        first = false;
                        if (r == 0 && is_object) {
                                r = json_write(w->out, w->doc, at);
                                r = r < 0 ? r : buf_append_char(w->out, ':');
                        }
                        r = r < 0 ? r : write_value(w, value);
                }
                at = json_at(w->doc, value)->next;
        }
        for (size_t i = 0; r == 0 && i < added; i++, first = false) {
                r = first ? 0 : buf_append_char(w->out, ',');
                r = r < 0 ? r : write_text(w, first_added + i);
        }
        return r < 0 ? r : buf_append_char(w->out, is_object ? '}' : ']');
}

/* Recursion is as deep as the document: at most LIMIT_JSON_DEPTH. */
static int write_value(struct writing *w, uint32_t token)
{
        const struct edit *edit = edit_of(w, token), *first_added = edit;
        size_t added = 0;

        if (edit && !edit->add)
                return write_text(w, edit);
        for (; w->at < w->edits->count && w->edits->items[w->at].token == token; w->at++)
                added++;
        if (!added && (w->at == w->edits->count || w->edits->items[w->at].token >= json_at(w->doc, token)->next))
                return json_write(w->out, w->doc, token);
        return write_container(w, token, first_added, added);
}

int edits_write(struct edits *e, const struct json_doc *doc, struct buf *out)
{
        return edits_write_value(e, doc, 0, out);
}

int edits_write_value(struct edits *e, const struct json_doc *doc, uint32_t token, struct buf *out)
{
        struct writing w = { .edits = e, .doc = doc, .out = out };

        if (e->failed)
                return -ENOMEM;
        if (!in_order(e))
                qsort(e->items, e->count, sizeof(*e->items), by_token);
        return write_value(&w, token);
}
