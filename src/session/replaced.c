/* SPDX-License-Identifier: Apache-2.0
 *
 * Another process in the place of the main server. What the one before had is answered with one error each and not sent again; what comes
 * meanwhile waits; and the new one is told what it must know of the session: the handshake, the log level, and the subscriptions that
 * the one before had accepted (greeting.c). Nothing else of the session depends on the process.
 */
#include <string.h>

#include "alloc.h"
#include "internal.h"
#include "writer.h"

/* --- subscriptions of a legacy client --- */

static void forget(struct session *s, size_t i)
{
        struct subscriptions *t = &s->subscriptions;

        mem_free(t->items[i].uri);
        t->items[i] = t->items[--t->count];
}

void subscriptions_deinit(struct session *s)
{
        while (s->subscriptions.count)
                forget(s, s->subscriptions.count - 1);
        mem_free(s->subscriptions.items);
}

static void forget_uri(struct session *s, struct str uri)
{
        for (size_t i = s->subscriptions.count; i-- > 0;)
                if (str_eq(str_from(s->subscriptions.items[i].uri), uri))
                        forget(s, i);
}

static bool remember(struct session *s, struct str uri, uint32_t slot)
{
        struct subscriptions *t = &s->subscriptions;

        /* The request that had this place before was never answered. */
        for (size_t i = t->count; i-- > 0;)
                if (!t->items[i].accepted && t->items[i].slot == slot)
                        forget(s, i);
        if (!t->items)
                t->items = mem_calloc(LIMIT_SUBSCRIPTIONS, sizeof(*t->items));
        if (!t->items || t->count == LIMIT_SUBSCRIPTIONS)
                return false;
        t->items[t->count] = (struct subscription){ .uri = str_dup(uri), .slot = slot };
        return t->items[t->count].uri && ++t->count;
}

void subscription_hear(struct session *s, const struct rpc_message *m, const struct pending_request *request)
{
        const bool subscribes = m->row && str_eq(m->row->name, STR("resources/subscribe"));
        struct str uri;

        if (!subscribes && !(m->row && str_eq(m->row->name, STR("resources/unsubscribe"))))
                return;
        if (!m->params || !string_member(s, m->params, STR("uri"), &uri))
                return;
        forget_uri(s, uri);
        if (subscribes && !remember(s, uri, (uint32_t)(request - s->pending[SIDE_CLIENT].slots)))
                s->subscriptions.incomplete = true;
}

void subscription_learn(struct session *s, const struct rpc_message *m, const struct pending_request *request)
{
        const uint32_t slot = (uint32_t)(request - s->pending[SIDE_CLIENT].slots);

        if (!request->method || !str_eq(request->method->name, STR("resources/subscribe")))
                return;
        for (size_t i = s->subscriptions.count; i-- > 0;) {
                struct subscription *item = &s->subscriptions.items[i];

                if (item->accepted || item->slot != slot)
                        continue;
                if (m->error)
                        forget(s, i);
                else
                        item->accepted = true;
        }
}

/* Its request has not been sent to anybody yet. */
static bool waits(const struct session *s, const struct subscription *item)
{
        const struct pending_request *request = &s->pending[SIDE_CLIENT].slots[item->slot];

        return request->used && request->waiting;
}

/* One that nobody has accepted was a call that the process before had: it has its error. Those that wait are for the next one. */
static void forget_unaccepted(struct session *s)
{
        for (size_t i = s->subscriptions.count; i-- > 0;)
                if (!s->subscriptions.items[i].accepted && !waits(s, &s->subscriptions.items[i]))
                        forget(s, i);
}

/* --- the process before --- */

/* The client is told that nobody waits for his answer any more. The id stays taken until he can be thought to have forgotten it: an
 * answer to the old question must not be one to a new question. */
static void cancel_asked(struct session *s, enum side event)
{
        struct pending_table *table = &s->pending[SIDE_SERVER];
        struct pending_request *request;

        while ((request = pending_any(table))) {
                s->text.len = 0;
                s->text.failed = false;
                write_cancelled(s, id_text_of(s, &request->id), STR("the server has ended"));
                send_own(s, event, SIDE_CLIENT);
                request->timed_out = true;
                pending_cancel(table, request);
        }
}

void main_lost(struct session *s)
{
        cancel_asked(s, SIDE_SERVER);
        forget_unaccepted(s);
        tasks_deinit(&s->tasks[SIDE_SERVER]);
        tasks_init(&s->tasks[SIDE_SERVER]);
        tasks_deinit(&s->tasks[SIDE_CLIENT]);
        tasks_init(&s->tasks[SIDE_CLIENT]);
}

/* --- the process after --- */

void subscriptions_replay(struct session *s, enum side side)
{
        for (size_t i = 0; i < s->subscriptions.count; i++) {
                const struct str uri = str_from(s->subscriptions.items[i].uri);
                struct ruling ignored = { 0 };
                size_t at;

                if (!s->subscriptions.items[i].accepted || !judge(s, &ignored, POLICY_RESOURCE, "resource", uri))
                        continue;
                s->text.len = 0;
                s->text.failed = false;
                at = s->text.len;
                buf_append_str(&s->text, STR("{\"uri\":"));
                json_string_append(&s->text, uri);
                buf_append_char(&s->text, '}');
                if (!s->text.failed)
                        greeting_request(s, side, side, STR("resources/subscribe"), str_of(s->text.data + at, s->text.len - at));
        }
}

bool session_upstream_replaceable(const struct session *s)
{
        const struct greeting *g = &s->greeting;

        if (s->flows[SIDE_SERVER].ended || s->flows[SIDE_CLIENT].ended || s->subscriptions.incomplete)
                return false;
        return !g->asked || (g->answered && !g->too_long && s->announcing.ready);
}
