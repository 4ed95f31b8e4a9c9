/* SPDX-License-Identifier: Apache-2.0
 *
 * Cuts one peer's bytes into lines at LF. The buffer is where the reads go and where the lines stay: a line that
 * is forwarded unchanged is written from here, without a copy. Lines handed out, and the bytes around them, stay in place
 * until line_reader_release().
 *
 * A line past the limit is not kept: its bytes are skimmed for an id and dropped as they come, and its end is told.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "skim.h"

struct line_reader {
        struct buf in;
        size_t start;   /* of the first byte that is not yet part of a line handed out */
        size_t scanned; /* no LF before this */
        size_t limit;   /* bytes of a line, without its LF */
        bool oversize;  /* in the middle of a line that is being dropped */
        size_t dropped; /* bytes of it so far */
        unsigned calm;  /* releases since the buffer was last needed large */
        struct skim skim;
};

void line_reader_init(struct line_reader *r, size_t limit);
void line_reader_deinit(struct line_reader *r);

/* Room for the next read: 0 with LINE_READER_ROOM to LINE_READER_MOST bytes, or -ENOMEM. Only after release. However large the
 * buffer has become, one read brings no more lines than the records and answers that they cause have room for. */
#define LINE_READER_ROOM (64U << 10)
#define LINE_READER_MOST (128U << 10)
int line_reader_space(struct line_reader *r, char **ret_ptr, size_t *ret_len);

/* @n bytes were written to that room. */
void line_reader_added(struct line_reader *r, size_t n);

enum line_event {
        LINE_NONE = 0, /* no whole line left */
        LINE_COMPLETE, /* *ret is the line; the LF is the byte behind it */
        LINE_OVERSIZE, /* the end of an oversize line: r->skim and r->dropped tell of it; *ret is empty */
};
enum line_event line_reader_next(struct line_reader *r, struct str *ret);

/* Bytes of an unterminated line. */
size_t line_reader_unfinished(const struct line_reader *r);

/* Lines handed out are no longer used: their room may be. */
void line_reader_release(struct line_reader *r);
