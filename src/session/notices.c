/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "internal.h"
#include "limits.h"
#include "printable.h"

void notify(struct session *s, struct str what, const struct ruling *r)
{
        size_t before = s->notices.len;

        buf_append_str(&s->notices, what);
        printable_append(&s->notices, r->detail, 600);
        buf_append_char(&s->notices, '\0');
        if (s->notices.failed) {
                s->notices.len = before;
                s->notices.failed = false;
                s->notices_dropped++;
        }
}

bool session_take_notice(struct session *s, struct str *ret)
{
        const char *line = s->notices.data + s->notices_taken, *end;

        if (s->notices_taken < s->notices.len) {
                end = memchr(line, '\0', s->notices.len - s->notices_taken);
                *ret = str_of(line, (size_t)(end - line));
                s->notices_taken += ret->len + 1;
                return true;
        }
        buf_clear(&s->notices, SESSION_NOTICE_BYTES);
        s->notices_taken = 0;
        if (!s->notices_dropped)
                return false;
        buf_clear(&s->notice, SESSION_NOTICE_BYTES);
        buf_printf(&s->notice, "%llu more of the same kind not shown; the audit log has them",
                (unsigned long long)s->notices_dropped);
        s->notices_dropped = 0;
        *ret = buf_str(&s->notice);
        return true;
}

