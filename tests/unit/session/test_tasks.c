/* SPDX-License-Identifier: Apache-2.0 */
#include "tasks.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "limit.h"

Test(tasks, only_what_was_made_here_is_known)
{
        struct task_table t;

        tasks_init(&t);
        cr_expect_not(tasks_know(&t, STR("a")));
        cr_expect(tasks_add(&t, STR("a"), STR("")));
        cr_expect(tasks_know(&t, STR("a")));
        cr_expect_not(tasks_know(&t, STR("A")));
        cr_expect_not(tasks_know(&t, STR("a ")));
        cr_expect_not(tasks_add(&t, STR(""), STR("")));
        tasks_deinit(&t);
}

Test(tasks, know_the_tool_that_made_them)
{
        struct task_table t;

        tasks_init(&t);
        cr_expect_eq(tasks_tool(&t, STR("a")).len, 0U);
        cr_expect(tasks_add(&t, STR("a"), STR("echo")));
        cr_expect(tasks_add(&t, STR("b"), STR("")));
        cr_expect(str_eq(tasks_tool(&t, STR("a")), STR("echo")));
        cr_expect_eq(tasks_tool(&t, STR("b")).len, 0U);
        cr_expect_not(tasks_know(&t, STR("aecho")));
        cr_expect(tasks_add(&t, STR("a"), STR("other")), "it is known already");
        cr_expect(str_eq(tasks_tool(&t, STR("a")), STR("echo")), "the first one holds");
        tasks_deinit(&t);
}

Test(tasks, limit_forgets_the_oldest)
{
        struct task_table t;
        char text[32];

        tasks_init(&t);
        for (unsigned i = 0; i < LIMIT_TASKS; i++) {
                snprintf(text, sizeof(text), "task-%u", i);
                cr_assert(tasks_add(&t, str_from(text), STR("")));
        }
        cr_expect(tasks_know(&t, STR("task-0")));
        cr_expect(tasks_add(&t, STR("one more"), STR("")));
        cr_expect_not(tasks_know(&t, STR("task-0")));
        cr_expect(tasks_know(&t, STR("task-1")));
        cr_expect(tasks_know(&t, STR("one more")));
        cr_expect_eq(t.count, LIMIT_TASKS);
        tasks_deinit(&t);
}

Test(tasks, ids_past_the_limit_are_unknown)
{
        char text[LIMIT_ID_BYTES + 1];
        struct task_table t;

        memset(text, 'x', sizeof(text));
        tasks_init(&t);
        cr_expect(tasks_add(&t, str_of(text, LIMIT_ID_BYTES), STR("")));
        cr_expect_not(tasks_add(&t, str_of(text, LIMIT_ID_BYTES + 1), STR("")));
        tasks_deinit(&t);
}
