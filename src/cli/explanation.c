/* SPDX-License-Identifier: Apache-2.0 */
#include "explanation.h"

#include <string.h>

#include "policy_limits.h"
#include "printable.h"
#include "reason.h"

void explanation_note_conflict(const struct explanation *e, struct policy_decision *d)
{
        if (e->narrowing != NARROW_CONFLICT || d->verdict == VERDICT_DENY)
                return;
        d->verdict = VERDICT_DENY;
        d->reason = POLICY_NARROW_CONFLICT;
}

/* --- what only a session knows: counts, and the server's tools --- */

/* May the limit refuse such a call, whatever the rules say? */
static bool limit_counts(const struct explanation *e, const struct policy_limit *limit)
{
        const enum policy_subject subject = e->request.subject;

        if (limit->kind == POLICY_LIMIT_TOOL_CALLS || limit->kind == POLICY_LIMIT_TOOL_SUM)
                return subject == POLICY_TOOL && policy_limit_covers(limit, e->request.name);
        return subject == POLICY_TOOL || subject == POLICY_RESOURCE || subject == POLICY_PROMPT;
}

/* The next limit from *at on that counts, or NULL. */
static const struct policy_limit *next_limit(const struct explanation *e, size_t *at)
{
        while (*at < policy_set_limit_count(e->policy)) {
                const struct policy_limit *limit = policy_set_limit(e->policy, (*at)++);

                if (limit_counts(e, limit))
                        return limit;
        }
        return NULL;
}

/* The next policy from *at on that pins tools; false when there is none. */
static bool next_pins(const struct explanation *e, size_t *at, size_t *ret_policy, struct policy_pins *ret)
{
        while (e->request.subject == POLICY_TOOL && *at < policy_set_count(e->policy)) {
                *ret_policy = (*at)++;
                if (policy_set_pins(e->policy, *ret_policy, ret))
                        return true;
        }
        return false;
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

static void print_beyond(struct explanation *e)
{
        struct buf *out = &e->out;
        const struct policy_limit *limit;
        struct policy_pins pins;
        size_t limits = 0, policies = 0, policy;
        const char *once = "A session may refuse it all the same, by:\n";

        for (; (limit = next_limit(e, &limits)); once = "") {
                buf_printf(out, "%s    %.*s: ", once, STR_FMT(limit->id));
                printable_append(out, limit->text, OUTPUT_MAX);
                buf_append_str(out, STR(", "));
                place_append(out, limit->file, limit->line, limit->column);
                buf_append_char(out, '\n');
        }
        for (; next_pins(e, &policies, &policy, &pins); once = "") {
                buf_printf(out, "%s    pins: ", once);
                printable_append(out, pins.file, OUTPUT_MAX);
                buf_append_str(out, STR(", "));
                place_append(out, policy_set_path(e->policy, policy), pins.line, pins.column);
                buf_append_str(out, STR(" (leastwise tools shows whether the tool is as it was pinned)\n"));
        }
        if (e->request.subject == POLICY_TOOL && policy_set_has_flow(e->policy) && !e->after)
                buf_printf(out, "%s    flow: what tools have answered by then (--after TOOL asks about it)\n", once);
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
        print_line(out, "narrowed", e->narrowed);
        buf_append_str(out, STR("Rules about it (* decides):\n"));
        buf_append_str(out, buf_str(&e->walk));
        if (d.verdict != VERDICT_DENY)
                print_beyond(e);
}

/* --- for programs --- */

static void json_member_text(struct json_writer *w, struct str name, struct str value)
{
        if (value.len == 0)
                return;
        json_name(w, name);
        json_string(w, value);
}

static void json_member_number(struct json_writer *w, struct str name, uint32_t value)
{
        if (value == 0)
                return;
        json_name(w, name);
        json_unsigned(w, value);
}

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

/* Whatever the verdict: programs may ask what a limit could still do. */
static void json_beyond(struct explanation *e)
{
        struct json_writer *w = &e->writer;
        const struct policy_limit *limit;
        struct policy_pins pins;
        size_t limits = 0, policies = 0, policy;

        json_name(w, STR("limits"));
        json_begin_array(w);
        while ((limit = next_limit(e, &limits))) {
                json_begin_object(w);
                json_member_text(w, STR("limit"), limit->id);
                json_member_text(w, STR("text"), limit->text);
                json_member_text(w, STR("policy"), limit->policy_name);
                json_member_text(w, STR("file"), limit->file);
                json_member_number(w, STR("line"), limit->line);
                json_member_number(w, STR("col"), limit->column);
                json_end_object(w);
        }
        json_end_array(w);
        json_name(w, STR("pins"));
        json_begin_array(w);
        while (next_pins(e, &policies, &policy, &pins)) {
                json_begin_object(w);
                json_member_text(w, STR("pins"), pins.file);
                json_member_text(w, STR("policy"), policy_set_name(e->policy, policy));
                json_member_text(w, STR("file"), policy_set_path(e->policy, policy));
                json_member_number(w, STR("line"), pins.line);
                json_member_number(w, STR("col"), pins.column);
                json_end_object(w);
        }
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
        if (e->narrowed.len) {
                json_name(w, STR("narrowed"));
                json_raw(w, e->narrowed);
        }
        json_beyond(e);
        json_end_object(w);
        buf_append_char(&e->out, '\n');
}
