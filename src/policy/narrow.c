/* SPDX-License-Identifier: Apache-2.0
 *
 * Narrowing of all rules that match is put into one tree of names, the plan, and the plan is carried out while the arguments
 * are written anew. The narrowed call may be matched by further rules, so that this goes on until nothing changes.
 */
#include "alike.h"
#include "cleanup.h"
#include "evaluator.h"
#include "limit.h"
#include "writer.h"

struct plan {
        struct str name;
        struct plan *first, *next; /* members within */
        struct narrowing what;     /* of several rules: the tightest bounds */
        bool undecided;            /* there are different defaults, which matters when one is needed */
};

struct narrower {
        const struct policy_set *set;
        struct arena arena; /* of the plan */
        struct plan root;
        bool failed;        /* a conflict, or no memory */
        bool changed;
        const struct json_doc *doc;
        struct buf *out;
};

static void narrower_deinit(struct narrower *n)
{
        arena_deinit(&n->arena);
}

/* --- the plan --- */

static struct plan *plan_member(struct narrower *n, struct plan *in, struct str name)
{
        struct plan **at = &in->first;

        for (; *at; at = &(*at)->next) {
                if (str_eq((*at)->name, name))
                        return *at;
        }
        *at = arena_alloc(&n->arena, sizeof(**at));
        if (*at)
                **at = (struct plan){ .name = name };
        return *at;
}

static bool is_forced(const struct plan *plan)
{
        return plan->what.removes || plan->what.value.len;
}

static void merge_bounds(struct narrowing *into, const struct narrowing *more)
{
        if (more->has_least && (!into->has_least || decimal_compare(&more->least, &into->least) > 0)) {
                into->has_least = true;
                into->least = more->least;
                into->least_text = more->least_text;
        }
        if (more->has_most && (!into->has_most || decimal_compare(&more->most, &into->most) < 0)) {
                into->has_most = true;
                into->most = more->most;
                into->most_text = more->most_text;
        }
}

/* Two rules that force the same are no conflict; the order of rules changes nothing. */
static bool merge(struct plan *plan, const struct narrowing *more)
{
        struct narrowing *what = &plan->what;

        merge_bounds(what, more);
        if (more->value.len && what->value.len && !str_eq(more->value, what->value))
                return false;
        plan->undecided |= more->fallback.len && what->fallback.len && !str_eq(more->fallback, what->fallback);
        what->value = more->value.len ? more->value : what->value;
        what->fallback = more->fallback.len ? more->fallback : what->fallback;
        what->removes |= more->removes;
        if (what->removes && (what->value.len || what->fallback.len))
                return false;
        return !what->has_least || !what->has_most || decimal_compare(&what->least, &what->most) <= 0;
}

static void add_narrowing(struct narrower *n, const struct narrowing *narrowing)
{
        struct plan *at = &n->root;

        for (size_t i = 0; i < narrowing->path.count && !n->failed; ++i) {
                at = plan_member(n, at, narrowing->path.steps[i].name);
                n->failed = !at || (is_forced(at) && i + 1 < narrowing->path.count);
        }
        if (n->failed)
                return;
        n->failed = !merge(at, narrowing) || (is_forced(at) && at->first);
}

static void gather(void *userdata, const struct rule *rule, const struct pattern *pattern, const struct terms_result *result)
{
        struct narrower *n = userdata;

        (void)pattern;
        if (!result->matches || rule->verdict == VERDICT_DENY || !rule->terms)
                return;
        for (size_t i = 0; i < rule->terms->narrowing_count; ++i)
                add_narrowing(n, &rule->terms->narrowings[i]);
}

static void make_plan(struct narrower *n, const struct policy_request *request)
{
        arena_deinit(&n->arena);
        n->root = (struct plan){ .first = NULL };
        for (size_t i = 0; i < n->set->count; ++i) {
                struct collector c = { .request = request, .observer = gather, .userdata = n };

                policy_evaluate(&n->set->policies[i], &c);
        }
}

/* --- carrying it out --- */

/* The bound that the number is past; an empty text: none. False when it is no number. */
static bool bound_of(const struct narrowing *what, struct str text, struct str *ret)
{
        struct decimal number;

        *ret = STR("");
        if (!what->has_least && !what->has_most)
                return true;
        if (!decimal_read(text, &number))
                return false;
        if (what->has_least && decimal_compare(&number, &what->least) < 0)
                *ret = what->least_text;
        else if (what->has_most && decimal_compare(&number, &what->most) > 0)
                *ret = what->most_text;
        return true;
}

static void put(struct narrower *n, struct str text)
{
        n->failed |= buf_append_str(n->out, text) < 0;
}

/* A value that the policy gives, within the bounds that other rules may set. */
static void put_own(struct narrower *n, const struct narrowing *what, struct str value, bool may_be_cut)
{
        struct str bound;

        if (!bound_of(what, value, &bound) || (bound.len && !may_be_cut))
                n->failed = true;
        else
                put(n, bound.len ? bound : value);
}

static void put_object(struct narrower *n, uint32_t object, const struct plan *plan);

static void put_value(struct narrower *n, uint32_t token, const struct plan *plan)
{
        const struct narrowing *what = &plan->what;
        size_t at = n->out->len;
        struct str bound;

        if (plan->first) {
                if (json_type_of(n->doc, token) != JSON_OBJECT || what->has_least || what->has_most)
                        n->failed = true;
                else
                        put_object(n, token, plan);
                return;
        }
        if (json_write(n->out, n->doc, token) < 0)
                n->failed = true;
        if (what->value.len) {
                n->changed |= !str_eq(str_skip(buf_str(n->out), at), what->value);
                n->out->len = at;
                put_own(n, what, what->value, false);
                return;
        }
        if (!bound_of(what, json_text(n->doc, token), &bound)) {
                n->failed = true;
        } else if (bound.len) {
                n->out->len = at;
                n->changed = true;
                put(n, bound);
        }
}

static bool adds_anything(const struct plan *plan)
{
        bool any = plan->what.value.len || plan->what.fallback.len;

        for (const struct plan *member = plan->first; member && !any; member = member->next)
                any = adds_anything(member);
        return any;
}

static void put_missing(struct narrower *n, const struct plan *plan)
{
        const struct narrowing *what = &plan->what;

        n->changed = true;
        if (plan->first)
                put_object(n, 0, plan);
        else if (plan->undecided && !what->value.len)
                n->failed = true;
        else
                put_own(n, what, what->value.len ? what->value : what->fallback, what->value.len == 0);
}

static void put_separator(struct narrower *n, bool *any)
{
        if (*any)
                put(n, STR(","));
        *any = true;
}

static void put_members(struct narrower *n, uint32_t object, const struct plan *plan, bool *any)
{
        json_each_member (n->doc, object, name, value) {
                const struct plan *member = plan->first;

                while (member && !json_string_is(n->doc, name, member->name))
                        member = member->next;
                if (member && member->what.removes) {
                        n->changed = true;
                        continue;
                }
                put_separator(n, any);
                n->failed |= json_write(n->out, n->doc, name) < 0;
                put(n, STR(":"));
                if (member)
                        put_value(n, value, member);
                else
                        n->failed |= json_write(n->out, n->doc, value) < 0;
        }
}

/* @object 0: there is none yet. */
static void put_object(struct narrower *n, uint32_t object, const struct plan *plan)
{
        bool any = false;

        put(n, STR("{"));
        /* A server that takes another member for the one that is narrowed may keep that one. */
        for (const struct plan *member = plan->first; object && member; member = member->next)
                n->failed |= json_has_alike(n->doc, object, member->name);
        if (object)
                put_members(n, object, plan, &any);
        for (const struct plan *member = plan->first; member; member = member->next) {
                if ((object && json_member(n->doc, object, member->name)) || !adds_anything(member))
                        continue;
                put_separator(n, &any);
                n->failed |= json_string_append(n->out, member->name) < 0;
                put(n, STR(":"));
                put_missing(n, member);
        }
        put(n, STR("}"));
}

/* One round: the arguments, narrowed, in brackets. */
static bool narrow_once(struct narrower *n, const struct policy_request *request, struct buf *out)
{
        n->doc = request->doc;
        n->out = out;
        n->changed = false;
        buf_clear(out, SIZE_MAX);
        make_plan(n, request);
        put(n, STR("["));
        if (!n->failed)
                put_object(n, request->arguments, &n->root);
        put(n, STR("]"));
        return !n->failed;
}

enum policy_narrowing policy_set_narrow(
        const struct policy_set *set, const struct policy_request *request, struct buf *out)
{
        static const uint64_t no_seed[2] = { 0 };
        CLEANUP(narrower_deinit) struct narrower n = { .set = set };
        CLEANUP(json_doc_deinit) struct json_doc doc;
        AUTO_BUF struct buf even = BUF_INIT(2 * LIMIT_LINE_BYTES);
        AUTO_BUF struct buf odd = BUF_INIT(2 * LIMIT_LINE_BYTES);
        struct policy_request again = *request;
        struct str result;

        json_doc_init(&doc, request->doc ? request->doc->seed : no_seed);
        if (request->subject != POLICY_TOOL)
                return NARROW_NONE;
        for (unsigned round = 0; round < LIMIT_NARROW_ROUNDS; ++round) {
                struct buf *text = round % 2 ? &odd : &even;

                if (!narrow_once(&n, &again, text))
                        return NARROW_CONFLICT;
                if (!n.changed && round == 0)
                        return NARROW_NONE;
                result = str_of(text->data + 1, text->len - 2);
                if (!n.changed)
                        return buf_append_str(out, result) < 0 ? NARROW_CONFLICT : NARROW_DONE;
                if (json_read(&doc, buf_str(text)) != JSON_OK)
                        return NARROW_CONFLICT;
                again.doc = &doc;
                again.arguments = 1;
        }
        return NARROW_CONFLICT;
}
