/* SPDX-License-Identifier: Apache-2.0
 *
 * What a client reads of a listed tool. A model that is told of the limits need not learn them by being refused; what the server
 * says of the tool stays in front.
 */
#include "internal.h"
#include "limit.h"
#include "writer.h"

/* The description as it was, unescaped, in s->plain. */
static int take_description(struct session *s, uint32_t description)
{
        struct buf *plain = &s->plain;
        struct str text;
        int e;

        buf_clear(plain, LINE_KEEP);
        if (!description)
                return 0;
        e = json_string_get(&s->doc, description, plain, &text);
        /* Without an escape it was not copied. */
        if (e == 0 && plain->len == 0)
                e = buf_append_str(plain, text);
        return e;
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
