/* SPDX-License-Identifier: Apache-2.0
 *
 * One encoding undone after the other: a stage holds a piece of what its source decodes to, and takes more of it as there is room. Memory does
 * not grow with the text, and no byte is decoded twice. Each byte knows where in the text itself it is from, when that is asked for.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "blob.h"
#include "decode.h"

/* Bytes @begin to @end of the text. */
struct span {
        size_t begin, end;
};

struct stage {
        enum decoding decoding;
        bool json;  /* what it reads is (a part of) a canonical JSON line; what it gives then is, too, but for base64 and hex */
        bool spans_wanted;
        bool ended;        /* no more comes */
        bool stuck;        /* and yet there is more: nobody knows what it holds */
        bool in_stretch;   /* of base64 or hex */
        bool in_front;     /* base64: in the group in front of it */
        bool torn;         /* hex: not all of it is in `bytes` any more */
        bool skip;         /* hex: the next digit belongs to no byte */
        unsigned alignment; /* base64: still to be skipped; hex: 1 when one digit more stands in front of each run of them */
        const struct blob_search *blobs;
        struct stage *source; /* NULL: it is the text itself */
        const char *bytes;    /* the text, or `space` */
        char *space;          /* owned */
        struct span *spans;   /* owned; NULL until they are wanted, and for the text: each byte is itself */
        size_t size, length;
        size_t taken;         /* by whoever reads it */
        size_t stretch;       /* hex: where it begins in `bytes` */
        size_t work;          /* bytes given and steps made, for tests */
};

/* 0, or -ENOMEM with nothing held. */
int stage_init(struct stage *s, size_t size);
/* Before it is begun with spans; they are kept. 0 or -ENOMEM. */
int stage_want_spans(struct stage *s);
void stage_deinit(struct stage *s); /* wipes */

/* It is @text, which is borrowed. */
void stage_of_text(struct stage *s, struct str text);
/* It undoes @decoding of what @source holds and will hold, base64 and hex at @alignment. */
void stage_begin(struct stage *s, struct stage *source, enum decoding decoding, unsigned alignment, bool json, bool spans_wanted);

/* Drops what was taken and takes in what there is room for. False: nothing more comes. */
bool stage_more(struct stage *s);

/* At or before @at: what is in front of it stays no half of an escape of the line. */
size_t stage_border(const struct stage *s, size_t at, bool json);
