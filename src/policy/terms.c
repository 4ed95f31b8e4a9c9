/* SPDX-License-Identifier: Apache-2.0 */
#include "terms.h"

#include "alike.h"
#include "limit.h"

/* Is the term true, for a rule of this polarity? */
struct asking {
        const struct term *term;
        struct condition_context context;
        bool denies;
        const struct condition *which; /* the condition that the answer comes from */
};

static bool is_true(const struct asking *a, enum condition_outcome outcome)
{
        if (outcome == CONDITION_MISSING)
                return a->denies != a->term->optional;
        return a->denies ? outcome != CONDITION_FAILS : outcome == CONDITION_HOLDS;
}

static bool ask_value(struct asking *a, uint32_t token)
{
        return is_true(a, condition_check(a->term->conditions, &a->context, token, &a->which));
}

/* What cannot be gone into is neither there nor missing. */
static bool ask_nothing(struct asking *a)
{
        a->which = a->term->conditions;
        return is_true(a, CONDITION_UNREADABLE);
}

static const struct accepted *accepted_step(const struct accepted *accepted, const struct path_step *step)
{
        const struct accepted *inner = accepted->first;

        while (inner && (inner->items != step->items || (!step->items && !str_eq(inner->name, step->name))))
                inner = inner->next;
        return inner;
}

static bool ask_from(struct asking *a, uint32_t token, size_t step, const struct accepted *accepted);

/* Without items the argument is missing, as if there were no list. */
static bool ask_items(struct asking *a, uint32_t array, size_t step, const struct accepted *accepted)
{
        bool empty = true;

        json_each_item (a->context.doc, array, item) {
                bool one = ask_from(a, item, step, accepted);

                if (one == a->denies)
                        return one;
                empty = false;
        }
        return empty ? ask_value(a, 0) : !a->denies;
}

/* @accepted: what the rule takes at this place; NULL or a whole: everything. Else a look-alike is refused as unnamed, or is
 * an argument of its own that the rule names. */
static bool ask_from(struct asking *a, uint32_t token, size_t step, const struct accepted *accepted)
{
        const struct argument_path *path = &a->term->path;
        const struct json_doc *doc = a->context.doc;

        for (; step < path->count && token; ++step) {
                const struct path_step *s = &path->steps[step];

                if (json_type_of(doc, token) != (s->items ? JSON_ARRAY : JSON_OBJECT))
                        return ask_nothing(a);
                if (accepted && !accepted->whole)
                        accepted = accepted_step(accepted, s);
                else if (!s->items && json_has_alike(doc, token, s->name))
                        return ask_nothing(a);
                if (s->items)
                        return ask_items(a, token, step + 1, accepted);
                token = json_member(doc, token, s->name);
        }
        return ask_value(a, token);
}

/* Is it for the items of a list alone that something is accepted? */
static bool accepts_items_only(const struct accepted *accepted)
{
        const struct accepted *inner = accepted->first;

        while (inner && inner->items)
                inner = inner->next;
        return accepted->first && !inner;
}

/* The name of what is not accepted (or the value, where it has no name); 0: all is. @holder: the name of @token. */
static uint32_t find_unnamed(
        const struct json_doc *doc, uint32_t token, uint32_t holder, const struct accepted *accepted)
{
        const struct accepted *inner = accepted->first;
        uint32_t found = 0;

        if (accepted->whole)
                return 0;
        if (json_type_of(doc, token) == JSON_OBJECT) {
                json_each_member (doc, token, name, value) {
                        for (inner = accepted->first; inner; inner = inner->next) {
                                if (!inner->items && json_string_is(doc, name, inner->name))
                                        break;
                        }
                        found = inner ? find_unnamed(doc, value, name, inner) : name;
                        if (found)
                                return found;
                }
                return accepts_items_only(accepted) ? holder : 0;
        }
        while (inner && !inner->items)
                inner = inner->next;
        if (!inner || json_type_of(doc, token) != JSON_ARRAY)
                return holder;
        json_each_item (doc, token, item) {
                found = find_unnamed(doc, item, holder, inner);
                if (found)
                        return found;
        }
        return 0;
}

static void check_term(const struct terms *terms, const struct term *term, bool denies,
        const struct policy_request *request, struct terms_result *ret)
{
        struct asking a = { .term = term,
                .context = { .doc = request->doc,
                        .scratch = request->scratch,
                        .host = request->host,
                        .cwd = terms->cwd,
                        .steps = LIMIT_CONDITION_STEPS },
                .denies = denies };
        bool holds = request->arguments ? ask_from(&a, request->arguments, 0, terms->accepted) : ask_value(&a, 0);

        if (holds && ret->term)
                return;
        ret->term = term;
        ret->condition = a.which;
        if (!holds) {
                ret->matches = false;
                ret->reason = POLICY_CONDITION;
        }
}

void terms_check(const struct terms *terms, bool denies, const struct policy_request *request, struct terms_result *ret)
{
        *ret = (struct terms_result){ .matches = true, .reason = POLICY_BY_RULE };
        for (size_t i = 0; i < terms->count && ret->matches; ++i)
                check_term(terms, &terms->terms[i], denies, request, ret);
        if (!ret->matches)
                return;
        if (!denies)
                *ret = (struct terms_result){ .matches = true, .reason = POLICY_BY_RULE };
        if (!terms->accepted || !request->arguments)
                return;
        ret->argument = find_unnamed(request->doc, request->arguments, request->arguments, terms->accepted);
        if (ret->argument) {
                ret->matches = false;
                ret->reason = POLICY_UNNAMED_ARGUMENT;
        }
}
