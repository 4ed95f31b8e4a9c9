/* SPDX-License-Identifier: Apache-2.0 */
#include "argument_path.h"

#include <errno.h>

#include "limit.h"

struct parser {
        struct argument_path *path;
        struct str text;
        size_t at;
        char *quoted; /* names that were in quotes, unescaped, one behind the other */
        struct path_problem *problem;
};

static int problem(struct parser *p, const char *what)
{
        *p->problem = (struct path_problem){ what, p->at };
        return 1;
}

static bool at_char(const struct parser *p, char c)
{
        return p->at < p->text.len && p->text.ptr[p->at] == c;
}

static int add_step(struct parser *p, struct path_step step)
{
        if (p->path->count == LIMIT_ARGUMENT_STEPS)
                return problem(p, "this path has too many steps");
        p->path->steps[p->path->count++] = step;
        return 0;
}

static int quoted_name(struct parser *p)
{
        char *name = p->quoted;

        for (++p->at; !at_char(p, '"'); ++p->at) {
                if (at_char(p, '\\')) {
                        ++p->at;
                        if (!at_char(p, '"') && !at_char(p, '\\'))
                                return problem(p, "a `\\` in a quoted name stands before a quote or a `\\`");
                }
                if (p->at >= p->text.len)
                        return problem(p, "this quoted name does not end");
                *p->quoted++ = p->text.ptr[p->at];
        }
        ++p->at;
        return add_step(p, (struct path_step){ .name = str_of(name, (size_t)(p->quoted - name)) });
}

static bool is_bare(char c)
{
        return (unsigned char)c > 0x20 && c != 0x7F && !strchr(".[]{}\"\\", c);
}

static int bare_name(struct parser *p)
{
        struct str name = str_skip(p->text, p->at);

        name.len = 0;
        while (p->at < p->text.len && is_bare(p->text.ptr[p->at])) {
                ++p->at;
                ++name.len;
        }
        if (name.len == 0)
                return problem(p, "an argument's name is missing here");
        return add_step(p, (struct path_step){ .name = name });
}

static int parse(struct parser *p)
{
        for (;;) {
                int r = at_char(p, '"') ? quoted_name(p) : bare_name(p);

                while (r == 0 && at_char(p, '[')) {
                        if (!str_starts_with(str_skip(p->text, p->at), STR("[]")))
                                return problem(p, "`[]` means every item; a single one cannot be named");
                        p->at += 2;
                        r = add_step(p, (struct path_step){ .items = true });
                }
                if (r != 0 || p->at == p->text.len)
                        return r;
                if (!at_char(p, '.'))
                        return problem(p, "a `.` is missing here, or the name needs quotes of its own");
                ++p->at;
        }
}

int argument_path_compile(
        struct argument_path *ret, struct arena *arena, struct str text, struct path_problem *path_problem)
{
        struct parser p = { .path = ret, .problem = path_problem };
        struct path_step steps[LIMIT_ARGUMENT_STEPS];
        int r;

        *ret = (struct argument_path){ .steps = steps };
        if (text.len == 0 || text.len > LIMIT_ARGUMENT_PATH_BYTES)
                return problem(&p, "a path to an argument has 1 to 1024 bytes");
        if (arena_str(arena, text, &ret->text) < 0)
                return -ENOMEM;
        p.text = ret->text;
        if (memchr(text.ptr, '"', text.len)) {
                p.quoted = arena_alloc(arena, text.len);
                if (!p.quoted)
                        return -ENOMEM;
        }
        r = parse(&p);
        ret->steps = arena_array(arena, ret->count, sizeof(*steps));
        if (!ret->steps)
                return -ENOMEM;
        memcpy(ret->steps, steps, ret->count * sizeof(*steps));
        return r;
}

enum path_relation argument_path_compare(const struct argument_path *a, const struct argument_path *b)
{
        size_t least = a->count < b->count ? a->count : b->count;

        for (size_t i = 0; i < least; ++i) {
                if (a->steps[i].items != b->steps[i].items || !str_eq(a->steps[i].name, b->steps[i].name))
                        return PATHS_APART;
        }
        if (a->count == b->count)
                return PATHS_SAME;
        return a->count < b->count ? PATHS_ABOVE : PATHS_BELOW;
}
