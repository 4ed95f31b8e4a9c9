/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person has stopped does not pass, whatever policy says of it. Lists still pass, so that nobody takes a stopped
 * tool for one that has gone, and so does what ends something: a cancellation, the end of a subscription.
 */
#include "internal.h"

void session_set_stops(struct session *s, const struct stop_list *stops)
{
        struct card_slot *slot;

        s->stops = stops && stop_list_any(stops) ? stops : NULL;
        /* What was asked or approved before does not outlive the stop: whoever resumes it may know nothing of it. */
        for (size_t at = 0; s->stops && (slot = approvals_next(s, &at));) {
                if (stop_list_tool(s->stops, slot->card.tool))
                        approvals_withdraw(s, slot, HELD_STOPPED);
        }
        upstreams_set_stops(s);
}

static bool ends_something(const struct rpc_message *m)
{
        return str_eq(m->method, STR("tasks/cancel")) || str_eq(m->method, STR("resources/unsubscribe"));
}

/* Of the client's messages, and of a server's: does it make the other side do or tell something? */
static bool is_stopped_with_the_session(enum side from, const struct rpc_message *m, const struct ruling *r)
{
        if (m->kind != RPC_REQUEST && m->kind != RPC_NOTIFICATION)
                return from == SIDE_CLIENT && r->answered && m->result;
        /* What policies open by name may be anything. */
        if (!m->row)
                return from == SIDE_CLIENT || m->kind == RPC_REQUEST;
        switch ((enum rpc_policed)m->row->policed) {
        case RPC_PASSES:
        case RPC_BY_REQUEST_ID:
        case RPC_BY_INITIALIZE:
                return false;
        case RPC_BY_TOOL:
        case RPC_BY_RESOURCE:
        case RPC_BY_PROMPT:
        case RPC_BY_COMPLETION:
        case RPC_BY_LISTEN:
        case RPC_BY_TASK:
        case RPC_BY_SAMPLING:
        case RPC_BY_ELICITATION:
        case RPC_BY_ROOTS:
        default:
                return m->kind == RPC_REQUEST && !ends_something(m);
        }
}

/* The stop that the message is under; NULL: none. */
static const struct stop *stop_of(
        const struct session *s, enum side from, const struct rpc_message *m, const struct ruling *r)
{
        if (!is_stopped_with_the_session(from, m, r))
                return NULL;
        if (from == SIDE_CLIENT && m->kind == RPC_REQUEST && m->row && m->row->policed == RPC_BY_TOOL)
                return stop_list_tool(s->stops, r->name);
        /* Which tool a task is of is not known here: it may be the one that is stopped. */
        if (from == SIDE_CLIENT && m->kind == RPC_REQUEST && m->row && m->row->policed == RPC_BY_TASK)
                return stop_list_any(s->stops);
        return stop_list_whole(s->stops);
}

static void put_because(struct buf *b, const struct stop *stop)
{
        buf_append_str(b, STR("Not run: stopped by a person (because: "));
        buf_append_str(b, stop->because);
        buf_append_str(b, STR("; stop "));
        buf_append_str(b, str_from(stop->id));
        buf_append_str(b, STR("). Asking again will not help until a person resumes it, and nor will another way to "
                              "the same end; tell the user."));
}

static struct str text_of(struct session *s, const struct stop *stop)
{
        struct buf *b = &s->text;
        const size_t at = b->len;

        put_because(b, stop);
        return b->failed ? STR("Not run: stopped by a person. Asking again will not help until a person resumes it; "
                               "tell the user.")
                         : str_of(b->data + at, b->len - at);
}

static struct str failure_text(struct session *s)
{
        struct buf *b = &s->text;
        const size_t at = b->len;

        buf_append_str(b, STR("everything is stopped: "));
        buf_append_str(b, str_from(s->stops->why));
        return b->failed ? STR("everything is stopped") : str_of(b->data + at, b->len - at);
}

void decide_stops(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r)
{
        const struct stop *stop = stop_of(s, from, m, r);
        const bool tool = m->row && m->row->policed == RPC_BY_TOOL;

        if (!stop)
                return;
        refuse(s, r, INVALID_PARAMS, "stopped", "Not run");
        r->stop = stop;
        r->form = tool && !r->task ? ANSWER_TOOL_RESULT : ANSWER_ERROR;
        if (stop != &s->stops->failure) {
                r->detail = text_of(s, stop);
                return;
        }
        /* Where our files are is no business of a model's. */
        r->detail = failure_text(s);
        r->answer = STR("Not run: it cannot be read what a person has stopped, and so nothing passes. Asking again "
                        "will not help until a person has mended "
                        "it; tell the user: leastwise says on its standard error what to do.");
}

void stop_describe(const struct ruling *r, struct audit_event *e)
{
        if (!r->stop)
                return;
        e->detail = r->detail;
        e->policy = e->rule_file = e->condition = e->schema = STR("");
        e->rule = str_from(r->stop->id);
        e->rule_line = e->rule_column = 0;
}
