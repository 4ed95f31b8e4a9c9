/* SPDX-License-Identifier: Apache-2.0 */
#include "format_flow.h"

static bool has_comment(const struct format_source *s, const struct format_node *node)
{
        for (size_t i = s->lines[node->start.line] + node->start.column; i < s->lines[node->end.line] + node->end.column; ++i) {
                if (s->text.ptr[i] == '#' && !s->in_text[i])
                        return true;
        }
        return false;
}

static bool put(struct buf *out, struct arena *arena, const struct format_source *s, const struct format_node *node, enum format_where where);

static bool put_text(struct buf *out, const struct format_source *s, const struct format_node *node)
{
        struct str text = format_slice(s, node->start, node->end);

        if (node->start.line != node->end.line || text.len == 0)
                return false;
        buf_append_str(out, text);
        return true;
}

static bool put_map(struct buf *out, struct arena *arena, const struct format_source *s, const struct format_node *node, enum format_where where)
{
        const struct format_node **keys = format_order(arena, s, node, where);

        if (!keys) {
                out->failed = true;
                return false;
        }
        buf_append_str(out, STR("{"));
        for (size_t i = 0; i < node->count; ++i) {
                buf_append_str(out, i ? STR(", ") : STR(" "));
                if (keys[i]->is_map || keys[i]->is_list || !keys[i]->value || !put_text(out, s, keys[i]))
                        return false;
                buf_append_str(out, STR(": "));
                if (!put(out, arena, s, keys[i]->value, format_where_below(where, format_key(s, keys[i]))))
                        return false;
        }
        buf_append_str(out, node->count ? STR(" }") : STR("}"));
        return true;
}

static bool put(struct buf *out, struct arena *arena, const struct format_source *s, const struct format_node *node, enum format_where where)
{
        if (node->is_map)
                return put_map(out, arena, s, node, where);
        if (!node->is_list)
                return put_text(out, s, node);
        buf_append_char(out, '[');
        for (const struct format_node *item = node->first; item; item = item->next) {
                if (item != node->first)
                        buf_append_str(out, STR(", "));
                if (!put(out, arena, s, item, format_where_below(where, STR(""))))
                        return false;
        }
        buf_append_char(out, ']');
        return true;
}

bool format_flow(struct buf *out, struct arena *arena, const struct format_source *source, const struct format_node *node,
        enum format_where where)
{
        return !has_comment(source, node) && put(out, arena, source, node, where) && !out->failed;
}
