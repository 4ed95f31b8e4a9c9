/* SPDX-License-Identifier: Apache-2.0 */
#include "compare_parts.h"
#include "condition_compare.h"

/* --- which arguments there may be --- */

static const struct accepted *accepted_child(const struct accepted *in, const struct accepted *like)
{
        for (const struct accepted *a = in->first; a; a = a->next) {
                if (a->items == like->items && str_eq(a->name, like->name))
                        return a;
        }
        return NULL;
}

static bool accepts_all_of(const struct accepted *more, const struct accepted *less)
{
        if (more->whole)
                return true;
        if (less->whole)
                return false;
        for (const struct accepted *a = less->first; a; a = a->next) {
                const struct accepted *b = accepted_child(more, a);

                if (!b || !accepts_all_of(b, a))
                        return false;
        }
        return true;
}

/* Where all that may stand there is a list (or an object), it cannot be anything else. */
static bool has_child(const struct accepted *in, bool items)
{
        for (const struct accepted *a = in->first; a; a = a->next) {
                if (a->items == items)
                        return true;
        }
        return false;
}

/* Is nothing ever at @path in a call that @terms takes? */
static bool is_never_given(const struct terms *terms, const struct argument_path *path)
{
        const struct accepted *at = terms ? terms->accepted : NULL;

        for (size_t i = 0; at && i < path->count; ++i) {
                const struct accepted step = { .name = path->steps[i].name, .items = path->steps[i].items };

                if (at->whole || has_child(at, !step.items))
                        return false;
                at = accepted_child(at, &step);
                if (!at)
                        return !step.items;
        }
        return false;
}

/* --- when --- */

static bool has_kind(const struct condition *list, enum condition_kind kind)
{
        for (; list; list = list->next) {
                if (list->kind == kind)
                        return true;
        }
        return false;
}

static bool term_is_covered(const struct comparing *c, const struct terms *more, const struct term *term, const struct terms *less)
{
        const struct taken wide = { term->conditions, term->optional, more->cwd };

        for (size_t i = 0; less && i < less->count; ++i) {
                const struct term *other = &less->terms[i];
                const struct taken narrow = { other->conditions, other->optional, less->cwd };

                if (argument_path_compare(&term->path, &other->path) == PATHS_SAME &&
                        conditions_allow_covers(&wide, &narrow, c->scratch))
                        return true;
        }
        return term->optional && !has_kind(term->conditions, CONDITION_PRESENT) && is_never_given(less, &term->path);
}

bool compare_terms_allow(const struct comparing *c, const struct terms *more, const struct terms *less)
{
        if (!more)
                return true;
        if (more->accepted && !(less && less->accepted && accepts_all_of(more->accepted, less->accepted)))
                return false;
        for (size_t i = 0; i < more->count; ++i) {
                if (!term_is_covered(c, more, &more->terms[i], less))
                        return false;
        }
        return true;
}

bool compare_terms_deny(const struct terms *more, const struct terms *less)
{
        if (!more || !less)
                return !more;
        for (size_t i = 0; i < more->count; ++i) {
                const struct taken wide = { more->terms[i].conditions, more->terms[i].optional, more->cwd };
                bool found = false;

                for (size_t j = 0; j < less->count && !found; ++j) {
                        const struct taken narrow = { less->terms[j].conditions, less->terms[j].optional, less->cwd };

                        found = argument_path_compare(&more->terms[i].path, &less->terms[j].path) == PATHS_SAME &&
                                conditions_deny_covers(&wide, &narrow);
                }
                if (!found)
                        return false;
        }
        return true;
}

/* --- narrow --- */

static const struct narrowing *narrowing_at(const struct terms *terms, const struct argument_path *path)
{
        for (size_t i = 0; terms && i < terms->narrowing_count; ++i) {
                if (argument_path_compare(&terms->narrowings[i].path, path) == PATHS_SAME)
                        return &terms->narrowings[i];
        }
        return NULL;
}

/* A number that the narrowing gives or leaves is within the bounds. */
static bool keeps_bounds(const struct narrowing *n, const struct narrowing *bounds)
{
        struct decimal value;

        if (!bounds->has_least && !bounds->has_most)
                return true;
        if (n->value.len)
                return decimal_read(n->value, &value) &&
                       (!bounds->has_least || decimal_compare(&value, &bounds->least) >= 0) &&
                       (!bounds->has_most || decimal_compare(&value, &bounds->most) <= 0);
        if (n->removes)
                return true;
        return (!bounds->has_least || (n->has_least && decimal_compare(&n->least, &bounds->least) >= 0)) &&
               (!bounds->has_most || (n->has_most && decimal_compare(&n->most, &bounds->most) <= 0));
}

static bool term_keeps(const struct term *term, const struct narrowing *n)
{
        if (n->removes || n->value.len)
                return false;
        if (n->fallback.len && (term->optional || has_kind(term->conditions, CONDITION_ABSENT)))
                return false;
        return (!n->has_least || conditions_keep_least(term->conditions, &n->least)) &&
               (!n->has_most || conditions_keep_most(term->conditions, &n->most));
}

static bool is_kept(const struct narrowing *n, const struct terms *keeps)
{
        const struct narrowing *same = narrowing_at(keeps, &n->path);

        if (same && n->removes == same->removes && str_eq(n->value, same->value) &&
                str_eq(n->fallback, same->fallback) && keeps_bounds(same, n))
                return true;
        if (same && !n->removes && !n->value.len && !n->fallback.len && keeps_bounds(same, n))
                return true;
        for (size_t i = 0; keeps && i < keeps->count; ++i) {
                if (argument_path_compare(&keeps->terms[i].path, &n->path) == PATHS_SAME && term_keeps(&keeps->terms[i], n))
                        return true;
        }
        return false;
}

bool compare_narrowing_kept(const struct terms *narrows, const struct terms *keeps)
{
        for (size_t i = 0; i < narrows->narrowing_count; ++i) {
                if (!is_kept(&narrows->narrowings[i], keeps))
                        return false;
        }
        return true;
}

static bool is_bounds_only(const struct narrowing *n)
{
        return !n->removes && !n->value.len && !n->fallback.len;
}

static bool same_narrowing(const struct narrowing *a, const struct narrowing *b)
{
        return a->removes == b->removes && str_eq(a->value, b->value) && str_eq(a->fallback, b->fallback) &&
               a->has_least == b->has_least && a->has_most == b->has_most &&
               (!a->has_least || decimal_compare(&a->least, &b->least) == 0) &&
               (!a->has_most || decimal_compare(&a->most, &b->most) == 0);
}

/* Two narrowings of one argument. */
static bool agree(const struct narrowing *a, const struct narrowing *b)
{
        if (is_bounds_only(a) && is_bounds_only(b))
                return !(a->has_least && b->has_most && decimal_compare(&a->least, &b->most) > 0) &&
                       !(b->has_least && a->has_most && decimal_compare(&b->least, &a->most) > 0);
        return same_narrowing(a, b);
}

bool compare_narrowings_same(const struct terms *a, const struct terms *b)
{
        if (!b || a->narrowing_count != b->narrowing_count)
                return false;
        for (size_t i = 0; i < a->narrowing_count; ++i) {
                const struct narrowing *other = narrowing_at(b, &a->narrowings[i].path);

                if (!other || !same_narrowing(&a->narrowings[i], other))
                        return false;
        }
        return true;
}

bool compare_narrowings_agree(const struct terms *a, const struct terms *b)
{
        for (size_t i = 0; i < a->narrowing_count; ++i) {
                for (size_t j = 0; j < b->narrowing_count; ++j) {
                        switch (argument_path_compare(&a->narrowings[i].path, &b->narrowings[j].path)) {
                        case PATHS_APART:
                                break;
                        case PATHS_SAME:
                                if (!agree(&a->narrowings[i], &b->narrowings[j]))
                                        return false;
                                break;
                        case PATHS_ABOVE:
                        case PATHS_BELOW:
                                return false;
                        }
                }
        }
        return true;
}
