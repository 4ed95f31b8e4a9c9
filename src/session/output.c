/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <errno.h>
#include <stdint.h>

#include "alloc.h"

/* Below this a copy is cheaper than a vector of its own. */
#define BORROW_MIN 2048U
/* Memory kept from one event to the next: a list of a thousand tools fits. */
#define OUTPUT_KEEP (1U << 20)

void output_init(struct output *o, size_t limit)
{
        *o = (struct output){ .own = BUF_INIT(limit) };
}

void output_deinit(struct output *o)
{
        buf_deinit(&o->own);
        mem_free(o->segments);
        mem_free(o->vectors);
        *o = (struct output){ .own = BUF_INIT(o->own.limit) };
}

/* Room for one more segment and for its vector: what has been put out is then never lost for want of memory. */
static int grow(struct output *o)
{
        size_t cap = o->cap ? o->cap * 2 : 16;
        struct segment *segments = mem_resize(o->segments, cap * sizeof(*segments));
        struct iovec *vectors;

        if (!segments)
                return -ENOMEM;
        o->segments = segments;
        vectors = mem_resize(o->vectors, cap * sizeof(*vectors));
        if (!vectors)
                return -ENOMEM;
        o->vectors = vectors;
        o->cap = cap;
        return 0;
}

static int add_segment(struct output *o, struct segment segment)
{
        if (o->count == o->cap && grow(o) < 0)
                return -ENOMEM;
        o->segments[o->count++] = segment;
        return 0;
}

static struct segment *last_segment(struct output *o, bool gated)
{
        struct segment *last = o->count ? &o->segments[o->count - 1] : NULL;

        return last && last->gated == gated ? last : NULL;
}

int output_borrow(struct output *o, struct str line, bool gated)
{
        struct segment *last = last_segment(o, gated);

        if (last && last->borrowed && last->borrowed + last->len == line.ptr) {
                last->len += line.len;
                return 0;
        }
        if (line.len < BORROW_MIN && o->count)
                return output_copy(o, line, gated);
        return add_segment(o, (struct segment){ .borrowed = line.ptr, .len = line.len, .gated = gated });
}

int output_copy(struct output *o, struct str line, bool gated)
{
        struct segment *last = last_segment(o, gated);
        size_t offset = o->own.len;
        int r = buf_append_str(&o->own, line);

        if (r < 0)
                return r;
        if (last && !last->borrowed && last->offset + last->len == offset) {
                last->len += line.len;
                return 0;
        }
        r = add_segment(o, (struct segment){ .offset = offset, .len = line.len, .gated = gated });
        if (r < 0)
                o->own.len = offset;
        return r;
}

int output_take(struct output *o, struct buf *line, bool gated)
{
        struct buf taken = *line;
        int r;

        if (o->own.len || line->len < BORROW_MIN)
                return output_copy(o, buf_str(line), gated);
        r = add_segment(o, (struct segment){ .len = line->len, .gated = gated });
        if (r < 0)
                return r;
        *line = o->own;
        line->limit = taken.limit;
        taken.limit = o->own.limit;
        o->own = taken;
        return 0;
}

void output_take_back(struct output *o)
{
        size_t kept = 0;

        for (size_t i = 0; i < o->count; i++)
                if (!o->segments[i].gated)
                        o->segments[kept++] = o->segments[i];
        o->count = kept;
}

size_t output_vectors(struct output *o, const struct iovec **ret)
{
        for (size_t i = 0; i < o->count; i++) {
                const struct segment *segment = &o->segments[i];
                const char *base = segment->borrowed ? segment->borrowed : o->own.data + segment->offset;

                /* iovec has no const; nobody writes through it. */
                o->vectors[i] = (struct iovec){ .iov_base = (void *)(uintptr_t)base, .iov_len = segment->len };
        }
        *ret = o->vectors;
        return o->count;
}

void output_clear(struct output *o)
{
        o->count = 0;
        buf_clear(&o->own, OUTPUT_KEEP);
}
