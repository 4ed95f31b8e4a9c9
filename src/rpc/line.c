/* SPDX-License-Identifier: Apache-2.0 */
#include "line.h"

#include <string.h>

/* After so many releases without a large line the memory of the last one is given back. */
#define CALM_RELEASES 256U

void line_reader_init(struct line_reader *r, size_t limit)
{
        *r = (struct line_reader){ .limit = limit };
        /* A line, its LF, and room for what comes with it in one read. */
        buf_init(&r->in, limit + 1 + LINE_READER_ROOM);
}

void line_reader_deinit(struct line_reader *r)
{
        buf_deinit(&r->in);
}

int line_reader_space(struct line_reader *r, char **ret_ptr, size_t *ret_len)
{
        int e = buf_reserve(&r->in, LINE_READER_ROOM);

        if (e < 0)
                return e;
        *ret_ptr = r->in.data + r->in.len;
        *ret_len = r->in.cap - r->in.len;
        if (*ret_len > LINE_READER_MOST)
                *ret_len = LINE_READER_MOST;
        return 0;
}

void line_reader_added(struct line_reader *r, size_t n)
{
        r->in.len += n;
}

static void drop_oversize(struct line_reader *r, size_t end)
{
        struct str bytes = { r->in.data + r->start, end - r->start };

        if (!r->oversize) {
                r->oversize = true;
                r->dropped = 0;
                skim_init(&r->skim);
        }
        skim_feed(&r->skim, bytes);
        r->dropped += bytes.len;
        r->start = r->scanned = end;
}

enum line_event line_reader_next(struct line_reader *r, struct str *ret)
{
        const char *lf;
        size_t end;

        *ret = (struct str){ r->in.data, 0 };
        lf = r->in.len > r->scanned ? memchr(r->in.data + r->scanned, '\n', r->in.len - r->scanned) : NULL;
        end = lf ? (size_t)(lf - r->in.data) : r->in.len;
        if (r->oversize || end - r->start > r->limit)
                drop_oversize(r, end);
        r->scanned = end;
        if (!lf)
                return LINE_NONE;

        *ret = str_of(r->in.data + r->start, end - r->start);
        r->start = r->scanned = end + 1;
        if (!r->oversize)
                return LINE_COMPLETE;
        r->oversize = false;
        return LINE_OVERSIZE;
}

size_t line_reader_unfinished(const struct line_reader *r)
{
        return r->oversize ? r->dropped : r->in.len - r->start;
}

void line_reader_release(struct line_reader *r)
{
        buf_consume(&r->in, r->start);
        r->scanned -= r->start;
        r->start = 0;
        if (r->in.cap <= LINE_READER_ROOM * 2 || r->in.len > LINE_READER_ROOM)
                r->calm = 0;
        else if (++r->calm >= CALM_RELEASES && r->in.len == 0)
                buf_clear(&r->in, 0);
}
