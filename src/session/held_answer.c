/* SPDX-License-Identifier: Apache-2.0
 *
 * What callers are told whose calls have waited for a person. Whatever ends the wait gives a call exactly one answer, or none when its
 * caller does not want one any more.
 */
#include <string.h>

#include "internal.h"

/* Stable codes for the record. */
static const char *code_of(enum held_over over)
{
        static const char *const codes[HELD_OVER_MAX_] = {
                [HELD_TIME_OVER] = "hold-over",
                [HELD_DENIED] = "denied-by-person",
                [HELD_EXPIRED] = "approval-expired",
                [HELD_USED] = "approval-used",
                [HELD_CHANGED] = "call-changed",
                [HELD_POLICY] = "policy-changed",
                [HELD_DEFINITION] = "definition-changed",
                [HELD_SERVER] = "server-ended",
                [HELD_STOPPED] = "stopped",
                [HELD_UNRECORDED] = "unrecorded",
        };

        return codes[over];
}

static void record_end(struct session *s, const struct pending_request *request, const struct held *h, enum audit_from from, const char *reason)
{
        struct audit_event e = {
                .kind = AUDIT_ANSWER,
                .from = from,
                .time_ms = s->now_ms,
                .id = id_text_of(s, &request->id),
                .reason = str_from(reason),
                .approval = str_from(h->id),
                .refers_to = request->record,
        };
        uint64_t seq;

        if (audit_log_add(s->audit, &e, &seq) < 0)
                s->stats.lost_records++;
        s->due = true;
}

static void put_time_over(struct buf *b, const struct held *h)
{
        buf_printf(b, "Not run yet: it needs a person's approval, which is asked for as %s. Ask the user to run `leastwise approve %s`, then make "
                      "the same call again with exactly the same arguments. Do not try another way.",
                h->id, h->id);
}

/* The person's own words, as a sentence's end. */
static void put_because(struct buf *b, struct str because)
{
        const size_t start = b->len;

        buf_append_str(b, because.len ? STR(": ") : STR(""));
        buf_append_str(b, because);
        if (b->len == start || !strchr(".!?", b->data[b->len - 1]))
                buf_append_char(b, '.');
}

static struct str answer_text(struct session *s, const struct held *h)
{
        static const char *const texts[HELD_OVER_MAX_] = {
                [HELD_EXPIRED] = "Not run: nobody approved it in time. If it is still wanted, make the same call again; the user is then asked anew.",
                [HELD_USED] = "Not run: the approval that it waited for was used by an identical call, which has been sent. If it is to run twice, make the "
                              "same call again; the user is then asked anew.",
                [HELD_CHANGED] = "Not run: something that the approval depended on has changed since it was asked for. If it is still wanted, make the same "
                                 "call again; the user is then asked anew.",
                [HELD_POLICY] = "Not run: the policy has changed while it waited for a person's approval. If it is still wanted, make the same call again.",
                [HELD_DEFINITION] = "Not run: the server has changed the tool's definition while the call waited for a person's approval. List the tools, "
                                    "and if it is still wanted, make the call again.",
                [HELD_SERVER] = "Not run: the server ended while the call waited for a person's approval.",
                [HELD_STOPPED] = "Not run: stopped by a person while it waited for an approval. Asking again will not help until a person "
                                 "resumes it, and nor will another way to the same end; tell the user.",
                [HELD_UNRECORDED] = "Not run: the audit record of this call could not be written, and nothing is asked unrecorded. Tell the user: leastwise says "
                                    "why on its standard error. The same call can be made again when it is mended.",
        };
        struct buf *b = &s->text;
        const size_t start = b->len;

        if (h->over == HELD_TIME_OVER) {
                put_time_over(b, h);
        } else if (h->over == HELD_DENIED) {
                buf_append_str(b, STR("Not run: a person has said no to it"));
                put_because(b, s->approvals.because);
                buf_append_str(b, STR(" Do not make it again, and do not try another way to the same end; ask the user what to do instead."));
        } else {
                return str_from(texts[h->over]);
        }
        return b->failed ? STR("Not run: it needs a person's approval.") : str_of(b->data + start, b->len - start);
}

static bool comes_back(const struct pending_request *request, const struct held *h)
{
        return h->over == HELD_TIME_OVER && request->modern && !request->task && h->round < REQUEST_ROUNDS;
}

/* The card that the client may show a form about; NULL. */
static const struct card_slot *form_of(struct session *s, const struct held *h)
{
        const struct card_slot *slot = h->way == FORM_RESULT ? cards_by_id(s->approvals.cards, str_from(h->id)) : NULL;

        return slot && slot->code[0] ? slot : NULL;
}

/* A modern client that has patience left is asked to come back by itself. */
static bool answer_round(struct session *s, enum side event, const struct held *h, const struct card_slot *form, struct str id)
{
        struct str state = request_state_issue(s, h->digest, (uint8_t)(h->round + 1));

        if (!state.len)
                return false;
        answer_input_required(s, id, state, form);
        send_own(s, event, SIDE_CLIENT);
        return true;
}

static void settle_one(struct session *s, enum side event, struct held *h)
{
        struct pending_request *request = held_request(s, h);
        const bool again = comes_back(request, h);
        const struct card_slot *form = again ? form_of(s, h) : NULL;
        struct str id;

        s->text.len = 0;
        s->text.failed = false;
        record_end(s, request, h, AUDIT_FROM_PROXY, form ? "asked-through-client" : code_of(h->over));
        id = id_text_of(s, &request->id);
        if (!again || !answer_round(s, event, h, form, id))
                send_failure(s, event, SIDE_CLIENT, id, is_tool_call(request), request->modern, INVALID_PARAMS, answer_text(s, h));
        pending_remove(&s->pending[SIDE_CLIENT], request);
}

void held_settle(struct session *s, enum side event)
{
        struct held *after;

        for (struct held *h = s->approvals.over ? s->approvals.first : NULL; h; h = after) {
                after = h->after;
                if (h->over)
                        settle_one(s, event, h);
        }
}

void held_cancel(struct session *s, struct pending_request *request)
{
        const struct held *h = ((struct call *)request->kept)->held;

        record_end(s, request, h, AUDIT_FROM_CLIENT, "cancelled-while-held");
        pending_remove(&s->pending[SIDE_CLIENT], request);
}

void held_drop_all(struct session *s)
{
        struct held *after;

        for (struct held *h = s->approvals.first; h; h = after) {
                struct pending_request *request = held_request(s, h);

                after = h->after;
                s->text.len = 0;
                s->text.failed = false;
                record_end(s, request, h, AUDIT_FROM_CLIENT, "client-ended");
                pending_remove(&s->pending[SIDE_CLIENT], request);
        }
}
