/* SPDX-License-Identifier: Apache-2.0
 *
 * Patterns over names and URIs, byte for byte. `*` is any run, `?` any one character, `[a-z]` and `[!a-z]`
 * one of a class, `\` takes the next character as it is, `${name}` stands for a bound value's bytes.
 *
 * A wildcard is as narrow as it can be where it allows and as wide as it can be where it denies: in an allow
 * pattern it takes printable ASCII only, so that look-alike letters never ride on it; in a deny pattern it takes
 * anything. A pattern that is exactly `**` takes every name. In URIs `*`, `?` and classes stop at `/`, and `**`
 * does not; in names and texts `**` within a pattern is `*`. In texts, which people write, a wildcard where it allows takes
 * everything but control characters.
 */
#pragma once

#include <stdint.h>

#include "arena.h"

enum pattern_kind { PATTERN_NAME, PATTERN_URI, PATTERN_TEXT };

enum pattern_match { MATCH_NO, MATCH_YES, MATCH_UNSETTLED /* out of steps: the caller denies */ };

enum pattern_op_kind { OP_LITERAL, OP_ONE, OP_CLASS, OP_STAR, OP_STAR_STAR };

struct byte_set {
        uint64_t bits[4];
};

struct pattern_op {
        enum pattern_op_kind kind;
        struct str literal;         /* OP_LITERAL */
        const struct byte_set *set; /* OP_CLASS */
};

struct pattern {
        struct pattern_op *ops; /* for pattern_op(); NULL where the prefix is the only one, as of most patterns */
        struct str prefix;      /* the literal text before the first wildcard */
        uint32_t count;         /* of ops */
        uint32_t line, column, length;
        enum pattern_kind kind;
        bool exact;      /* nothing but the prefix */
        bool everything; /* exactly `**` */
        bool never;      /* holds a name without a value: `check` without --bind */
        bool denies;
};

/* The part with that index, which is below @p's count. */
static inline struct pattern_op pattern_op(const struct pattern *p, size_t index)
{
        return p->ops ? p->ops[index] : (struct pattern_op){ .kind = OP_LITERAL, .literal = p->prefix };
}

/* What the compiler asks for `${name}`: 0 with *ret, or a positive number for "refused, and reported already".
 * *ret_never says that the value is not known and nothing matches. */
typedef int (*pattern_binding_fn)(void *userdata, struct str name, size_t offset, struct str *ret, bool *ret_never);

struct pattern_problem {
        const char *what; /* NULL: reported by the binding function */
        const char *help;
        size_t offset, length; /* in the text */
};

/* 0; -ENOMEM; positive when the text is not a pattern, with *problem. The strings live in @arena. */
int pattern_compile(struct pattern *ret, struct arena *arena, struct str text, enum pattern_kind kind, bool denies,
        pattern_binding_fn binding, void *userdata, struct pattern_problem *problem);

enum pattern_match pattern_match(const struct pattern *p, struct str s);

/* A text that the pattern would match, with every `*` and `?` and class replaced by @one and every `**` by @many; cut
 * to
 * @size. Only to see whether anything plain could match. */
struct str pattern_sample(const struct pattern *p, struct str one, struct str many, char *out, size_t size);

/* Is the pattern a literal prefix and then `**`? */
bool pattern_is_prefix(const struct pattern *p);
