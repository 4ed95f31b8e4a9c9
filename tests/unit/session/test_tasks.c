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
        cr_expect(tasks_add(&t, STR("a")));
        cr_expect(tasks_know(&t, STR("a")));
        cr_expect_not(tasks_know(&t, STR("A")));
        cr_expect_not(tasks_know(&t, STR("a ")));
        cr_expect_not(tasks_add(&t, STR("")));
        tasks_deinit(&t);
}

Test(tasks, limit_forgets_the_oldest)
{
        struct task_table t;
        char text[32];

        tasks_init(&t);
        for (unsigned i = 0; i < LIMIT_TASKS; i++) {
                snprintf(text, sizeof(text), "task-%u", i);
                cr_assert(tasks_add(&t, str_from(text)));
        }
        cr_expect(tasks_know(&t, STR("task-0")));
        cr_expect(tasks_add(&t, STR("one more")));
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
        cr_expect(tasks_add(&t, str_of(text, LIMIT_ID_BYTES)));
        cr_expect_not(tasks_add(&t, str_of(text, LIMIT_ID_BYTES + 1)));
        tasks_deinit(&t);
}
