/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml_tree.h"

#include <errno.h>
#include <stdio.h>
#include <yaml.h>

#include "cleanup.h"
#include "codes.h"
#include "limit.h"
#include "shown.h"
#include "source_text.h"
#include "utf8.h"

/* libyaml counts in characters; we count in bytes. One cursor does as long as places are asked for in order, each once;
 * going back is right, but begins anew. */
struct cursor {
        size_t offset, line_start;
        size_t line, character;
};

struct level {
        struct yaml_node *node;
        struct yaml_node **tail; /* where the next item or key goes */
        struct yaml_node *key;   /* of a map: waits for its value */
};

struct builder {
        struct arena *arena;
        struct diagnostics *diags;
        struct str path, text;
        bool ascii; /* the text has no characters of several bytes */
        struct cursor cursor;
        struct level levels[LIMIT_POLICY_DEPTH];
        size_t depth;
        size_t nodes;
        struct yaml_node *root;
        unsigned documents;
};

static void go_to(struct builder *b, const yaml_mark_t *mark)
{
        struct cursor *c = &b->cursor;

        if (mark->line < c->line || (mark->line == c->line && mark->column < c->character))
                *c = (struct cursor){ 0 };
        while (c->line < mark->line && c->offset < b->text.len) {
                if (b->text.ptr[c->offset++] == '\n') {
                        ++c->line;
                        c->character = 0;
                        c->line_start = c->offset;
                }
        }
        while (c->character < mark->column && c->offset < b->text.len && b->text.ptr[c->offset] != '\n') {
                ++c->offset;
                while (c->offset < b->text.len && ((unsigned char)b->text.ptr[c->offset] & 0xC0) == 0x80)
                        ++c->offset;
                ++c->character;
        }
}

static uint32_t column_of(struct builder *b, const yaml_mark_t *mark)
{
        if (b->ascii)
                return (uint32_t)mark->column + 1;
        go_to(b, mark);
        return (uint32_t)(b->cursor.offset - b->cursor.line_start) + 1;
}

static struct diagnostic_place place_of(struct builder *b, const yaml_mark_t *start, const yaml_mark_t *end)
{
        struct diagnostic_place at = { b->path, (uint32_t)start->line + 1, column_of(b, start), 1 };

        if (end && end->line == start->line && end->column > start->column)
                at.length = column_of(b, end) - at.column;
        return at;
}

static int refuse(struct builder *b, const char *code, struct diagnostic_place at, const char *help, const char *what)
{
        diagnostics_add(b->diags, SEVERITY_ERROR, code, at, help, "%s", what);
        return -EINVAL;
}

static bool key_is_new(struct builder *b, const struct level *map, const struct yaml_node *key)
{
        yaml_each (map->node, other) {
                char help[256];

                if (!str_eq(other->text, key->text))
                        continue;
                snprintf(help, sizeof(help), "first defined here: %s:%u:%u", show(b->path).text, other->line,
                        other->column);
                diagnostics_add(b->diags, SEVERITY_ERROR, P_DUPLICATE_KEY, yaml_place(key, b->path), help,
                        "key `%s` is written twice in one map", show(key->text).text);
                return false;
        }
        return true;
}

static int add_key(struct builder *b, struct level *map, struct yaml_node *key)
{
        if (key->kind == YAML_LIST || key->kind == YAML_MAP)
                return refuse(b, P_KEY_NOT_TEXT, yaml_place(key, b->path), NULL, "a key must be a plain text");
        map->key = key;
        if (key->kind == YAML_BROKEN)
                return 0;
        if (!key->quoted && str_eq(key->text, STR("<<"))) {
                refuse(b, P_MERGE_KEY, yaml_place(key, b->path), "write the keys out; a policy is read as it stands",
                        "merge keys are not part of the policy language");
                return 0;
        }
        if (map->node->count == LIMIT_POLICY_KEYS)
                return refuse(b, P_TOO_MANY_KEYS, yaml_place(key, b->path), NULL, "this map has too many keys");
        if (!key_is_new(b, map, key))
                return 0;
        *map->tail = key;
        map->tail = &key->next;
        map->node->count++;
        return 0;
}

/* Hangs @node where the parser stands: root, list item, key or value. */
static int attach(struct builder *b, struct yaml_node *node)
{
        struct level *top = b->depth ? &b->levels[b->depth - 1] : NULL;

        if (!top) {
                b->root = node;
                return 0;
        }
        if (top->node->kind == YAML_LIST) {
                *top->tail = node;
                top->tail = &node->next;
                top->node->count++;
                return 0;
        }
        if (!top->key)
                return add_key(b, top, node);
        top->key->value = node;
        top->key = NULL;
        return 0;
}

static int new_node(struct builder *b, const yaml_event_t *event, enum yaml_kind kind, struct yaml_node **ret)
{
        /* The end of a map or list is the end of its first token. */
        bool one_line = kind == YAML_TEXT || kind == YAML_BROKEN;
        struct diagnostic_place at = place_of(b, &event->start_mark, one_line ? &event->end_mark : NULL);
        struct yaml_node *node;

        if (b->nodes == LIMIT_POLICY_NODES)
                return refuse(b, P_TOO_MANY_NODES, at, "split the policy", "the policy has too many values");
        node = arena_alloc(b->arena, sizeof(*node));
        if (!node)
                return -ENOMEM;
        b->nodes++;
        *node = (struct yaml_node){ .kind = kind, .line = at.line, .column = at.column, .length = at.length };
        *ret = node;
        return 0;
}

/* An anchor or a tag is reported, and the value read all the same: its errors are worth knowing too. */
static void check_properties(
        struct builder *b, const struct yaml_node *node, const yaml_char_t *anchor, const yaml_char_t *tag)
{
        struct diagnostic_place at = yaml_place(node, b->path);

        at.length = 1;
        if (anchor)
                refuse(b, P_ANCHOR, at, "write the value out where it is needed",
                        "anchors are not part of the policy language");
        if (tag)
                refuse(b, P_TAG, at, "remove it; the place of a value says its type",
                        "tags are not part of the policy language");
}

static void check_text(struct builder *b, struct yaml_node *node)
{
        struct str rest = node->text;
        uint32_t cp;
        size_t n;

        for (;; rest = str_skip(rest, n)) {
                rest = str_skip(rest, source_text_plain_run(rest));
                if (rest.len == 0)
                        return;
                n = utf8_decode(rest, &cp);
                if (n > 0 && source_character_is_plain(cp))
                        continue;
                node->kind = YAML_BROKEN;
                refuse(b, P_FORBIDDEN_CHARACTER, yaml_place(node, b->path), NULL,
                        "an escape in this text stands for a character that must not be in a policy");
                return;
        }
}

static int on_scalar(struct builder *b, const yaml_event_t *event)
{
        struct yaml_node *node;
        int r = new_node(b, event, YAML_TEXT, &node);

        if (r < 0)
                return r;
        check_properties(b, node, event->data.scalar.anchor, event->data.scalar.tag);
        node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        r = arena_str(b->arena, str_of((const char *)event->data.scalar.value, event->data.scalar.length), &node->text);
        if (r < 0)
                return r;
        check_text(b, node);
        return attach(b, node);
}

static int on_start(struct builder *b, const yaml_event_t *event, enum yaml_kind kind)
{
        struct yaml_node *node;
        int r = new_node(b, event, kind, &node);

        if (r < 0)
                return r;
        if (kind == YAML_MAP)
                check_properties(b, node, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        else
                check_properties(b, node, event->data.sequence_start.anchor, event->data.sequence_start.tag);
        r = attach(b, node);
        if (r < 0)
                return r;
        if (b->depth == LIMIT_POLICY_DEPTH)
                return refuse(b, P_TOO_DEEP, yaml_place(node, b->path), NULL, "maps and lists are nested too deep");
        b->levels[b->depth++] = (struct level){ .node = node, .tail = &node->first };
        return 0;
}

static int on_alias(struct builder *b, const yaml_event_t *event)
{
        struct yaml_node *node;
        int r = new_node(b, event, YAML_BROKEN, &node);

        if (r < 0)
                return r;
        refuse(b, P_ALIAS, yaml_place(node, b->path), "write the value out where it is needed",
                "aliases are not part of the policy language");
        return attach(b, node);
}

static int on_document(struct builder *b, const yaml_event_t *event)
{
        struct diagnostic_place at = place_of(b, &event->start_mark, NULL);

        if (b->documents++)
                return refuse(
                        b, P_SECOND_DOCUMENT, at, "put each policy into its own file", "a second document begins here");
        if (event->data.document_start.version_directive ||
                event->data.document_start.tag_directives.start != event->data.document_start.tag_directives.end)
                refuse(b, P_DIRECTIVE, at, NULL, "directives (`%`) are not part of the policy language");
        return 0;
}

static int on_event(struct builder *b, const yaml_event_t *event)
{
        switch (event->type) {
        case YAML_DOCUMENT_START_EVENT:
                return on_document(b, event);
        case YAML_SCALAR_EVENT:
                return on_scalar(b, event);
        case YAML_SEQUENCE_START_EVENT:
                return on_start(b, event, YAML_LIST);
        case YAML_MAPPING_START_EVENT:
                return on_start(b, event, YAML_MAP);
        case YAML_ALIAS_EVENT:
                return on_alias(b, event);
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
                b->depth--;
                return 0;
        case YAML_NO_EVENT:
        case YAML_STREAM_START_EVENT:
        case YAML_STREAM_END_EVENT:
        case YAML_DOCUMENT_END_EVENT:
                return 0;
        }
        return -EINVAL;
}

static int syntax_error(struct builder *b, const yaml_parser_t *parser)
{
        struct diagnostic_place at;
        char text[256];
        bool is_tab;

        if (parser->error == YAML_MEMORY_ERROR)
                return -ENOMEM;
        snprintf(text, sizeof(text), "%s%s%s", parser->problem ? parser->problem : "this is not YAML",
                parser->context ? " " : "", parser->context ? parser->context : "");
        at = place_of(b, &parser->problem_mark, NULL);
        go_to(b, &parser->problem_mark);
        is_tab = b->cursor.offset < b->text.len && b->text.ptr[b->cursor.offset] == '\t';
        return refuse(b, P_YAML_SYNTAX, at,
                is_tab ? "indent with spaces; a tab cannot stand here"
                       : "values with any of : # [ ] { } , & * ! | > ' \" % @ ` at their start, or with \": \" in "
                         "them, "
                         "need quotes",
                show(str_from(text)).text);
}

static int run(struct builder *b, yaml_parser_t *parser)
{
        bool more = true;

        while (more) {
                yaml_event_t event;
                int r;

                if (!yaml_parser_parse(parser, &event))
                        return syntax_error(b, parser);
                r = on_event(b, &event);
                more = event.type != YAML_STREAM_END_EVENT;
                yaml_event_delete(&event);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int check_root(struct builder *b, struct yaml_node **ret)
{
        struct diagnostic_place whole = { .path = b->path };

        if (!b->root || (b->root->kind == YAML_TEXT && !b->root->quoted && b->root->text.len == 0))
                return refuse(b, P_EMPTY, whole,
                        "the smallest policy has the keys `leastwise: 1`, `name:` and `purpose:`",
                        "the policy is empty");
        if (b->root->kind == YAML_BROKEN)
                return -EINVAL;
        if (b->root->kind != YAML_MAP)
                return refuse(b, P_WRONG_KIND, yaml_place(b->root, b->path), "a policy begins with `leastwise: 1`",
                        "a policy is a map of keys");
        *ret = b->root;
        return 0;
}

static bool is_ascii(struct str text)
{
        unsigned char all = 0;

        for (size_t i = 0; i < text.len; ++i)
                all |= (unsigned char)text.ptr[i];
        return all < 0x80;
}

static void builder_freep(struct builder **b)
{
        mem_free(*b);
}

int yaml_tree_read(
        struct yaml_node **ret, struct arena *arena, struct str path, struct str text, struct diagnostics *diags)
{
        CLEANUP(builder_freep) struct builder *b = mem_calloc(1, sizeof(*b));
        yaml_parser_t parser;
        int r;

        if (!b || !yaml_parser_initialize(&parser))
                return -ENOMEM;
        *b = (struct builder){ .arena = arena, .diags = diags, .path = path, .text = text, .ascii = is_ascii(text) };
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
        /* libyaml aborts on a null pointer, which an empty text may have. */
        yaml_parser_set_input_string(&parser, (const unsigned char *)(text.len ? text.ptr : ""), text.len);
        r = run(b, &parser);
        yaml_parser_delete(&parser);
        return r < 0 ? r : check_root(b, ret);
}

const struct yaml_node *yaml_get(const struct yaml_node *map, struct str key)
{
        if (map->kind != YAML_MAP)
                return NULL;
        yaml_each (map, item) {
                if (str_eq(item->text, key))
                        return item->value;
        }
        return NULL;
}

struct diagnostic_place yaml_place(const struct yaml_node *node, struct str path)
{
        return (struct diagnostic_place){ path, node->line, node->column, node->length };
}
