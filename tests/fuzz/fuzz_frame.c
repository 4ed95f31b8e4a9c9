/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines: however the bytes are cut, the same lines come out, none past the limit, and nothing is lost.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"

#define LIMIT 200U

struct tally {
        uint64_t hash;
        size_t lines, oversize;
};

static void count(struct tally *t, struct str line, enum line_event event)
{
        t->lines += event == LINE_COMPLETE;
        t->oversize += event == LINE_OVERSIZE;
        for (size_t i = 0; i < line.len; i++)
                t->hash = (t->hash ^ (unsigned char)line.ptr[i]) * UINT64_C(0x100000001B3);
        t->hash = (t->hash ^ 0x100) * UINT64_C(0x100000001B3);
        if (line.len > LIMIT)
                abort();
}

static struct tally cut(const uint8_t *data, size_t size, size_t piece)
{
        struct tally t = { 0 };
        struct line_reader r;

        line_reader_init(&r, LIMIT);
        for (size_t at = 0; at < size; at += piece) {
                size_t n = size - at < piece ? size - at : piece, room;
                enum line_event event;
                struct str line;
                char *to;

                if (line_reader_space(&r, &to, &room) < 0 || room < n)
                        abort();
                memcpy(to, data + at, n);
                line_reader_added(&r, n);
                while ((event = line_reader_next(&r, &line)) != LINE_NONE)
                        count(&t, line, event);
                line_reader_release(&r);
        }
        line_reader_deinit(&r);
        return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const size_t pieces[] = { 1, 3, 64, 4096 };
        struct tally whole;

        if (size > 16384)
                return 0;
        whole = cut(data, size, 16384);
        for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
                struct tally t = cut(data, size, pieces[i]);

                if (t.lines != whole.lines || t.oversize != whole.oversize || t.hash != whole.hash)
                        abort();
        }
        return 0;
}
