/* SPDX-License-Identifier: Apache-2.0
 *
 * A policy's text as formatting sees it: every value with the bytes that it was written with, every line above a value kept
 * with it. Only for texts that yaml_tree_read() has taken: depth and number of values are bounded by it.
 */
#pragma once

#include "arena.h"

struct format_place {
        size_t line, column; /* from 0, in bytes */
};

/* Lines [from, to). */
struct format_lines {
        size_t from, to;
};

struct format_node {
        bool is_map, is_list, flow; /* neither map nor list: a text */
        bool block_text;            /* `|` or `>` */
        struct format_place start, end;
        struct format_lines above; /* of a key or an item of a block: comments and blank lines above it */
        struct format_lines below; /* of a block: those below its last item, as deep as it */
        struct format_node *first, *last, *next;
        struct format_node *value; /* of a key */
        size_t count;
};

struct format_source {
        struct str text;
        size_t *lines; /* where each begins; one more at the end */
        size_t line_count;
        bool *in_text; /* per byte: part of a key or a text, so that a `#` in it begins no comment */
        struct format_node *root;
        size_t comments;        /* how many there are */
        uint64_t comments_hash; /* whatever their order */
};

/* @text ends with a line feed. 0; -EINVAL when it is laid out in a way that formatting does not take apart; -ENOMEM. */
int format_tree_read(struct format_source *ret, struct arena *arena, struct str text);

/* A line without its line feed; empty behind the last. */
struct str format_line(const struct format_source *s, size_t line);
/* Bytes of spaces and tabs at its start. */
size_t format_indent(struct str line);
struct str format_trim_end(struct str line);
/* What was written between two places. */
struct str format_slice(const struct format_source *s, struct format_place start, struct format_place end);
