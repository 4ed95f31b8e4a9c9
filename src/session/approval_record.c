/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes on record about a card.
 */
#include "hex.h"
#include "internal.h"
#include "limit.h"
#include "statement.h"

struct audit_event approval_event(
        const struct session *s, const struct card_slot *slot, enum audit_from from, struct str method, const char *reason)
{
        return (struct audit_event){
                .kind = AUDIT_APPROVAL,
                .from = from,
                .time_ms = s->now_ms,
                .method = method,
                .subject = STR("tool"),
                .name = slot->card.tool,
                .reason = str_from(reason),
                .policy = slot->card.policy,
                .rule = slot->card.rule,
                .rule_file = slot->card.rule_file,
                .rule_line = slot->card.rule_line,
                .approval = str_from(slot->card.id),
        };
}

bool approval_record(struct session *s, const struct card_slot *slot, const char *reason, const struct card_answer *answer)
{
        AUTO_BUF struct buf digest = BUF_INIT(2 * CARD_DIGEST_BYTES), statement = BUF_INIT(LIMIT_STATEMENT_BYTES);
        struct audit_event e = approval_event(s, slot, answer ? AUDIT_FROM_PERSON : AUDIT_FROM_PROXY, STR("tools/call"), reason);
        uint64_t seq;

        if (answer) {
                e.verdict = answer->approve ? STR("approve") : STR("deny");
                e.detail = answer->because;
                e.approver = answer->approver;
                e.signature = answer->signature;
        }
        if (e.signature.len && statement_write(&statement, &slot->card, answer->approve) < 0)
                return false;
        e.statement = buf_str(&statement);
        if (hex_append(&digest, slot->card.digest, CARD_DIGEST_BYTES) < 0)
                return false;
        e.approval_digest = buf_str(&digest);
        if (audit_log_add(s->audit, &e, &seq) < 0)
                return false;
        s->due = true;
        return true;
}
