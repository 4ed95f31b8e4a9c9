/* SPDX-License-Identifier: Apache-2.0
 *
 * What the server of a lane asks of the client: its roots, sampling, elicitation. Policy decides as it does about the main server's. The client
 * knows one server, whose ids these could be taken for; so it is asked in a request of our own, and its answer goes back under the
 * id that the lane's server gave. Each is in the table of what that server has asked (session.pending), like the main one's in its own.
 *
 * Nothing of a process outlives it: what it asked is cancelled at the client, and a late answer finds nobody, since our numbers are
 * never used again.
 */
#include "internal.h"
#include "writer.h"

/* An id that could not be written must not be left as it was, nor be another: then the message does not leave. */
static void replace_id(struct session *s, uint32_t token, struct str text)
{
        edits_replace(&s->edits, token, text);
        s->edits.failed |= s->text.failed;
}

void decide_relayed(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        uint32_t meta, token;

        decide_asked(s, m, r);
        if (r->action != ACTION_FORWARD)
                return;
        r->to = SIDE_CLIENT;
        r->relayed = s->asked_client + 1;
        replace_id(s, json_member(&s->doc, 0, STR("id")), own_id_text(s, r->relayed));
        /* Progress under that token would be taken for the main server's. */
        meta = m->params ? json_member(&s->doc, m->params, STR("_meta")) : 0;
        token = has_type(s, meta, JSON_OBJECT) ? json_member(&s->doc, meta, STR("progressToken")) : 0;
        if (token)
                edits_remove(&s->edits, token);
}

void decide_relayed_cancelled(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r)
{
        enum side asker;
        struct pending_request *request = find_cancelled(s, from, m, &asker);

        if (request && asker == from && !request->cancelled) {
                r->quiet = true;
                r->to = SIDE_CLIENT;
                replace_id(s, json_member(&s->doc, m->params, STR("requestId")), own_id_text(s, request->relayed));
                return;
        }
        refuse(s, r, INVALID_PARAMS, "nothing-to-cancel", "no request of that id is in flight");
        r->action = ACTION_DROP;
}

struct pending_request *relayed_find(const struct session *s, uint64_t number, enum side *ret_asker)
{
        for (int side = SIDE_LANE; side < SIDE_MAX_; side++) {
                const struct pending_table *table = &s->pending[side];

                for (uint32_t i = 0; i < table->slot_count; i++) {
                        if (!table->slots[i].used || table->slots[i].relayed != number)
                                continue;
                        *ret_asker = (enum side)side;
                        return &table->slots[i];
                }
        }
        return NULL;
}

void relayed_answer(struct session *s, const struct pending_request *request)
{
        replace_id(s, json_member(&s->doc, 0, STR("id")), id_text_of(s, &request->id));
}

static void cancel_at_client(struct session *s, enum side event, uint64_t number)
{
        s->text.len = 0;
        s->text.failed = false;
        write_cancelled(s, own_id_text(s, number), STR("the server has ended"));
        send_own(s, event, SIDE_CLIENT);
}

void relayed_drop(struct session *s, enum side side)
{
        struct pending_table *table = &s->pending[side];

        for (uint32_t i = 0; i < table->slot_count; i++) {
                struct pending_request *request = &table->slots[i];

                if (!request->used)
                        continue;
                if (!request->cancelled && !s->flows[SIDE_CLIENT].ended)
                        cancel_at_client(s, side, request->relayed);
                pending_remove(table, request);
        }
}

void relayed_roots_changed(struct session *s)
{
        for (int side = SIDE_LANE; side < SIDE_MAX_; side++) {
                struct json_writer w;

                if (s->upstreams[side].state != UPSTREAM_READY)
                        continue;
                begin_notification(s, &w, STR("notifications/roots/list_changed"));
                json_end_object(&w);
                send_own(s, SIDE_CLIENT, (enum side)side);
        }
}
