/* SPDX-License-Identifier: Apache-2.0
 *
 * The `tests:` of a policy: what its author expects of it, written beside it. They decide nothing. They are there only when
 * the set was made with policy_options.tests.
 */
#pragma once

#include "policy.h"

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
        const struct str *after; /* tools that have answered in the session */
        size_t after_count;
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

struct policy_test_result {
        enum policy_test_outcome outcome;
        struct policy_decision decision; /* of the call as it would be sent; borrows from the set */
        struct buf sent;    /* the arguments as they would be sent; empty when there are none */
        struct buf unnamed; /* the name of the argument that the rule does not take (POLICY_UNNAMED_ARGUMENT) */
};

void policy_test_result_deinit(struct policy_test_result *result); /* idempotent */

/* Decides as a session would in which the tools of `after` have answered: by the set's rules alone, on no particular day, and by what
 * paths say, wherever links on this machine lead. @scratch as in a request. */
void policy_test_run(const struct policy_set *set, const struct policy_test *test, struct policy_scratch *scratch,
        struct policy_test_result *ret);
