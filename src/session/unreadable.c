/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines that are no message: refused, and answered where it can be seen whom to answer.
 */
#include "internal.h"
#include "printable.h"

static bool read_own_id(struct session *s, struct rpc_message *m)
{
        if (!rpc_own_id_read(&m->own, &s->doc, 0))
                return false;
        m->id = (struct rpc_id){ .kind = RPC_ID_STRING, .string = json_raw_string(&s->doc, 0) };
        return true;
}

/* Who is to hear of it is read from what can be seen of the line: a request's sender, or the one whom the answer was for. */
static void refuse_skimmed(struct session *s, enum side from, const struct skim *skim, struct ruling *r, size_t bytes)
{
        struct rpc_message m = { .kind = RPC_REQUEST };
        const bool is_answer = !skim_has_method(skim);
        struct str text;

        if (skim_id(skim, &text) && json_read(&s->doc, text) == JSON_OK &&
                (rpc_id_read(&m.id, &s->doc, 0, &s->scratch) || (is_answer && read_own_id(s, &m))) && is_answer) {
                m.kind = RPC_RESULT;
                r->answered = awaited_from(s, from, &m, &r->asker);
        }
        if (is_server(from) && m.id.kind == RPC_ID_NONE)
                s->stats.junk_lines++;
        refuse_message(s, from, &m, r, bytes);
}

void refuse_unreadable(struct session *s, enum side from, struct str line, enum json_error error)
{
        struct ruling r = { 0 };
        struct skim skim;

        if (error == JSON_EMPTY)
                return; /* readers everywhere pass over empty lines */
        refuse(s, &r, PARSE_ERROR, "unreadable", "The message is not acceptable JSON: %s (at byte %u).", json_error_text(error),
                s->doc.error_offset);
        skim_init(&skim);
        skim_feed(&skim, line);
        refuse_skimmed(s, from, &skim, &r, line.len);
}

void refuse_oversize(struct session *s, enum side from)
{
        struct line_reader *reader = &s->flows[from].reader;
        struct ruling r = { 0 };

        refuse(s, &r, INVALID_REQUEST, "too-long", "The message is longer than %zu bytes.", s->line_limit);
        refuse_skimmed(s, from, &reader->skim, &r, reader->dropped);
}

static int refusal_code(enum rpc_refusal refusal)
{
        if (refusal == RPC_UNKNOWN_METHOD)
                return METHOD_NOT_FOUND;
        return refusal == RPC_BAD_PARAMS || refusal == RPC_UNKNOWN_PARAM ? INVALID_PARAMS : INVALID_REQUEST;
}

void refuse_malformed(struct session *s, enum side from, const struct rpc_message *m, enum rpc_refusal refusal, size_t bytes)
{
        struct ruling r = { 0 };
        struct rpc_message as_answer = *m;
        char member[128] = "";
        struct buf b = { .data = member, .cap = sizeof(member) - 1, .limit = sizeof(member) - 1 };

        if (m->bad_member.len) {
                buf_append_str(&b, STR(": "));
                printable_append(&b, told(s, m->bad_member), 80);
                member[b.len] = '\0';
        }
        refuse(s, &r, refusal_code(refusal), rpc_refusal_code(refusal), "%s%s", rpc_refusal_text(refusal), member);
        /* An answer, or a mixture that the one who waits would have taken for one: his wait ends here. */
        if (m->id.kind != RPC_ID_NONE && (m->result || m->error || (m->kind != RPC_REQUEST && m->kind != RPC_NOTIFICATION)))
                r.answered = awaited_from(s, from, m, &r.asker);
        if (r.answered)
                as_answer.kind = RPC_RESULT;
        refuse_message(s, from, &as_answer, &r, bytes);
}
