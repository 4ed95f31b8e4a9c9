/* SPDX-License-Identifier: Apache-2.0 */
#include "leaks.h"
#include "world.h"

#include "alloc.h"

/* Fails the n-th request. */
static size_t left;

static void *failing_resize(void *userdata, void *ptr, size_t size)
{
        if (left == 0)
                return NULL;
        --left;
        return realloc(ptr, size);
}

static void failing_release(void *userdata, void *ptr)
{
        free(ptr);
}

Test(scratch, is_whole_or_none)
{
        const struct allocator failing = { failing_resize, failing_release, NULL };
        struct policy_scratch *scratch = NULL;

        cr_expect_null(policy_scratch_free(NULL));
        mem_set_allocator(&failing);
        for (size_t n = 0; n < 20 && !scratch; ++n) {
                left = n;
                scratch = policy_scratch_new();
                cr_expect(scratch || n < 10);
        }
        cr_expect_not_null(scratch);
        cr_expect_null(policy_scratch_free(scratch));
        mem_set_allocator(NULL);
        CHECK_NO_LEAKS();
}
