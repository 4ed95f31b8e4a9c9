/* SPDX-License-Identifier: Apache-2.0 */
#include "linter.h"

static bool same_op(struct pattern_op a, struct pattern_op b)
{
        if (a.kind != b.kind)
                return false;
        if (a.kind == OP_LITERAL)
                return str_eq(a.literal, b.literal);
        return a.kind != OP_CLASS || memcmp(a.set, b.set, sizeof(*a.set)) == 0;
}

static bool same_ops(const struct pattern *a, const struct pattern *b)
{
        if (a->count != b->count)
                return false;
        for (size_t i = 0; i < a->count; ++i) {
                if (!same_op(pattern_op(a, i), pattern_op(b, i)))
                        return false;
        }
        return true;
}

/* A literal text and then one star that stops at nothing. */
static bool is_open_ended(const struct pattern *p)
{
        size_t literals = p->prefix.len ? 1 : 0;
        enum pattern_op_kind last;

        if (p->count != literals + 1)
                return false;
        last = pattern_op(p, literals).kind;
        return last == OP_STAR_STAR || (last == OP_STAR && p->kind != PATTERN_URI);
}

bool pattern_covers(const struct pattern *a, const struct pattern *b)
{
        if (a->never || b->never || a->kind != b->kind)
                return false;
        if (a->everything)
                return true;
        if (b->exact)
                return pattern_match(a, b->prefix) == MATCH_YES;
        /* Where it allows, a star takes less than a pattern that takes everything or that denies. */
        if (!a->denies && (b->denies || b->everything))
                return false;
        return same_ops(a, b) || (is_open_ended(a) && str_starts_with(b->prefix, a->prefix));
}
