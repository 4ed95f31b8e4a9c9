/* SPDX-License-Identifier: Apache-2.0 */
#include "format_tree.h"

#include <errno.h>
#include <yaml.h>

#include "limit.h"

struct level {
        struct format_node *node, *key;
};

struct builder {
        struct format_source *s;
        struct arena *arena;
        struct level levels[LIMIT_POLICY_DEPTH];
        size_t depth;
        size_t next_line; /* of those that belong to nothing yet */
};

struct str format_line(const struct format_source *s, size_t line)
{
        if (line >= s->line_count)
                return STR("");
        return str_of(s->text.ptr + s->lines[line], s->lines[line + 1] - s->lines[line] - 1);
}

size_t format_indent(struct str line)
{
        size_t n = 0;

        while (n < line.len && (line.ptr[n] == ' ' || line.ptr[n] == '\t'))
                ++n;
        return n;
}

struct str format_trim_end(struct str line)
{
        while (line.len && (line.ptr[line.len - 1] == ' ' || line.ptr[line.len - 1] == '\t'))
                --line.len;
        return line;
}

static size_t offset_of(const struct format_source *s, struct format_place place)
{
        return s->lines[place.line] + place.column;
}

struct str format_slice(const struct format_source *s, struct format_place start, struct format_place end)
{
        size_t from = offset_of(s, start), to = offset_of(s, end);

        return str_of(s->text.ptr + from, to > from ? to - from : 0);
}

static int read_lines(struct builder *b)
{
        struct format_source *s = b->s;
        size_t line = 0;

        for (size_t i = 0; i < s->text.len; ++i)
                s->line_count += s->text.ptr[i] == '\n';
        s->lines = arena_array(b->arena, s->line_count + 1, sizeof(*s->lines));
        s->in_text = arena_array(b->arena, s->text.len + 1, sizeof(*s->in_text));
        if (!s->lines || !s->in_text)
                return -ENOMEM;
        for (size_t i = 0; i < s->text.len; ++i) {
                if (s->text.ptr[i] == '\n')
                        s->lines[++line] = i + 1;
        }
        return 0;
}

/* libyaml counts columns in characters. */
static struct format_place place_of(const struct format_source *s, const yaml_mark_t *mark)
{
        struct format_place at = { mark->line, 0 };
        struct str line;

        if (at.line >= s->line_count)
                return (struct format_place){ s->line_count, 0 };
        line = format_line(s, at.line);
        for (size_t n = mark->column; n > 0 && at.column < line.len; --n) {
                ++at.column;
                while (at.column < line.len && ((unsigned char)line.ptr[at.column] & 0xC0) == 0x80)
                        ++at.column;
        }
        return at;
}

/* A text in block style is said to end where the next thing begins. */
static void end_block_text(const struct format_source *s, struct format_node *node)
{
        size_t line = node->end.line - (node->end.column == 0);

        while (line > node->start.line && format_trim_end(format_line(s, line)).len == 0)
                --line;
        node->end = (struct format_place){ line, format_line(s, line).len };
}

static void attach(struct builder *b, struct format_node *node)
{
        struct level *top = b->depth ? &b->levels[b->depth - 1] : NULL;

        if (!top) {
                b->s->root = node;
                return;
        }
        if (top->key) {
                top->key->value = node;
                top->key = NULL;
                return;
        }
        *(top->node->last ? &top->node->last->next : &top->node->first) = node;
        top->node->last = node;
        top->node->count++;
        if (top->node->is_map)
                top->key = node;
}

static int on_event(struct builder *b, const yaml_event_t *event)
{
        struct format_node *node;

        if (event->type == YAML_SEQUENCE_END_EVENT || event->type == YAML_MAPPING_END_EVENT) {
                b->levels[--b->depth].node->end = place_of(b->s, &event->end_mark);
                return 0;
        }
        if (event->type != YAML_SCALAR_EVENT && event->type != YAML_SEQUENCE_START_EVENT && event->type != YAML_MAPPING_START_EVENT)
                return 0;
        node = arena_alloc(b->arena, sizeof(*node));
        if (!node)
                return -ENOMEM;
        *node = (struct format_node){ .start = place_of(b->s, &event->start_mark), .end = place_of(b->s, &event->end_mark) };
        attach(b, node);
        if (event->type == YAML_SCALAR_EVENT) {
                node->block_text = event->data.scalar.style == YAML_LITERAL_SCALAR_STYLE || event->data.scalar.style == YAML_FOLDED_SCALAR_STYLE;
                if (node->block_text)
                        end_block_text(b->s, node);
                for (size_t i = offset_of(b->s, node->start); i < offset_of(b->s, node->end); ++i)
                        b->s->in_text[i] = true;
                return 0;
        }
        node->is_map = event->type == YAML_MAPPING_START_EVENT;
        node->is_list = !node->is_map;
        node->flow = node->is_map ? event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
                                  : event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
        if (b->depth == LIMIT_POLICY_DEPTH)
                return -EINVAL;
        b->levels[b->depth++].node = node;
        b->levels[b->depth - 1].key = NULL;
        return 0;
}

static int read_events(struct builder *b)
{
        yaml_parser_t parser;
        bool more = true;
        int r = 0;

        if (!yaml_parser_initialize(&parser))
                return -ENOMEM;
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&parser, (const unsigned char *)b->s->text.ptr, b->s->text.len);
        while (more && r == 0) {
                yaml_event_t event;

                if (!yaml_parser_parse(&parser, &event)) {
                        r = parser.error == YAML_MEMORY_ERROR ? -ENOMEM : -EINVAL;
                        break;
                }
                r = on_event(b, &event);
                more = event.type != YAML_STREAM_END_EVENT;
                yaml_event_delete(&event);
        }
        yaml_parser_delete(&parser);
        return r;
}

/* Comments below a block's last item that are as deep as the block are its own, not the next key's. */
static void take_below(struct builder *b, struct format_node *block, size_t least)
{
        size_t end = b->next_line;

        for (size_t i = b->next_line; i < b->s->line_count; ++i) {
                struct str line = format_trim_end(format_line(b->s, i));
                size_t indent = format_indent(line);

                if (line.len == 0)
                        continue;
                if (line.ptr[indent] != '#' || indent < least)
                        break;
                end = i + 1;
        }
        block->below = (struct format_lines){ b->next_line, end };
        b->next_line = end;
}

/* Every line between two values goes to one of them. @least: how deep a comment stands that is the block's. */
static void share_lines(struct builder *b, struct format_node *block, size_t least)
{
        for (struct format_node *item = block->first; item; item = item->next) {
                struct format_node *value = block->is_map ? item->value : item;

                item->above = (struct format_lines){ b->next_line, item->start.line };
                if (item->above.to < item->above.from)
                        item->above.to = item->above.from;
                if (value && !value->flow && value->count) {
                        b->next_line = item->start.line + (block->is_map ? 1 : 0);
                        share_lines(b, value, value->start.column > block->start.column ? value->start.column : block->start.column + 1);
                        continue;
                }
                b->next_line = (value && value->end.line > item->start.line ? value->end.line : item->start.line) + 1;
        }
        take_below(b, block, least);
}

static void count_comments(struct format_source *s)
{
        for (size_t i = 0; i < s->line_count; ++i) {
                struct str line = format_line(s, i);

                for (size_t n = 0; n < line.len; ++n) {
                        if (line.ptr[n] != '#' || s->in_text[s->lines[i] + n])
                                continue;
                        s->comments++;
                        s->comments_hash += str_hash(format_trim_end(str_skip(line, n)));
                        break;
                }
        }
}

int format_tree_read(struct format_source *ret, struct arena *arena, struct str text)
{
        struct builder b = { .s = ret, .arena = arena };
        int r;

        *ret = (struct format_source){ .text = text };
        r = read_lines(&b);
        if (r == 0)
                r = read_events(&b);
        if (r < 0)
                return r;
        if (!ret->root || !ret->root->is_map || ret->root->flow)
                return -EINVAL;
        share_lines(&b, ret->root, 0);
        count_comments(ret);
        return 0;
}
