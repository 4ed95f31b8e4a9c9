/* SPDX-License-Identifier: Apache-2.0 */
#include "limit_counts.h"

#include <errno.h>

#include "alloc.h"
#include "limit.h"
#include "limit_counters.h"
#include "limit_sum.h"

#define PROBLEM_BYTES 9216U

/* A limit on tools and its counter. */
struct row {
        const struct policy_limit *limit;
        size_t counter;
};

struct taken {
        size_t counter;
        struct amount add;
        uint64_t part; /* of the store's window */
};

struct limit_ticket {
        size_t count;
        struct taken taken[];
};

struct limits {
        struct policy_set *set;
        const struct limit_store *store;
        struct limit_counters counters;
        struct row *rows;
        size_t row_count;
        const struct policy_limit *least[POLICY_LIMIT_KIND_MAX_]; /* the strictest of a kind, but those of tools */
        bool any;

        uint64_t calls, denials, in_flight, result_bytes;
        bool bytes_used; /* an answer did not fit */
        bool begun;
        uint64_t began_ms;

        /* Of the call at hand: */
        struct limit_use uses[LIMIT_WINDOWS]; /* the store's first, then, from the end on, the session's */
        size_t use_counter[LIMIT_WINDOWS];
        struct buf problem;
};

/* --- life --- */

struct limits *limits_free(struct limits *l)
{
        if (!l)
                return NULL;
        limit_counters_deinit(&l->counters);
        mem_free(l->rows);
        buf_deinit(&l->problem);
        policy_set_unref(l->set);
        mem_free(l);
        return NULL;
}

static bool is_named(const void *userdata, size_t counter)
{
        const struct limits *l = userdata;

        for (size_t i = 0; i < l->row_count; i++) {
                if (l->rows[i].counter == counter)
                        return true;
        }
        return false;
}

size_t limits_counters(const struct limits *l)
{
        return limit_counters_number(&l->counters);
}

static bool is_stricter(const struct policy_limit *limit, const struct policy_limit *than)
{
        return !than || amount_cmp(limit->most, than->most) < 0;
}

int limits_set_policy(struct limits *l, struct policy_set *set)
{
        const struct policy_limit *least[POLICY_LIMIT_KIND_MAX_] = { NULL };
        size_t count = policy_set_limit_count(set), row_count = 0;
        struct row *rows = mem_calloc(count ? count : 1, sizeof(*rows));

        if (!rows)
                return -ENOMEM;
        for (size_t i = 0; i < count; i++) {
                const struct policy_limit *limit = policy_set_limit(set, i);
                const bool of_tools = limit->kind == POLICY_LIMIT_TOOL_CALLS || limit->kind == POLICY_LIMIT_TOOL_SUM;

                if (!of_tools) {
                        if (is_stricter(limit, least[limit->kind]))
                                least[limit->kind] = limit;
                        continue;
                }
                rows[row_count].limit = limit;
                if (limit_counters_get(&l->counters, limit, &rows[row_count++].counter) < 0) {
                        mem_free(rows);
                        return -ENOMEM;
                }
        }
        mem_free(l->rows);
        l->rows = rows;
        l->row_count = row_count;
        l->any = count > 0;
        memcpy(l->least, least, sizeof(least));
        policy_set_ref(set);
        policy_set_unref(l->set);
        l->set = set;
        limit_counters_drop(&l->counters, is_named, l);
        return 0;
}

int limits_new(struct limits **ret, struct policy_set *set, const struct limit_store *store)
{
        struct limits *l = mem_calloc(1, sizeof(*l));

        if (!l)
                return -ENOMEM;
        l->store = store;
        buf_init(&l->problem, PROBLEM_BYTES);
        if (limits_set_policy(l, set) < 0) {
                limits_free(l);
                return -ENOMEM;
        }
        *ret = l;
        return 0;
}

void limits_begin(struct limits *l, uint64_t mono_ms)
{
        if (l->begun)
                return;
        l->begun = true;
        l->began_ms = mono_ms;
}

bool limits_any(const struct limits *l)
{
        return l->any;
}

void limits_denied(struct limits *l)
{
        l->denials++;
}

const struct policy_limit *limits_call_time(const struct limits *l)
{
        return l->least[POLICY_LIMIT_CALL_TIME];
}

const struct policy_limit *limits_result(struct limits *l, uint64_t bytes)
{
        const struct policy_limit *call = l->least[POLICY_LIMIT_CALL_RESULT_BYTES];
        const struct policy_limit *session = l->least[POLICY_LIMIT_SESSION_RESULT_BYTES];

        if (call && bytes > call->most.units)
                return call;
        if (session && (l->bytes_used || bytes > session->most.units || l->result_bytes > session->most.units - bytes)) {
                l->bytes_used = true;
                return session;
        }
        l->result_bytes += bytes;
        return NULL;
}

/* --- reserving --- */

static bool refuse(struct limit_refusal *r, enum limit_refusal_reason reason, const struct policy_limit *limit)
{
        *r = (struct limit_refusal){ .reason = reason, .limit = limit };
        return false;
}

static bool refuse_used(struct limit_refusal *r, const struct policy_limit *limit, struct amount used, struct amount add,
        uint64_t frees_at_ms)
{
        *r = (struct limit_refusal){
                .reason = LIMIT_EXHAUSTED, .limit = limit, .used = used, .add = add, .frees_at_ms = frees_at_ms
        };
        return false;
}

static bool session_has_room(struct limits *l, const struct limit_call *call, struct limit_refusal *r)
{
        const struct policy_limit *const *least = l->least;
        const struct policy_limit *limit = least[POLICY_LIMIT_SESSION_DENIALS];

        if (limit && l->denials >= limit->most.units)
                return refuse(r, LIMIT_CIRCUIT_OPEN, limit);
        limit = least[POLICY_LIMIT_SESSION_TIME];
        if (limit && call->mono_ms >= l->began_ms && call->mono_ms - l->began_ms >= limit->most.units)
                return refuse(r, LIMIT_SESSION_OVER, limit);
        limit = least[POLICY_LIMIT_SESSION_RESULT_BYTES];
        if (limit && (l->bytes_used || l->result_bytes >= limit->most.units))
                return refuse(r, LIMIT_BYTES_USED, limit);
        limit = least[POLICY_LIMIT_SESSION_CALLS];
        if (limit && l->calls >= limit->most.units)
                return refuse_used(r, limit, amount_of(l->calls), amount_of(1), 0);
        limit = least[POLICY_LIMIT_CALL_IN_FLIGHT];
        if (limit && l->in_flight >= limit->most.units)
                return refuse(r, LIMIT_BUSY, limit);
        return true;
}

static bool refuse_problem(
        struct limits *l, struct limit_refusal *r, enum limit_refusal_reason reason, const struct policy_limit *limit, struct str text)
{
        if (text.ptr != l->problem.data) {
                buf_clear(&l->problem, PROBLEM_BYTES);
                buf_append_str(&l->problem, text);
        }
        refuse(r, reason, limit);
        r->problem = buf_str(&l->problem);
        return false;
}

/* What the call uses of its tool's limits: limits that count under one name are one use, the strictest. */
static bool collect_uses(struct limits *l, const struct limit_call *call, size_t *ret_count, struct limit_refusal *r)
{
        size_t count = 0;

        for (size_t i = 0; i < l->row_count; i++) {
                const struct policy_limit *limit = l->rows[i].limit;
                const struct limit_counter *c = &l->counters.list[l->rows[i].counter];
                struct amount add = amount_of(1);
                const char *problem;
                size_t at = 0;

                if (!policy_limit_covers(limit, call->name))
                        continue;
                if (limit->kind == POLICY_LIMIT_TOOL_SUM && !limit_sum(limit, call->doc, call->arguments, &add, &problem))
                        return refuse_problem(l, r, LIMIT_BAD_AMOUNT, limit, str_from(problem));
                while (at < count && l->use_counter[at] != l->rows[i].counter)
                        at++;
                if (at == LIMIT_WINDOWS)
                        return refuse_problem(l, r, LIMIT_UNCOUNTED, limit, STR("more than 64 limits speak of one call"));
                if (at < count && amount_cmp(l->uses[at].most, limit->most) <= 0)
                        continue;
                count += at == count;
                l->use_counter[at] = l->rows[i].counter;
                l->uses[at] = (struct limit_use){ .state = str_from(c->state),
                        .title = str_from(c->title),
                        .span_ms = c->span_ms,
                        .most = limit->most,
                        .add = add };
        }
        *ret_count = count;
        return true;
}

/* The limit behind a use, for the refusal: the strictest of those that count there. */
static const struct policy_limit *limit_of(const struct limits *l, const struct limit_use *use, struct str tool)
{
        const struct policy_limit *found = NULL;

        for (size_t i = 0; i < l->row_count; i++) {
                const struct policy_limit *limit = l->rows[i].limit;

                if (str_eq(limit->state, use->state) && policy_limit_covers(limit, tool) && is_stricter(limit, found))
                        found = limit;
        }
        return found;
}

/* Those of the store to the front; their number. */
static size_t stored_first(struct limits *l, size_t count)
{
        size_t stored = 0;

        for (size_t i = 0; i < count; i++) {
                struct limit_use use = l->uses[i];
                size_t counter = l->use_counter[i];

                if (!use.span_ms)
                        continue;
                l->uses[i] = l->uses[stored];
                l->use_counter[i] = l->use_counter[stored];
                l->uses[stored] = use;
                l->use_counter[stored++] = counter;
        }
        return stored;
}

static bool own_have_room(struct limits *l, const struct limit_call *call, size_t from, size_t count, struct limit_refusal *r)
{
        for (size_t i = from; i < count; i++) {
                struct limit_use *use = &l->uses[i];
                struct amount used = l->counters.list[l->use_counter[i]].used, sum = used;

                if (!amount_add(&sum, use->add) || amount_cmp(sum, use->most) > 0)
                        return refuse_used(r, limit_of(l, use, call->name), used, use->add, 0);
        }
        return true;
}

static bool reserve_stored(struct limits *l, const struct limit_call *call, size_t count, struct limit_refusal *r)
{
        enum limit_store_result result = LIMIT_STORE_FAILED;
        size_t at = 0;

        buf_clear(&l->problem, PROBLEM_BYTES);
        if (l->store)
                result = l->store->reserve(l->store->userdata, l->uses, count, call->now_ms, &at, &l->problem);
        else
                buf_append_str(&l->problem, STR("there is no place to keep it"));
        if (result == LIMIT_STORE_RESERVED)
                return true;
        if (result == LIMIT_STORE_EXHAUSTED && at < count)
                return refuse_used(r, limit_of(l, &l->uses[at], call->name), l->uses[at].used, l->uses[at].add, l->uses[at].frees_at_ms);
        return refuse_problem(l, r, LIMIT_UNCOUNTED, limit_of(l, &l->uses[0], call->name), buf_str(&l->problem));
}

bool limits_reserve(struct limits *l, const struct limit_call *call, struct limit_ticket **ret, struct limit_refusal *refusal)
{
        struct limit_ticket *ticket;
        size_t count = 0, stored;

        *ret = NULL;
        if (!l->any)
                return true;
        limits_begin(l, call->mono_ms);
        if (!session_has_room(l, call, refusal) || (call->is_tool && !collect_uses(l, call, &count, refusal)))
                return false;
        stored = stored_first(l, count);
        if (!own_have_room(l, call, stored, count, refusal))
                return false;
        ticket = mem_alloc(sizeof(*ticket) + count * sizeof(ticket->taken[0]));
        if (!ticket)
                return refuse_problem(l, refusal, LIMIT_UNCOUNTED, NULL, STR("out of memory"));
        if (stored && !reserve_stored(l, call, stored, refusal)) {
                mem_free(ticket);
                return false;
        }
        ticket->count = count;
        for (size_t i = 0; i < count; i++) {
                /* The store may have put the uses in another order. */
                size_t counter = limit_counters_find(&l->counters, l->uses[i].state);

                ticket->taken[i] = (struct taken){ counter, l->uses[i].add, l->uses[i].part };
                l->counters.list[counter].tickets++;
                if (i >= stored)
                        (void)amount_add(&l->counters.list[counter].used, l->uses[i].add);
        }
        l->calls++;
        l->in_flight++;
        *ret = ticket;
        return true;
}

void limits_settle(struct limits *l, struct limit_ticket *ticket)
{
        if (!ticket)
                return;
        l->in_flight--;
        for (size_t i = 0; i < ticket->count; i++)
                l->counters.list[ticket->taken[i].counter].tickets--;
        mem_free(ticket);
}

void limits_give_back(struct limits *l, struct limit_ticket *ticket)
{
        size_t stored = 0;

        if (!ticket)
                return;
        l->calls--;
        for (size_t i = 0; i < ticket->count; i++) {
                const struct taken *t = &ticket->taken[i];
                struct limit_counter *c = &l->counters.list[t->counter];

                if (!c->span_ms)
                        amount_subtract(&c->used, t->add);
                else
                        l->uses[stored++] = (struct limit_use){ .state = str_from(c->state),
                                .title = str_from(c->title),
                                .span_ms = c->span_ms,
                                .add = t->add,
                                .part = t->part };
        }
        if (stored)
                l->store->give_back(l->store->userdata, l->uses, stored);
        limits_settle(l, ticket);
}
