/* SPDX-License-Identifier: Apache-2.0
 *
 * What the person at the proxy's stderr is told. A client that asks for the same thing again and again does not fill the
 * screen: what was just said is counted, not repeated.
 */
#include <string.h>

#include "internal.h"
#include "limit.h"
#include "printable.h"

/* Of what makes a notice what it is; a collision only hides a notice, whose record is in the log. */
static uint64_t hash_of(const struct ruling *r)
{
        uint64_t h = STR_HASH_START + r->decision.line;

        return r->by_policy ? str_hash_add(str_hash_add(h, str_from(r->subject)), r->name) : str_hash_add(h, r->detail);
}

void notify(struct session *s, struct str what, struct ruling *r)
{
        size_t before = s->notices.len;
        uint64_t hash = hash_of(r);

        if (hash == s->last_notice) {
                s->notices_dropped++;
                return;
        }
        s->last_notice = hash;
        buf_append_str(&s->notices, what);
        printable_append(&s->notices, told(s, detail_of(s, r)), 600);
        buf_append_char(&s->notices, '\0');
        if (s->notices.failed) {
                s->notices.len = before;
                s->notices.failed = false;
                s->notices_dropped++;
        }
}

/* Said with the next different notice, or at the end. */
static bool take_dropped(struct session *s, struct str *ret)
{
        if (!s->notices_dropped)
                return false;
        buf_clear(&s->notice, SESSION_NOTICE_BYTES);
        buf_printf(&s->notice, "(the same %llu more times; the audit log has each)", (unsigned long long)s->notices_dropped);
        s->notices_dropped = 0;
        *ret = buf_str(&s->notice);
        return true;
}

bool session_take_notice(struct session *s, struct str *ret)
{
        const char *line = s->notices.data + s->notices_taken, *end;

        if (s->notices_taken >= s->notices.len) {
                buf_clear(&s->notices, SESSION_NOTICE_BYTES);
                s->notices_taken = 0;
                return s->flows[SIDE_CLIENT].ended && take_dropped(s, ret);
        }
        if (s->notices_taken == 0 && take_dropped(s, ret))
                return true;
        end = memchr(line, '\0', s->notices.len - s->notices_taken);
        *ret = str_of(line, (size_t)(end - line));
        s->notices_taken += ret->len + 1;
        return true;
}
