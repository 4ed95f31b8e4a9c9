/* SPDX-License-Identifier: Apache-2.0
 *
 * Carrying out what was ruled. Nothing here decides; whatever goes wrong on the way turns the ruling into a refusal.
 */
#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "internal.h"

void send_own(struct session *s, enum side from, enum side to)
{
        struct permit permit = permit_for_answer(s, to);

        if (!s->line.failed && buf_append_char(&s->line, '\n') == 0 &&
                gate_forward(s, from, &permit, buf_str(&s->line), false) == 0)
                s->stats.answers++;
        else
                s->starved = true;
}

/* Tells the one who waits that his request has come to nothing. */
void send_failure(struct session *s, enum side from, enum side to, struct str id_text, bool tool_call, bool modern,
        int code, struct str text)
{
        if (tool_call)
                answer_tool_result(s, id_text, text, modern);
        else
                answer_error(s, id_text, code, text, STR(""));
        send_own(s, from, to);
}

struct str id_text_of(struct session *s, const struct rpc_id *id)
{
        size_t at = s->text.len;

        if (rpc_id_append(&s->text, id) < 0)
                return STR("null");
        return str_of(s->text.data + at, s->text.len - at);
}

struct str own_id_text(struct session *s, uint64_t number)
{
        const size_t at = s->text.len;

        buf_append_str(&s->text, STR("\"" RPC_OWN_ID_PREFIX));
        buf_append_unsigned(&s->text, number);
        buf_append_char(&s->text, '"');
        return s->text.failed ? STR("null") : str_of(s->text.data + at, s->text.len - at);
}

struct str message_id_text(struct session *s, const struct rpc_message *m)
{
        return m->id_text.len ? m->id_text : id_text_of(s, &m->id);
}

bool is_tool_call(const struct pending_request *request)
{
        return request->method && request->method->policed == RPC_BY_TOOL && !request->task;
}

/* --- what is taken back when its record cannot be written --- */

static bool remember_unrecorded(struct flow *f, const struct rpc_id *id, struct unrecorded message)
{
        int e;

        if (f->unrecorded_count == f->unrecorded_cap) {
                size_t cap = f->unrecorded_cap ? f->unrecorded_cap * 2 : 16;
                struct unrecorded *bigger = mem_resize(f->unrecorded, cap * sizeof(*bigger));

                if (!bigger)
                        return false;
                f->unrecorded = bigger;
                f->unrecorded_cap = cap;
        }
        message.id_at = f->unrecorded_ids.len;
        e = rpc_id_append(&f->unrecorded_ids, id);
        if (e < 0)
                return false;
        message.id_len = f->unrecorded_ids.len - message.id_at;
        f->unrecorded[f->unrecorded_count++] = message;
        return true;
}

void forget_unrecorded(struct flow *f)
{
        f->unrecorded_count = 0;
        buf_clear(&f->unrecorded_ids, SCRATCH_BYTES);
}

static const struct str unwritten =
        STR_INIT("Not run: the audit record of this call could not be written, and nothing runs unrecorded. Tell the "
                 "user: leastwise says why on its standard error. The same call can be made again when it is mended.");

void take_back(struct session *s, enum side from)
{
        struct flow *f = &s->flows[from];

        for (int to = 0; to < SIDE_MAX_; to++)
                output_take_back(&f->out[to]);
        for (size_t i = 0; i < f->unrecorded_count; i++) {
                const struct unrecorded *t = &f->unrecorded[i];
                struct pending_table *table = &s->pending[t->tell];

                if (t->slot != UINT32_MAX && table->slots[t->slot].used) {
                        call_of_request_give_back(s, &table->slots[t->slot]);
                        pending_remove(table, &table->slots[t->slot]);
                }
                send_failure(s, from, t->tell, str_of(f->unrecorded_ids.data + t->id_at, t->id_len), t->tool_call, t->modern,
                        INTERNAL_ERROR, unwritten);
        }
}

/* --- carrying out a ruling --- */

static void answer_refusal(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r)
{
        struct str id = message_id_text(s, m);

        if (r->action == ACTION_ANSWER)
                answer_result(s, id, r->result);
        else if (r->form == ANSWER_UNKNOWN_TOOL)
                answer_unknown_tool(s, id, r->name, r->modern, r->task);
        else if (r->form == ANSWER_TOOL_RESULT)
                answer_tool_result(s, id, answer_of(s, r), r->modern);
        else
                answer_error(s, id, r->code, answer_of(s, r), r->data);
        send_own(s, from, from);
}

/* An answer that may not pass: who waits for it must not wait for ever. */
static void answer_in_place(struct session *s, enum side from, struct ruling *r)
{
        struct pending_request *request = r->answered;
        bool tool_call = is_tool_call(request), modern = request->modern, tell = !request->cancelled;
        struct str answer = answer_of(s, r), id = id_text_of(s, &request->id), text;
        size_t at = s->text.len;

        pending_remove(&s->pending[r->asker], request);
        if (!tell)
                return;
        buf_append_str(&s->text, is_server(from) ? STR("The server's answer was withheld: ") : STR("The client's answer was withheld: "));
        buf_append_str(&s->text, answer);
        text = s->text.failed ? answer : str_of(s->text.data + at, s->text.len - at);
        send_failure(s, from, r->asker, id, tool_call, modern, r->code, text);
}

void refuse_message(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r, size_t bytes)
{
        struct permit permit = { 0 };
        uint64_t seq;
        bool is_call = m->kind == RPC_REQUEST || m->kind == RPC_NOTIFICATION;

        call_give_back(s, &r->call);
        if (m->kind == RPC_NOTIFICATION || m->id.kind == RPC_ID_NONE || (!is_call && !r->answered))
                r->action = ACTION_DROP;
        r->quiet = false;
        s->stats.dropped += r->action == ACTION_DROP;
        s->stats.denied += r->action != ACTION_DROP && r->subject;
        if (from == SIDE_CLIENT && is_call && r->action != ACTION_DROP && r->subject)
                limits_denied(s->limits);
        s->stats.refused += r->action != ACTION_DROP && !r->subject;
        /* What a server can make the log hold is bounded like what it can make the client read, and so is what goes nowhere,
         * from either side. A request is answered all the same; so is who waits for an answer. */
        if ((is_server(from) || r->action == ACTION_DROP) && !r->answered && !rate_allows(s, from)) {
                if (r->action != ACTION_DROP)
                        answer_refusal(s, from, m, r);
                return;
        }
        /* A refusal needs no permit and has no effect; that its record fails is counted, and changes nothing. */
        if (!permit_for_message(s, from, m, r, bytes, &permit, &seq))
                s->stats.lost_records++;
        permit_redeem(s, &permit);
        if (r->subject && m->row && from == SIDE_CLIENT && r->action == ACTION_REFUSE)
                notify(s, STR(""), r);
        else if (is_server(from) && r->code == PARSE_ERROR)
                notify(s, STR("dropped a line that the server wrote to its stdout: "), r);
        if (r->action == ACTION_DROP) {
                if (r->answered)
                        pending_remove(&s->pending[r->asker], r->answered);
                return;
        }
        if (is_call)
                answer_refusal(s, from, m, r);
        else
                answer_in_place(s, from, r);
}

/* Of the tools: no cursor, or null, asks for the first. */
static bool asks_for_further_page(struct session *s, const struct rpc_message *m)
{
        uint32_t cursor = m->params && m->row && m->row->result == RPC_RESULT_TOOLS ? json_member(&s->doc, m->params, STR("cursor")) : 0;

        return cursor && json_type_of(&s->doc, cursor) != JSON_NULL;
}

struct pending_request *expect_answer(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r)
{
        struct pending_request *request = NULL;

        switch (pending_add(&s->pending[from], &m->id, &request)) {
        case PENDING_OK:
                request->method = m->row;
                request->to = (uint8_t)r->to;
                request->modern = r->modern;
                request->task = r->task;
                request->continues = asks_for_further_page(s, m);
                if (!pending_keep_tool(request, r->tool)) {
                        pending_remove(&s->pending[from], request);
                        refuse(s, r, INTERNAL_ERROR, "internal", "the proxy ran out of memory");
                        break;
                }
                call_sent(s, request, r->call);
                r->call = NULL;
                request->relayed = r->relayed;
                s->asked_client += r->relayed != 0;
                return request;
        case PENDING_CONFUSABLE:
                refuse(s, r, INVALID_REQUEST, "id-in-use", "a request with this id, or one that reads the same, is still unanswered");
                break;
        case PENDING_FULL:
                refuse(s, r, INTERNAL_ERROR, "too-many-requests", "too many requests are unanswered; wait for some answers");
                break;
        case PENDING_NO_MEMORY:
        default:
                refuse(s, r, INTERNAL_ERROR, "internal", "the proxy ran out of memory");
                break;
        }
        r->form = ANSWER_ERROR;
        return NULL;
}

/* The line to send: the received bytes when they are canonical and nothing was edited, else written anew. */
static int line_to_send(struct session *s, const struct ruling *r, struct str line, struct str *ret, bool *ret_received)
{
        int e;

        /* A call that was held does not lie in what has just been read. */
        *ret_received = s->doc.canonical && s->edits.count == 0 && !r->narrowed && !s->approvals.releasing;
        if (*ret_received) {
                *ret = str_of(line.ptr, line.len + 1);
                return 0;
        }
        buf_clear(&s->line, LINE_KEEP);
        e = edits_write(&s->edits, &s->doc, &s->line);
        if (e == 0 && s->line.len > s->line_limit)
                e = -EMSGSIZE;
        if (e == 0)
                e = buf_append_char(&s->line, '\n');
        *ret = buf_str(&s->line);
        return e;
}

static bool note_unrecorded(struct session *s, enum side from, const struct rpc_message *m, const struct ruling *r,
        const struct pending_request *request)
{
        struct unrecorded message = { .tell = from, .slot = UINT32_MAX, .modern = r->modern };

        if (r->answered) {
                /* An answer taken back leaves the asker waiting: he is told. */
                message.tell = r->asker;
                message.tool_call = is_tool_call(r->answered);
        } else if (!request) {
                return true;
        } else {
                message.slot = (uint32_t)(request - s->pending[from].slots);
                message.tool_call = is_tool_call(request);
        }
        return remember_unrecorded(&s->flows[from], r->answered ? &r->answered->id : &m->id, message);
}

static void note_cancellation(struct session *s, enum side from, const struct rpc_message *m)
{
        enum side asker;
        struct pending_request *request = find_cancelled(s, from, m, &asker);

        if (!request)
                return;
        call_cancelled(s, request);
        pending_cancel(&s->pending[asker], request);
}

static void remember_task(struct session *s, enum side host, uint32_t result, struct str tool)
{
        uint32_t task = json_member(&s->doc, result, STR("task"));
        struct str type, id;

        if (task && string_member(s, task, STR("taskId"), &id))
                tasks_add(&s->tasks[host], id, tool);
        else if (string_member(s, result, STR("resultType"), &type) && str_eq(type, STR("task")) &&
                 string_member(s, result, STR("taskId"), &id))
                tasks_add(&s->tasks[host], id, tool);
}

/* What an answer that has passed tells: a task that may be asked about, and how the server words things. */
static void learn(struct session *s, enum side from, const struct rpc_message *m, struct pending_request *request)
{
        bool makes_tasks = request->method && (request->method->result == RPC_RESULT_CALL || request->method->result == RPC_RESULT_HOSTED);

        s->scratch.len = 0;
        if (m->result && makes_tasks)
                remember_task(s, from, m->result, pending_tool(request));
        if (m->result && from == SIDE_SERVER && request->method && request->method->result == RPC_RESULT_TOOLS) {
                pinned_list_passed(s);
                s->grants.wanted |= !s->open_tools;
                learn_definitions(s, request, m->result);
        }
        if (from == SIDE_SERVER && m->result)
                announce_learn(s, request);
        if (from == SIDE_SERVER)
                greeting_learn(s, m, request);
        if (from == SIDE_SERVER)
                subscription_learn(s, m, request);
        if (from == SIDE_SERVER)
                voice_hear(s, m, request);
        call_answered(s, m, request);
}

/* Through the gate, or into the line of those that wait for their upstream. */
static int send_or_wait(struct session *s, enum side from, const struct ruling *r, struct pending_request *request, const struct permit *permit,
        struct str line, bool received)
{
        int e;

        if (request && from == SIDE_CLIENT && upstream_must_wait(s, r->to)) {
                permit_redeem(s, permit);
                return waiting_add(s, request, r, line);
        }
        e = gate_forward(s, from, permit, line, received);
        if (e == 0 && request)
                upstream_sent(s, request);
        return e;
}

static void forward(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r, struct str line)
{
        struct pending_request *request = NULL;
        struct permit permit = { 0 };
        struct str out;
        bool received;
        uint64_t seq = 0;
        int e = -ENOMEM;

        if (m->kind == RPC_REQUEST) {
                request = expect_answer(s, from, m, r);
                if (!request) {
                        refuse_message(s, from, m, r, line.len);
                        return;
                }
        }
        if (permit_for_message(s, from, m, r, line.len, &permit, &seq)) {
                /* Only what somebody decided about has its outcome recorded. */
                if (request && r->subject)
                        request->record = seq;
                if (!permit.gated || note_unrecorded(s, from, m, r, request)) {
                        e = line_to_send(s, r, line, &out, &received);
                        if (e == 0 && from == SIDE_CLIENT)
                                greeting_hear(s, m, request, out);
                        e = e < 0 ? e : send_or_wait(s, from, r, request, &permit, out, received);
                }
        }
        if (e == 0) {
                s->stats.allowed += r->subject && !r->answered;
                if (r->asked.grant)
                        cards_use(s->approvals.cards, r->asked.grant);
                if (r->grant)
                        r->grant->grant.uses++;
                if (r->asked.place)
                        request_state_use(s, r->asked.place - 1);
                if (r->answered) {
                        learn(s, from, m, r->answered);
                        pending_remove(&s->pending[r->asker], r->answered);
                }
                if (from == SIDE_CLIENT && m->row && m->row->policed == RPC_BY_INITIALIZE && m->params) {
                        approvals_hear_client(s, json_member(&s->doc, m->params, STR("clientInfo")));
                        elicit_hear_client(s, json_member(&s->doc, m->params, STR("capabilities")));
                }
                if (m->row && m->row->policed == RPC_BY_REQUEST_ID)
                        note_cancellation(s, from, m);
                if (is_server(from) && !r->answered && m->params)
                        calls_heard(s);
                if (r->brings)
                        calls_brought(s, r);
                if (request && from == SIDE_CLIENT && m->row && m->row->policed == RPC_BY_RESOURCE)
                        subscription_hear(s, m, request);
                if (!r->answered)
                        announce_hear(s, from, m, request);
                return;
        }
        /* Nothing was written. The request is as if never made, its sender is told, and so is who waits for an answer. */
        if (request) {
                call_of_request_give_back(s, request);
                pending_remove(&s->pending[from], request);
        }
        permit_redeem(s, &permit);
        r->subject = NULL;
        r->form = ANSWER_ERROR;
        if (e == -EBADMSG)
                refuse(s, r, INTERNAL_ERROR, "secret-outside-string", "The answer held a credential in a place where it cannot be taken out.");
        else if (e == -EMSGSIZE)
                refuse(s, r, INTERNAL_ERROR, "too-long", "The message grows past the size limit when written out.");
        else
                refuse(s, r, INTERNAL_ERROR, "internal", "The proxy ran out of memory over this message.");
        refuse_message(s, from, m, r, line.len);
}

void carry_out(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r, struct str line)
{
        bool limited = is_server(from) && m->kind == RPC_NOTIFICATION && (!m->row || m->row->rate_limited);

        /* The main server may just be away. */
        if (from == SIDE_CLIENT && m->kind == RPC_NOTIFICATION && m->row && m->row->policed == RPC_BY_ROOTS)
                relayed_roots_changed(s);
        if (r->action == ACTION_FORWARD && limited && !rate_allows(s, from)) {
                s->stats.dropped++;
                return;
        }
        if (r->action == ACTION_FORWARD)
                forward(s, from, m, r, line);
        else if (r->action == ACTION_HOLD)
                hold(s, m, r, line);
        else if (r->action == ACTION_ELICITED)
                elicit_take(s, m);
        else if (r->dropped && r->dropped->waiting)
                waiting_cancel(s, r->dropped);
        else if (r->dropped)
                held_cancel(s, r->dropped);
        else if (r->action == ACTION_ANSWER && r->quiet)
                answer_refusal(s, from, m, r);
        else
                refuse_message(s, from, m, r, line.len);
}
