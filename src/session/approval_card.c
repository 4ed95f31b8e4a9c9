/* SPDX-License-Identifier: Apache-2.0
 *
 * The card of a call: what a person is to know of it, as it stands in the call, the tool's definition and the session.
 */
#include <errno.h>

#include "cards.h"
#include "internal.h"
#include "say.h"

void refuse_asked(struct session *s, struct ruling *r, const char *reason, const char *text)
{
        refuse(s, r, INVALID_PARAMS, reason, "%s", text);
        r->form = r->task ? ANSWER_ERROR : ANSWER_TOOL_RESULT;
}

static void add_word(struct buf *out, size_t start, bool say, const char *words)
{
        if (!say)
                return;
        if (out->len > start)
                buf_append_str(out, STR(", "));
        buf_append_str(out, str_from(words));
}

/* By the server's own word; what it does not say is not known. */
static struct str reach_of(struct session *s, struct str tool)
{
        const struct definition_facts *facts = definitions_facts(&s->definitions, tool);
        const unsigned hints = facts ? facts->hints : 0;
        struct buf *out = &s->text;
        const size_t start = out->len;

        add_word(out, start, hints & HINT_READS_ONLY, "only reads");
        add_word(out, start, hints & HINT_DESTROYS, "may destroy");
        add_word(out, start, hints & HINT_DESTROYS_NOT, "destroys nothing");
        add_word(out, start, hints & HINT_REPEATABLE, "the same when repeated");
        add_word(out, start, hints & HINT_OUTSIDE, "outside world");
        add_word(out, start, hints & HINT_INSIDE, "nothing outside");
        return out->failed ? STR("") : str_of(out->data + start, out->len - start);
}

/* Of the session so far, in session.text. */
static struct str marks_of(struct session *s)
{
        static const struct policy_marks none = { { 0 } };
        const size_t start = s->text.len;

        buf_clear(&s->plain, LINE_KEEP);
        policy_marks_tell(s->policy, &none, &s->heard, &s->plain);
        buf_append_str(&s->text, buf_str(&s->plain));
        return s->text.failed ? STR("") : str_of(s->text.data + start, s->text.len - start);
}

/* Is the call made again, with what the server has asked for? */
static bool continues(const struct ruling *r)
{
        return r->asked.input_responses || r->asked.request_state;
}

static void write_part(struct session *s, const char *name, uint32_t token)
{
        struct buf *text = &s->approvals.text;

        buf_printf(text, "%c\"%s\":", text->len ? ',' : '{', name);
        if (token)
                (void)json_write(text, &s->doc, token);
        else
                buf_append_str(text, STR("null"));
}

/* All of what would be sent, as a person is to see it. 0, -ENOMEM, or -EMSGSIZE: it is longer than any line. */
static int write_arguments(struct session *s, const struct ruling *r)
{
        struct buf *text = &s->approvals.text;

        buf_clear(text, LINE_KEEP);
        if (!continues(r))
                return r->arguments ? json_write(text, &s->doc, r->arguments) : 0;
        write_part(s, "arguments", r->arguments);
        write_part(s, "inputResponses", r->asked.input_responses);
        write_part(s, "requestState", r->asked.request_state);
        buf_append_char(text, '}');
        return buf_error(text);
}

static void hear_modern_client(struct session *s, const struct rpc_message *m)
{
        uint32_t meta = m->params ? json_member(&s->doc, m->params, STR("_meta")) : 0;

        if (meta)
                approvals_hear_client(s, json_member(&s->doc, meta, STR("io.modelcontextprotocol/clientInfo")));
}

/* The arguments and the rule's sentence, without secrets. */
static enum cards_error write_shown(struct session *s, const struct ruling *r, struct buf *say)
{
        uint32_t shown = 0;
        int e;

        e = write_arguments(s, r);
        if (e == 0)
                e = told_arguments(s, &s->approvals.text, &shown);
        if (e == -EBADMSG)
                return CARDS_UNSHOWABLE;
        if (e == -EMSGSIZE)
                return CARDS_TOO_LARGE;
        if (e > 0 && continues(r))
                shown = json_member(&s->checked, shown, STR("arguments"));
        if (e == 0)
                e = say_fill(say, r->decision.say, &s->doc, r->arguments);
        else if (e > 0)
                e = say_fill(say, r->decision.say, &s->checked, shown);
        return e < 0 ? CARDS_NO_MEMORY : CARDS_OK;
}

static enum cards_error open_card(struct session *s, const struct rpc_message *m, struct ruling *r, struct card_slot **ret)
{
        struct approvals *a = &s->approvals;
        const struct session_asking *asking = a->asking;
        AUTO_BUF struct buf say = BUF_INIT(64U << 10);
        struct card card = {
                .session = asking->session,
                .server = asking->server,
                .method = continues(r) ? STR("tools/call, with answers to the server's questions") : m->method,
                .undo = r->decision.undo,
                .policy = r->decision.policy_name,
                .rule = r->decision.rule_id,
                .rule_file = r->decision.file,
                .rule_line = r->decision.line,
                .because = r->decision.because,
                .lane = r->decision.lane,
                .client_pid = asking->client_pid,
                .agent = asking->agent,
                .by = r->decision.by ? r->decision.by : 1,
                .created_ms = s->now_ms,
                .expires_ms = s->now_ms + a->how.expires_ms,
        };
        enum cards_error e;

        if (r->modern)
                hear_modern_client(s, m);
        e = write_shown(s, r, &say);
        if (e != CARDS_OK)
                return e;
        card.tool = told(s, r->name);
        card.say = buf_str(&say);
        card.client = buf_str(&a->client);
        card.arguments = buf_str(&a->text);
        card.reach = reach_of(s, r->name);
        card.marks = marks_of(s);
        memcpy(card.digest, r->asked.digest, CARD_DIGEST_BYTES);
        e = cards_open(a->cards, &card, s->mono_ms + a->how.expires_ms, ret);
        if (e != CARDS_OK)
                return e;
        (*ret)->has_definition = r->asked.has_definition;
        memcpy((*ret)->definition, r->asked.definition, CARD_DIGEST_BYTES);
        a->fresh = true;
        return CARDS_OK;
}

struct card_slot *approval_card(struct session *s, const struct rpc_message *m, struct ruling *r, bool *ret_new)
{
        struct card_slot *slot = cards_find(s->approvals.cards, r->asked.digest);

        *ret_new = !slot;
        if (slot)
                return slot;
        switch (open_card(s, m, r, &slot)) {
        case CARDS_OK:
                return slot;
        case CARDS_FULL:
                refuse_asked(s, r, "too-many-cards",
                        "Not run: it needs a person's approval, and as many other calls wait for one as a session may have. Wait until the user has "
                        "answered some of them, then make the same call again.");
                break;
        case CARDS_TOO_LARGE:
                refuse_asked(s, r, "too-large-to-approve",
                        "Not run: it needs a person's approval, and its arguments are more than anybody could look through. Make it in smaller parts.");
                break;
        case CARDS_UNSHOWABLE:
                refuse_asked(s, r, "secret-outside-string",
                        "Not run: it needs a person's approval, and its arguments hold a credential in a place where it cannot be hidden from who is "
                        "asked. Make it without that.");
                break;
        case CARDS_NO_MEMORY:
        default:
                refuse_asked(s, r, "internal", "Not run: the proxy ran out of memory over this call.");
                break;
        }
        return NULL;
}
