/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls that wait for their upstream: decided, recorded and counted, but not yet sent. Each is sent once, or answered and never sent.
 */
#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "internal.h"

bool waiting_has_room(const struct session *s, size_t len)
{
        /* What waits is all sent in one event: it must fit into what one event may put out. */
        return s->waiting_count < LIMIT_WAITING_CALLS && s->waiting_bytes + len <= s->line_limit + LIMIT_WAITING_BYTES;
}

static struct pending_request *request_of(struct session *s, const struct waiting *w)
{
        return &s->pending[SIDE_CLIENT].slots[w->slot];
}

int waiting_add(struct session *s, struct pending_request *request, const struct ruling *r, struct str line)
{
        const struct str tool = r->subject && strcmp(r->subject, "tool") == 0 ? r->name : STR("");
        struct upstream *u = &s->upstreams[request->to];
        struct call *call = request->kept;
        struct waiting *w = mem_calloc(1, sizeof(*w) + line.len + tool.len + 1);

        if (!w)
                return -ENOMEM;
        if (!waiting_has_room(s, line.len)) {
                mem_free(w);
                return -EMSGSIZE;
        }
        w->side = (enum side)request->to;
        w->slot = (uint32_t)(request - s->pending[SIDE_CLIENT].slots);
        w->grant = r->grant;
        w->len = line.len;
        memcpy(w->line, line.ptr, line.len);
        w->name = w->line + line.len;
        if (tool.len)
                memcpy(w->name, tool.ptr, tool.len);
        w->before = u->last;
        *(u->last ? &u->last->after : &u->first) = w;
        u->last = w;
        s->waiting_count++;
        s->waiting_bytes += w->len;
        call->waiting = w;
        if (upstream_want(s, w->side, request->record) < 0) {
                call->waiting = NULL;
                waiting_free(s, w);
                return -EIO;
        }
        request->waiting = true;
        return 0;
}

void waiting_free(struct session *s, struct waiting *w)
{
        struct upstream *u = &s->upstreams[w->side];

        *(w->before ? &w->before->after : &u->first) = w->after;
        *(w->after ? &w->after->before : &u->last) = w->before;
        s->waiting_count--;
        s->waiting_bytes -= w->len;
        s->waiting_over -= w->over != WAITING;
        mem_free(w);
}

/* --- sent --- */

void waiting_send(struct session *s, enum side event, struct upstream *u)
{
        struct waiting *w = u->first;
        struct pending_request *request = request_of(s, w);
        struct permit permit = permit_for_waiting(s, request);

        s->text.len = 0;
        s->text.failed = false;
        if (gate_forward(s, event, &permit, str_of(w->line, w->len), false) < 0) {
                permit_redeem(s, &permit);
                waiting_refuse(s, event, w, "internal", STR("Not run: the proxy ran out of memory over this call."));
                return;
        }
        ((struct call *)request->kept)->waiting = NULL;
        request->waiting = false;
        upstream_sent(s, request);
        waiting_free(s, w);
}

/* --- not sent --- */

static void record_end(struct session *s, const struct waiting *w, enum audit_from from, const char *reason, struct str id)
{
        struct audit_event e = {
                .kind = AUDIT_ANSWER,
                .from = from,
                .time_ms = s->now_ms,
                .id = id,
                .reason = str_from(reason),
                .lane = upstream_lane(s, w->side),
                .refers_to = request_of(s, w)->record,
        };
        uint64_t seq;

        if (audit_log_add(s->audit, &e, &seq) < 0)
                s->stats.lost_records++;
        s->due = true;
}

/* The request is as if it had never been made. */
static void remove_unsent(struct session *s, struct pending_request *request)
{
        call_of_request_give_back(s, request);
        pending_remove(&s->pending[SIDE_CLIENT], request);
}

void waiting_refuse(struct session *s, enum side event, struct waiting *w, const char *reason, struct str text)
{
        struct pending_request *request = request_of(s, w);
        struct str id = id_text_of(s, &request->id);

        record_end(s, w, AUDIT_FROM_PROXY, reason, id);
        send_failure(s, event, SIDE_CLIENT, id, is_tool_call(request), request->modern, INTERNAL_ERROR, text);
        remove_unsent(s, request);
}

void waiting_refuse_all(struct session *s, enum side event, enum side side, const char *reason, struct str text)
{
        const size_t mark = s->text.len;

        while (s->upstreams[side].first) {
                waiting_refuse(s, event, s->upstreams[side].first, reason, text);
                s->text.len = mark;
                s->text.failed = false;
        }
}

void waiting_time_out(struct session *s, enum side event, struct waiting *w, const struct policy_limit *limit)
{
        const size_t at = s->text.len;
        struct str text;

        buf_append_str(&s->text, STR("Not run: the server that it goes to was not ready within "));
        buf_append_str(&s->text, limit ? limit->text : STR("its time"));
        if (limit)
                buf_printf(&s->text, " (%.*s of policy \"%.*s\")", STR_FMT(limit->id), STR_FMT(limit->policy_name));
        buf_append_str(&s->text, STR(". The same call can be made again."));
        text = s->text.failed ? STR("Not run: the server that it goes to was not ready in time.") : str_of(s->text.data + at, s->text.len - at);
        waiting_refuse(s, event, w, "call-time", text);
}

void waiting_cancel(struct session *s, struct pending_request *request)
{
        const struct waiting *w = ((struct call *)request->kept)->waiting;

        record_end(s, w, AUDIT_FROM_CLIENT, "cancelled-while-waiting", id_text_of(s, &request->id));
        remove_unsent(s, request);
}

void waiting_drop_all(struct session *s)
{
        for (int side = SIDE_SERVER; side < SIDE_MAX_; side++) {
                struct waiting *w;

                while ((w = s->upstreams[side].first)) {
                        s->text.len = 0;
                        s->text.failed = false;
                        record_end(s, w, AUDIT_FROM_CLIENT, "client-ended", id_text_of(s, &request_of(s, w)->id));
                        remove_unsent(s, request_of(s, w));
                }
        }
}

/* --- over, and answered in the next event that has output --- */

static void end_wait(struct session *s, struct waiting *w, enum waiting_over why)
{
        if (w->over)
                return;
        w->over = why;
        s->waiting_over++;
}

void waiting_over_policy(struct session *s)
{
        for (int side = SIDE_SERVER; side < SIDE_MAX_; side++)
                for (struct waiting *w = s->upstreams[side].first; w; w = w->after)
                        end_wait(s, w, WAITING_POLICY);
}

void waiting_over_stopped(struct session *s)
{
        for (int side = SIDE_SERVER; s->stops && side < SIDE_MAX_; side++)
                for (struct waiting *w = s->upstreams[side].first; w; w = w->after)
                        if (w->name[0] ? stop_list_tool(s->stops, str_from(w->name)) : stop_list_whole(s->stops))
                                end_wait(s, w, WAITING_STOPPED);
}

void waiting_over_grant(struct session *s, const struct grant_slot *grant)
{
        for (int side = SIDE_SERVER; side < SIDE_MAX_; side++)
                for (struct waiting *w = s->upstreams[side].first; w; w = w->after)
                        if (w->grant == grant)
                                end_wait(s, w, WAITING_GRANT);
}

void waiting_settle(struct session *s, enum side event)
{
        static const struct {
                const char *reason, *text;
        } ends[WAITING_OVER_MAX_] = {
                [WAITING] = { "internal", "Not run." },
                [WAITING_POLICY] = { "policy-changed",
                        "Not run: the policy has changed while it waited for its server. If it is still wanted, make the same call again." },
                [WAITING_STOPPED] = { "stopped",
                        "Not run: stopped by a person while it waited for its server. Asking again will not help until a person resumes it, and nor "
                        "will another way to the same end; tell the user." },
                [WAITING_GRANT] = { "grant-ended",
                        "Not run: what a person had granted ended while the call waited for its server. If it is still wanted, make the same call "
                        "again: it may need an approval now." },
        };

        for (int side = SIDE_SERVER; side < SIDE_MAX_; side++) {
                struct waiting *after;

                for (struct waiting *w = s->upstreams[side].first; w; w = after) {
                        after = w->after;
                        s->text.len = 0;
                        s->text.failed = false;
                        if (w->over)
                                waiting_refuse(s, event, w, ends[w->over].reason, str_from(ends[w->over].text));
                }
        }
}
