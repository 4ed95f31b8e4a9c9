/* SPDX-License-Identifier: Apache-2.0
 *
 * What an explanation says of things that only a session knows: what has been used of limits, what has answered before,
 * the server's tools.
 */
#include "explanation.h"

#include "json_member.h"
#include "policy_limits.h"
#include "printable.h"
#include "reason.h"

/* --- limits and pins --- */

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

/* The lines of what may refuse it, with their title once. */
static void begin_line(struct explanation *e, struct str what)
{
        if (!e->beyond)
                buf_append_str(&e->out, STR("A session may refuse it all the same, by:\n"));
        e->beyond = true;
        buf_printf(&e->out, "    %.*s: ", STR_FMT(what));
}

static void print_limits(struct explanation *e)
{
        const struct policy_limit *limit;
        size_t at = 0;

        while ((limit = next_limit(e, &at))) {
                begin_line(e, limit->id);
                printable_append(&e->out, limit->text, OUTPUT_MAX);
                buf_append_str(&e->out, STR(", "));
                place_append(&e->out, limit->file, limit->line, limit->column);
                buf_append_char(&e->out, '\n');
        }
}

static void print_pins(struct explanation *e)
{
        struct policy_pins pins;
        size_t at = 0, policy;

        while (next_pins(e, &at, &policy, &pins)) {
                begin_line(e, STR("pins"));
                printable_append(&e->out, pins.file, OUTPUT_MAX);
                buf_append_str(&e->out, STR(", "));
                place_append(&e->out, policy_set_path(e->policy, policy), pins.line, pins.column);
                buf_append_str(&e->out, STR(" (leastwise tools shows whether the tool is as it was pinned)\n"));
        }
}

static void print_flow_rule(void *userdata, const struct policy_flow_rule *rule)
{
        struct explanation *e = userdata;

        if (rule->missing == 0 || rule->verdict >= e->verdict)
                return;
        begin_line(e, rule->rule_id);
        buf_printf(&e->out, "%s, ", verdict_name(rule->verdict));
        place_append(&e->out, rule->file, rule->line, rule->column);
        buf_append_str(&e->out, STR(", once the session has "));
        for (size_t i = 0; i < rule->missing; ++i)
                buf_printf(&e->out, "%s%.*s", i ? ", " : "", STR_FMT(rule->after[i]));
        buf_append_char(&e->out, '\n');
}

/* Of arguments that do not fit: how. */
static void print_misfit(struct explanation *e, const struct schema_result *r)
{
        buf_printf(&e->out, "%s %s (%s)", r->path[0] ? r->path : "the arguments object", r->reason, r->keyword);
}

static void print_schema(struct explanation *e)
{
        const struct schema_result *r = &e->schema.result;

        if (!e->holds_schema || (e->schema.lock && r->verdict != SCHEMA_INVALID))
                return;
        begin_line(e, STR("schema"));
        if (!e->schema.lock) {
                buf_append_str(&e->out, STR("the inputSchema that the server lists for the tool\n"));
                return;
        }
        print_misfit(e, r);
        buf_append_str(&e->out, STR(", by the definition in "));
        printable_append(&e->out, str_from(e->schema.lock), OUTPUT_MAX);
        buf_append_char(&e->out, '\n');
}

static void print_mark(void *userdata, const struct policy_flow_mark *mark)
{
        struct explanation *e = userdata;

        if (!e->marks_title)
                buf_append_str(&e->out, STR("Once it has answered, the session has the marks:\n"));
        e->marks_title = true;
        buf_printf(&e->out, "    %.*s, ", STR_FMT(mark->name));
        place_append(&e->out, mark->file, mark->line, mark->column);
        buf_append_str(&e->out, mark->met ? STR(" (which it had)\n") : STR("\n"));
}

static void print_fit(struct explanation *e)
{
        const struct schema_result *r = &e->schema.result;

        if (!e->holds_schema || !e->schema.lock || r->verdict == SCHEMA_INVALID)
                return;
        buf_append_str(&e->out, r->verdict == SCHEMA_VALID
                                        ? STR("The arguments fit the tool's schema in ")
                                        : STR("No session can tell whether the arguments fit the tool's schema in "));
        printable_append(&e->out, str_from(e->schema.lock), OUTPUT_MAX);
        if (r->verdict != SCHEMA_VALID && r->keyword[0])
                buf_printf(&e->out, " (%s %s)", r->keyword, r->reason);
        buf_append_str(&e->out, STR("\n"));
}

void explanation_beyond_text(struct explanation *e, enum verdict verdict)
{
        const struct policy_flow_observer rules = { .rule = print_flow_rule, .userdata = e };
        const struct policy_flow_observer marks = { .mark = print_mark, .userdata = e };

        e->verdict = verdict;
        print_limits(e);
        print_pins(e);
        policy_set_tell_flow(e->policy, e->request.subject, e->request.name, &e->marks, &rules);
        print_schema(e);
        print_fit(e);
        policy_set_tell_flow(e->policy, e->request.subject, e->request.name, &e->marks, &marks);
}

/* --- for programs --- */

static void json_limits_and_pins(struct explanation *e)
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

static void json_texts(struct json_writer *w, struct str name, const struct str *texts, size_t count)
{
        json_name(w, name);
        json_begin_array(w);
        for (size_t i = 0; i < count; ++i)
                json_string(w, texts[i]);
        json_end_array(w);
}

static void json_flow_rule(void *userdata, const struct policy_flow_rule *rule)
{
        struct json_writer *w = userdata;

        json_begin_object(w);
        json_member_text(w, STR("rule"), rule->rule_id);
        json_member_text(w, STR("then"), str_from(verdict_name(rule->verdict)));
        json_texts(w, STR("after"), rule->after, rule->after_count);
        json_texts(w, STR("missing"), rule->after, rule->missing);
        json_member_text(w, STR("because"), rule->because);
        json_member_text(w, STR("policy"), rule->policy_name);
        json_member_text(w, STR("file"), rule->file);
        json_member_number(w, STR("line"), rule->line);
        json_member_number(w, STR("col"), rule->column);
        json_end_object(w);
}

static void json_flow_mark(void *userdata, const struct policy_flow_mark *mark)
{
        struct json_writer *w = userdata;

        json_begin_object(w);
        json_member_text(w, STR("mark"), mark->name);
        json_name(w, STR("met"));
        json_bool(w, mark->met);
        json_member_text(w, STR("policy"), mark->policy_name);
        json_member_text(w, STR("file"), mark->file);
        json_member_number(w, STR("line"), mark->line);
        json_member_number(w, STR("col"), mark->column);
        json_end_object(w);
}

static void json_schema(struct explanation *e)
{
        static const char *const words[] = {
                [SCHEMA_NOT_EVALUATED] = "not_evaluated", [SCHEMA_INVALID] = "does_not_fit", [SCHEMA_VALID] = "fits"
        };
        const struct schema_result *r = &e->schema.result;
        struct json_writer *w = &e->writer;

        json_name(w, STR("schema"));
        json_begin_object(w);
        json_name(w, STR("checked"));
        json_bool(w, e->holds_schema);
        if (e->schema.lock) {
                json_member_text(w, STR("arguments"), str_from(words[r->verdict]));
                json_member_text(w, STR("path"), str_from(r->path));
                json_member_text(w, STR("keyword"), str_from(r->keyword));
                json_member_text(w, STR("reason"), str_from(r->reason));
                json_member_text(w, STR("lock"), str_from(e->schema.lock));
        }
        json_end_object(w);
}

/* Whatever the verdict: programs may ask what a limit could still do. */
void explanation_beyond_json(struct explanation *e)
{
        const struct policy_flow_observer rules = { .rule = json_flow_rule, .userdata = &e->writer };
        const struct policy_flow_observer marks = { .mark = json_flow_mark, .userdata = &e->writer };
        struct json_writer *w = &e->writer;

        json_limits_and_pins(e);
        json_name(w, STR("flow"));
        json_begin_array(w);
        policy_set_tell_flow(e->policy, e->request.subject, e->request.name, &e->marks, &rules);
        json_end_array(w);
        json_name(w, STR("marks"));
        json_begin_array(w);
        policy_set_tell_flow(e->policy, e->request.subject, e->request.name, &e->marks, &marks);
        json_end_array(w);
        if (e->request.subject == POLICY_TOOL)
                json_schema(e);
}
