/* SPDX-License-Identifier: Apache-2.0 */
#include "line.h"

#include <criterion/criterion.h>
#include <string.h>

static void put(struct line_reader *r, struct str bytes)
{
        char *at;
        size_t room;

        cr_assert_eq(line_reader_space(r, &at, &room), 0);
        cr_assert_geq(room, bytes.len);
        memcpy(at, bytes.ptr, bytes.len);
        line_reader_added(r, bytes.len);
}

Test(line, lines_lie_next_to_each_other)
{
        struct line_reader r;
        struct str a, b, c;

        line_reader_init(&r, 100);
        put(&r, STR("one\ntwo\nthr"));
        cr_expect_eq(line_reader_next(&r, &a), LINE_COMPLETE);
        cr_expect_eq(line_reader_next(&r, &b), LINE_COMPLETE);
        cr_expect_eq(line_reader_next(&r, &c), LINE_NONE);
        cr_expect(str_eq(a, STR("one")));
        cr_expect_eq(b.ptr, a.ptr + 4);
        cr_expect_eq(line_reader_unfinished(&r), 3U);
        line_reader_release(&r);
        put(&r, STR("ee\n"));
        cr_expect_eq(line_reader_next(&r, &c), LINE_COMPLETE);
        cr_expect(str_eq(c, STR("three")));
        line_reader_deinit(&r);
}

Test(line, limit_minus_one_limit_and_one_more)
{
        for (size_t n = 99; n <= 101; n++) {
                struct line_reader r;
                char bytes[102];
                struct str line;

                line_reader_init(&r, 100);
                memset(bytes, 'x', n);
                bytes[n] = '\n';
                put(&r, str_of(bytes, n + 1));
                cr_expect_eq(line_reader_next(&r, &line), n <= 100 ? LINE_COMPLETE : LINE_OVERSIZE, "length %zu", n);
                line_reader_deinit(&r);
        }
}

Test(line, an_oversize_line_is_skimmed_dropped_and_survived)
{
        struct line_reader r;
        struct str line, id;

        line_reader_init(&r, 1000);
        put(&r, STR("{\"x\":\""));
        for (int i = 0; i < 10000; i++) {
                put(&r, STR("0123456789012345678901234567890123456789"));
                cr_assert_eq(line_reader_next(&r, &line), LINE_NONE);
                line_reader_release(&r);
                cr_assert_leq(r.in.cap, 1000U + 1 + LINE_READER_ROOM, "memory does not grow with the line");
        }
        put(&r, STR("\",\"id\":77}\nnext\n"));
        cr_expect_eq(line_reader_next(&r, &line), LINE_OVERSIZE);
        cr_expect(skim_id(&r.skim, &id));
        cr_expect(str_eq(id, STR("77")));
        cr_expect_gt(r.dropped, 400000U);
        cr_expect_eq(line_reader_next(&r, &line), LINE_COMPLETE);
        cr_expect(str_eq(line, STR("next")));
        line_reader_deinit(&r);
}

Test(line, memory_of_a_large_line_is_given_back_in_time)
{
        struct line_reader r;
        struct str line;
        char *at;
        size_t room;

        line_reader_init(&r, 4U << 20);
        for (int i = 0; i < 40; i++) {
                cr_assert_eq(line_reader_space(&r, &at, &room), 0);
                memset(at, 'x', 60000);
                line_reader_added(&r, 60000);
                line_reader_next(&r, &line);
        }
        put(&r, STR("\n"));
        cr_expect_eq(line_reader_next(&r, &line), LINE_COMPLETE);
        line_reader_release(&r);
        cr_expect_gt(r.in.cap, 2000000U);
        cr_assert_eq(line_reader_space(&r, &at, &room), 0);
        cr_expect_eq(room, LINE_READER_MOST, "one read is no larger than before");
        for (int i = 0; i < 300; i++) {
                put(&r, STR("small\n"));
                line_reader_next(&r, &line);
                line_reader_release(&r);
        }
        cr_expect_leq(r.in.cap, 2U * LINE_READER_ROOM);
        line_reader_deinit(&r);
}
