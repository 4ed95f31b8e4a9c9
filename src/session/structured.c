/* SPDX-License-Identifier: Apache-2.0
 *
 * The structured content of a tool's result, when something is taken out of it: a secret, or what policy takes out. Clients hold it
 * against the tool's outputSchema and refuse the whole result where it does not fit. So what would leave is held against
 * that schema here; unless it surely fits, the structured content is left out, and the result says so. Clients want none of
 * a result with isError.
 */
#include <errno.h>
#include <stdio.h>

#include "internal.h"
#include "writer.h"

#define REASON_BYTES 384U
/* A step of a check takes about as long as reading so many bytes. */
#define BYTES_PER_STEP 4U

/* 1: the content as it would leave, canonical, in *ret; 0: it leaves as it came; -ENOMEM, -EMSGSIZE, or -EBADMSG when the gate
 * will not let the line pass. @may: false: nobody will look at it, and secrets still stand in it. */
static int as_it_would_leave(struct session *s, uint32_t content, bool may, struct str *ret)
{
        struct str came = json_text(&s->doc, content);
        int r = 0;

        *ret = came;
        /* These buffers are nobody's before the ruling is carried out. */
        if (s->edits.count || !s->doc.canonical) {
                buf_clear(&s->plain, LINE_KEEP);
                buf_clear(&s->line, LINE_KEEP);
                r = json_write(&s->plain, &s->doc, content);
                r = r < 0 ? r : edits_write_value(&s->edits, &s->doc, content, &s->line);
                came = buf_str(&s->plain);
                *ret = buf_str(&s->line);
        }
        if (r == 0 && s->redactor && redactor_finds_json(s->redactor, *ret)) {
                if (!may)
                        return 1;
                buf_clear(&s->redacted, LINE_KEEP);
                r = redactor_apply_json(s->redactor, *ret, &s->redacted);
                *ret = buf_str(&s->redacted);
        }
        /* Without memory nobody knows; what the gate will not let pass, it refuses. */
        s->edits.failed |= r == -ENOMEM;
        return r < 0 ? r : !str_eq(came, *ret);
}

/* A server can say such things unasked, and each check may take as long as it has made the schema for. */
static bool may_check(struct session *s)
{
        const uint64_t elapsed = s->mono_ms > s->output_steps_ms ? s->mono_ms - s->output_steps_ms : 0;
        const uint64_t over = elapsed < LIMIT_OUTPUT_SCHEMA_STEPS / LIMIT_OUTPUT_SCHEMA_STEPS_PER_MS
                                      ? elapsed * LIMIT_OUTPUT_SCHEMA_STEPS_PER_MS : LIMIT_OUTPUT_SCHEMA_STEPS;

        s->output_steps -= over < s->output_steps ? over : s->output_steps;
        s->output_steps_ms = s->mono_ms;
        return s->output_steps < LIMIT_OUTPUT_SCHEMA_STEPS;
}

static void check(struct session *s, struct str tool, struct str content, bool may, struct schema_result *ret)
{
        const struct json_doc *schema;

        *ret = (struct schema_result){ .keyword = "it", .reason = "was not looked at: more was checked than a server may have checked" };
        if (!may)
                return;
        snprintf(ret->reason, SCHEMA_REASON_BYTES, "was listed in several ways, or is past a limit");
        schema = definitions_find(&s->outputs, tool);
        if (!schema)
                return;
        /* Both may have been read for this. A schema that cannot be read is not read a second time. */
        s->output_steps += (schema->text.len + content.len) / BYTES_PER_STEP;
        if (json_read(&s->checked, content) == JSON_OK)
                schema_check(schema, 0, &s->checked, 0, s->schema_scratch, ret);
        s->output_steps += ret->steps;
}

/* Does it surely fit the tool's schema? @may: it may be looked at. @ret_why: if not. */
static bool fits(struct session *s, struct str tool, struct str content, bool may, char ret_why[REASON_BYTES])
{
        struct schema_result result;

        check(s, tool, content, may, &result);
        if (result.verdict == SCHEMA_INVALID)
                snprintf(ret_why, REASON_BYTES, "does not fit the tool's outputSchema: %.120s %.150s (%s)",
                        result.path[0] ? result.path : "the content", result.reason, result.keyword);
        else
                snprintf(ret_why, REASON_BYTES, "may not fit the tool's outputSchema: %s %.150s",
                        result.keyword[0] ? result.keyword : "it", result.reason);
        return result.verdict == SCHEMA_VALID;
}

/* What stands in its place, for the model: an item of `content`. */
static void write_note(struct session *s, const char *why)
{
        struct json_writer w;

        buf_clear(&s->plain, LINE_KEEP);
        buf_printf(&s->plain,
                "The structured content of this result was left out: something was taken out of it that must not be seen here, and what "
                "is left %s. The call itself has been carried out; calling again will not bring it.",
                why);
        buf_clear(&s->line, LINE_KEEP);
        json_writer_init(&w, &s->line);
        json_begin_object(&w);
        json_name(&w, STR("type"));
        json_string(&w, STR("text"));
        json_name(&w, STR("text"));
        json_string(&w, buf_str(&s->plain));
        json_end_object(&w);
        s->edits.failed |= s->plain.failed || s->line.failed;
}

/* @token: of the member, if there is one. A string may have been replaced by what policy leaves of it, and that would hold. */
static void put_member(struct session *s, uint32_t object, uint32_t token, struct str name, struct str text)
{
        const bool replace = token && !has_type(s, token, JSON_STRING);

        if (replace)
                edits_replace(&s->edits, token, text);
        else if (token)
                edits_remove(&s->edits, token);
        if (!replace)
                edits_add_member(&s->edits, object, name, text);
}

static void leave_out(struct session *s, uint32_t result, uint32_t structured, const char *why)
{
        uint32_t content = json_member(&s->doc, result, STR("content")), error = json_member(&s->doc, result, STR("isError"));

        edits_remove(&s->edits, structured);
        put_member(s, result, error, STR("isError"), STR("true"));
        write_note(s, why);
        if (has_type(s, content, JSON_ARRAY)) {
                edits_add_item(&s->edits, content, buf_str(&s->line));
                return;
        }
        buf_clear(&s->plain, LINE_KEEP);
        buf_printf(&s->plain, "[%.*s]", STR_FMT(buf_str(&s->line)));
        s->edits.failed |= s->plain.failed;
        put_member(s, result, content, STR("content"), buf_str(&s->plain));
}

static void tell(struct session *s, struct ruling *r, struct str tool, const char *why)
{
        size_t at = s->text.len;

        buf_printf(&s->text, "structured content of tool \"%.*s\" was left out: what is left of it %s", STR_FMT(tool), why);
        r->detail = s->text.failed ? STR("structured content was left out: what is left of it may not fit the tool's outputSchema")
                                   : str_of(s->text.data + at, s->text.len - at);
        r->quiet = false;
        r->reason = "structured-content-left-out";
        /* What nobody asked for is on record, and fills no screen. */
        if (r->answered)
                notify(s, STR(""), r);
}

/* @result: of a tool, as `tools/call` brings it. */
static void keep_fitting(struct session *s, struct ruling *r, uint32_t result, struct str tool)
{
        uint32_t structured = has_type(s, result, JSON_OBJECT) ? json_member(&s->doc, result, STR("structuredContent")) : 0;
        char why[REASON_BYTES];
        struct str leaves;
        bool may;

        if (!structured || !definitions_has(&s->outputs, tool))
                return;
        may = may_check(s);
        if (as_it_would_leave(s, structured, may, &leaves) <= 0 || fits(s, tool, leaves, may, why))
                return;
        leave_out(s, result, structured, why);
        tell(s, r, tool, why);
}

void structured_of_answer(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        struct str tool = pending_tool(r->answered);

        if (!m->result || !tool.len)
                return;
        keep_fitting(s, r, m->result, tool);
        /* Of a task that is asked about (modern): within what is said of it. */
        if (r->answered->method && r->answered->method->policed == RPC_BY_TASK)
                keep_fitting(s, r, json_member(&s->doc, m->result, STR("result")), tool);
}

void structured_of_call(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        size_t mark = s->scratch.len;
        struct str id;

        if (m->row && m->row->policed == RPC_BY_TASK && m->params && string_member(s, m->params, STR("taskId"), &id))
                keep_fitting(s, r, json_member(&s->doc, m->params, STR("result")), tasks_tool(&s->tasks[SIDE_SERVER], id));
        s->scratch.len = mark;
}
