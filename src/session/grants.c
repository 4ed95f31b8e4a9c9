/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "internal.h"

/* --- life --- */

static void release(struct grant_slot *slot)
{
        policy_set_unref(slot->policy);
        mem_free(slot->memory);
        *slot = (struct grant_slot){ .state = GRANT_NONE };
}

void grants_deinit(struct session *s)
{
        for (size_t i = 0; i < LIMIT_GRANTS; i++)
                release(&s->grants.slots[i]);
}

static void end(struct session *s, struct grant_slot *slot, enum grant_change how)
{
        slot->state = GRANT_OVER;
        slot->told = how;
        s->grants.count--;
        s->announcing.due = true;
        waiting_over_grant(s, slot);
}

static bool is_over(const struct session *s, const struct grant_slot *slot)
{
        /* A machine that slept has a monotonic clock that did too, and one whose date is set back has the other. */
        return slot->deadline_ms <= s->mono_ms || slot->grant.expires_ms <= s->now_ms;
}

/* --- records --- */

static bool grant_record(struct session *s, const struct grant *grant, const char *reason, struct audit_event e)
{
        uint64_t seq;

        e.kind = AUDIT_GRANT;
        e.time_ms = s->now_ms;
        e.subject = STR("tool");
        e.name = grant->tool;
        e.reason = str_from(reason);
        e.approval = str_from(grant->id);
        if (audit_log_add(s->audit, &e, &seq) < 0)
                return false;
        s->due = true;
        return true;
}

void grant_describe(const struct ruling *r, struct audit_event *e)
{
        if (!r->grant || r->action != ACTION_FORWARD)
                return;
        e->reason = STR("granted");
        e->approval = str_from(r->grant->grant.id);
        e->approver = r->grant->grant.by;
        e->detail = r->grant->grant.because;
        e->rule_file = STR("");
        e->rule_line = e->rule_column = 0;
}

/* --- the owner's side --- */

const char *session_grant_refusal(const struct session *s, const struct grant_terms *terms, uint64_t now_ms)
{
        if (terms->expires_ms <= now_ms)
                return "its time is over already";
        if (terms->expires_ms - now_ms > LIMIT_GRANT_MS)
                return "a grant lasts 24 hours at the most";
        if (s->grants.count >= LIMIT_GRANTS)
                return "as many grants are in force as a session may have: revoke one first";
        return policy_set_grant_refusal(s->policy, terms->tool, (int64_t)(now_ms / 1000));
}

static struct grant_slot *free_slot(struct grants *g)
{
        for (size_t i = 0; i < LIMIT_GRANTS; i++) {
                if (g->slots[i].state == GRANT_NONE)
                        return &g->slots[i];
        }
        return NULL;
}

static struct grant_slot *find(struct grants *g, struct str id)
{
        for (size_t i = 0; i < LIMIT_GRANTS; i++) {
                if (g->slots[i].state == GRANT_LIVE && str_eq(str_from(g->slots[i].grant.id), id))
                        return &g->slots[i];
        }
        return NULL;
}

static struct str keep(char **at, struct str text)
{
        char *copy = *at;

        if (text.len)
                memcpy(copy, text.ptr, text.len);
        *at += text.len;
        return str_of(copy, text.len);
}

static bool fill(struct session *s, struct grant_slot *slot, const struct grant_answer *answer, struct str text)
{
        const struct session_asking *asking = s->approvals.asking;
        char *at = slot->memory = mem_alloc(answer->terms.tool.len + answer->terms.because.len + answer->by.len + text.len + 1);

        if (!at)
                return false;
        slot->grant = (struct grant){
                .session = asking->session,
                .server = asking->server,
                .tool = keep(&at, answer->terms.tool),
                .because = keep(&at, answer->terms.because),
                .by = keep(&at, answer->by),
                .text = keep(&at, text),
                .created_ms = s->now_ms,
                .expires_ms = answer->terms.expires_ms,
        };
        slot->deadline_ms = s->mono_ms + (answer->terms.expires_ms - s->now_ms);
        do
                grant_id_make(slot->grant.id, s->approvals.key, ++s->grants.made);
        while (find(&s->grants, str_from(slot->grant.id)));
        return true;
}

int session_grant_add(struct session *s, const struct grant_answer *answer, struct policy_set *policy, struct str text,
        uint64_t now_ms, uint64_t mono_ms, const struct grant **ret, const char **ret_why)
{
        struct grant_slot *slot = free_slot(&s->grants);

        s->now_ms = now_ms;
        s->mono_ms = mono_ms;
        *ret_why = session_grant_refusal(s, &answer->terms, now_ms);
        if (!*ret_why && (!s->approvals.asking || !policy_set_is_grant(policy) || answer->by.len == 0 || answer->by.len > APPROVER_BYTES))
                *ret_why = "this cannot be granted";
        if (*ret_why)
                return -EPERM;
        if (!slot || !fill(s, slot, answer, text))
                return -ENOMEM;
        slot->policy = policy_set_ref(policy);
        slot->state = GRANT_UNRECORDED;
        if (!grant_record(s, &slot->grant, "grant-added",
                    (struct audit_event){
                            .from = AUDIT_FROM_PERSON,
                            .detail = answer->terms.because,
                            .approver = answer->by,
                            .signature = answer->signature,
                            .statement = answer->statement,
                    })) {
                release(slot);
                return -ENOMEM;
        }
        *ret = &slot->grant;
        return 0;
}

void session_grants_commit(struct session *s, bool written)
{
        for (size_t i = 0; i < LIMIT_GRANTS; i++) {
                struct grant_slot *slot = &s->grants.slots[i];

                if (slot->state != GRANT_UNRECORDED)
                        continue;
                if (!written) {
                        release(slot);
                        continue;
                }
                slot->state = GRANT_LIVE;
                slot->told = GRANT_ADDED;
                s->grants.count++;
                s->announcing.due = true;
        }
        s->due = false;
}

static void revoke(struct session *s, struct grant_slot *slot, struct audit_event how)
{
        if (!grant_record(s, &slot->grant, "grant-revoked", how))
                s->stats.lost_records++;
        end(s, slot, GRANT_REVOKED);
}

int session_grant_revoke(struct session *s, struct str id, struct str by, struct str because, uint64_t now_ms)
{
        struct grant_slot *slot = find(&s->grants, id);

        if (!slot)
                return -ENOENT;
        s->now_ms = now_ms;
        revoke(s, slot, (struct audit_event){ .from = AUDIT_FROM_PERSON, .detail = because, .approver = by });
        return 0;
}

bool session_grants_revoke_all(struct session *s, struct str because, uint64_t now_ms)
{
        const bool any = s->grants.count > 0;

        s->now_ms = now_ms;
        for (size_t i = 0; i < LIMIT_GRANTS && s->grants.count; i++) {
                if (s->grants.slots[i].state == GRANT_LIVE)
                        revoke(s, &s->grants.slots[i], (struct audit_event){ .from = AUDIT_FROM_PROXY, .detail = because });
        }
        return any;
}

const struct grant *session_grant(const struct session *s, size_t *at, uint64_t now_ms)
{
        while (*at < LIMIT_GRANTS) {
                const struct grant_slot *slot = &s->grants.slots[(*at)++];

                if (slot->state == GRANT_LIVE && slot->grant.expires_ms > now_ms)
                        return &slot->grant;
        }
        return NULL;
}

bool session_take_grant_change(struct session *s, enum grant_change *ret_change, const struct grant **ret)
{
        for (size_t i = 0; i < LIMIT_GRANTS; i++) {
                struct grant_slot *slot = &s->grants.slots[i];

                if (slot->state == GRANT_OVER && !slot->told)
                        release(slot);
                if (!slot->told)
                        continue;
                *ret_change = slot->told;
                *ret = &slot->grant;
                slot->told = 0;
                return true;
        }
        return false;
}

bool session_may_be_granted(const struct session *s)
{
        return s->grants.wanted && s->approvals.asking;
}

/* --- time --- */

void grants_tick(struct session *s)
{
        for (size_t i = 0; i < LIMIT_GRANTS && s->grants.count; i++) {
                struct grant_slot *slot = &s->grants.slots[i];

                if (slot->state != GRANT_LIVE || !is_over(s, slot))
                        continue;
                if (!grant_record(s, &slot->grant, "grant-expired", (struct audit_event){ .from = AUDIT_FROM_PROXY }))
                        s->stats.lost_records++;
                end(s, slot, GRANT_EXPIRED);
        }
}

uint64_t grants_deadline(const struct session *s)
{
        uint64_t first = UINT64_MAX;

        for (size_t i = 0; i < LIMIT_GRANTS && s->grants.count; i++) {
                const struct grant_slot *slot = &s->grants.slots[i];

                if (slot->state == GRANT_LIVE && slot->deadline_ms < first)
                        first = slot->deadline_ms;
        }
        return first;
}

/* --- deciding --- */

void judge_grants(struct session *s, struct ruling *r, const struct policy_request *request)
{
        /* An approval is for what was asked, under the rule that asked. */
        if (r->decision.verdict == VERDICT_ALLOW || s->approvals.releasing)
                return;
        for (size_t i = 0; i < LIMIT_GRANTS && s->grants.count; i++) {
                struct grant_slot *slot = &s->grants.slots[i];
                struct policy_decision decision;

                if (slot->state != GRANT_LIVE || is_over(s, slot) ||
                        !policy_set_decide_granted(s->policy, slot->policy, request, &decision))
                        continue;
                s->grants.replaced = r->decision;
                r->decision = decision;
                r->grant = slot;
                return;
        }
}

bool grants_could_allow(const struct session *s, struct str tool)
{
        for (size_t i = 0; i < LIMIT_GRANTS && s->grants.count; i++) {
                const struct grant_slot *slot = &s->grants.slots[i];

                if (slot->state == GRANT_LIVE && !is_over(s, slot) &&
                        policy_set_could_grant(s->policy, slot->policy, tool, (int64_t)(s->now_ms / 1000)))
                        return true;
        }
        return false;
}

/* Has a person said no to exactly this call, when it was the policies' rule that wanted it approved? */
static bool is_denied(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        const struct policy_decision granted = r->decision;
        bool denied;

        if (s->grants.replaced.verdict != VERDICT_APPROVE || !s->approvals.possible)
                return false;
        r->decision = s->grants.replaced;
        denied = approval_is_denied(s, m, r);
        r->decision = granted;
        return denied;
}

void decide_granted(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        if (!r->grant)
                return;
        /* It waited for an approval, which it does not need any more. */
        if (r->asked.state)
                edits_remove(&s->edits, r->asked.state);
        if (r->asked.state && r->asked.responses)
                edits_remove(&s->edits, r->asked.responses);
        r->asked.state = r->asked.responses = 0;
        approved_meta(s, m);
        if (!is_denied(s, m, r))
                return;
        refuse(s, r, INVALID_PARAMS, "denied-by-person",
                "Not run: a person has said no to exactly this call in this session. Do not make it again, and do not try another way to the "
                "same end; ask the user what to do instead.");
        r->form = r->task ? ANSWER_ERROR : ANSWER_TOOL_RESULT;
}
