/* SPDX-License-Identifier: Apache-2.0 */
#include "recognise.h"

#include <criterion/criterion.h>
#include <string.h>

Test(recognise, zeroed_memory_is_not_a_yes)
{
        enum recognised r;

        memset(&r, 0, sizeof(r));
        cr_expect_eq(r, RECOGNISED_UNREADABLE);
}

Test(recognise, names)
{
        cr_expect_str_eq(recognised_name(RECOGNISED_UNREADABLE), "unreadable");
        cr_expect_str_eq(recognised_name(RECOGNISED_DOES_NOT), "does-not");
        cr_expect_str_eq(recognised_name(RECOGNISED_HOLDS), "holds");
        cr_expect_str_eq(recognised_name((enum recognised)77), "unreadable");
}
