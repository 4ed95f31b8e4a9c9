/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "internal.h"

/* Puts a redacted copy of @line in s->redacted. A secret that stood outside a string leaves no valid message. */
static int redact_line(struct session *s, struct str line)
{
        int r;

        buf_clear(&s->redacted, LINE_KEEP);
        r = redactor_apply_json(s->redactor, line, &s->redacted);
        if (r < 0)
                return r;
        if (json_read(&s->checked, str_of(s->redacted.data, s->redacted.len - 1)) != JSON_OK || !s->checked.canonical)
                return -EBADMSG;
        return s->redacted.len > s->line_limit + 1 ? -EMSGSIZE : 0;
}

int gate_forward(struct session *s, enum side from, const struct permit *p, struct str line, bool received)
{
        struct output *out = &s->flows[from].out[p->to];
        int r;

        if (!permit_redeem(s, p) || !upstream_takes(s, p->to))
                return -EPERM;
        if (p->to == SIDE_CLIENT && s->redactor && redactor_finds_json(s->redactor, line)) {
                r = redact_line(s, line);
                return r < 0 ? r : output_take(out, &s->redacted, p->gated);
        }
        if (received)
                return output_borrow(out, line, p->gated);
        return line.ptr == s->line.data ? output_take(out, &s->line, p->gated) : output_copy(out, line, p->gated);
}
