/* SPDX-License-Identifier: Apache-2.0
 *
 * In which order keys stand: those of a policy as the language lists them, those of a rule from what it is about to why it is there.
 * All others as they were written.
 */
#pragma once

#include "format_tree.h"

enum format_where { FORMAT_POLICY, FORMAT_SECTION, FORMAT_RULES, FORMAT_RULE, FORMAT_OTHER };

/* Where the value of a key stands, or with no key a list's item. */
enum format_where format_where_below(enum format_where where, struct str key);

/* A key without its quotes. */
struct str format_key(const struct format_source *s, const struct format_node *key);

/* The map's keys, @map->count of them; NULL without memory. */
const struct format_node **format_order(struct arena *arena, const struct format_source *s, const struct format_node *map, enum format_where where);
