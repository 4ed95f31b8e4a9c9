/* SPDX-License-Identifier: Apache-2.0 */
#include "limit.h"
#include "pattern.h"
#include "utf8.h"

/* Where to go on when what follows a `*` did not match: with one more character given to it. */
struct retry {
        bool set;
        size_t op, at;
};

static bool star_takes(const struct pattern *p, struct str s, const struct retry *r, bool crosses)
{
        unsigned char c;

        if (!r->set || r->at >= s.len)
                return false;
        c = (unsigned char)s.ptr[r->at];
        if (p->kind == PATTERN_URI && c == '/' && !crosses)
                return false;
        return p->denies || (c >= 0x20 && c < 0x7F) || (c >= 0x80 && p->kind == PATTERN_TEXT);
}

/* Bytes that `?` takes at the start of @s, 0 for none: where it denies, and in texts, a whole character of UTF-8. */
static size_t one_takes(const struct pattern *p, struct str s)
{
        unsigned char c = (unsigned char)s.ptr[0];
        uint32_t cp;
        size_t n;

        if (p->kind == PATTERN_URI && c == '/')
                return 0;
        if (c >= 0x20 && c < 0x7F)
                return 1;
        if (!p->denies && p->kind != PATTERN_TEXT)
                return 0;
        n = utf8_decode(s, &cp);
        if (!p->denies)
                return cp >= 0xA0 ? n : 0;
        return n ? n : 1;
}

static size_t class_takes(const struct pattern *p, const struct byte_set *set, struct str s)
{
        unsigned char c = (unsigned char)s.ptr[0];

        return set->bits[c / 64] >> (c % 64) & 1 ? (c >= 0x80 ? one_takes(p, s) : 1) : 0;
}

/* Bytes that the (single) op takes at the start of @rest, 0 for no match. */
static size_t op_takes(const struct pattern *p, const struct pattern_op *op, struct str rest)
{
        switch (op->kind) {
        case OP_LITERAL:
                return str_starts_with(rest, op->literal) ? op->literal.len : 0;
        case OP_ONE:
                return rest.len ? one_takes(p, rest) : 0;
        case OP_CLASS:
                return rest.len ? class_takes(p, op->set, rest) : 0;
        case OP_STAR:
        case OP_STAR_STAR:
                return 0;
        }
        return 0;
}

/* The commonest pattern, a prefix and a star: does the star take all of @rest? */
static bool ends_in_star(const struct pattern *p, struct str rest)
{
        struct retry star = { .set = true };

        if (p->count != (p->prefix.len ? 2U : 1U) || p->ops[p->count - 1].kind < OP_STAR)
                return false;
        while (star_takes(p, rest, &star, p->ops[p->count - 1].kind == OP_STAR_STAR))
                ++star.at;
        return star.at == rest.len;
}

/* Of a pattern with wildcards. The shortest run for each star, the last one lengthened first. To lengthen only the last `*` behind the last `**` is
 * enough: what an earlier one could gain, the later one reaches as well, for both stop at the same bytes. */
static enum pattern_match match_ops(const struct pattern *p, struct str s)
{
        struct retry star = { 0 }, star_star = { 0 };
        size_t op = 0, at = 0;

        for (size_t steps = LIMIT_PATTERN_STEPS(s.len); steps > 0; --steps) {
                if (op == p->count && at == s.len)
                        return MATCH_YES;
                if (op < p->count && p->ops[op].kind == OP_STAR) {
                        star = (struct retry){ true, ++op, at };
                        continue;
                }
                if (op < p->count && p->ops[op].kind == OP_STAR_STAR) {
                        star_star = (struct retry){ true, ++op, at };
                        star.set = false;
                        continue;
                }
                if (op < p->count) {
                        size_t n = op_takes(p, &p->ops[op], str_skip(s, at));

                        if (n) {
                                at += n;
                                ++op;
                                continue;
                        }
                }
                if (star_takes(p, s, &star, false)) {
                        at = ++star.at;
                        op = star.op;
                } else if (star_takes(p, s, &star_star, true)) {
                        at = ++star_star.at;
                        op = star_star.op;
                        star.set = false;
                } else
                        return MATCH_NO;
        }
        return MATCH_UNSETTLED;
}

enum pattern_match pattern_match(const struct pattern *p, struct str s)
{
        if (p->never)
                return MATCH_NO;
        if (p->everything)
                return MATCH_YES;
        if (p->exact)
                return str_eq(s, p->prefix) ? MATCH_YES : MATCH_NO;
        if (!str_starts_with(s, p->prefix))
                return MATCH_NO;
        if (ends_in_star(p, str_skip(s, p->prefix.len)))
                return MATCH_YES;
        return match_ops(p, s);
}
