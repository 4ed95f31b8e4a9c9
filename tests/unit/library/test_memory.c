/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "asker.h"

struct failing {
        size_t countdown, living;
};

static void *fail_at_zero(void *ptr, size_t size, void *userdata)
{
        struct failing *f = userdata;
        void *grown;

        if (f->countdown == 0)
                return NULL;
        f->countdown--;
        grown = realloc(ptr, size);
        f->living += grown && !ptr;
        return grown;
}

static void count_release(void *ptr, void *userdata)
{
        struct failing *f = userdata;

        f->living--;
        free(ptr);
}

static void ignore(const struct leastwise_step *step, void *userdata)
{
        (void)step;
        (void)userdata;
}

static const char text[] = HEAD "tools:\n"
                                "  allow:\n"
                                "    - tool: page\n"
                                "      when: { q: { matches: '[a-z]{1,9}' } }\n"
                                "      narrow: { size: { at_most: 10 } }\n"
                                "      because: it is read only\n";

static const char definition[] = "{\"name\":\"page\",\"inputSchema\":{\"properties\":{\"q\":{\"pattern\":\"^[a-z]+$\"},\"size\":{\"maximum\":99}}}}";

/* Everything of the library once: what of it fails, and what is allowed. */
static bool go_round(bool *ret_allowed)
{
        struct leastwise_policy *policy = NULL;
        struct leastwise_marks *marks = NULL;
        struct leastwise_decision *decided = NULL, *explained = NULL;
        struct leastwise_request request = request_of(LEASTWISE_TOOL, "page", "{\"q\":\"\\u0061bc\",\"size\":99}");
        bool failed = try_load(&policy, text, 0) < 0;

        failed |= policy && leastwise_marks_new(&marks, policy) < 0;
        request.marks = marks;
        request.definition = definition;
        request.definition_length = strlen(definition);
        failed |= policy && leastwise_policy_decide(policy, &request, &decided) < 0;
        failed |= policy && leastwise_policy_explain(policy, &request, ignore, NULL, &explained) < 0;
        *ret_allowed = leastwise_decision_verdict(decided) == LEASTWISE_ALLOW &&
                       leastwise_decision_verdict(explained) == LEASTWISE_ALLOW;
        cr_expect(!decided || leastwise_decision_verdict(decided) != LEASTWISE_ALLOW ||
                  strcmp(leastwise_decision_arguments(decided, NULL), "{\"q\":\"abc\",\"size\":10}") == 0);
        leastwise_decision_free(decided);
        leastwise_decision_free(explained);
        leastwise_marks_free(marks);
        leastwise_policy_unref(policy);
        return !failed;
}

/* From the n-th request on there is no memory: nothing leaks, and nothing is allowed that was not decided in full. */
Test(memory, without_memory_nothing_is_allowed_and_nothing_leaks)
{
        struct failing f = { 0 };
        const struct leastwise_allocator allocator = {
                .size = sizeof(allocator), .resize = fail_at_zero, .release = count_release, .userdata = &f
        };
        size_t n, denied = 0;

        cr_assert_eq(leastwise_set_allocator(&allocator), 0);
        for (n = 0; n < 10000; n++) {
                bool allowed, good, done;

                f.countdown = n;
                good = go_round(&allowed);
                done = f.countdown > 0;
                cr_expect_eq(f.living, 0, "allocation %zu leaves %zu", n, f.living);
                if (done) {
                        cr_expect(good && allowed);
                        break;
                }
                cr_expect(!allowed || good, "allocation %zu", n);
                denied += !allowed;
        }
        cr_assert_eq(leastwise_set_allocator(NULL), 0);
        cr_expect_gt(denied, 20);
        cr_expect_lt(n, 10000);
        CHECK_NO_LEAKS();
}

Test(memory, an_allocator_has_both_functions)
{
        struct leastwise_allocator allocator = { .size = sizeof(allocator), .resize = fail_at_zero };

        cr_expect_eq(leastwise_set_allocator(&allocator), -LEASTWISE_ERROR_ARGUMENT);
        allocator.release = count_release;
        allocator.size = 3;
        cr_expect_eq(leastwise_set_allocator(&allocator), -LEASTWISE_ERROR_ARGUMENT);
}
