/* SPDX-License-Identifier: Apache-2.0 */
#include "explanation.h"

#include <string.h>

#include "json_member.h"
#include "printable.h"
#include "reason.h"

void explanation_note_conflict(const struct explanation *e, struct policy_decision *d)
{
        if (e->narrowing != NARROW_CONFLICT || d->verdict == VERDICT_DENY)
                return;
        d->verdict = VERDICT_DENY;
        d->reason = POLICY_NARROW_CONFLICT;
}

/* --- for people --- */

/* Of a rule: the condition that did not hold, or that a deny rule found. */
static void write_why(struct explanation *e, const struct policy_step *step)
{
        struct buf *out = &e->walk;

        if (step->reason == POLICY_UNNAMED_ARGUMENT) {
                buf_append_str(out, STR("        does not match: it has the argument "));
                printable_append(out, json_text(&e->doc, step->argument), OUTPUT_MAX);
                buf_append_str(out, STR(", and the rule takes only "));
        } else if (step->condition.len) {
                buf_printf(out, "        %s: ", step->reason == POLICY_BY_RULE ? "matches" : "does not match");
        } else {
                return;
        }
        printable_append(out, step->condition, OUTPUT_MAX);
        if (step->condition_line) {
                buf_append_str(out, STR(" ("));
                place_append(out, step->file, step->condition_line, step->condition_column);
                buf_append_char(out, ')');
        }
        buf_append_char(out, '\n');
}

static void write_step(void *userdata, const struct policy_step *step)
{
        struct explanation *e = userdata;
        struct buf *out = &e->walk;

        buf_append_str(out, step->decides ? STR("  * ") : STR("    "));
        if (step->rule_id.len)
                buf_printf(out, "%.*s: %s, ", STR_FMT(step->rule_id), verdict_name(step->verdict));
        else
                buf_printf(out, "policy %.*s: %s, ", STR_FMT(step->policy_name), verdict_name(step->verdict));
        place_append(out, step->file, step->line, step->column);
        if (!step->rule_id.len && step->reason != POLICY_BY_RULE)
                buf_printf(out, " (%s)", reason_text(step->reason));
        buf_append_char(out, '\n');
        if (step->rule_id.len)
                write_why(e, step);
}

static void print_line(struct buf *out, const char *what, struct str text)
{
        if (text.len == 0)
                return;
        buf_printf(out, "  %s:%*s", what, strlen(what) < 8 ? (int)(8 - strlen(what)) : 1, "");
        printable_append(out, text, OUTPUT_MAX);
        buf_append_char(out, '\n');
}

/* Who may answer: of each policy that names people, its list. */
static void print_signers(const struct explanation *e, struct buf *out)
{
        for (size_t i = 0; i < policy_set_count(e->policy); i++) {
                struct policy_approvers named;

                if (policy_set_approvers(e->policy, i, &named))
                        print_line(out, "signers", named.signers);
        }
}

void explanation_print_text(struct explanation *e)
{
        struct policy_decision d;
        struct buf *out = &e->out;

        policy_set_explain(e->policy, &e->request, write_step, e, &d);
        explanation_note_conflict(e, &d);
        buf_printf(out, "%s%s%s: %s", e->colour ? d.verdict == VERDICT_ALLOW ? "\033[1;32m" : "\033[1;31m" : "",
                verdict_name(d.verdict), e->colour ? "\033[0m" : "", e->subject);
        if (e->request.name.len) {
                buf_append_str(out, STR(" \""));
                printable_append(out, e->request.name, OUTPUT_MAX);
                buf_append_char(out, '"');
        }
        buf_append_str(out, STR("\n"));
        if (d.reason == POLICY_BY_RULE) {
                buf_printf(out, "  rule:    %.*s, ", STR_FMT(d.rule_id));
                place_append(out, d.file, d.line, d.column);
                buf_append_char(out, '\n');
        } else {
                buf_printf(out, "  reason:  %s (policy %.*s)\n", reason_text(d.reason), STR_FMT(d.policy_name));
        }
        print_line(out, "because", d.because);
        print_line(out, "say", d.say);
        print_line(out, "undo", d.undo);
        print_line(out, "lane", d.lane);
        if (d.by > 1)
                buf_printf(out, "  by:      %u people\n", d.by);
        if (d.verdict == VERDICT_APPROVE)
                print_signers(e, out);
        print_line(out, "narrowed", e->narrowed);
        buf_append_str(out, STR("Rules about it (* decides):\n"));
        buf_append_str(out, buf_str(&e->walk));
        if (d.verdict != VERDICT_DENY)
                explanation_beyond_text(e, d.verdict);
}

/* --- for programs --- */

/* The members that a decision and a step have in common. */
static void json_result(struct json_writer *w, const struct policy_step *step)
{
        json_member_text(w, STR("verdict"), str_from(verdict_name(step->verdict)));
        json_member_text(w, STR("reason"), str_from(reason_word(step->reason)));
        json_member_text(w, STR("policy"), step->policy_name);
        json_member_text(w, STR("file"), step->file);
        json_member_text(w, STR("rule"), step->rule_id);
        json_member_number(w, STR("line"), step->line);
        json_member_number(w, STR("col"), step->column);
        json_member_text(w, STR("because"), step->because);
        json_member_text(w, STR("condition"), step->condition);
        json_member_number(w, STR("condition_line"), step->condition_line);
        json_member_number(w, STR("condition_col"), step->condition_column);
}

static void json_step(void *userdata, const struct policy_step *step)
{
        struct json_writer *w = &((struct explanation *)userdata)->writer;

        json_begin_object(w);
        json_result(w, step);
        json_name(w, STR("decides"));
        json_bool(w, step->decides);
        json_end_object(w);
}

/* As print_signers(); left out when no policy names people. */
static void json_signers(struct json_writer *w, const struct policy_set *policy)
{
        bool any = false;

        for (size_t i = 0; i < policy_set_count(policy); i++) {
                struct policy_approvers named;

                if (!policy_set_approvers(policy, i, &named))
                        continue;
                if (!any) {
                        json_name(w, STR("signers"));
                        json_begin_array(w);
                }
                any = true;
                json_string(w, named.signers);
        }
        if (any)
                json_end_array(w);
}

void explanation_print_json(struct explanation *e)
{
        struct json_writer *w = &e->writer;
        struct policy_decision d;

        json_writer_init(w, &e->out);
        json_begin_object(w);
        json_name(w, STR("version"));
        json_unsigned(w, 1);
        json_member_text(w, STR("subject"), str_from(e->subject));
        json_member_text(w, STR("name"), e->request.name);
        json_name(w, STR("walk"));
        json_begin_array(w);
        policy_set_explain(e->policy, &e->request, json_step, e, &d);
        explanation_note_conflict(e, &d);
        json_end_array(w);
        json_result(w, &(struct policy_step){ .verdict = d.verdict,
                               .reason = d.reason,
                               .policy_name = d.policy_name,
                               .file = d.file,
                               .rule_id = d.rule_id,
                               .line = d.line,
                               .column = d.column,
                               .because = d.because,
                               .condition = d.condition,
                               .condition_line = d.condition_line,
                               .condition_column = d.condition_column });
        json_member_text(w, STR("say"), d.say);
        json_member_text(w, STR("undo"), d.undo);
        json_member_text(w, STR("lane"), d.lane);
        json_member_number(w, STR("by"), d.by);
        if (d.verdict == VERDICT_APPROVE)
                json_signers(w, e->policy);
        if (e->narrowed.len) {
                json_name(w, STR("narrowed"));
                json_raw(w, e->narrowed);
        }
        explanation_beyond_json(e);
        json_end_object(w);
        buf_append_char(&e->out, '\n');
}
