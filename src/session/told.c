/* SPDX-License-Identifier: Apache-2.0
 *
 * What people are told: cards, notices, denials. What a client or a server wrote stands there without secrets, and they are
 * taken out before anything is cut or made printable: half a secret, or one that is spelled otherwise, would not be found.
 */
#include <errno.h>

#include "internal.h"

struct str told(struct session *s, struct str text)
{
        if (!s->redactor || !redactor_finds(s->redactor, text))
                return text;
        buf_clear(&s->redacted, LINE_KEEP);
        return redactor_apply(s->redactor, text, &s->redacted) < 0 ? STR("(left out)") : buf_str(&s->redacted);
}

int told_arguments(struct session *s, struct buf *text, uint32_t *ret)
{
        static const struct str name = STR_INIT("{\"shown\":");
        int r;

        if (!s->redactor || !redactor_finds_json(s->redactor, buf_str(text)))
                return 0;
        buf_clear(&s->redacted, LINE_KEEP);
        r = buf_append_str(&s->redacted, name);
        r = r < 0 ? r : redactor_apply_json(s->redactor, buf_str(text), &s->redacted);
        r = r < 0 ? r : buf_append_char(&s->redacted, '}');
        if (r < 0)
                return r;
        buf_clear(text, LINE_KEEP);
        r = buf_append(text, s->redacted.data + name.len, s->redacted.len - name.len - 1);
        if (r < 0)
                return r;
        if (json_read(&s->checked, buf_str(&s->redacted)) != JSON_OK)
                return -EBADMSG;
        *ret = json_member(&s->checked, 0, STR("shown"));
        return 1;
}
