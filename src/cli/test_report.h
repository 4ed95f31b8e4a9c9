/* SPDX-License-Identifier: Apache-2.0
 *
 * What `leastwise test` prints of each test: for people a line, and for a failure what was expected, what was decided and where that
 * comes from; for programs an object.
 */
#pragma once

#include "policy_test.h"
#include "writer.h"

struct test_report {
        struct buf out;
        struct json_writer writer;
        bool json, colour;
        size_t passed, failed;
};

void test_report_begin(struct test_report *r); /* @json and @colour are set */
/* @file: the policy that the test stands in. */
void test_report_add(struct test_report *r, struct str file, const struct policy_test *test, const struct policy_test_result *result);
void test_report_end(struct test_report *r);

/* What a test is called: its name, or else what it asks: `call get_issue {"owner":"acme"}`. Printable. */
void test_label(struct buf *out, const struct policy_test *test);
