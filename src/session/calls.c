/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits and flow in a session: a call is reserved as the last thing that is decided about it, and settled, given back or
 * timed out later.
 */
#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "internal.h"

/* --- life --- */

static void unlink_deadline(struct session *s, struct call *call)
{
        if (!call->deadline_ms)
                return;
        call->deadline_ms = 0;
        *(call->before ? &call->before->after : &s->calls.first) = call->after;
        *(call->after ? &call->after->before : &s->calls.last) = call->before;
        call->before = call->after = NULL;
}

/* Almost always the last: a call made later ends later, unless the policy was read anew. */
static void link_deadline(struct session *s, struct call *call, uint64_t deadline_ms)
{
        struct call *before = s->calls.last;

        while (before && before->deadline_ms > deadline_ms)
                before = before->before;
        call->deadline_ms = deadline_ms;
        call->before = before;
        call->after = before ? before->after : s->calls.first;
        *(call->before ? &call->before->after : &s->calls.first) = call;
        *(call->after ? &call->after->before : &s->calls.last) = call;
}

static void settle(struct session *s, struct call *call)
{
        limits_settle(s->limits, call->ticket);
        call->ticket = NULL;
        unlink_deadline(s, call);
}

static void release(struct session *s, struct call *call)
{
        settle(s, call);
        if (call->held)
                held_free(s, call->held);
        if (call->waiting)
                waiting_free(s, call->waiting);
        if (call->lane)
                upstream_done(s, call->lane);
        mem_free(call->token);
        mem_free(call);
}

/* Unless it is held or waits, the server has had it. When its request is forgotten before its answer has passed (withheld, or
 * cancelled long ago), what a refusal quotes, or the server says of it yet, is no less its text. */
void call_forgotten(void *userdata, void *ptr)
{
        struct session *s = userdata;
        struct call *call = ptr;

        if (!call->held && !call->waiting)
                policy_marks_add(&s->heard, &call->marks);
        release(s, call);
}

void call_give_back(struct session *s, struct call **call)
{
        if (!*call)
                return;
        limits_give_back(s->limits, (*call)->ticket);
        (*call)->ticket = NULL;
        release(s, *call);
        *call = NULL;
}

void call_of_request_give_back(struct session *s, struct pending_request *request)
{
        struct call *call = request->kept;

        request->kept = NULL;
        call_give_back(s, &call);
}

void call_cancelled(struct session *s, struct pending_request *request)
{
        struct call *call = request->kept;

        if (!call)
                return;
        settle(s, call);
        if (call->lane)
                upstream_done(s, call->lane);
        call->lane = SIDE_CLIENT;
}

void call_sent(struct session *s, struct pending_request *request, struct call *call)
{
        const struct policy_limit *time = limits_call_time(s->limits);

        if (!call)
                return;
        call->slot = (uint32_t)(request - s->pending[SIDE_CLIENT].slots);
        request->kept = call;
        if (time && call->counts)
                link_deadline(s, call, s->mono_ms + time->most.units);
}

void calls_move_marks(struct session *s, const struct policy_set *set)
{
        const struct pending_table *t = &s->pending[SIDE_CLIENT];

        for (uint32_t i = 0; i < t->slot_count; i++) {
                struct call *call = t->slots[i].used ? t->slots[i].kept : NULL;

                if (!call)
                        continue;
                policy_marks_lose(&s->lost, &call->marks, s->policy, set);
                policy_marks_move(&call->marks, s->policy, set);
        }
        policy_marks_lose(&s->lost, &s->heard, s->policy, set);
        policy_marks_move(&s->marks, s->policy, set);
        policy_marks_move(&s->heard, s->policy, set);
        policy_marks_find(&s->lost, &s->heard, s->policy, set);
}

void calls_heard(struct session *s)
{
        const struct pending_table *t = &s->pending[SIDE_CLIENT];

        if (!policy_set_has_flow(s->policy))
                return;
        for (uint32_t i = 0; i < t->slot_count; i++) {
                const struct call *call = t->slots[i].used ? t->slots[i].kept : NULL;

                if (call)
                        policy_marks_add(&s->heard, &call->marks);
        }
}

void calls_brought(struct session *s, const struct ruling *r)
{
        policy_marks_add(&s->marks, &r->brought);
        policy_marks_add(&s->heard, &r->brought);
}

/* --- deciding --- */

static bool is_call(const struct rpc_message *m)
{
        return m->kind == RPC_REQUEST && m->row &&
               (m->row->policed == RPC_BY_TOOL || m->row->policed == RPC_BY_PROMPT || str_eq(m->method, STR("resources/read")));
}

/* Does its answer hold what the server has chosen to say of a tool, a resource or a prompt? */
static bool brings_marks(const struct rpc_message *m)
{
        return is_call(m) || (m->kind == RPC_REQUEST && m->row && m->row->policed == RPC_BY_COMPLETION);
}

/* "Not run: " and what @write says of it, in session.text. */
static struct str say_limit(struct session *s, const struct limit_refusal *refusal,
        void (*write)(const struct limit_refusal *refusal, struct buf *out))
{
        size_t at = s->text.len;

        buf_append_str(&s->text, STR("Not run: "));
        write(refusal, &s->text);
        return s->text.failed ? STR("Not run: a limit does not let it pass.")
                              : str_of(s->text.data + at, s->text.len - at);
}

/* The ruling becomes a refusal that names the limit. */
static void refuse_by_limit(struct session *s, struct ruling *r, const struct limit_refusal *refusal)
{
        const bool is_tool = strcmp(r->subject, "tool") == 0;

        if (refusal->reason == LIMIT_UNCOUNTED)
                refuse(s, r, INTERNAL_ERROR, "uncounted", "Not run");
        else
                refuse(s, r, INVALID_PARAMS, "limit", "Not run");
        r->detail = say_limit(s, refusal, limits_report);
        r->answer = say_limit(s, refusal, limits_answer);
        r->form = is_tool && !r->task ? ANSWER_TOOL_RESULT : ANSWER_ERROR;
        r->by_limit = true;
        r->limit = refusal->limit;
}

/* What a completion completes may be any resource of a template. */
static enum policy_subject subject_of(const struct rpc_message *m, const struct ruling *r)
{
        if (m->row->policed == RPC_BY_TOOL)
                return POLICY_TOOL;
        if (strcmp(r->subject, "prompt") == 0)
                return POLICY_PROMPT;
        return m->row->policed == RPC_BY_COMPLETION ? POLICY_RESOURCE_TEMPLATE : POLICY_RESOURCE;
}

static struct call *new_call(const struct rpc_message *m, struct session *s, const struct ruling *r)
{
        struct call *call = mem_calloc(1, sizeof(*call));

        if (!call)
                return NULL;
        call->counts = is_call(m);
        policy_set_mark(s->policy, subject_of(m, r), r->name, &call->marks);
        return call;
}

void decide_limits(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        struct limit_call wanted = {
                .is_tool = m->row && m->row->policed == RPC_BY_TOOL,
                .name = r->name,
                .doc = &s->doc,
                .arguments = r->arguments,
                .now_ms = s->now_ms,
                .mono_ms = s->mono_ms,
        };
        struct limit_refusal refusal;
        const bool counts = is_call(m) && limits_any(s->limits);

        if (!counts && !(brings_marks(m) && policy_set_has_flow(s->policy)))
                return;
        r->call = new_call(m, s, r);
        if (!r->call)
                refuse(s, r, INTERNAL_ERROR, "internal", "The proxy ran out of memory over this message.");
        else if (counts && !limits_reserve(s->limits, &wanted, &r->call->ticket, &refusal)) {
                call_give_back(s, &r->call);
                refuse_by_limit(s, r, &refusal);
        }
}

void decide_answer_limits(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        const uint32_t body = m->result ? m->result : m->error;
        const struct call *call = r->answered->kept;
        const struct policy_limit *limit;

        if (!call || !call->counts || !body)
                return;
        limit = limits_result(s->limits, json_text(&s->doc, body).len);
        if (!limit)
                return;
        if (limit->kind == POLICY_LIMIT_CALL_RESULT_BYTES)
                refuse(s, r, INTERNAL_ERROR, "limit",
                        "it has %zu bytes, and the limit %.*s of policy \"%.*s\" lets pass %.*s. Ask for less at once.",
                        json_text(&s->doc, body).len, STR_FMT(limit->id), STR_FMT(limit->policy_name), STR_FMT(limit->text));
        else
                refuse(s, r, INTERNAL_ERROR, "limit",
                        "the answers of this session would pass the limit %.*s of policy \"%.*s\" (%.*s). Every "
                        "further call is denied.",
                        STR_FMT(limit->id), STR_FMT(limit->policy_name), STR_FMT(limit->text));
        r->by_limit = true;
        r->limit = limit;
}

/* --- answers that have passed --- */

/* Did the server say that it did not even begin? */
static bool was_not_understood(struct session *s, uint32_t error)
{
        uint32_t token = json_member(&s->doc, error, STR("code"));
        int64_t code;

        return token && json_integer_get(&s->doc, token, &code) &&
               (code == PARSE_ERROR || code == INVALID_REQUEST || code == METHOD_NOT_FOUND || code == INVALID_PARAMS);
}

void call_answered(struct session *s, const struct rpc_message *m, struct pending_request *request)
{
        struct call *call = request->kept;

        if (!call)
                return;
        /* Whatever the server wrote, an error too, is text that the model now has. */
        policy_marks_add(&s->marks, &call->marks);
        policy_marks_add(&s->heard, &call->marks);
        if (m->error && was_not_understood(s, m->error))
                call_of_request_give_back(s, request);
}

void call_describe(struct session *s, const struct ruling *r, struct audit_event *e)
{
        const struct call *call = r->answered ? r->answered->kept : NULL;
        struct policy_marks marks = r->brought;

        if (r->action != ACTION_FORWARD || !(call || r->brings))
                return;
        if (call)
                policy_marks_add(&marks, &call->marks);
        /* Nobody's any more: the answer has been ruled on. */
        buf_clear(&s->plain, LINE_KEEP);
        policy_marks_tell(s->policy, &s->marks, &marks, &s->plain);
        e->marks = buf_str(&s->plain);
}

/* --- time --- */

uint64_t session_deadline(const struct session *s)
{
        const uint64_t held = held_deadline(s), call = s->calls.first ? s->calls.first->deadline_ms : UINT64_MAX;
        const uint64_t grant = grants_deadline(s), upstream = upstreams_deadline(s);
        const uint64_t person = held < grant ? held : grant, server = call < upstream ? call : upstream;

        return person < server ? person : server;
}

void limit_describe(const struct policy_limit *limit, struct audit_event *e)
{
        if (!limit)
                return;
        e->policy = limit->policy_name;
        e->rule = limit->id;
        e->rule_file = limit->file;
        e->rule_line = limit->line;
        e->rule_column = limit->column;
}

static bool record_timeout(struct session *s, const struct pending_request *request, const struct policy_limit *limit, struct str id)
{
        struct audit_event e = {
                .kind = AUDIT_ANSWER,
                .from = AUDIT_FROM_PROXY,
                .time_ms = s->now_ms,
                .id = id,
                .reason = STR("call-time"),
                .refers_to = request->record,
        };
        uint64_t seq;

        limit_describe(limit, &e);
        if (audit_log_add(s->audit, &e, &seq) < 0)
                return false;
        s->due = true;
        return true;
}

/* The client is answered, and told the server that nobody waits; what it answers yet is dropped. */
static void time_out(struct session *s, enum side event, struct pending_request *request)
{
        const struct policy_limit *limit = limits_call_time(s->limits);
        struct str id, text;
        size_t at;

        s->text.len = 0;
        s->text.failed = false;
        id = id_text_of(s, &request->id);
        at = s->text.len;
        buf_append_str(&s->text, STR("The call was not answered within "));
        buf_append_str(&s->text, limit ? limit->text : STR("its time"));
        if (limit)
                buf_printf(&s->text, " (%.*s of policy \"%.*s\")", STR_FMT(limit->id), STR_FMT(limit->policy_name));
        buf_append_str(&s->text, STR(" and was cancelled; whether it took effect is not known. Find that out before you repeat it."));
        text = s->text.failed ? STR("The call took too long and was cancelled.") : str_of(s->text.data + at, s->text.len - at);
        if (!record_timeout(s, request, limit, id))
                s->stats.lost_records++;
        send_failure(s, event, SIDE_CLIENT, id, is_tool_call(request), request->modern, INTERNAL_ERROR, text);
        write_cancelled(s, id, STR("timed out"));
        send_own(s, event, (enum side)request->to);
        request->timed_out = true;
        pending_cancel(&s->pending[SIDE_CLIENT], request);
}

int session_tick(struct session *s, enum side event, uint64_t now_ms, uint64_t mono_ms)
{
        s->now_ms = now_ms;
        s->mono_ms = mono_ms;
        while (s->calls.first && s->calls.first->deadline_ms <= mono_ms) {
                struct call *call = s->calls.first;
                struct pending_request *request = &s->pending[SIDE_CLIENT].slots[call->slot];

                s->text.len = 0;
                s->text.failed = false;
                if (call->waiting) {
                        waiting_time_out(s, event, call->waiting, limits_call_time(s->limits));
                        continue;
                }
                call_cancelled(s, request);
                time_out(s, event, request);
        }
        held_tick(s, event);
        grants_tick(s);
        upstreams_tick(s, event);
        return s->starved ? -ENOMEM : 0;
}
