/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern.h"

#include <errno.h>

#include "limit.h"

struct compiler {
        struct pattern *p;
        struct arena *arena;
        struct str text;
        size_t at;
        char *literal; /* all literal bytes, one run behind the other */
        size_t literal_len, run_start;
        pattern_binding_fn binding;
        void *userdata;
        struct pattern_problem *problem;
};

static int problem(struct compiler *c, size_t offset, size_t length, const char *what, const char *help)
{
        *c->problem = (struct pattern_problem){ what, help, offset, length };
        return 1;
}

static void end_literal(struct compiler *c)
{
        struct str run = str_of(c->literal + c->run_start, c->literal_len - c->run_start);

        if (run.len)
                c->p->ops[c->p->count++] = (struct pattern_op){ .kind = OP_LITERAL, .literal = run };
        c->run_start = c->literal_len;
}

static struct pattern_op *add_op(struct compiler *c, enum pattern_op_kind kind)
{
        struct pattern_op *op;

        end_literal(c);
        op = &c->p->ops[c->p->count++];
        *op = (struct pattern_op){ .kind = kind };
        return op;
}

static void set_add(struct byte_set *set, unsigned char c)
{
        set->bits[c / 64] |= UINT64_C(1) << (c % 64);
}

static bool set_has(const struct byte_set *set, unsigned char c)
{
        return set->bits[c / 64] >> (c % 64) & 1;
}

/* What a wildcard may take for one byte (see the header). */
static bool wild_takes(const struct pattern *p, unsigned char c, bool crosses)
{
        if (p->kind == PATTERN_URI && c == '/' && !crosses)
                return false;
        return p->denies || (c >= 0x20 && c < 0x7F);
}

static void set_invert(struct byte_set *set, const struct pattern *p)
{
        for (unsigned c = 0; c < 256; ++c) {
                bool in = !set_has(set, (unsigned char)c) && wild_takes(p, (unsigned char)c, false);

                if (in)
                        set_add(set, (unsigned char)c);
                else
                        set->bits[c / 64] &= ~(UINT64_C(1) << (c % 64));
        }
}

static bool class_byte(struct compiler *c, unsigned char *ret)
{
        if (c->at < c->text.len && c->text.ptr[c->at] == '\\')
                ++c->at;
        if (c->at >= c->text.len)
                return false;
        *ret = (unsigned char)c->text.ptr[c->at++];
        return true;
}

static int class_range(struct compiler *c, struct byte_set *set, size_t start)
{
        size_t from = c->at;
        unsigned char first, last;

        if (!class_byte(c, &first))
                return problem(c, start, 1, "this `[` has no `]`", "write `\\[` for the bracket itself");
        last = first;
        if (c->at + 1 < c->text.len && c->text.ptr[c->at] == '-' && c->text.ptr[c->at + 1] != ']') {
                ++c->at;
                class_byte(c, &last);
        }
        if (first >= 0x80 || last >= 0x80)
                return problem(
                        c, from, c->at - from, "a class holds ASCII characters only", "list the names themselves");
        if (last < first)
                return problem(c, from, c->at - from, "this range runs backwards", NULL);
        if (c->p->kind == PATTERN_URI && first <= '/' && last >= '/')
                return problem(c, from, c->at - from, "a class in a URI pattern cannot hold `/`", NULL);
        for (unsigned b = first; b <= last; ++b)
                set_add(set, (unsigned char)b);
        return 0;
}

static int parse_class(struct compiler *c)
{
        size_t start = c->at++;
        struct byte_set *set = arena_alloc(c->arena, sizeof(*set));
        bool inverted = false;
        int r;

        if (!set)
                return -ENOMEM;
        if (c->at < c->text.len && c->text.ptr[c->at] == '^')
                return problem(c, start, 2, "`[^` is not how this language says \"none of\"", "write `[!...]`");
        if (c->at < c->text.len && c->text.ptr[c->at] == '!') {
                inverted = true;
                ++c->at;
        }
        if (c->at < c->text.len && c->text.ptr[c->at] == ']')
                return problem(
                        c, start, c->at - start + 1, "this class is empty", "write `\\]` for the bracket itself");
        do {
                r = class_range(c, set, start);
                if (r != 0)
                        return r;
                if (c->at >= c->text.len)
                        return problem(c, start, 1, "this `[` has no `]`", "write `\\[` for the bracket itself");
        } while (c->text.ptr[c->at] != ']');
        ++c->at;
        if (inverted)
                set_invert(set, c->p);
        add_op(c, OP_CLASS)->set = set;
        return 0;
}

static int parse_binding(struct compiler *c)
{
        size_t start = c->at, name = start + 2, end = name;
        struct str value = { NULL, 0 };
        bool never = false;
        int r;

        while (end < c->text.len && c->text.ptr[end] != '}')
                ++end;
        if (end == c->text.len || end == name)
                return problem(c, start, 2, "`${` begins the name of a bound value, as in `${org}`",
                        "write `\\$` for the sign itself");
        r = c->binding(c->userdata, str_of(c->text.ptr + name, end - name), start, &value, &never);
        if (r != 0)
                return problem(c, start, end + 1 - start, NULL, NULL);
        if (value.len > LIMIT_BIND_BYTES)
                return problem(c, start, end + 1 - start, "the bound value is too long", NULL);
        if (value.len)
                memcpy(c->literal + c->literal_len, value.ptr, value.len);
        c->literal_len += value.len;
        c->p->never |= never;
        c->at = end + 1;
        return 0;
}

static void parse_star(struct compiler *c)
{
        size_t start = c->at;

        while (c->at < c->text.len && c->text.ptr[c->at] == '*')
                ++c->at;
        add_op(c, c->p->kind == PATTERN_URI && c->at - start > 1 ? OP_STAR_STAR : OP_STAR);
}

static int parse_one(struct compiler *c)
{
        switch (c->text.ptr[c->at]) {
        case '*':
                parse_star(c);
                return 0;
        case '?':
                add_op(c, OP_ONE);
                ++c->at;
                return 0;
        case '[':
                return parse_class(c);
        case '$':
                if (c->at + 1 < c->text.len && c->text.ptr[c->at + 1] == '{')
                        return parse_binding(c);
                break;
        case '\\':
                if (++c->at == c->text.len)
                        return problem(
                                c, c->at - 1, 1, "nothing stands behind this `\\`", "write `\\\\` for the sign itself");
                break;
        default:
                break;
        }
        c->literal[c->literal_len++] = c->text.ptr[c->at++];
        return 0;
}

/* Room for the worst case: each wildcard ends a run of literals, each bound value may be as long as a name. Without a
 * wildcard there are no ops. */
static int reserve(struct compiler *c)
{
        size_t wild = 0, bound = 0;

        for (size_t i = 0; i < c->text.len; ++i) {
                char byte = c->text.ptr[i];

                wild += byte == '*' || byte == '?' || byte == '[';
                bound += byte == '$';
        }
        if (wild)
                c->p->ops = arena_array(c->arena, 2 * wild + 1, sizeof(*c->p->ops));
        c->literal = arena_alloc(c->arena, c->text.len + bound * LIMIT_BIND_BYTES + 1);
        return (c->p->ops || !wild) && c->literal ? 0 : -ENOMEM;
}

static void end_pattern(struct compiler *c)
{
        struct pattern *p = c->p;

        if (p->ops) {
                end_literal(c);
                if (p->count && p->ops[0].kind == OP_LITERAL)
                        p->prefix = p->ops[0].literal;
        } else {
                p->prefix = str_of(c->literal, c->literal_len);
                p->count = p->prefix.len > 0;
        }
        p->exact = p->prefix.len ? p->count == 1 : p->count == 0;
        p->everything = str_eq(c->text, STR("**"));
}

int pattern_compile(struct pattern *ret, struct arena *arena, struct str text, enum pattern_kind kind, bool denies,
        pattern_binding_fn binding, void *userdata, struct pattern_problem *problem_ret)
{
        struct compiler c = {
                .p = ret, .arena = arena, .text = text, .binding = binding, .userdata = userdata, .problem = problem_ret
        };
        int r;

        *ret = (struct pattern){ .kind = kind, .denies = denies };
        if (text.len == 0)
                return problem(&c, 0, 0, "a pattern cannot be empty", NULL);
        if (text.len > LIMIT_PATTERN_BYTES)
                return problem(&c, 0, 1, "this pattern is too long", NULL);
        r = reserve(&c);
        if (r < 0)
                return r;
        while (c.at < text.len) {
                r = parse_one(&c);
                if (r != 0)
                        return r;
        }
        end_pattern(&c);
        return 0;
}

bool pattern_is_prefix(const struct pattern *p)
{
        size_t literals = p->prefix.len ? 1 : 0;

        return !p->never && p->count == literals + 1 && pattern_op(p, literals).kind == OP_STAR_STAR;
}

struct str pattern_sample(const struct pattern *p, struct str one, struct str many, char *out, size_t size)
{
        size_t n = 0;

        for (size_t i = 0; i < p->count; ++i) {
                struct pattern_op op = pattern_op(p, i);
                struct str piece = op.kind == OP_LITERAL ? op.literal : op.kind == OP_STAR_STAR ? many : one;

                if (piece.len > size - n)
                        piece.len = size - n;
                if (piece.len)
                        memcpy(out + n, piece.ptr, piece.len);
                n += piece.len;
        }
        return str_of(out, n);
}
