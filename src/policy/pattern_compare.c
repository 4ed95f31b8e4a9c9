/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern_compare.h"

#include <string.h>

#include "pattern_walk.h"
#include "uri.h"

static bool same_op(struct pattern_op a, struct pattern_op b)
{
        if (a.kind != b.kind)
                return false;
        if (a.kind == OP_CLASS)
                return memcmp(a.set, b.set, sizeof(*a.set)) == 0;
        return a.kind != OP_LITERAL || str_eq(a.literal, b.literal);
}

bool pattern_same(const struct pattern *a, const struct pattern *b)
{
        if (a->kind != b->kind || a->denies != b->denies || a->everything != b->everything || a->never != b->never ||
                a->count != b->count || !str_eq(a->prefix, b->prefix))
                return false;
        for (size_t i = 0; i < a->count; ++i) {
                if (!same_op(pattern_op(a, i), pattern_op(b, i)))
                        return false;
        }
        return true;
}

/* Is a text always settled within LIMIT_PATTERN_STEPS()? Each byte costs a step for every single character behind a star,
 * and one more; only a `*` behind a `**` begins again and again. */
static bool always_settles(const struct pattern *p)
{
        size_t run = 0;
        bool crossed = false;

        for (size_t i = 0; i < p->count; ++i) {
                enum pattern_op_kind kind = pattern_op(p, i).kind;

                if (kind < OP_STAR) {
                        if (++run > 6)
                                return false;
                        continue;
                }
                if (crossed && kind == OP_STAR)
                        return false;
                crossed |= kind == OP_STAR_STAR;
                run = 0;
        }
        return p->count < 200;
}

static bool is_high(struct pattern_op op)
{
        return op.kind == OP_ONE || (op.kind == OP_CLASS && (op.set->bits[2] | op.set->bits[3]));
}

/* The matcher counts bytes; behind a star, `?` may take a part of a character, which atoms know nothing of. */
static bool reads_characters(const struct pattern *p)
{
        bool star = false;

        if (!p->denies && p->kind != PATTERN_TEXT)
                return true;
        for (size_t i = 0; i < p->count; ++i) {
                struct pattern_op op = pattern_op(p, i);

                if (star && is_high(op))
                        return false;
                star |= op.kind >= OP_STAR;
        }
        return true;
}

/* What a pattern without wildcards matches is one text. */
static bool matches_text(const struct pattern *wide, const struct pattern *exact)
{
        if (wide->exact)
                return !wide->never && str_eq(wide->prefix, exact->prefix);
        if (wide->kind == PATTERN_URI && !wide->denies && !wide->everything && uri_form_of(exact->prefix) < URI_PLAIN)
                return false;
        return pattern_match(wide, exact->prefix) == MATCH_YES;
}

#define EXAMPLE_BYTES 256U

/* A text that the pattern matches, with a character that few patterns name for its wildcards. Empty when it is too long. */
static struct str example_of(const struct pattern *p, char *out)
{
        size_t n = 0;

        for (size_t i = 0; i < p->count; ++i) {
                const struct pattern_op op = pattern_op(p, i);
                const struct str rare = STR("~");
                struct str piece = op.kind == OP_LITERAL ? op.literal : rare;
                char one;

                if (op.kind == OP_CLASS && (op.set->bits[1] | op.set->bits[0])) {
                        one = (char)(op.set->bits[1] ? 127 - __builtin_clzll(op.set->bits[1]) : 63 - __builtin_clzll(op.set->bits[0]));
                        piece = str_of(&one, 1);
                }
                if (piece.len > EXAMPLE_BYTES - n)
                        return STR("");
                memcpy(out + n, piece.ptr, piece.len);
                n += piece.len;
        }
        return str_of(out, n);
}

/* Is there an example of @a that @b matches and @wide does not? It saves most of the walks. */
static bool is_refuted(const struct pattern *wide, const struct pattern *a, const struct pattern *b)
{
        char text[EXAMPLE_BYTES];
        struct str example = example_of(a, text);

        return example.len && pattern_match(wide, example) == MATCH_NO && pattern_match(a, example) == MATCH_YES &&
               pattern_match(b, example) == MATCH_YES;
}

bool pattern_includes_meeting(const struct pattern *wide, const struct pattern *a, const struct pattern *b)
{
        if (a->never || b->never || (wide->everything && !wide->never))
                return true;
        if (pattern_same(wide, a) || pattern_same(wide, b))
                return true;
        if (wide->never)
                return false;
        if (a->exact || b->exact)
                return matches_text(wide, a->exact ? a : b);
        if (a->kind != wide->kind || b->kind != wide->kind)
                return false;
        if (!str_starts_with(a->prefix, wide->prefix) && !str_starts_with(b->prefix, wide->prefix) && !wide->exact &&
                str_eq(a->prefix, b->prefix))
                return false;
        if (!always_settles(wide) || !always_settles(a) || !always_settles(b) || !reads_characters(a) ||
                !reads_characters(b))
                return false;
        if (is_refuted(wide, a, b) || (a != b && is_refuted(wide, b, a)))
                return false;
        return pattern_walk(a, b, wide) == PATTERN_FOUND_NONE;
}

bool pattern_includes(const struct pattern *wide, const struct pattern *narrow)
{
        return pattern_includes_meeting(wide, narrow, narrow);
}

bool patterns_include(const struct pattern *wide, size_t wide_count, const struct pattern *narrow, size_t count)
{
        for (size_t i = 0; i < count; ++i) {
                size_t j = 0;

                while (j < wide_count && !pattern_includes(&wide[j], &narrow[i]))
                        ++j;
                if (j == wide_count)
                        return false;
        }
        return true;
}

bool pattern_may_meet(const struct pattern *a, const struct pattern *b)
{
        const struct pattern *exact = a->exact ? a : b, *other = a->exact ? b : a;

        if (a->never || b->never)
                return false;
        if (a->everything || b->everything)
                return true;
        if (!str_starts_with(a->prefix, b->prefix) && !str_starts_with(b->prefix, a->prefix))
                return false;
        if (exact->exact)
                return pattern_match(other, exact->prefix) != MATCH_NO;
        if (!always_settles(a) || !always_settles(b) || !reads_characters(a) || !reads_characters(b))
                return true;
        return pattern_walk(a, b, NULL) != PATTERN_FOUND_NONE;
}
