/* SPDX-License-Identifier: Apache-2.0
 *
 * What a client reads of a listed tool. A model that is told of the limits need not learn them by being refused; what the server
 * says of the tool stays in front.
 */
#include "internal.h"
#include "limit.h"
#include "writer.h"

/* The description as it may reach the client, unescaped, in s->plain. This edit is made before filter_answer() makes its own, and
 * of two the first holds: what is stripped is stripped here as well, and counted there. */
static int take_description(struct session *s, uint32_t description)
{
        struct policy_filtering uncounted = { 0 };
        struct str text;
        int r;

        buf_clear(&s->plain, LINE_KEEP);
        buf_clear(&s->line, LINE_KEEP);
        if (!description)
                return 0;
        r = json_string_get(&s->doc, description, &s->line, &text);
        if (r == 0)
                r = policy_set_filter_text(s->policy, s->conditions, text, true, &uncounted, &s->plain);
        return r == 0 ? buf_append_str(&s->plain, text) : r;
}

static void set_description(struct session *s, uint32_t tool, uint32_t description)
{
        /* This buffer is nobody's before the ruling is carried out. */
        buf_clear(&s->line, LINE_KEEP);
        if (s->plain.failed || json_string_append(&s->line, buf_str(&s->plain)) < 0)
                s->edits.failed = true;
        else if (description)
                edits_replace(&s->edits, description, buf_str(&s->line));
        else
                edits_add_member(&s->edits, tool, STR("description"), buf_str(&s->line));
}

void tell_limits(struct session *s, uint32_t tool)
{
        uint32_t description = json_member(&s->doc, tool, STR("description"));
        size_t mark = s->scratch.len;
        struct str name;

        buf_clear(&s->hint, LIMIT_HINT_BYTES);
        if (string_member(s, tool, STR("name"), &name) && (!description || has_type(s, description, JSON_STRING)))
                policy_set_hint(s->policy, name, &s->hint);
        s->scratch.len = mark;
        if (s->hint.failed || !s->hint.len)
                return;
        if (take_description(s, description) < 0) {
                s->edits.failed = true;
                return;
        }
        if (s->plain.len)
                buf_append_str(&s->plain, STR("\n\n"));
        buf_append_str(&s->plain, buf_str(&s->hint));
        set_description(s, tool, description);
}
