/* SPDX-License-Identifier: Apache-2.0
 *
 * The `tests:` of a policy: what its author expects of it, written beside it. They decide nothing. They are there only when
 * the set was made with policy_options.tests.
 */
#pragma once

#include "policy.h"
#include "policy_limits.h"

/* How often a test may make its call: enough for counts that people can judge, and done within a second. */
#define POLICY_TEST_TIMES 10000U

/* What has answered in the session. */
struct policy_met {
        enum policy_subject subject;
        struct str name;
};

struct policy_test {
        uint32_t line, column, length;
        struct str name; /* may be empty */
        const char *kind; /* the key that says what is asked about: "call" */
        enum policy_subject subject;
        struct str subject_name; /* may be empty */
        struct str arguments;    /* a JSON object; empty: none */
        enum verdict expect;
        struct str because;      /* a part of the deciding rule's; empty: whatever that says */
        struct str narrowed;     /* the arguments that are sent, a JSON object; empty: whatever they are */
        const struct policy_met *after;
        size_t after_count;
        struct str at;  /* the day, as written; empty: none */
        int64_t now_s;  /* its first second; without a day 0, which is before every `until` */
        uint32_t times; /* how often it is asked, at least 1: the last answer is the test's */
        const struct policy_pair *bind;
        size_t bind_count;
};

size_t policy_set_test_count(const struct policy_set *set, size_t index);
const struct policy_test *policy_set_test(const struct policy_set *set, size_t index, size_t test);

/* The names that a policy lists under `bind:`. */
size_t policy_set_bind_count(const struct policy_set *set, size_t index);
struct str policy_set_bind_name(const struct policy_set *set, size_t index, size_t bind);

enum policy_test_outcome {
        TEST_UNDECIDED = 0, /* no memory */
        TEST_WRONG_VERDICT,
        TEST_WRONG_BECAUSE,
        TEST_WRONG_ARGUMENTS, /* not those of `narrowed` */
        TEST_PASSES,
};

/* Counts the calls of one test by the set's limits, from nothing on. */
struct policy_test_counts {
        /* Takes a call that has answered at once. False when it may not pass: by *ret_limit, and @ret_why says why;
         * NULL: it could not be counted. */
        bool (*take)(void *userdata, const struct policy_request *request, const struct policy_limit **ret_limit,
                struct buf *ret_why);
        /* A call was denied, by rules or by a limit. */
        void (*denied)(void *userdata);
        void *userdata;
};

struct policy_test_result {
        enum policy_test_outcome outcome;
        enum verdict verdict;
        struct policy_decision decision;  /* of the call as it would be sent, by rules alone; borrows from the set */
        const struct policy_limit *limit; /* that denies what rules do not; or NULL */
        struct buf why;                   /* with @limit */
        struct buf sent;    /* the arguments as they would be sent; empty when there are none */
        struct buf unnamed; /* the name of the argument that the rule does not take (POLICY_UNNAMED_ARGUMENT) */
};

void policy_test_result_deinit(struct policy_test_result *result); /* idempotent */

/* Asks as often as the test says, and decides each time as a session would in which what `after` names has answered,
 * and all the times before: by the set's rules and @counts (NULL: no limits), on the test's day, and by what paths say,
 * wherever links on this machine lead. @scratch as in a request. */
void policy_test_run(const struct policy_set *set, const struct policy_test *test,
        const struct policy_test_counts *counts, struct policy_scratch *scratch, struct policy_test_result *ret);
