/* SPDX-License-Identifier: Apache-2.0 */
#include "policy_test.h"

#include "cleanup.h"
#include "equal.h"
#include "limit.h"
#include "policy_flow.h"
#include "set.h"

/* Tests are read from a policy's file, so that they are small. */
#define SENT_BYTES (4 * LIMIT_POLICY_BYTES)

static const uint64_t no_seed[2] = { 0 };

size_t policy_set_test_count(const struct policy_set *set, size_t index)
{
        return set->policies[index].test_count;
}

const struct policy_test *policy_set_test(const struct policy_set *set, size_t index, size_t test)
{
        return &set->policies[index].tests[test];
}

size_t policy_set_bind_count(const struct policy_set *set, size_t index)
{
        return set->policies[index].bind_count;
}

struct str policy_set_bind_name(const struct policy_set *set, size_t index, size_t bind)
{
        return set->policies[index].binds[bind].name;
}

void policy_test_result_deinit(struct policy_test_result *result)
{
        buf_deinit(&result->sent);
        buf_deinit(&result->unnamed);
        buf_deinit(&result->why);
}

/* In brackets: token 0 stands for no arguments, so that the object must not be the root. */
static bool read_object(struct json_doc *doc, struct buf *text, struct str object)
{
        buf_append_char(text, '[');
        buf_append_str(text, object);
        buf_append_char(text, ']');
        return !text->failed && json_read(doc, buf_str(text)) == JSON_OK;
}

static bool contains(struct str text, struct str part)
{
        return part.len == 0 || (text.len && memmem(text.ptr, text.len, part.ptr, part.len));
}

/* `narrowed: {}` means that there are no arguments, or none in the object. */
static bool is_sent(const struct policy_request *request, struct str expected)
{
        CLEANUP(json_doc_deinit) struct json_doc doc;
        AUTO_BUF struct buf text = BUF_INIT(SENT_BYTES);
        uint64_t steps = LIMIT_CONDITION_STEPS;

        json_doc_init(&doc, no_seed);
        if (!read_object(&doc, &text, expected))
                return false;
        if (!request->arguments)
                return str_eq(expected, STR("{}"));
        return json_equal(&doc, 1, request->doc, request->arguments, &steps) == JSON_EQUAL;
}

static enum policy_test_outcome outcome_of(
        const struct policy_test *test, const struct policy_request *request, const struct policy_test_result *result)
{
        if (result->verdict != test->expect)
                return TEST_WRONG_VERDICT;
        if (!contains(result->limit ? buf_str(&result->why) : result->decision.because, test->because))
                return TEST_WRONG_BECAUSE;
        if (test->narrowed.len && !is_sent(request, test->narrowed))
                return TEST_WRONG_ARGUMENTS;
        return TEST_PASSES;
}

static bool keep(const struct policy_request *request, struct policy_test_result *ret)
{
        const struct policy_decision *d = &ret->decision;

        if (request->arguments && json_write(&ret->sent, request->doc, request->arguments) < 0)
                return false;
        return d->reason != POLICY_UNNAMED_ARGUMENT || d->argument == 0 ||
               json_write(&ret->unnamed, request->doc, d->argument) == 0;
}

/* A test on its way. */
struct trial {
        const struct policy_set *set;
        const struct policy_test *test;
        const struct policy_test_counts *counts;
        struct policy_scratch *scratch;
        const struct json_doc *given; /* NULL: no arguments */
        struct policy_marks marks;
};

/* What rules let pass, limits may yet deny. False when the call could not be counted. */
static bool count(struct trial *t, const struct policy_request *request, struct policy_test_result *ret)
{
        const struct policy_test_counts *counts = t->counts;

        if (!policy_is_call(request->subject))
                return true;
        if (counts && ret->verdict != VERDICT_DENY &&
                !counts->take(counts->userdata, request, &ret->limit, &ret->why)) {
                ret->verdict = VERDICT_DENY;
                if (!ret->limit)
                        return false;
        }
        if (ret->verdict != VERDICT_DENY)
                policy_set_mark(t->set, request->subject, request->name, &t->marks);
        else if (counts)
                counts->denied(counts->userdata);
        return true;
}

static bool ask(struct trial *t, bool last, struct policy_test_result *ret)
{
        CLEANUP(json_doc_deinit) struct json_doc sent;
        AUTO_BUF struct buf sent_text = BUF_INIT(SENT_BYTES);
        struct policy_request request = { .subject = t->test->subject,
                .name = t->test->subject_name,
                .doc = t->given,
                .arguments = t->given ? 1 : 0,
                .now_s = t->test->now_s,
                .marks = &t->marks,
                .scratch = t->scratch };

        json_doc_init(&sent, no_seed);
        policy_set_settle(t->set, &request, &sent_text, &sent, &ret->decision);
        ret->verdict = ret->decision.verdict;
        ret->limit = NULL;
        buf_clear(&ret->why, SENT_BYTES);
        if (!count(t, &request, ret) || ret->why.failed)
                return false;
        if (last && keep(&request, ret))
                ret->outcome = outcome_of(t->test, &request, ret);
        return true;
}

void policy_test_run(const struct policy_set *set, const struct policy_test *test,
        const struct policy_test_counts *counts, struct policy_scratch *scratch, struct policy_test_result *ret)
{
        CLEANUP(json_doc_deinit) struct json_doc given;
        AUTO_BUF struct buf given_text = BUF_INIT(SENT_BYTES);
        struct trial t = { .set = set, .test = test, .counts = counts, .scratch = scratch };

        json_doc_init(&given, no_seed);
        *ret = (struct policy_test_result){
                .sent = BUF_INIT(SENT_BYTES), .unnamed = BUF_INIT(SENT_BYTES), .why = BUF_INIT(SENT_BYTES)
        };
        if (test->arguments.len) {
                if (!read_object(&given, &given_text, test->arguments))
                        return;
                t.given = &given;
        }
        for (size_t i = 0; i < test->after_count; ++i)
                policy_set_mark(set, test->after[i].subject, test->after[i].name, &t.marks);
        for (uint32_t time = 1; time <= test->times && ask(&t, time == test->times, ret); ++time)
                ;
}
