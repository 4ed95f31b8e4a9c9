/* SPDX-License-Identifier: Apache-2.0 */
#include "test_report.h"

#include "json_member.h"
#include "printable.h"
#include "reason.h"

#define SHOWN_BYTES 4096U
#define LABEL_ARGUMENT_BYTES 100U
#define INDENT "     "

void test_label(struct buf *out, const struct policy_test *test)
{
        if (test->name.len) {
                printable_append(out, test->name, SHOWN_BYTES);
                return;
        }
        buf_append_str(out, str_from(test->kind));
        if (test->subject_name.len) {
                buf_append_char(out, ' ');
                printable_append(out, test->subject_name, SHOWN_BYTES);
        }
        if (test->arguments.len) {
                buf_append_char(out, ' ');
                printable_append(out, test->arguments, LABEL_ARGUMENT_BYTES);
        }
        if (test->at.len)
                buf_printf(out, ", at %.*s", STR_FMT(test->at));
        if (test->times > 1)
                buf_printf(out, ", %u times", test->times);
}

/* --- for people --- */

static void append_line(struct buf *out, const char *title, struct str text)
{
        buf_printf(out, INDENT "%s: ", title);
        printable_append(out, text, SHOWN_BYTES);
        buf_append_char(out, '\n');
}

static struct str because_of(const struct policy_test_result *result)
{
        return result->limit ? buf_str(&result->why) : result->decision.because;
}

static void append_difference(struct buf *out, const struct policy_test *test, const struct policy_test_result *result)
{
        switch (result->outcome) {
        case TEST_WRONG_VERDICT:
                buf_printf(
                        out, INDENT "expected %s, got %s\n", verdict_name(test->expect), verdict_name(result->verdict));
                break;
        case TEST_WRONG_BECAUSE:
                append_line(out, "expected because", test->because);
                append_line(out, "got because", because_of(result).len ? because_of(result) : STR("(nothing)"));
                break;
        case TEST_WRONG_ARGUMENTS:
                append_line(out, "expected arguments", test->narrowed);
                append_line(out, "got arguments", result->sent.len ? buf_str(&result->sent) : STR("(none)"));
                break;
        case TEST_UNDECIDED:
        case TEST_PASSES:
                buf_append_str(out, STR(INDENT "it could not be decided: not enough memory\n"));
                break;
        }
}

static void append_limit(struct buf *out, const struct policy_limit *limit)
{
        buf_printf(out, INDENT "limit: %.*s: ", STR_FMT(limit->id));
        printable_append(out, limit->text, SHOWN_BYTES);
        buf_append_str(out, STR(", "));
        place_append(out, limit->file, limit->line, limit->column);
        buf_append_char(out, '\n');
}

static void append_decision(struct buf *out, const struct policy_test_result *result)
{
        const struct policy_decision *d = &result->decision;

        if (result->limit) {
                append_limit(out, result->limit);
                if (result->outcome != TEST_WRONG_BECAUSE)
                        append_line(out, "because", because_of(result));
                return;
        }

        if (d->reason != POLICY_BY_RULE)
                buf_printf(out, INDENT "reason: %s\n", reason_text(d->reason));
        if (d->rule_id.len)
                buf_printf(out, INDENT "rule: %.*s, ", STR_FMT(d->rule_id));
        else
                buf_append_str(out, STR(INDENT "policy: "));
        place_append(out, d->file, d->line, d->column);
        buf_append_char(out, '\n');
        if (d->reason == POLICY_UNNAMED_ARGUMENT) {
                append_line(out, "argument", buf_str(&result->unnamed));
                append_line(out, "the rule takes", d->condition);
        } else if (d->condition.len) {
                buf_append_str(out, STR(INDENT "condition: "));
                printable_append(out, d->condition, SHOWN_BYTES);
                buf_append_str(out, STR(", "));
                place_append(out, d->file, d->condition_line, d->condition_column);
                buf_append_char(out, '\n');
        }
        if (d->because.len && result->outcome != TEST_WRONG_BECAUSE)
                append_line(out, "because", d->because);
}

static void add_text(struct test_report *r, struct str file, const struct policy_test *test,
        const struct policy_test_result *result)
{
        bool passes = result->outcome == TEST_PASSES;

        buf_printf(&r->out, "%s%s%s ", r->colour ? passes ? "\033[32m" : "\033[1;31m" : "", passes ? "PASS" : "FAIL",
                r->colour ? "\033[0m" : "");
        place_append(&r->out, file, test->line, test->column);
        buf_append_str(&r->out, STR(": "));
        test_label(&r->out, test);
        buf_append_char(&r->out, '\n');
        if (passes)
                return;
        append_difference(&r->out, test, result);
        if (result->outcome != TEST_UNDECIDED)
                append_decision(&r->out, result);
}

/* --- for programs --- */

/* The limit that denies, in the words of a decision by rule. */
static void member_limit(struct json_writer *w, const struct policy_test_result *result)
{
        const struct policy_limit *limit = result->limit;

        json_name(w, STR("decision"));
        json_begin_object(w);
        json_member_text(w, STR("verdict"), str_from(verdict_name(result->verdict)));
        json_member_text(w, STR("reason"), STR("limit"));
        json_member_text(w, STR("policy"), limit->policy_name);
        json_member_text(w, STR("file"), limit->file);
        json_member_text(w, STR("rule"), limit->id);
        json_member_number(w, STR("line"), limit->line);
        json_member_number(w, STR("col"), limit->column);
        json_member_text(w, STR("because"), because_of(result));
        json_end_object(w);
}

static void member_decision(struct json_writer *w, const struct policy_decision *d)
{
        json_name(w, STR("decision"));
        json_begin_object(w);
        json_member_text(w, STR("verdict"), str_from(verdict_name(d->verdict)));
        json_member_text(w, STR("reason"), str_from(reason_word(d->reason)));
        json_member_text(w, STR("policy"), d->policy_name);
        json_member_text(w, STR("file"), d->file);
        json_member_text(w, STR("rule"), d->rule_id);
        json_member_number(w, STR("line"), d->line);
        json_member_number(w, STR("col"), d->column);
        json_member_text(w, STR("because"), d->because);
        json_member_text(w, STR("condition"), d->condition);
        json_member_number(w, STR("condition_line"), d->condition_line);
        json_member_number(w, STR("condition_col"), d->condition_column);
        json_end_object(w);
}

static void add_json(struct test_report *r, struct str file, const struct policy_test *test,
        const struct policy_test_result *result)
{
        struct json_writer *w = &r->writer;
        AUTO_BUF struct buf label = BUF_INIT(4 * SHOWN_BYTES);

        test_label(&label, test);
        json_begin_object(w);
        json_member_text(w, STR("file"), file);
        json_member_number(w, STR("line"), test->line);
        json_member_number(w, STR("col"), test->column);
        json_member_text(w, STR("name"), buf_str(&label));
        json_name(w, STR("pass"));
        json_bool(w, result->outcome == TEST_PASSES);
        json_member_text(w, STR("expect"), str_from(verdict_name(test->expect)));
        if (result->limit)
                member_limit(w, result);
        else if (result->outcome != TEST_UNDECIDED)
                member_decision(w, &result->decision);
        if (result->sent.len) {
                json_name(w, STR("arguments"));
                json_raw(w, buf_str(&result->sent));
        }
        json_end_object(w);
}

/* --- both --- */

void test_report_begin(struct test_report *r)
{
        if (!r->json)
                return;
        json_writer_init(&r->writer, &r->out);
        json_begin_object(&r->writer);
        json_name(&r->writer, STR("version"));
        json_unsigned(&r->writer, 1);
        json_name(&r->writer, STR("tests"));
        json_begin_array(&r->writer);
}

void test_report_add(struct test_report *r, struct str file, const struct policy_test *test,
        const struct policy_test_result *result)
{
        if (result->outcome == TEST_PASSES)
                r->passed++;
        else
                r->failed++;
        if (r->json)
                add_json(r, file, test, result);
        else
                add_text(r, file, test, result);
}

void test_report_end(struct test_report *r)
{
        struct json_writer *w = &r->writer;

        if (!r->json) {
                buf_printf(&r->out, "%zu passed, %zu failed\n", r->passed, r->failed);
                return;
        }
        json_end_array(w);
        json_name(w, STR("summary"));
        json_begin_object(w);
        json_name(w, STR("passed"));
        json_unsigned(w, r->passed);
        json_name(w, STR("failed"));
        json_unsigned(w, r->failed);
        json_end_object(w);
        json_end_object(w);
        buf_append_char(&r->out, '\n');
}
