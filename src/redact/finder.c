/* SPDX-License-Identifier: Apache-2.0 */
#include "finder.h"

#include <errno.h>
#include <stdlib.h>

#include "alloc.h"

/* Texts at least this long are searched in LANES places at once: a jump waits for the table, and while one lane
 * waits the others go on. */
#define LANES 4U
#define LANES_MIN_BYTES 4096U

static uint32_t block_hash(const char *last)
{
        uint32_t four;

        /* One load of four bytes for a block of three: a window has at least FINDER_MIN_BYTES, so last[-3] exists. */
        memcpy(&four, last - 3, sizeof(four));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        four >>= 8;
#else
        four &= 0xFFFFFFU;
#endif
        return four * 2654435761U >> (32 - FINDER_TABLE_BITS);
}

static int entry_order(const void *a, const void *b)
{
        const struct finder_entry *x = a, *y = b;

        if (x->hash != y->hash)
                return x->hash < y->hash ? -1 : 1;
        return x->pattern < y->pattern ? -1 : x->pattern > y->pattern;
}

static void fill_jumps(struct finder *f)
{
        size_t furthest = f->window - 2; /* no block of the window is known to occur in a pattern */

        if (furthest > UINT8_MAX)
                furthest = UINT8_MAX;
        memset(f->jump, (int)furthest, sizeof(f->jump));
        for (size_t i = 0; i < f->count; i++) {
                const char *text = f->patterns[i].ptr;

                /* The block that ends at index 2 has no byte in front of it to load: it is hashed from a copy. */
                for (size_t at = 2; at < f->window; at++) {
                        char four[4] = { 0, text[at - 2], text[at - 1], text[at] };
                        uint32_t hash = block_hash(four + 3);
                        size_t jump = f->window - 1 - at;

                        if (jump < f->jump[hash])
                                f->jump[hash] = (uint8_t)jump;
                        if (jump == 0)
                                f->entries[i] = (struct finder_entry){ (uint16_t)hash, (uint32_t)i };
                }
        }
}

int finder_init(struct finder *f, const struct str *patterns, size_t count)
{
        *f = (struct finder){ .patterns = patterns, .count = count, .window = SIZE_MAX };
        if (count > UINT32_MAX)
                return -EINVAL;
        for (size_t i = 0; i < count; i++) {
                if (patterns[i].len < FINDER_MIN_BYTES)
                        return -EINVAL;
                if (patterns[i].len < f->window)
                        f->window = patterns[i].len;
        }
        if (count == 0)
                return 0;
        f->entries = mem_calloc(count, sizeof(*f->entries));
        if (!f->entries)
                return -ENOMEM;
        fill_jumps(f);
        qsort(f->entries, count, sizeof(*f->entries), entry_order);
        return 0;
}

void finder_deinit(struct finder *f)
{
        if (f->entries)
                explicit_bzero(f->entries, f->count * sizeof(*f->entries));
        mem_free(f->entries);
        explicit_bzero(f, sizeof(*f));
}

static size_t first_entry(const struct finder *f, uint32_t hash)
{
        size_t low = 0, high = f->count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (f->entries[middle].hash < hash)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* The longest pattern that begins at @begin, where the window's last block has @hash. */
static bool match_at(const struct finder *f, struct str text, size_t begin, uint32_t hash, struct finder_match *ret)
{
        struct str rest = str_skip(text, begin);
        bool found = false;

        for (size_t i = first_entry(f, hash); i < f->count && f->entries[i].hash == hash; i++) {
                struct str pattern = f->patterns[f->entries[i].pattern];

                if ((found && begin + pattern.len <= ret->end) || !str_starts_with(rest, pattern))
                        continue;
                *ret = (struct finder_match){ begin, begin + pattern.len, f->entries[i].pattern };
                found = true;
        }
        return found;
}

/* As finder_next(), for windows whose last byte is at @at or behind it and before @end. */
static bool find_from(const struct finder *f, struct str text, size_t at, size_t end, struct finder_match *ret)
{
        while (at < end) {
                uint32_t hash = block_hash(text.ptr + at);
                uint8_t jump = f->jump[hash];

                if (jump == 0) {
                        if (match_at(f, text, at + 1 - f->window, hash, ret))
                                return true;
                        jump = 1;
                }
                at += jump;
        }
        return false;
}

bool finder_next(const struct finder *f, struct str text, size_t from, struct finder_match *ret)
{
        if (text.len < f->window || from > text.len - f->window)
                return false;
        return find_from(f, text, from + f->window - 1, text.len, ret);
}

bool finder_finds(const struct finder *f, struct str text)
{
        size_t at[LANES], end[LANES], share = text.len / LANES;
        struct finder_match match;

        if (text.len < LANES_MIN_BYTES || f->window > share)
                return finder_next(f, text, 0, &match);
        for (unsigned i = 0; i < LANES; i++) {
                at[i] = i * share + f->window - 1;
                end[i] = i + 1 < LANES ? at[i] + share : text.len;
        }
        while (at[0] < end[0] && at[1] < end[1] && at[2] < end[2] && at[3] < end[3]) {
                for (unsigned i = 0; i < LANES; i++) {
                        uint32_t hash = block_hash(text.ptr + at[i]);
                        uint8_t jump = f->jump[hash];

                        if (jump == 0 && match_at(f, text, at[i] + 1 - f->window, hash, &match))
                                return true;
                        at[i] += jump ? jump : 1;
                }
        }
        for (unsigned i = 0; i < LANES; i++) {
                if (find_from(f, text, at[i], end[i], &match))
                        return true;
        }
        return false;
}
