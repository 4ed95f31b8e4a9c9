/* SPDX-License-Identifier: Apache-2.0 */
#include "grant_lines.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "card_text.h"

#define WHEN "\n      when:\n"
#define INDENT 8U

struct page {
        struct buf *out;
        unsigned width;
        bool letters;
};

static void foreign(struct page *p, const char *label, struct str text, enum inert_kind kind)
{
        if (card_text_foreign(p->out, label, text, kind, p->width, p->letters) < 0)
                p->out->failed = true;
}

/* The lines of the policy's text behind `when:`, which is its last key. */
static void put_conditions(struct page *p, struct str text)
{
        const char *when = text.len ? memmem(text.ptr, text.len, WHEN, sizeof(WHEN) - 1) : NULL;
        struct str rest = when ? str_skip(text, (size_t)(when - text.ptr) + sizeof(WHEN) - 1) : STR("");

        if (!rest.len) {
                buf_printf(p->out, "%-*s%s\n", (int)CARD_TEXT_LABEL, "TAKES", "WHATEVER ARGUMENTS THERE ARE");
                return;
        }
        buf_printf(p->out, "%-*s%s\n", (int)CARD_TEXT_LABEL, "TAKES", "only these arguments, and each only so:");
        while (rest.len) {
                const char *end = memchr(rest.ptr, '\n', rest.len);
                const size_t len = end ? (size_t)(end - rest.ptr) : rest.len;

                foreign(p, "", str_of(rest.ptr + (len > INDENT ? INDENT : 0), len > INDENT ? len - INDENT : len), INERT_PLAIN);
                rest = str_skip(rest, end ? len + 1 : len);
        }
}

int grant_lines_write(struct buf *out, const struct grant *grant, unsigned width, bool letters, uint64_t now_ms)
{
        struct page p = { .out = out, .width = width, .letters = letters };

        if (grant->id[0]) {
                buf_printf(out, "%-*sGRANTED beyond the policies, for ", (int)CARD_TEXT_LABEL, grant->id);
                card_text_left(out, now_ms, grant->expires_ms);
                buf_append_str(out, STR(" more\n"));
        }
        foreign(&p, "TOOL", grant->tool, INERT_PLAIN);
        put_conditions(&p, grant->text);
        foreign(&p, "WHY", grant->because, INERT_PLAIN);
        if (grant->id[0]) {
                foreign(&p, "BY", grant->by, INERT_PLAIN);
                buf_printf(out, "%-*s%" PRIu64 " time%s\n", (int)CARD_TEXT_LABEL, "USED", grant->uses, grant->uses == 1 ? "" : "s");
        }
        foreign(&p, "SERVER", grant->server, INERT_VISIBLE);
        foreign(&p, "SESSION", grant->session, INERT_PLAIN);
        return out->failed ? -ENOMEM : 0;
}
