/* SPDX-License-Identifier: Apache-2.0
 *
 * Where in a call's arguments something stands: `a`, `a.b`, `a[].b`. `.` goes to a member, `[]` to every item. A name that
 * holds a dot, a bracket, a quote, a space or nothing at all is written in double quotes, with `\` before a quote or a `\` of
 * its own: `"a.b".c` is the member c of the member a.b.
 */
#pragma once

#include "arena.h"
#include "json.h"

struct path_step {
        struct str name; /* of a member */
        bool items;      /* every item; then there is no name */
};

struct argument_path {
        struct path_step *steps;
        size_t count;
        struct str text; /* as written */
};

struct path_problem {
        const char *what;
        size_t offset; /* in the text */
};

/* 0; -ENOMEM; positive when the text is not a path, with *problem. */
int argument_path_compile(
        struct argument_path *ret, struct arena *arena, struct str text, struct path_problem *problem);

enum path_relation {
        PATHS_APART,
        PATHS_SAME,
        PATHS_ABOVE, /* the second stands within what the first names */
        PATHS_BELOW,
};

enum path_relation argument_path_compare(const struct argument_path *a, const struct argument_path *b);
