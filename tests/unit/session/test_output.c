/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

static void expect(struct output *o, size_t segments, struct str all)
{
        const struct iovec *v;
        size_t n = output_vectors(o, &v);
        struct buf got = BUF_INIT(1U << 20);

        for (size_t i = 0; i < n; i++)
                buf_append(&got, v[i].iov_base, v[i].iov_len);
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

        memset(line, 'x', sizeof(line));
        output_init(&o, 100);
        output_copy(&o, STR("short"), true);
        cr_expect_eq(output_borrow(&o, str_of(line, sizeof(line)), true), 0);
        cr_assert_eq(output_vectors(&o, &v), 2U);
        cr_expect_eq((void *)v[1].iov_base, (void *)line);
        cr_expect_lt(output_copy(&o, str_of(line, 200), true), 0, "the limit holds");
        cr_expect_eq(output_vectors(&o, &v), 2U);
        output_deinit(&o);
}

/* An allocator that has nothing left after so many requests. */
static unsigned left;

static void *scarce(void *userdata, void *ptr, size_t size)
{
        return left && left-- ? realloc(ptr, size) : NULL;
}

static void release(void *userdata, void *ptr)
{
        free(ptr);
}

Test(output, what_was_put_out_needs_no_more_memory)
{
        static const struct allocator allocator = { .resize = scarce, .release = release };
        char line[4096] = { 0 };

        mem_set_allocator(&allocator);
        for (unsigned requests = 0; requests < 4; requests++) {
                struct output o;
                const struct iovec *v;
                int r;

                left = requests;
                output_init(&o, 4096);
                r = output_borrow(&o, str_of(line, sizeof(line)), true);
                cr_expect_eq(r, requests < 2 ? -ENOMEM : 0, "with %u requests: %d", requests, r);
                left = 0;
                cr_expect_eq(output_vectors(&o, &v), r == 0 ? 1U : 0U, "with %u requests", requests);
                output_deinit(&o);
        }
        mem_set_allocator(NULL);
}
