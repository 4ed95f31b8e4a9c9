/* SPDX-License-Identifier: Apache-2.0 */
#include "asking.h"

int leastwise_marks_new(struct leastwise_marks **ret, struct leastwise_policy *policy)
{
        struct leastwise_marks *marks;

        if (!ret || !policy)
                return -LEASTWISE_ERROR_ARGUMENT;
        marks = mem_calloc(1, sizeof(*marks));
        if (!marks)
                return -LEASTWISE_ERROR_MEMORY;
        marks->policy = leastwise_policy_ref(policy);
        *ret = marks;
        return 0;
}

struct leastwise_marks *leastwise_marks_free(struct leastwise_marks *marks)
{
        if (marks)
                leastwise_policy_unref(marks->policy);
        mem_free(marks);
        return NULL;
}

void leastwise_marks_freep(struct leastwise_marks **marks)
{
        *marks = leastwise_marks_free(*marks);
}

int leastwise_marks_add(
        struct leastwise_marks *marks, enum leastwise_subject subject, const char *name, size_t name_length)
{
        enum policy_subject met;

        if (!marks || !name || !asking_subject(subject, &met))
                return -LEASTWISE_ERROR_ARGUMENT;
        policy_set_mark(marks->policy->set, met, str_of(name, name_length), &marks->marks);
        return 0;
}
