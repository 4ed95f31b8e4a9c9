/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls are made up from what the rules of both policies ask for, one argument at a time away from what one rule takes, and both
 * policies decide about them. Only what the evaluator has decided is told.
 */
#include "cleanup.h"
#include "compare_parts.h"
#include "evaluator.h"
#include "limit.h"
#include "writer.h"

/* Calls that are tried out; each takes a few microseconds. */
#define TRIES 60000U
/* So many are tried out even when nothing is left to be shown: what was proved must stand the test. */
#define TRIES_LEAST 300U
#define SLOTS 48U
#define ARGUMENTS_MOST (256U << 10)
/* Rules that stand in both policies make up the same calls twice, and a value that is usual comes round again. */
#define SEEN 4096U

/* One argument of the call at hand. */
struct slot {
        const struct argument_path *path;
        struct samples *values;
        struct str value; /* empty: not given */
};

struct search {
        struct comparing *c;
        struct arena arena;
        struct policy_set sides[2]; /* the old policy, the new one */
        enum policy_subject subject;
        const char *part;
        struct str name;
        struct slot slots[SLOTS];
        size_t slot_count;
        size_t tries;
        uint64_t seen[SEEN]; /* hashes of calls that were tried, the last one in each place */
        size_t wanted[POLICY_SAME + 1]; /* differences that have no witness yet */
        struct json_doc doc;
        struct buf arguments, text;
};

static void search_freep(struct search **s)
{
        if (!*s)
                return;
        json_doc_deinit(&(*s)->doc);
        buf_deinit(&(*s)->arguments);
        buf_deinit(&(*s)->text);
        arena_deinit(&(*s)->arena);
        mem_free(*s);
}

/* --- deciding --- */

/* What becomes of exactly this call: one that would be narrowed does not reach the server as it is. */
static struct policy_decision decide(struct search *s, size_t side, const struct policy_request *request, bool *ret_changes)
{
        AUTO_BUF struct buf narrowed = BUF_INIT(ARGUMENTS_MOST);
        struct policy_decision d;

        policy_set_decide(&s->sides[side], request, &d);
        *ret_changes = d.narrows && policy_set_narrow(&s->sides[side], request, &narrowed) != NARROW_NONE;
        return d;
}

static bool concerns(const struct policy_difference *d, const struct policy_decision *decision)
{
        return d->line && decision->line == d->line && decision->column == d->column && decision->file.ptr == d->file.ptr;
}

static bool keep_witness(struct search *s, struct policy_difference *d, const struct policy_witness *w)
{
        d->witness = *w;
        d->has_witness = d->shown = true;
        return arena_str(&s->c->result->arena, w->name, &d->witness.name) == 0 &&
               arena_str(&s->c->result->arena, w->arguments, &d->witness.arguments) == 0;
}

/* The difference that the witness is about: one that names a deciding rule, else one without a witness. */
static struct policy_difference *difference_of(
        struct search *s, enum policy_change change, const struct policy_decision *old, const struct policy_decision *new)
{
        struct policy_difference *any = NULL;

        for (size_t i = 0; i < s->c->result->count; ++i) {
                struct policy_difference *d = &s->c->result->items[i];

                if (d->change != change || strcmp(d->part, s->part) != 0)
                        continue;
                if (concerns(d, old) || concerns(d, new))
                        return d->has_witness ? NULL : d;
                if (!d->has_witness && !any)
                        any = d;
        }
        return any;
}

static bool differs_in_part(const struct search *s, enum policy_change change)
{
        for (size_t i = 0; i < s->c->result->count; ++i) {
                const struct policy_difference *d = &s->c->result->items[i];

                if (d->change == change && strcmp(d->part, s->part) == 0)
                        return true;
        }
        return false;
}

static void found(struct search *s, enum policy_change change, const struct policy_witness *w,
        const struct policy_decision *old, const struct policy_decision *new)
{
        struct policy_difference *d;

        if (!differs_in_part(s, change)) {
                s->c->change = change;
                compare_differs(s->c, s->part, true, NULL, 0, 0, "the two policies decide differently");
        }
        d = difference_of(s, change, old, new);
        if (!d)
                return;
        if (!keep_witness(s, d, w))
                s->c->failed = true;
        s->wanted[change] -= s->wanted[change] > 0;
}

/* Two calls of one hash are taken for one: a witness may be missed by that, and nothing else. */
static bool is_seen(struct search *s, struct str arguments)
{
        uint64_t hash = str_hash(arguments) ^ (str_hash(s->name) * 31 + s->subject + 1);
        uint64_t *place = &s->seen[hash % SEEN];
        bool seen = *place == hash;

        *place = hash;
        return seen;
}

static void try(struct search *s, struct str arguments)
{
        struct policy_request request = { .subject = s->subject, .name = s->name, .scratch = s->c->scratch };
        struct policy_decision old, new;
        struct policy_witness w = { .subject = s->subject, .name = s->name, .arguments = arguments };
        enum verdict old_reaches, new_reaches;

        if (is_seen(s, arguments))
                return;
        if (s->tries++ > (s->wanted[POLICY_WIDER] + s->wanted[POLICY_NARROWER] ? TRIES : TRIES_LEAST))
                return;
        if (arguments.len) {
                buf_clear(&s->text, ARGUMENTS_MOST);
                buf_append_char(&s->text, '[');
                buf_append_str(&s->text, arguments);
                buf_append_char(&s->text, ']');
                if (s->text.failed || json_read(&s->doc, buf_str(&s->text)) != JSON_OK)
                        return;
                request.doc = &s->doc;
                request.arguments = 1;
        }
        old = decide(s, 0, &request, &w.old_changes);
        new = decide(s, 1, &request, &w.new_changes);
        w.old_verdict = old.verdict;
        w.new_verdict = new.verdict;
        old_reaches = w.old_changes ? VERDICT_DENY : old.verdict;
        new_reaches = w.new_changes ? VERDICT_DENY : new.verdict;
        w.old_by = old.by;
        w.new_by = new.by;
        if (new_reaches > old_reaches || (new_reaches == VERDICT_APPROVE && old_reaches == new_reaches && new.by < old.by))
                found(s, POLICY_WIDER, &w, &old, &new);
        else if (old_reaches > new_reaches || (new_reaches == VERDICT_APPROVE && old_reaches == new_reaches && new.by > old.by))
                found(s, POLICY_NARROWER, &w, &old, &new);
}

/* --- arguments --- */

/* The slots from @first that share the first @depth steps of the first one's path. */
static void write_slots(struct search *s, bool *done, size_t first, size_t depth)
{
        const struct argument_path *path = s->slots[first].path;
        struct buf *out = &s->arguments;
        bool any = false;

        if (path->count == depth) {
                done[first] = true;
                buf_append_str(out, s->slots[first].value);
                return;
        }
        buf_append_char(out, path->steps[depth].items ? '[' : '{');
        for (size_t i = first; i < s->slot_count; ++i) {
                const struct argument_path *other = s->slots[i].path;
                bool shares = !done[i] && s->slots[i].value.len && other->count > depth;

                for (size_t j = 0; shares && j < depth; ++j)
                        shares = other->steps[j].items == path->steps[j].items &&
                                 str_eq(other->steps[j].name, path->steps[j].name);
                if (!shares || other->steps[depth].items != path->steps[depth].items)
                        continue;
                if (any)
                        buf_append_char(out, ',');
                any = true;
                if (!other->steps[depth].items) {
                        json_string_append(out, other->steps[depth].name);
                        buf_append_char(out, ':');
                }
                write_slots(s, done, i, depth + 1);
        }
        buf_append_char(out, path->steps[depth].items ? ']' : '}');
}

static void try_slots(struct search *s, bool unnamed)
{
        bool done[SLOTS] = { false };
        size_t first = 0;

        buf_clear(&s->arguments, ARGUMENTS_MOST);
        while (first < s->slot_count && !s->slots[first].value.len)
                ++first;
        if (first == s->slot_count)
                buf_append_str(&s->arguments, STR("{}"));
        else
                write_slots(s, done, first, 0);
        if (unnamed && s->arguments.len > 1) {
                s->arguments.len--;
                buf_append_str(&s->arguments, first == s->slot_count ? STR("\"other\":1}") : STR(",\"other\":1}"));
        }
        if (!s->arguments.failed)
                try(s, buf_str(&s->arguments));
}

static struct slot *slot_of(struct search *s, const struct argument_path *path)
{
        for (size_t i = 0; i < s->slot_count; ++i) {
                if (argument_path_compare(s->slots[i].path, path) == PATHS_SAME)
                        return &s->slots[i];
        }
        if (s->slot_count == SLOTS)
                return NULL;
        s->slots[s->slot_count] = (struct slot){ .path = path, .values = arena_alloc(&s->arena, sizeof(struct samples)) };
        if (!s->slots[s->slot_count].values)
                return NULL;
        s->slots[s->slot_count].values->arena = &s->arena;
        return &s->slots[s->slot_count++];
}

/* Paths of `free` are kept as a tree. */
static void add_accepted(struct search *s, const struct accepted *in, struct path_step *steps, size_t depth)
{
        for (const struct accepted *a = in->first; a && depth < LIMIT_ARGUMENT_STEPS; a = a->next) {
                struct argument_path *path;

                steps[depth] = (struct path_step){ a->name, a->items };
                if (!a->whole) {
                        add_accepted(s, a, steps, depth + 1);
                        continue;
                }
                path = arena_alloc(&s->arena, sizeof(*path));
                if (!path)
                        return;
                path->count = depth + 1;
                path->steps = arena_array(&s->arena, path->count, sizeof(*steps));
                if (!path->steps)
                        return;
                memcpy(path->steps, steps, path->count * sizeof(*steps));
                slot_of(s, path);
        }
}

static void add_rule(struct search *s, const struct terms *terms)
{
        struct path_step steps[LIMIT_ARGUMENT_STEPS];

        for (size_t i = 0; i < terms->count; ++i) {
                struct slot *slot = slot_of(s, &terms->terms[i].path);

                if (slot)
                        samples_add_values(slot->values, terms->terms[i].conditions);
        }
        for (size_t i = 0; i < terms->narrowing_count; ++i) {
                const struct narrowing *n = &terms->narrowings[i];
                struct slot *slot = slot_of(s, &n->path);
                struct str texts[] = { n->least_text, n->most_text, n->value, n->fallback };

                for (size_t t = 0; slot && t < 4; ++t) {
                        if (texts[t].len)
                                samples_add(slot->values, texts[t]);
                }
        }
        if (terms->accepted)
                add_accepted(s, terms->accepted, steps, 0);
}

typedef void (*rule_fn)(struct search *s, const struct terms *terms);

static void each_rule(struct search *s, rule_fn fn)
{
        for (size_t side = 0; side < 2; ++side) {
                const struct rule *rule = s->sides[side].policies[0].sections[s->subject].first;

                for (; rule; rule = rule->next) {
                        bool matches = false;

                        for (size_t i = 0; rule->terms && i < rule->pattern_count && !matches; ++i)
                                matches = pattern_match(&rule->patterns[i], s->name) != MATCH_NO;
                        if (matches)
                                fn(s, rule->terms);
                }
        }
}

/* A value of the slot's that the term takes; empty when none does. */
static struct str fitting(struct search *s, const struct slot *slot, const struct terms *terms, const struct term *term)
{
        for (size_t i = 0; i < slot->values->count; ++i) {
                struct condition_context context = {
                        .doc = &s->doc, .scratch = s->c->scratch, .cwd = terms->cwd, .steps = LIMIT_CONDITION_STEPS
                };

                buf_clear(&s->text, ARGUMENTS_MOST);
                buf_append_char(&s->text, '[');
                buf_append_str(&s->text, slot->values->at[i]);
                buf_append_char(&s->text, ']');
                if (!s->text.failed && json_read(&s->doc, buf_str(&s->text)) == JSON_OK &&
                        condition_check(term->conditions, &context, 1, NULL) == CONDITION_HOLDS)
                        return slot->values->at[i];
        }
        return STR("");
}

/* All that one rule asks for, and then one thing otherwise. */
static void try_rule(struct search *s, const struct terms *terms)
{
        for (size_t i = 0; i < s->slot_count; ++i)
                s->slots[i].value = STR("");
        for (size_t i = 0; i < terms->count; ++i) {
                struct slot *slot = slot_of(s, &terms->terms[i].path);

                if (slot && !slot->value.len)
                        slot->value = fitting(s, slot, terms, &terms->terms[i]);
        }
        try_slots(s, false);
        try_slots(s, true);
        for (size_t i = 0; i < s->slot_count; ++i) {
                struct slot *slot = &s->slots[i];
                struct str usual = slot->value;

                slot->value = STR("");
                try_slots(s, false);
                for (size_t j = 0; j < slot->values->count; ++j) {
                        slot->value = slot->values->at[j];
                        try_slots(s, false);
                }
                if (slot->values->count == 0) {
                        slot->value = STR("1");
                        try_slots(s, false);
                }
                slot->value = usual;
        }
}

static void try_name(struct search *s)
{
        s->slot_count = 0;
        try(s, STR(""));
        if (s->subject != POLICY_TOOL && s->subject != POLICY_PROMPT)
                return;
        each_rule(s, add_rule);
        try(s, STR("{}"));
        try(s, STR("{\"other\":1}"));
        each_rule(s, try_rule);
}

/* --- the whole --- */

static void count_wanted(struct search *s)
{
        s->wanted[POLICY_WIDER] = s->wanted[POLICY_NARROWER] = 0;
        for (size_t i = 0; i < s->c->result->count; ++i) {
                const struct policy_difference *d = &s->c->result->items[i];

                s->wanted[d->change] += strcmp(d->part, s->part) == 0 && !d->has_witness;
        }
}

static void search_subject(struct search *s, enum policy_subject subject, const char *part)
{
        struct samples *names = arena_alloc(&s->arena, sizeof(*names));

        if (!names)
                return;
        s->subject = subject;
        s->part = part;
        s->tries = 0;
        count_wanted(s);
        names->arena = &s->arena;
        if (subject == POLICY_SAMPLING || subject == POLICY_ELICITATION_FORM) {
                samples_add(names, STR(""));
        } else {
                samples_add_names(names, &s->sides[0].policies[0], subject);
                samples_add_names(names, &s->sides[1].policies[0], subject);
                samples_add_meetings(names, &s->sides[0].policies[0], &s->sides[1].policies[0], subject);
                samples_add_meetings(names, &s->sides[1].policies[0], &s->sides[0].policies[0], subject);
        }
        for (size_t i = 0; i < names->count; ++i) {
                s->name = names->at[i];
                try_name(s);
        }
}

void compare_witnesses(struct comparing *c, const struct policy *old_policy, const struct policy *new_policy)
{
        static const struct {
                enum policy_subject subject;
                const char *part;
        } subjects[] = {
                { POLICY_TOOL, "tools" },
                { POLICY_RESOURCE, "resources" },
                { POLICY_PROMPT, "prompts" },
                { POLICY_METHOD, "methods" },
                { POLICY_SAMPLING, "server_requests" },
                { POLICY_ELICITATION_FORM, "server_requests" },
                { POLICY_ELICITATION_URL, "server_requests" },
                { POLICY_ROOTS, "server_requests" },
        };
        static const uint64_t no_seed[2] = { 0 };
        CLEANUP(search_freep) struct search *s = mem_calloc(1, sizeof(*s));
        struct policy *sides[2] = { (struct policy *)(uintptr_t)old_policy, (struct policy *)(uintptr_t)new_policy };

        if (!s)
                return;
        s->c = c;
        buf_init(&s->arguments, ARGUMENTS_MOST);
        buf_init(&s->text, ARGUMENTS_MOST);
        json_doc_init(&s->doc, no_seed);
        for (size_t i = 0; i < 2; ++i) {
                s->sides[i].policies = sides[i];
                s->sides[i].count = 1;
        }
        for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); ++i)
                search_subject(s, subjects[i].subject, subjects[i].part);
}
