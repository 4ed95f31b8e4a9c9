/* SPDX-License-Identifier: Apache-2.0
 *
 * A policy file as a tree of maps, lists and texts, each with its place. Only that much of YAML is taken:
 * no anchors, aliases, tags, merge keys, directives or second documents; keys are texts and stand once;
 * depth, number of values and keys of one map are bounded. A text stays a text: the reader of the place
 * where it stands gives it its type, so `yes` and `1.0` are what they look like.
 */
#pragma once

#include "arena.h"
#include "diagnostic.h"

enum yaml_kind {
        YAML_TEXT,
        YAML_LIST,
        YAML_MAP,
        YAML_BROKEN, /* reported already: readers pass over it in silence */
};

struct yaml_node {
        struct str text;               /* YAML_TEXT */
        struct yaml_node *first;       /* of a list: its first item; of a map: its first key */
        struct yaml_node *next;        /* the next item, or the next key */
        struct yaml_node *value;       /* of a key */
        uint32_t count;                /* of items or keys */
        uint32_t line, column, length; /* as a diagnostic's */
        enum yaml_kind kind;
        bool quoted;
};

#define yaml_each(node, item) for (const struct yaml_node *item = (node)->first; item; item = item->next)

/* The value of a map's key, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *map, struct str key);

struct diagnostic_place yaml_place(const struct yaml_node *node, struct str path);

/* Reads @text, which source_text_check() has passed, into *ret: the root map, in @arena's memory. 0; -EINVAL when the
 * tree is not to be used (@diags says why); -ENOMEM. With 0 there may be errors as well: reading on finds more of them.
 */
int yaml_tree_read(
        struct yaml_node **ret, struct arena *arena, struct str path, struct str text, struct diagnostics *diags);
