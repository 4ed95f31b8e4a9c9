/* SPDX-License-Identifier: Apache-2.0 */
#include "alloc.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "buf.h"

static void *refuse(void *userdata, void *ptr, size_t size)
{
        ++*(int *)userdata;
        return NULL;
}

static void release(void *userdata, void *ptr)
{
        free(ptr);
}

Test(alloc, a_replaced_allocator_is_asked_and_its_refusal_handled)
{
        int asked = 0;
        struct allocator none = { refuse, release, &asked };
        struct buf b = BUF_INIT(64);

        mem_set_allocator(&none);
        cr_expect_eq(buf_append_str(&b, STR("x")), -ENOMEM);
        cr_expect_null(mem_calloc(4, 4));
        cr_expect_eq(asked, 2);
        mem_set_allocator(NULL);
        cr_expect_eq(buf_append_str(&b, STR("x")), 0);
        buf_deinit(&b);
}

Test(alloc, calloc_refuses_a_product_that_overflows)
{
        cr_expect_null(mem_calloc(SIZE_MAX / 2, 3));
}
