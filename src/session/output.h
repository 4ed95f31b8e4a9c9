/* SPDX-License-Identifier: Apache-2.0
 *
 * What one event of one side sends to one receiver: segments in order, either bytes of the event's own input (a line that is
 * forwarded as it came) or bytes kept here. Lines that lie next to each other in the input become one segment.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "buf.h"

struct segment {
        const char *borrowed; /* NULL: `offset` into own */
        size_t offset, len;
        bool gated; /* taken back when the event's records could not be written */
};

struct output {
        struct buf own;
        struct segment *segments;
        struct iovec *vectors; /* as many as there is room for segments */
        size_t count, cap;
};

void output_init(struct output *o, size_t limit);
void output_deinit(struct output *o);

/* The bytes stay where they are until the output is cleared. Short lines are copied unless they continue the last segment:
 * a segment costs more than their copy. 0, -EMSGSIZE or -ENOMEM with nothing added. */
int output_borrow(struct output *o, struct str line, bool gated);
int output_copy(struct output *o, struct str line, bool gated);

/* The same for a whole buffer, which is left empty: a long line changes hands instead of being copied. */
int output_take(struct output *o, struct buf *line, bool gated);

/* Takes the gated segments out again. */
void output_take_back(struct output *o);

/* The segments as vectors, valid until the next change. */
size_t output_vectors(struct output *o, const struct iovec **ret);

void output_clear(struct output *o);
