/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls of lanes, and what the servers of lanes say: answers, progress of their calls, their log, and what they ask of the client
 * (relayed.c). Whatever else they say goes nowhere.
 */
#include <errno.h>

#include "alloc.h"
#include "internal.h"

#define TOKEN_BYTES 1024U

/* --- where a call goes --- */

static void refuse_call(struct session *s, struct ruling *r, const char *reason, const char *why)
{
        refuse(s, r, INVALID_PARAMS, reason, "Not run: this tool's calls go to a server of their own (lane \"%.*s\"), %s",
                STR_FMT(r->decision.lane), why);
        r->form = r->task ? ANSWER_ERROR : ANSWER_TOOL_RESULT;
}

void decide_lane(struct session *s, struct ruling *r)
{
        size_t i = 0;

        while (i < policy_set_lane_count(s->policy) && !str_eq(policy_set_lane(s->policy, i)->name, r->decision.lane))
                i++;
        if (i == policy_set_lane_count(s->policy))
                refuse_call(s, r, "undecided", "which there is not.");
        else if (r->task)
                refuse_call(s, r, "lane-task", "which takes no tasks. Make the call without asking for a task.");
        else if (s->greeting.asked && !s->greeting.answered)
                refuse_call(s, r, "lane-too-early", "and the handshake with the main one is not over yet.");
        else if (s->greeting.asked && s->greeting.too_long)
                refuse_call(s, r, "lane-handshake", "and the client's handshake is too long to be repeated to it.");
        else if (s->flows[SIDE_SERVER].ended || s->flows[SIDE_CLIENT].ended)
                refuse_call(s, r, "server-ended", "and the session is at its end.");
        else
                r->to = (enum side)((size_t)SIDE_LANE + i);
}

/* The progress token of the call at hand, by which its progress is known; false without memory. */
static bool keep_token(struct session *s, const struct rpc_message *m, struct call *call)
{
        AUTO_BUF struct buf text = BUF_INIT(TOKEN_BYTES);
        uint32_t meta = m->params ? json_member(&s->doc, m->params, STR("_meta")) : 0;
        uint32_t token = meta ? json_member(&s->doc, meta, STR("progressToken")) : 0;
        int e;

        if (!has_type(s, token, JSON_STRING) && !has_type(s, token, JSON_NUMBER))
                return true;
        e = json_write(&text, &s->doc, token);
        if (e == 0)
                call->token = str_dup(buf_str(&text));
        return e == -EMSGSIZE || call->token;
}

/* Only a call of a lane needs it: those of the main server do without memory of their own. */
static bool make_call(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        if (!r->call)
                r->call = mem_calloc(1, sizeof(*r->call));
        return r->call && (!is_lane(r->to) || keep_token(s, m, r->call));
}

void decide_waiting(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        const bool tool = m->row && m->row->policed == RPC_BY_TOOL;

        if (m->kind != RPC_REQUEST) {
                if (is_lane(r->to) || s->upstreams[r->to].state == UPSTREAM_READY ||
                        (m->kind != RPC_NOTIFICATION && upstream_takes(s, r->to)))
                        return;
                refuse(s, r, 0, "upstream-away", "the server is being replaced, and the new one knows nothing of what this is about");
                r->action = ACTION_DROP;
                return;
        }
        if (upstream_must_wait(s, r->to) && !waiting_has_room(s, json_text(&s->doc, 0).len + 1))
                refuse(s, r, INTERNAL_ERROR, "too-many-waiting",
                        "Not run: its server is not ready, and too many calls wait for it already. Wait until some are answered, then make the same "
                        "call again.");
        else if (!make_call(s, m, r))
                refuse(s, r, INTERNAL_ERROR, "internal", "Not run: the proxy ran out of memory over this call.");
        else
                return;
        call_give_back(s, &r->call);
        r->form = tool && !r->task ? ANSWER_TOOL_RESULT : ANSWER_ERROR;
}

/* --- what a lane's server says --- */

bool lane_makes_task(struct session *s, uint32_t result)
{
        uint32_t type = json_member(&s->doc, result, STR("resultType"));

        return json_member(&s->doc, result, STR("task")) || (has_type(s, type, JSON_STRING) && json_string_is(&s->doc, type, STR("task")));
}

/* Is it about a call that this server has? */
static bool is_own_progress(struct session *s, enum side from, const struct rpc_message *m)
{
        AUTO_BUF struct buf text = BUF_INIT(TOKEN_BYTES);
        const struct pending_table *table = &s->pending[SIDE_CLIENT];
        uint32_t token = m->params ? json_member(&s->doc, m->params, STR("progressToken")) : 0;

        if (!token || json_write(&text, &s->doc, token) < 0)
                return false;
        for (uint32_t i = 0; i < table->slot_count; i++) {
                const struct call *call = table->slots[i].used ? table->slots[i].kept : NULL;

                if (call && call->lane == from && call->token && str_eq(str_from(call->token), buf_str(&text)))
                        return true;
        }
        return false;
}

static bool asks_the_client(const struct rpc_method *row)
{
        return row && (row->policed == RPC_BY_SAMPLING || row->policed == RPC_BY_ELICITATION || row->policed == RPC_BY_ROOTS);
}

static void decide_request(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r)
{
        if (m->row && m->row->policed == RPC_PASSES && str_eq(m->method, STR("ping"))) {
                r->action = ACTION_ANSWER;
                r->reason = "lane-request";
                r->quiet = true;
                r->result = STR("{}");
        } else if (!asks_the_client(m->row)) {
                refuse(s, r, METHOD_NOT_FOUND, "lane-request",
                        "The server of a lane may ask the client for its roots, for a sample and for what a person types, and for nothing else.");
        } else if (s->upstreams[from].state != UPSTREAM_READY) {
                refuse(s, r, INVALID_REQUEST, "lane-request", "Nothing can be asked before the handshake is over, nor at the end.");
        } else if (m->params && json_member(&s->doc, m->params, STR("task"))) {
                refuse(s, r, INVALID_PARAMS, "lane-task", "The server of a lane cannot ask for a task.");
        } else {
                decide_relayed(s, m, r);
        }
}

void decide_from_lane(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r)
{
        const struct rpc_method *row = m->row;

        if (m->kind == RPC_REQUEST) {
                decide_request(s, from, m, r);
                return;
        }
        if (row && row->policed == RPC_BY_REQUEST_ID) {
                decide_relayed_cancelled(s, from, m, r);
                return;
        }
        r->quiet = true;
        if (row && str_eq(row->name, STR("notifications/message")))
                return;
        if (row && str_eq(row->name, STR("notifications/progress")) && is_own_progress(s, from, m))
                return;
        r->quiet = false;
        refuse(s, r, 0, "lane-notification", "the server of a lane tells of its calls and its log, and of nothing else");
        r->action = ACTION_DROP;
}
