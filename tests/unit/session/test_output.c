/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void expect(struct output *o, size_t segments, struct str all)
{
        const struct iovec *v;
        bool failed;
        size_t n = output_vectors(o, &v, &failed);
        struct buf got = BUF_INIT(1U << 20);

        for (size_t i = 0; i < n; i++)
                buf_append(&got, v[i].iov_base, v[i].iov_len);
        cr_expect_not(failed);
        cr_expect_eq(n, segments, "%zu segments", n);
        cr_expect(str_eq(buf_str(&got), all), "%.*s", STR_FMT(buf_str(&got)));
        buf_deinit(&got);
}

Test(output, neighbours_in_the_input_become_one_segment)
{
        static const char input[] = "one\ntwo\nthree\n";
        struct output o;

        output_init(&o, 4096);
        output_borrow(&o, str_of(input, 4), true);
        output_borrow(&o, str_of(input + 4, 4), true);
        expect(&o, 1, STR("one\ntwo\n"));
        /* Not the next line of the input: copied, for it is short. */
        output_borrow(&o, str_of(input, 4), true);
        output_copy(&o, STR("x\n"), true);
        expect(&o, 2, STR("one\ntwo\none\nx\n"));
        output_clear(&o);
        expect(&o, 0, STR(""));
        output_deinit(&o);
}

Test(output, what_is_gated_is_taken_back)
{
        struct output o;

        output_init(&o, 4096);
        output_copy(&o, STR("a"), false);
        output_copy(&o, STR("b"), true);
        output_copy(&o, STR("c"), false);
        output_copy(&o, STR("d"), true);
        output_take_back(&o);
        expect(&o, 2, STR("ac"));
        output_deinit(&o);
}

Test(output, long_lines_are_not_copied)
{
        char line[4096];
        struct output o;
        const struct iovec *v;
        bool failed;

        memset(line, 'x', sizeof(line));
        output_init(&o, 100);
        output_copy(&o, STR("short"), true);
        cr_expect_eq(output_borrow(&o, str_of(line, sizeof(line)), true), 0);
        cr_assert_eq(output_vectors(&o, &v, &failed), 2U);
        cr_expect_eq((void *)v[1].iov_base, (void *)line);
        cr_expect_lt(output_copy(&o, str_of(line, 200), true), 0, "the limit holds");
        cr_expect_eq(output_vectors(&o, &v, &failed), 2U);
        output_deinit(&o);
}
