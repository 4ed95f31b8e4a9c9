/* SPDX-License-Identifier: Apache-2.0
 *
 * A person's answer to a card. It is on record before anything comes of it (law L6): what it lets run goes out in the same event, and is
 * taken back with it when the record cannot be written.
 */
#include <errno.h>

#include "internal.h"

static const char *why_not_alive(const struct card_slot *slot)
{
        switch (slot->card.state) {
        case CARD_USED:
                return "this approval has been used: its call has run";
        case CARD_DENIED:
                return "this has been denied already";
        case CARD_EXPIRED:
                return "this has expired; if the call is still wanted, it has to be made again";
        case CARD_WITHDRAWN:
                return "what was asked here is no longer so (the policy, the tool's definition or the session has changed); if the call is still "
                       "wanted, it has to be made again";
        case CARD_OPEN:
        case CARD_APPROVED:
        case CARD_STATE_MAX_:
        default:
                return "this cannot be answered";
        }
}

static int check(const struct session *s, const struct card_slot *slot, const struct card_answer *answer, const char **ret_why)
{
        *ret_why = "no call waits for an answer under this id; it may be of another session, or long over";
        if (!slot)
                return -ENOENT;
        if (!card_is_alive(slot) || slot->deadline_ms <= s->mono_ms) {
                *ret_why = card_is_alive(slot) ? "this has expired; if the call is still wanted, it has to be made again" : why_not_alive(slot);
                return -ENOENT;
        }
        *ret_why = "the answer is about something else than what is asked under this id";
        if (answer->digest && memcmp(answer->digest, slot->card.digest, CARD_DIGEST_BYTES) != 0)
                return -EPERM;
        if (!answer->approve)
                return 0;
        *ret_why = "whoever answered may not approve this";
        if (!answer->trusted || answer->approver.len == 0 || answer->approver.len > APPROVER_BYTES)
                return -EPERM;
        *ret_why = "this has been approved already and waits for its call";
        return slot->card.state == CARD_OPEN ? 0 : -ENOENT;
}

static void approve(struct session *s, struct card_slot *slot, const struct card_answer *answer, const char **ret_why)
{
        struct approvals *a = &s->approvals;

        if (cards_approve(a->cards, slot, answer->approver, s->mono_ms + a->how.valid_ms, s->now_ms + a->how.valid_ms)) {
                held_release(s, slot);
                return;
        }
        *ret_why = "your approval is noted; others must approve as well";
}

int answer_card(struct session *s, struct card_slot *slot, const struct card_answer *answer, const char **ret_why)
{
        struct approvals *a = &s->approvals;
        const int r = check(s, slot, answer, ret_why);

        if (r < 0)
                return r;
        if (!approval_record(s, slot, answer->approve ? "approved" : "denied", answer)) {
                *ret_why = "the audit log cannot take the answer, and nothing happens unrecorded";
                return -ENOMEM;
        }
        *ret_why = NULL;
        a->fresh = true;
        if (answer->approve) {
                approve(s, slot, answer, ret_why);
        } else {
                a->because = answer->because;
                held_over_all(s, slot, HELD_DENIED);
                cards_deny(a->cards, slot);
                held_settle(s, SIDE_CLIENT);
                a->because = STR("");
                limits_denied(s->limits);
        }
        return 0;
}

int session_answer_card(
        struct session *s, const struct card_answer *answer, uint64_t now_ms, uint64_t mono_ms, const char **ret_why)
{
        struct approvals *a = &s->approvals;
        struct card_slot *slot = a->cards ? cards_by_id(a->cards, answer->id) : NULL;
        int r;

        s->now_ms = now_ms;
        s->mono_ms = mono_ms;
        r = answer_card(s, slot, answer, ret_why);
        if (r < 0)
                return r;
        elicit_settle(s, SIDE_CLIENT);
        return s->starved ? -EIO : 0;
}
