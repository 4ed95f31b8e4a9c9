/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls that policy narrows. The message is written anew with the arguments that policy gives it, read again by the strict
 * reader, and decided about again as if it had come like that: the record, the limits and the line that leaves are all about this
 * second message (law L1). Of the first one only the digest of its arguments is kept, for the record.
 */
#include <errno.h>

#include "internal.h"
#include "limit.h"

void narrowed_init(struct narrowed *n, size_t line_limit)
{
        *n = (struct narrowed){
                .came = BUF_INIT(line_limit), .result = BUF_INIT(line_limit), .line = BUF_INIT(line_limit)
        };
}

void narrowed_deinit(struct narrowed *n)
{
        buf_deinit(&n->came);
        buf_deinit(&n->result);
        buf_deinit(&n->line);
}

/* What has been narrowed is narrow enough: if policy then wants it narrower still, something is wrong. */
void judge_narrowing(struct session *s, struct ruling *r, const struct policy_request *request)
{
        struct narrowed *n = &s->narrowed;
        enum policy_narrowing narrowing;

        if (!r->decision.narrows)
                return;
        buf_clear(&n->result, LINE_KEEP);
        narrowing = policy_set_narrow(s->policy, request, &n->result);
        if (narrowing == NARROW_NONE)
                return;
        if (narrowing == NARROW_DONE && !n->done) {
                r->action = ACTION_NARROW;
                return;
        }
        r->decision.verdict = VERDICT_DENY;
        r->decision.reason = POLICY_NARROW_CONFLICT;
}

/* The arguments as they came; their line stays where it is as long as the event lasts. */
static int keep_arguments(struct session *s, uint32_t arguments)
{
        struct narrowed *n = &s->narrowed;
        int e;

        n->arguments = STR("");
        if (!arguments)
                return 0;
        if (s->doc.canonical) {
                n->arguments = json_text(&s->doc, arguments);
                return 0;
        }
        buf_clear(&n->came, LINE_KEEP);
        e = json_write(&n->came, &s->doc, arguments);
        n->arguments = buf_str(&n->came);
        return e;
}

static int write_narrowed(struct session *s, const struct rpc_message *m, const struct ruling *r)
{
        struct narrowed *n = &s->narrowed;
        int e;

        edits_clear(&s->edits);
        if (r->arguments)
                edits_replace(&s->edits, r->arguments, buf_str(&n->result));
        else
                edits_add_member(&s->edits, m->params, STR("arguments"), buf_str(&n->result));
        buf_clear(&n->line, LINE_KEEP);
        e = edits_write(&s->edits, &s->doc, &n->line);
        edits_clear(&s->edits);
        if (e == 0 && n->line.len > s->line_limit)
                e = -EMSGSIZE;
        return e;
}

static void swap_docs(struct session *s)
{
        struct json_doc came = s->doc;

        s->doc = s->checked;
        s->checked = came;
}

/* 0 with the narrowed message in the place of *m; else negative, with nothing changed. */
static int read_narrowed(struct session *s, enum side from, struct rpc_message *m)
{
        struct rpc_message again;

        if (json_read(&s->checked, buf_str(&s->narrowed.line)) != JSON_OK)
                return -EBADMSG;
        swap_docs(s);
        if (rpc_message_read(&again, &s->doc, from_of(from), &s->scratch) != RPC_WELL_FORMED) {
                swap_docs(s);
                return -EBADMSG;
        }
        *m = again;
        return 0;
}

void decide_narrowed(struct session *s, enum side from, struct rpc_message *m, struct ruling *r)
{
        int e = keep_arguments(s, r->arguments);

        e = e < 0 ? e : write_narrowed(s, m, r);
        e = e < 0 ? e : read_narrowed(s, from, m);
        if (e == 0) {
                s->narrowed.done = true;
                decide(s, from, m, r);
                return;
        }
        if (e == -EMSGSIZE)
                refuse(s, r, INTERNAL_ERROR, "too-long", "The message grows past the size limit when policy narrows it. It was not run.");
        else
                refuse(s, r, INTERNAL_ERROR, "internal", "The proxy could not narrow this call as policy wants it. It was not run.");
        r->form = r->task ? ANSWER_ERROR : ANSWER_TOOL_RESULT;
}
