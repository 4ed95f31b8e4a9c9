/* SPDX-License-Identifier: Apache-2.0
 *
 * Does a call need a person, and has one said yes to exactly this call? Cards are withdrawn here; approval_card.c
 * opens them, and what waits on them is held.c's.
 */
#include <errno.h>
#include <sodium.h>

#include "alloc.h"
#include "approval_digest.h"
#include "internal.h"
#include "limit.h"
#include "sorted.h"
#include "visible.h"

#define CLIENT_BYTES 120U

/* --- life --- */

static int be_ready(struct session *s)
{
        struct approvals *a = &s->approvals;

        a->possible = a->asking && policy_set_may_approve(s->policy);
        a->elicits = a->possible && policy_set_elicits(s->policy);
        a->marks = a->possible && !policy_set_hints_off(s->policy);
        policy_set_approval(s->policy, &a->how);
        if (!a->possible || a->cards)
                return 0;
        a->cards = mem_calloc(1, sizeof(*a->cards));
        if (!a->cards) {
                a->possible = false;
                return -ENOMEM;
        }
        cards_init(a->cards, a->key);
        return 0;
}

int approvals_init(struct session *s, const struct session_config *config)
{
        static const char domain[] = "leastwise approval key";
        struct approvals *a = &s->approvals;

        a->asking = config->asking;
        a->next_ms = UINT64_MAX;
        buf_init(&a->client, CLIENT_BYTES);
        buf_init(&a->text, s->line_limit);
        (void)crypto_generichash(a->key, sizeof(a->key), (const uint8_t *)domain, sizeof(domain), (const uint8_t *)config->seed,
                sizeof(config->seed));
        return be_ready(s);
}

void approvals_deinit(struct session *s)
{
        struct approvals *a = &s->approvals;

        if (a->cards)
                cards_deinit(a->cards);
        mem_free(a->cards);
        buf_deinit(&a->client);
        buf_deinit(&a->text);
}

/* Without memory nobody can be asked under the new policies: what needs an approval is refused. */
void approvals_set_policy(struct session *s)
{
        (void)be_ready(s);
}

void approvals_hear_client(struct session *s, uint32_t info)
{
        struct buf *client = &s->approvals.client;
        struct str name, version;
        const size_t mark = s->scratch.len;

        if (!s->approvals.asking || !has_type(s, info, JSON_OBJECT))
                return;
        buf_clear(client, CLIENT_BYTES);
        if (string_member(s, info, STR("name"), &name))
                (void)visible_append(client, told(s, name), CLIENT_BYTES / 2, false);
        if (string_member(s, info, STR("version"), &version) && client->len) {
                (void)buf_append_char(client, ' ');
                (void)visible_append(client, told(s, version), CLIENT_BYTES / 4, false);
        }
        s->scratch.len = mark;
}

/* --- exactly this call --- */

/* The digest into r->asked; false without memory. */
static bool make_digest(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        const struct approvals *a = &s->approvals;
        const struct definition_facts *facts = definitions_facts(&s->definitions, r->name);
        struct str policies[LIMIT_POLICIES];
        struct approval_subject subject = {
                .argv = a->asking->argv,
                .argc = a->asking->argc,
                .method = m->method,
                .name = r->name,
                .policies = policies,
                .policy = r->decision.policy_name,
                .rule = r->decision.rule_id,
                .lane = r->decision.lane,
                .task = r->task,
        };
        struct buf *text = &s->approvals.text;
        size_t arguments, responses;

        r->asked.has_definition = facts != NULL;
        if (facts) {
                memcpy(r->asked.definition, facts->digest.bytes, CARD_DIGEST_BYTES);
                subject.definition = r->asked.definition;
        }
        for (; subject.policy_count < policy_set_count(s->policy); subject.policy_count++)
                policies[subject.policy_count] = policy_set_digest(s->policy, subject.policy_count);
        buf_clear(text, LINE_KEEP);
        if (r->arguments && json_write_sorted(text, &s->doc, r->arguments) < 0)
                return false;
        arguments = text->len;
        if (r->asked.input_responses && json_write_sorted(text, &s->doc, r->asked.input_responses) < 0)
                return false;
        responses = text->len;
        if (r->asked.request_state && json_write_sorted(text, &s->doc, r->asked.request_state) < 0)
                return false;
        subject.arguments = str_of(text->data, arguments);
        subject.input_responses = str_of(text->data + arguments, responses - arguments);
        subject.request_state = str_of(text->data + responses, text->len - responses);
        approval_digest(&subject, r->asked.digest);
        r->asked.known = true;
        return true;
}

/* --- deciding --- */

/* What came with a state of ours does not go to the server. */
static bool take_state(struct session *s, struct ruling *r)
{
        if (!r->asked.state)
                return true;
        edits_remove(&s->edits, r->asked.state);
        if (r->asked.responses)
                edits_remove(&s->edits, r->asked.responses);
        /* It was used when the call came that is decided about anew. */
        if (s->approvals.releasing)
                return true;
        if (request_state_check(s, r->asked.state, r->asked.digest, &r->asked.round, &r->asked.place))
                return true;
        refuse_asked(s, r, "bad-request-state",
                "Not run: the requestState of this call is not, or no longer, that of an approval which is waited for. Make the same call again "
                "without it.");
        return false;
}

void decide_approval(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        struct card_slot *slot;

        if (!r->asked.wanted) {
                if (r->asked.state)
                        refuse_asked(s, r, "bad-request-state",
                                "Not run: the requestState of this call belongs to an approval, and it needs none. Make the same call again without it.");
                return;
        }
        if (!make_digest(s, m, r)) {
                refuse_asked(s, r, "internal", "Not run: the proxy ran out of memory over this call.");
                return;
        }
        approved_meta(s, m);
        if (!take_state(s, r))
                return;
        if (cards_denied(s->approvals.cards, r->asked.digest)) {
                refuse_asked(s, r, "denied-by-person",
                        "Not run: a person has said no to exactly this call in this session. Do not make it again, and do not try another way to the "
                        "same end; ask the user what to do instead.");
                return;
        }
        slot = cards_find(s->approvals.cards, r->asked.digest);
        if (slot && r->asked.responses && !s->approvals.releasing)
                r->asked.elicited = elicit_read(s, json_member(&s->doc, r->asked.responses, STR(ELICIT_KEY)), slot->code);
        if (slot && r->asked.elicited != ELICITED_DECLINED && slot->card.state == CARD_APPROVED && slot->deadline_ms > s->mono_ms && slot->card.given >= r->decision.by)
                r->asked.grant = slot;
        else
                r->action = ACTION_HOLD;
}

bool approval_is_denied(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        return !make_digest(s, m, r) || cards_denied(s->approvals.cards, r->asked.digest);
}

/* --- what makes cards void --- */

static const char *withdrawn_because(enum held_over why)
{
        switch (why) {
        case HELD_POLICY:
                return "policy-changed";
        case HELD_DEFINITION:
                return "definition-changed";
        case HELD_SERVER:
                return "session-ended";
        case HELD_CHANGED:
                return "call-changed";
        case HELD_STOPPED:
                return "stopped";
        case HELD_WAITS:
        case HELD_TIME_OVER:
        case HELD_DENIED:
        case HELD_EXPIRED:
        case HELD_USED:
        case HELD_UNRECORDED:
        case HELD_OVER_MAX_:
        default:
                return "withdrawn";
        }
}

void approvals_withdraw(struct session *s, struct card_slot *slot, enum held_over why)
{
        if (why != HELD_UNRECORDED && !approval_record(s, slot, withdrawn_because(why), NULL))
                s->stats.lost_records++;
        held_over_all(s, slot, why);
        cards_withdraw(s->approvals.cards, slot);
}

struct card_slot *approvals_next(struct session *s, size_t *at)
{
        struct card_table *t = s->approvals.cards;

        for (; t && t->open && *at < sizeof(t->slots) / sizeof(t->slots[0]); ++*at)
                if (card_is_alive(&t->slots[*at]))
                        return &t->slots[(*at)++];
        return NULL;
}

void approvals_withdraw_all(struct session *s, enum held_over why)
{
        struct card_slot *slot;

        for (size_t at = 0; (slot = approvals_next(s, &at));)
                approvals_withdraw(s, slot, why);
}

/* A tool that another page lists is not known to have changed. */
void approvals_learn(struct session *s)
{
        struct card_slot *slot;

        for (size_t at = 0; (slot = approvals_next(s, &at));) {
                const struct definition_facts *facts = definitions_facts(&s->definitions, slot->card.tool);

                if (facts && (!slot->has_definition || memcmp(facts->digest.bytes, slot->definition, CARD_DIGEST_BYTES) != 0))
                        approvals_withdraw(s, slot, HELD_DEFINITION);
        }
}

void approvals_commit(struct session *s, enum side side, bool written)
{
        struct card_slot *slot;

        if (!s->approvals.fresh)
                return;
        s->approvals.fresh = false;
        for (size_t at = 0; (slot = approvals_next(s, &at));) {
                if (slot->unrecorded && !written)
                        approvals_withdraw(s, slot, HELD_UNRECORDED);
                slot->unrecorded = false;
        }
        for (struct held *h = s->approvals.first; h; h = h->after) {
                if (h->fresh && !written)
                        held_end(s, HELD_UNRECORDED, h);
                /* Its number goes to another record. */
                if (h->fresh && !written)
                        s->pending[SIDE_CLIENT].slots[h->slot].record = 0;
                h->fresh = false;
        }
        if (!written)
                held_settle(s, side);
        elicit_commit(s, side, written);
}

/* --- for the owner --- */

const struct card *session_card(const struct session *s, size_t *at)
{
        const struct card_table *t = s->approvals.cards;

        for (; t && *at < sizeof(t->slots) / sizeof(t->slots[0]); ++*at)
                if (card_is_alive(&t->slots[*at]))
                        return &t->slots[(*at)++].card;
        return NULL;
}

const char *session_card_code(const struct session *s, const struct card *card)
{
        const struct card_slot *slot = s->approvals.cards ? cards_by_id(s->approvals.cards, str_from(card->id)) : NULL;

        return slot ? slot->code : "";
}

bool session_take_card_event(struct session *s, struct card_event *ret)
{
        return s->approvals.cards && cards_take_change(s->approvals.cards, &ret->change, &ret->card);
}
