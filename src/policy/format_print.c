/* SPDX-License-Identifier: Apache-2.0 */
#include "format_print.h"

#include <errno.h>

#include "format.h"
#include "format_flow.h"
#include "limit.h"

struct printer {
        struct buf *out;
        struct arena *arena;
        const struct format_source *s;
        bool blank;   /* a blank line is due before the next one */
        bool unknown; /* a layout was met that is not known */
        bool no_memory;
};

static void spaces(struct printer *p, size_t count)
{
        while (count--)
                buf_append_char(p->out, ' ');
}

static void begin_line(struct printer *p, size_t indent)
{
        if (p->blank && p->out->len)
                buf_append_char(p->out, '\n');
        p->blank = false;
        spaces(p, indent);
}

/* Comments and blank lines. @first: nothing of the block is written yet, and it does not begin with a blank line. */
static void put_lines(struct printer *p, struct format_lines lines, size_t indent, bool first)
{
        for (size_t i = lines.from; i < lines.to; ++i) {
                struct str line = format_trim_end(format_line(p->s, i));

                line = str_skip(line, format_indent(line));
                if (line.len == 0) {
                        p->blank = p->blank || !first;
                } else if (line.ptr[0] == '#') {
                        begin_line(p, indent);
                        buf_append_str(p->out, line);
                        buf_append_char(p->out, '\n');
                        first = false;
                }
        }
}

/* The end of a line whose last value ended at @end: with the comment that stood behind it. */
static void end_line(struct printer *p, struct format_place end)
{
        struct str rest = format_trim_end(str_skip(format_line(p->s, end.line), end.column));

        rest = str_skip(rest, format_indent(rest));
        if (rest.len && rest.ptr[0] == '#') {
                buf_append_str(p->out, STR("  "));
                buf_append_str(p->out, rest);
        } else if (rest.len) {
                p->unknown = true;
        }
        buf_append_char(p->out, '\n');
}

/* A value over several lines, as it was written; its further lines keep their distance from where it hangs. */
static void put_as_written(struct printer *p, const struct format_node *node, size_t indent, size_t was)
{
        for (size_t i = node->start.line; i <= node->end.line; ++i) {
                struct str line = format_line(p->s, i);
                size_t deep = format_indent(line);

                if (i == node->end.line)
                        line.len = node->end.column;
                if (i == node->start.line)
                        line = str_skip(line, node->start.column);
                else
                        line = str_skip(line, deep);
                if (!node->block_text || i == node->start.line)
                        line = format_trim_end(line);
                if (i > node->start.line) {
                        buf_append_char(p->out, '\n');
                        if (format_trim_end(line).len == 0)
                                continue;
                        spaces(p, deep + indent > was ? deep + indent - was : 0);
                }
                buf_append_str(p->out, line);
        }
}

static size_t column(const struct printer *p)
{
        size_t n = 0;

        while (n < p->out->len && p->out->data[p->out->len - 1 - n] != '\n')
                ++n;
        return n;
}

/* A text, or a collection in flow style. */
static void put_value(struct printer *p, const struct format_node *node, size_t indent, size_t was, enum format_where where)
{
        AUTO_BUF struct buf flat = BUF_INIT(LIMIT_POLICY_BYTES);
        bool one_line = node->start.line == node->end.line, fits = node->flow && format_flow(&flat, p->arena, p->s, node, where);

        /* It was refused memory, not laid out in another way. */
        p->no_memory |= buf_error(&flat) == -ENOMEM;
        if (fits && (one_line || column(p) + flat.len <= FORMAT_WIDTH))
                buf_append_str(p->out, buf_str(&flat));
        else
                put_as_written(p, node, indent, was);
}

static void put_block(struct printer *p, const struct format_node *block, size_t indent, enum format_where where, bool line_begun);

static bool is_block(const struct format_node *node)
{
        return (node->is_map || node->is_list) && !node->flow;
}

static void put_key(struct printer *p, const struct format_node *key, size_t indent, enum format_where where)
{
        struct str rest = str_skip(format_line(p->s, key->end.line), key->end.column);
        struct format_place colon = key->end;
        const struct format_node *value = key->value;
        enum format_where below = format_where_below(where, format_key(p->s, key));

        colon.column += format_indent(rest);
        rest = str_skip(rest, format_indent(rest));
        if (!value || key->is_map || key->is_list || key->start.line != key->end.line || !str_starts_with(rest, STR(":"))) {
                p->unknown = true;
                return;
        }
        ++colon.column;
        buf_append_str(p->out, format_slice(p->s, key->start, key->end));
        buf_append_char(p->out, ':');
        if (is_block(value)) {
                end_line(p, colon);
                put_block(p, value, indent + 2, below, false);
        } else if (format_slice(p->s, value->start, value->end).len == 0) {
                end_line(p, colon);
        } else {
                bool same_line = value->start.line == key->start.line;

                buf_append_char(p->out, ' ');
                put_value(p, value, indent, same_line ? key->start.column : format_indent(format_line(p->s, value->start.line)), below);
                end_line(p, value->end);
        }
}

static void put_map(struct printer *p, const struct format_node *map, size_t indent, enum format_where where, bool line_begun)
{
        const struct format_node **keys = format_order(p->arena, p->s, map, where);
        bool top = where == FORMAT_POLICY;

        if (!keys) {
                p->no_memory = true;
                return;
        }
        /* What a file begins with is about the file, whichever key it stands above. */
        if (top)
                put_lines(p, map->first->above, indent, true);
        for (size_t i = 0; i < map->count; ++i) {
                /* An item's first line was begun with its dash, and with what stands above its first key. */
                if (i > 0 || !line_begun) {
                        if (!top || keys[i] != map->first)
                                put_lines(p, keys[i]->above, indent, i == 0 && !top);
                        begin_line(p, indent);
                }
                put_key(p, keys[i], indent, where);
        }
}

static void put_item(struct printer *p, const struct format_node *item, size_t indent, enum format_where where, bool line_begun)
{
        const bool is_map = item->is_map && !item->flow;
        const struct format_node **keys = is_map ? format_order(p->arena, p->s, item, where) : NULL;

        p->no_memory |= is_map && !keys;
        if (!line_begun) {
                if (keys)
                        put_lines(p, keys[0]->above, indent, true);
                begin_line(p, indent);
        } else if (keys && keys[0]->above.to > keys[0]->above.from) {
                p->unknown = true;
        }
        buf_append_char(p->out, '-');
        if (is_block(item)) {
                buf_append_char(p->out, ' ');
                put_block(p, item, indent + 2, where, true);
                return;
        }
        if (format_slice(p->s, item->start, item->end).len) {
                buf_append_char(p->out, ' ');
                put_value(p, item, indent + 2, item->start.column, where);
        }
        end_line(p, item->end);
}

static void put_block(struct printer *p, const struct format_node *block, size_t indent, enum format_where where, bool line_begun)
{
        enum format_where below = format_where_below(where, STR(""));

        if (block->is_map)
                put_map(p, block, indent, where, line_begun);
        for (const struct format_node *item = block->is_list ? block->first : NULL; item; item = item->next) {
                bool begun = line_begun && item == block->first;

                if (!begun)
                        put_lines(p, item->above, indent, item == block->first);
                put_item(p, item, indent, below, begun);
        }
        put_lines(p, block->below, indent, false);
}

int format_print(struct buf *out, struct arena *arena, const struct format_source *source)
{
        struct printer p = { .out = out, .arena = arena, .s = source };

        put_block(&p, source->root, 0, FORMAT_POLICY, false);
        if (p.no_memory)
                return -ENOMEM;
        if (out->failed)
                return buf_error(out);
        return p.unknown ? -EINVAL : 0;
}
