/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls that wait for a person. A held call stands among the requests that wait, but the server knows nothing of it; its line is kept
 * as it came, and decided about from the start when a person has said yes. How its wait ends is told by held_answer.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "internal.h"
#include "writer.h"

/* Clients that count idle time, and those that extend their patience, count from the last of these. */
#define PROGRESS_MS 5000U
#define TOKEN_BYTES 1024U

/* --- life --- */

void held_free(struct session *s, struct held *h)
{
        struct approvals *a = &s->approvals;

        *(h->before ? &h->before->after : &a->first) = h->after;
        *(h->after ? &h->after->before : &a->last) = h->before;
        a->count--;
        a->bytes -= h->len;
        a->over -= h->over != HELD_WAITS;
        if (h->card)
                h->card->card.waiting--;
        mem_free(h->line);
        mem_free(h->token);
        mem_free(h);
}

static void link_held(struct session *s, struct held *h)
{
        struct approvals *a = &s->approvals;
        const uint64_t due = h->until_ms < h->progress_ms ? h->until_ms : h->progress_ms;

        h->before = a->last;
        *(a->last ? &a->last->after : &a->first) = h;
        a->last = h;
        a->count++;
        a->bytes += h->len;
        if (due < a->next_ms)
                a->next_ms = due;
}

void held_end(struct session *s, enum held_over why, struct held *h)
{
        if (h->over)
                return;
        if (h->card)
                h->card->card.waiting--;
        h->card = NULL;
        h->over = why;
        s->approvals.over++;
}

void held_over_all(struct session *s, const struct card_slot *slot, enum held_over why)
{
        for (struct held *h = s->approvals.first; h; h = h->after)
                if (h->card == slot)
                        held_end(s, why, h);
}

/* --- holding --- */

/* A policy's `call.in_flight` holds for those that wait as well, by themselves. */
static bool is_full(const struct session *s, size_t more)
{
        const struct approvals *a = &s->approvals;

        if (a->count >= LIMIT_HELD_CALLS || a->bytes + more > LIMIT_HELD_BYTES)
                return true;
        for (size_t i = 0; i < policy_set_limit_count(s->policy); i++) {
                const struct policy_limit *limit = policy_set_limit(s->policy, i);

                if (limit->kind == POLICY_LIMIT_CALL_IN_FLIGHT && a->count >= limit->most.units)
                        return true;
        }
        return false;
}

/* The progress token of the call at hand, as a text of its own; NULL: it has none. */
static char *progress_token(struct session *s, const struct rpc_message *m)
{
        AUTO_BUF struct buf text = BUF_INIT(TOKEN_BYTES);
        uint32_t meta = m->params ? json_member(&s->doc, m->params, STR("_meta")) : 0;
        uint32_t token = meta ? json_member(&s->doc, meta, STR("progressToken")) : 0;

        if (!has_type(s, token, JSON_STRING) && !has_type(s, token, JSON_NUMBER))
                return NULL;
        return json_write(&text, &s->doc, token) == 0 ? str_dup(buf_str(&text)) : NULL;
}

static struct held *new_held(struct session *s, const struct rpc_message *m, const struct ruling *r, struct str line)
{
        const uint32_t hold_ms = r->decision.hold_ms ? r->decision.hold_ms : s->approvals.how.hold_ms;
        struct held *h = mem_calloc(1, sizeof(*h));

        if (!h)
                return NULL;
        h->line = mem_alloc(line.len + 1);
        if (!h->line) {
                mem_free(h);
                return NULL;
        }
        memcpy(h->line, line.ptr, line.len);
        h->len = line.len;
        /* A conversation with the server cannot be taken up again under a state of ours. */
        h->round = r->asked.input_responses || r->asked.request_state ? REQUEST_ROUNDS : r->asked.round;
        h->fresh = true;
        h->until_ms = s->mono_ms + hold_ms;
        h->token = progress_token(s, m);
        h->progress_ms = h->token ? s->mono_ms + PROGRESS_MS : UINT64_MAX;
        memcpy(h->digest, r->asked.digest, sizeof(h->digest));
        link_held(s, h);
        return h;
}

static void refuse_hold(struct session *s, const struct rpc_message *m, struct ruling *r, size_t bytes, const char *reason, const char *text)
{
        refuse(s, r, INVALID_PARAMS, reason, "%s", text);
        r->form = r->task ? ANSWER_ERROR : ANSWER_TOOL_RESULT;
        refuse_message(s, SIDE_CLIENT, m, r, bytes);
}

/* The call stands among those that wait, as one that the server does not know. */
static struct pending_request *expect_person(struct session *s, const struct rpc_message *m, struct ruling *r, struct str line)
{
        struct call *call = mem_calloc(1, sizeof(*call));
        struct pending_request *request;

        if (call)
                call->held = new_held(s, m, r, line);
        if (!call || !call->held) {
                mem_free(call);
                refuse(s, r, INTERNAL_ERROR, "internal", "the proxy ran out of memory");
                return NULL;
        }
        request = expect_answer(s, SIDE_CLIENT, m, r);
        if (!request) {
                held_free(s, call->held);
                mem_free(call);
                return NULL;
        }
        call->slot = call->held->slot = (uint32_t)(request - s->pending[SIDE_CLIENT].slots);
        request->kept = call;
        request->held = true;
        return request;
}

static bool record_hold(struct session *s, const struct rpc_message *m, struct ruling *r, size_t bytes, struct pending_request *request)
{
        struct permit permit = { 0 };
        uint64_t seq = 0;

        if (!permit_for_message(s, SIDE_CLIENT, m, r, bytes, &permit, &seq))
                return false;
        permit_redeem(s, &permit);
        request->record = seq;
        s->approvals.fresh = true;
        return true;
}

/* Whoever looks at our stderr. */
static void tell_person(struct session *s, const struct card_slot *slot)
{
        struct ruling told = { 0 };
        const size_t at = s->text.len;

        buf_printf(&s->text, "a call of the tool \"%.*s\" waits for a person: leastwise approve %s", STR_FMT(slot->card.tool), slot->card.id);
        told.detail = s->text.failed ? STR("a call waits for a person: see `leastwise pending`") : str_of(s->text.data + at, s->text.len - at);
        notify(s, STR(""), &told);
}

static void expire_cards(struct session *s)
{
        struct card_table *cards = s->approvals.cards;
        struct card_slot *slot;

        while (cards && (slot = cards_expire(cards, s->mono_ms))) {
                if (!approval_record(s, slot, "expired", NULL))
                        s->stats.lost_records++;
                held_over_all(s, slot, HELD_EXPIRED);
        }
}

void hold(struct session *s, const struct rpc_message *m, struct ruling *r, struct str line)
{
        struct pending_request *request;
        struct card_slot *slot;
        struct held *h;
        bool is_new;

        if (s->flows[SIDE_SERVER].ended || s->flows[SIDE_CLIENT].ended) {
                refuse_hold(s, m, r, line.len, "server-ended", "Not run: the server has ended.");
                return;
        }
        /* The clock may not have come round to it. */
        expire_cards(s);
        if (is_full(s, line.len)) {
                refuse_hold(s, m, r, line.len, "too-many-held",
                        "Not run: it needs a person's approval, and too many calls wait for one already. Wait until some are answered, then make the same "
                        "call again.");
                return;
        }
        request = expect_person(s, m, r, line);
        if (!request) {
                refuse_message(s, SIDE_CLIENT, m, r, line.len);
                return;
        }
        h = ((struct call *)request->kept)->held;
        slot = approval_card(s, m, r, &is_new);
        if (slot) {
                r->asked.grant = slot;
                memcpy(h->id, slot->card.id, sizeof(h->id));
        }
        if (slot && record_hold(s, m, r, line.len, request)) {
                if (r->asked.place)
                        request_state_use(s, r->asked.place - 1);
                if (!is_new)
                        cards_asked_again(slot);
                h->card = slot;
                slot->card.waiting++;
                if (is_new)
                        tell_person(s, slot);
                elicit_held(s, m, r, slot, h, is_new);
                return;
        }
        pending_remove(&s->pending[SIDE_CLIENT], request);
        if (slot) {
                if (is_new)
                        approvals_withdraw(s, slot, HELD_UNRECORDED);
                refuse(s, r, INTERNAL_ERROR, "internal", "Not run: the audit record of this call could not be made, and nothing is asked unrecorded.");
                r->form = r->task ? ANSWER_ERROR : ANSWER_TOOL_RESULT;
        }
        refuse_message(s, SIDE_CLIENT, m, r, line.len);
}

/* --- running --- */

/* Decides about the line from the start; only if that comes to the same card does it run. */
static void decide_again(struct session *s, struct card_slot *slot, struct str line)
{
        struct rpc_message m;
        struct ruling r;

        s->scratch.len = s->text.len = 0;
        s->text.failed = s->scratch.failed = false;
        s->narrowed.done = false;
        if (json_read(&s->doc, line) != JSON_OK) {
                s->starved = true; /* it was read before: there is no memory, and its caller waits */
                return;
        }
        if (rpc_message_read(&m, &s->doc, RPC_FROM_CLIENT, &s->scratch) != RPC_WELL_FORMED) {
                s->starved = true;
                return;
        }
        decide(s, SIDE_CLIENT, &m, &r);
        if (r.action == ACTION_NARROW)
                decide_narrowed(s, SIDE_CLIENT, &m, &r);
        if (r.action == ACTION_HOLD || (r.action == ACTION_FORWARD && r.asked.grant != slot)) {
                refuse(s, &r, INVALID_PARAMS, "call-changed",
                        "Not run: something that the approval depended on has changed since it was asked for. If it is still wanted, make the same call "
                        "again; the user is then asked anew.");
                r.form = r.task ? ANSWER_ERROR : ANSWER_TOOL_RESULT;
                carry_out(s, SIDE_CLIENT, &m, &r, line);
                approvals_withdraw(s, slot, HELD_CHANGED);
                return;
        }
        carry_out(s, SIDE_CLIENT, &m, &r, line);
}

static void release_one(struct session *s, struct card_slot *slot, struct held *h)
{
        struct pending_request *request = held_request(s, h);
        char *line = h->line;
        const size_t len = h->len;

        h->line = NULL;
        s->approvals.releasing = slot;
        s->approvals.released = request->record;
        pending_remove(&s->pending[SIDE_CLIENT], request);
        decide_again(s, slot, str_of(line, len));
        s->approvals.releasing = NULL;
        s->approvals.released = 0;
        mem_free(line);
}

static struct held *first_of(const struct session *s, const struct card_slot *slot)
{
        struct held *h = s->approvals.first;

        while (h && h->card != slot)
                h = h->after;
        return h;
}

void held_release(struct session *s, struct card_slot *slot)
{
        struct held *h;

        while (slot->card.state == CARD_APPROVED && (h = first_of(s, slot)))
                release_one(s, slot, h);
        held_over_all(s, slot, HELD_USED);
        held_settle(s, SIDE_CLIENT);
}

/* --- time --- */

/* Tiny and growing, so that what the server reports later is more. One that cannot be sent is left out. */
static void tell_progress(struct session *s, enum side event, struct held *h)
{
        struct permit permit = permit_for_answer(s, SIDE_CLIENT);
        struct json_writer w;
        char progress[32];

        h->steps++;
        snprintf(progress, sizeof(progress), "0.%06u", h->steps);
        begin_notification(s, &w, STR("notifications/progress"));
        json_name(&w, STR("params"));
        json_begin_object(&w);
        json_name(&w, STR("progressToken"));
        json_raw(&w, str_from(h->token));
        json_name(&w, STR("progress"));
        json_raw(&w, str_from(progress));
        json_name(&w, STR("message"));
        s->text.len = 0;
        s->text.failed = false;
        buf_printf(&s->text, "waiting for a person's approval (%s)", h->id);
        json_string(&w, buf_str(&s->text));
        json_end_object(&w);
        json_end_object(&w);
        if (buf_append_char(&s->line, '\n') < 0 || s->line.failed || gate_forward(s, event, &permit, buf_str(&s->line), false) < 0)
                permit_redeem(s, &permit);
}

void held_tick(struct session *s, enum side event)
{
        struct approvals *a = &s->approvals;

        expire_cards(s);
        if (s->mono_ms >= a->next_ms) {
                a->next_ms = UINT64_MAX;
                for (struct held *h = a->first; h; h = h->after) {
                        if (!h->over && h->until_ms <= s->mono_ms)
                                held_end(s, HELD_TIME_OVER, h);
                        if (h->over)
                                continue;
                        if (h->progress_ms <= s->mono_ms) {
                                tell_progress(s, event, h);
                                h->progress_ms = s->mono_ms + PROGRESS_MS;
                        }
                        a->next_ms = h->until_ms < a->next_ms ? h->until_ms : a->next_ms;
                        a->next_ms = h->progress_ms < a->next_ms ? h->progress_ms : a->next_ms;
                }
        }
        held_settle(s, event);
        elicit_settle(s, event);
}

uint64_t held_deadline(const struct session *s)
{
        const struct approvals *a = &s->approvals;
        const uint64_t card = a->cards ? cards_deadline(a->cards) : UINT64_MAX;
        const uint64_t held = a->count ? a->next_ms : UINT64_MAX;

        if (a->over)
                return 0;
        return held < card ? held : card;
}
