/* SPDX-License-Identifier: Apache-2.0
 *
 * What the session does about pins: which tools of a list it shows, which calls it denies, and whom it tells.
 */
#include "internal.h"
#include "printable.h"

static const struct pin_source *source_of(const struct session *s, size_t lock)
{
        return pin_set_at(s->pinning.set, lock);
}

bool pinned_shows(struct session *s, uint32_t item, struct str name)
{
        return pinning_shows(&s->pinning, &s->doc, item, name);
}

static struct str reason_of(enum pin_state state)
{
        switch (state) {
        case PIN_MISSING:
                return STR("pin-missing");
        case PIN_UNSEEN:
                return STR("pin-unseen");
        case PIN_CHANGED:
        case PIN_SAME:
                break;
        }
        return STR("pin-changed");
}

static const char *words_of(enum pin_state state)
{
        switch (state) {
        case PIN_MISSING:
                return "it is not among the tools that were pinned. It was not run. Asking again will not help; a "
                       "person would have "
                       "to look at the tool and accept it.";
        case PIN_UNSEEN:
                return "the server has not listed it in this session, so that its definition cannot be compared with the pinned one. It "
                       "was not run. It can be called once the client has asked for the list of tools (tools/list).";
        case PIN_CHANGED:
        case PIN_SAME:
                break;
        }
        return "its definition has changed since it was pinned. It was not run. Asking again will not help; a person "
               "would have to look "
               "at the change and accept it.";
}

bool pinned_permits(struct session *s, struct ruling *r, struct str name)
{
        char shown[256];
        struct buf text = { .data = shown, .cap = sizeof(shown) - 1, .limit = sizeof(shown) - 1 };
        size_t lock = 0;
        const enum pin_state state = pinning_state_of(&s->pinning, name, &lock);

        if (state == PIN_SAME)
                return true;
        printable_append(&text, told(s, name), 100);
        shown[text.len] = '\0';
        r->decision = (struct policy_decision){
                .verdict = VERDICT_DENY,
                .policy_name = source_of(s, lock)->policy,
                .file = source_of(s, lock)->path,
        };
        if (state == PIN_MISSING)
                refuse(s, r, INVALID_PARAMS, "pin-missing", "Denied by the pins of policy \"%.*s\": tool \"%s\": %s",
                        STR_FMT(r->decision.policy_name), shown, words_of(state));
        else if (state == PIN_UNSEEN)
                refuse(s, r, INVALID_PARAMS, "pin-unseen", "Denied by the pins of policy \"%.*s\": tool \"%s\": %s",
                        STR_FMT(r->decision.policy_name), shown, words_of(state));
        else
                refuse(s, r, INVALID_PARAMS, "pin-changed", "Denied by the pins of policy \"%.*s\": tool \"%s\": %s",
                        STR_FMT(r->decision.policy_name), shown, words_of(state));
        r->form = r->task ? ANSWER_ERROR : ANSWER_TOOL_RESULT;
        return false;
}

static void record_hidden(struct session *s, const struct hidden_tool *hidden, struct str name)
{
        struct audit_event e = {
                .kind = AUDIT_DECISION,
                .from = AUDIT_FROM_SERVER,
                .time_ms = s->now_ms,
                .method = STR("tools/list"),
                .subject = STR("tool"),
                .name = name,
                .verdict = STR("deny"),
                .detail = STR("left out of the list: its definition is not the pinned one"),
                .policy = source_of(s, hidden->lock)->policy,
                .rule_file = source_of(s, hidden->lock)->path,
        };
        uint64_t seq;

        e.reason = reason_of((enum pin_state)hidden->state);
        if (audit_log_add(s->audit, &e, &seq) < 0)
                s->stats.lost_records++;
        s->due = true;
}

static void record_rest(struct session *s, size_t count)
{
        struct audit_event e = {
                .kind = AUDIT_DROPPED,
                .from = AUDIT_FROM_SERVER,
                .time_ms = s->now_ms,
                .method = STR("tools/list"),
                .subject = STR("tool"),
                .detail = STR("further tools of the list whose definitions are not the pinned ones"),
                .count = count,
        };
        uint64_t seq;

        e.reason = STR("pin-changed");
        if (audit_log_add(s->audit, &e, &seq) < 0)
                s->stats.lost_records++;
        s->due = true;
}

/* No names: a server could make one of a credential. The records have them, with secrets taken out. */
static void tell(struct session *s)
{
        struct ruling told = { 0 };
        size_t at = s->text.len;

        buf_printf(&s->text, "%zu of the server's tools hidden, being new or not as they were pinned; the audit log names them, and `leastwise pin --diff` shows what changed",
                s->pinning.hidden_count);
        told.detail = s->text.failed ? STR("some of the server's tools are hidden: they are not as they were pinned")
                                     : str_of(s->text.data + at, s->text.len - at);
        notify(s, STR(""), &told);
}

void pinned_list_passed(struct session *s)
{
        const struct pinning *p = &s->pinning;
        size_t at = 0;

        if (!p->set)
                return;
        pinning_end_list(&s->pinning);
        while (at < p->hidden.len) {
                struct hidden_tool hidden;

                memcpy(&hidden, p->hidden.data + at, sizeof(hidden));
                record_hidden(s, &hidden, str_of(p->hidden.data + at + sizeof(hidden), hidden.name_len));
                at += sizeof(hidden) + hidden.name_len;
        }
        if (p->hidden_count > p->hidden_named)
                record_rest(s, p->hidden_count - p->hidden_named);
        if (p->hidden_count)
                tell(s);
}
