/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers of a person that the client carries, where the policies say `elicit: true`. A client's word is no evidence of a person: what counts is
 * the card's code, which is shown where cards are and goes nowhere near the client. A legacy client is sent a request of our own while the call
 * is held, one at a time; a modern one gets the form in the result that asks it to call again (held_answer.c).
 */
#include "internal.h"
#include "writer.h"

static bool may_show(const struct session *s, const struct card_slot *slot)
{
        const struct approvals *a = &s->approvals;

        return a->elicits && slot->card.by == 1 && a->wrong_codes < LIMIT_SESSION_WRONG_CODES;
}

/* --- records --- */

/* @number: of our request; 0: there is none. */
static bool record(struct session *s, const struct card_slot *slot, uint64_t number, enum audit_from from, const char *reason)
{
        struct audit_event e = approval_event(s, slot, from, STR("elicitation/create"), reason);
        uint64_t seq;

        if (number)
                e.id = own_id_text(s, number);
        if (audit_log_add(s->audit, &e, &seq) < 0)
                return false;
        s->due = true;
        return true;
}

static void tell_person(struct session *s, const struct card_slot *slot, const char *what)
{
        struct ruling told = { 0 };
        const size_t at = s->text.len;

        buf_printf(&s->text, "approval %s: %s", slot->card.id, what);
        told.detail = s->text.failed ? STR("a wrong code was typed into the client's form") : str_of(s->text.data + at, s->text.len - at);
        notify(s, STR(""), &told);
}

/* --- what has been answered --- */

static void answer(struct session *s, struct card_slot *slot, bool approve)
{
        const struct card_answer given = {
                .id = str_from(slot->card.id),
                .approve = approve,
                .approver = STR("elicitation"),
                .trusted = true,
        };
        const char *why;

        (void)answer_card(s, slot, &given, &why);
}

static void end_all_codes(struct session *s)
{
        struct card_slot *slot;

        for (size_t at = 0; (slot = approvals_next(s, &at));)
                cards_end_code(slot);
}

static void take_wrong_code(struct session *s, struct card_slot *slot)
{
        slot->wrong_codes++;
        s->approvals.wrong_codes++;
        if (s->approvals.wrong_codes >= LIMIT_SESSION_WRONG_CODES) {
                end_all_codes(s);
                tell_person(s, slot, "a wrong code was typed into the client's form; that was one too many, and this session shows no more of them");
        } else if (slot->wrong_codes >= LIMIT_WRONG_CODES) {
                cards_end_code(slot);
                tell_person(s, slot, "a wrong code was typed into the client's form for the third time; it can be answered elsewhere only");
        } else {
                tell_person(s, slot, "a wrong code was typed into the client's form");
        }
}

/* A right code and a refusal may end the calls that wait on the card. */
static void apply(struct session *s, struct card_slot *slot, enum elicited what, uint64_t number)
{
        switch (what) {
        case ELICITED_CODE:
                answer(s, slot, true);
                break;
        case ELICITED_DECLINED:
                answer(s, slot, false);
                break;
        case ELICITED_WRONG:
                if (!record(s, slot, number, AUDIT_FROM_CLIENT, "wrong-code"))
                        s->stats.lost_records++;
                take_wrong_code(s, slot);
                break;
        case ELICITED_CANCELLED:
                if (!record(s, slot, number, AUDIT_FROM_CLIENT, "form-cancelled"))
                        s->stats.lost_records++;
                cards_end_code(slot);
                break;
        case ELICITED_NOTHING:
        default:
                break;
        }
}

/* --- calls that are held --- */

void elicit_hear_client(struct session *s, uint32_t capabilities)
{
        s->approvals.shows_forms = elicit_can_show(s, capabilities);
}

static enum form_way way_of(const struct session *s, const struct rpc_message *m, const struct ruling *r)
{
        uint32_t meta;

        if (!s->approvals.elicits)
                return FORM_NONE;
        if (!r->modern)
                return s->approvals.shows_forms ? FORM_REQUEST : FORM_NONE;
        if (r->task || r->asked.input_responses || r->asked.request_state)
                return FORM_NONE;
        meta = json_member(&s->doc, m->params, STR("_meta"));
        return elicit_can_show(s, json_member(&s->doc, meta, STR("io.modelcontextprotocol/clientCapabilities"))) ? FORM_RESULT : FORM_NONE;
}

void elicit_held(struct session *s, const struct rpc_message *m, const struct ruling *r, struct card_slot *slot, struct held *h, bool is_new)
{
        /* What was typed was the code of a card whose time is over: the one that takes its place has another. */
        const bool late = is_new && r->asked.elicited == ELICITED_CODE;
        const enum elicited what = late ? ELICITED_NOTHING : r->asked.elicited;
        const bool first = is_new || !r->asked.state;

        h->way = way_of(s, m, r);
        if (h->way && may_show(s, slot))
                cards_give_code(s->approvals.cards, slot);
        apply(s, slot, what, 0);
        if (what == ELICITED_CODE || what == ELICITED_DECLINED)
                return;
        /* A modern client shows nothing while it waits for its answer: it has one at once, which the clock brings, behind the record. */
        if (h->way == FORM_RESULT && slot->code[0] && h->round < REQUEST_ROUNDS && (first || what == ELICITED_WRONG)) {
                h->until_ms = s->mono_ms;
                s->approvals.next_ms = s->mono_ms;
        }
}

/* --- requests of our own --- */

/* The oldest call that waits, can be answered in a form, and is of that card (NULL: of any). */
static const struct held *find_waiting(const struct session *s, const char *card)
{
        for (const struct held *h = s->approvals.first; h; h = h->after)
                if (h->way == FORM_REQUEST && !h->over && h->card && h->card->card.state == CARD_OPEN && h->card->code[0] &&
                        (!card || memcmp(h->card->card.id, card, CARD_ID_BYTES) == 0))
                        return h;
        return NULL;
}

/* One that is @gated is taken back when the records of its event cannot be written. */
static bool send_line(struct session *s, enum side event, bool gated)
{
        struct permit permit = permit_for_answer(s, SIDE_CLIENT);

        permit.gated = gated;
        if (!s->line.failed && buf_append_char(&s->line, '\n') == 0 && gate_forward(s, event, &permit, buf_str(&s->line), false) == 0)
                return true;
        permit_redeem(s, &permit);
        return false;
}

static bool open_form(struct session *s, enum side event, struct card_slot *slot)
{
        struct approvals *a = &s->approvals;
        struct json_writer w;

        s->text.len = 0;
        s->text.failed = false;
        if (!record(s, slot, s->asked_client + 1, AUDIT_FROM_PROXY, "asked-through-client"))
                return false;
        begin_notification(s, &w, STR("elicitation/create"));
        json_name(&w, STR("id"));
        json_raw(&w, own_id_text(s, s->asked_client + 1));
        json_name(&w, STR("params"));
        elicit_write_params(s, &w, slot, false);
        json_end_object(&w);
        if (!send_line(s, event, true)) {
                cards_end_code(slot);
                return false;
        }
        a->form = (struct form){ .number = ++s->asked_client, .fresh = true };
        memcpy(a->form.card, slot->card.id, CARD_ID_BYTES);
        a->fresh = true;
        return true;
}

/* One that cannot be sent is left out: what is typed into the form then comes to nothing. */
static bool close_form(struct session *s, enum side event)
{
        struct form *form = &s->approvals.form;
        const uint64_t number = form->number;

        form->number = 0;
        if (s->flows[SIDE_CLIENT].ended)
                return false;
        s->text.len = 0;
        s->text.failed = false;
        write_cancelled(s, own_id_text(s, number), STR("answered elsewhere, or not asked any more"));
        return send_line(s, event, form->fresh);
}

bool elicit_settle(struct session *s, enum side event)
{
        struct approvals *a = &s->approvals;
        const struct held *next;
        bool said = false;

        if (a->form.number && !find_waiting(s, a->form.card))
                said = close_form(s, event);
        if (a->form.number || !a->elicits || !a->count || s->flows[SIDE_CLIENT].ended || s->flows[SIDE_SERVER].ended)
                return said;
        next = find_waiting(s, NULL);
        return next && open_form(s, event, next->card) ? true : said;
}

void elicit_commit(struct session *s, enum side event, bool written)
{
        struct form *form = &s->approvals.form;

        if (form->number && form->fresh && !written)
                form->number = 0;
        form->fresh = false;
        if (form->number && !find_waiting(s, form->card))
                (void)close_form(s, event);
}

/* --- answers to them --- */

bool elicit_is_open(const struct session *s, uint64_t number)
{
        return s->approvals.form.number == number && find_waiting(s, s->approvals.form.card);
}

void elicit_take(struct session *s, const struct rpc_message *m)
{
        struct form *form = &s->approvals.form;
        struct card_slot *slot = cards_by_id(s->approvals.cards, str_from(form->card));
        const uint64_t number = form->number;
        const enum elicited what = m->result ? elicit_read(s, m->result, slot->code) : ELICITED_CANCELLED;

        form->number = 0;
        apply(s, slot, what, number);
}
