/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "internal.h"
#include "writer.h"

#define SERVER_INFO_KEY "io.modelcontextprotocol/serverInfo"

struct envelope {
        struct json_writer w;
        struct str id;
        bool result_first;
};

static void begin(struct session *s, struct envelope *e, struct str id_text, bool result_first)
{
        buf_clear(&s->line, LINE_KEEP);
        e->id = id_text;
        e->result_first = result_first;
        json_writer_init(&e->w, &s->line);
        json_begin_object(&e->w);
}

static void name_and_id(struct envelope *e)
{
        json_name(&e->w, STR("jsonrpc"));
        json_string(&e->w, STR("2.0"));
        json_name(&e->w, STR("id"));
        json_raw(&e->w, e->id);
}

static void body(struct envelope *e, struct str member)
{
        if (!e->result_first)
                name_and_id(e);
        json_name(&e->w, member);
}

static void end(struct envelope *e)
{
        if (e->result_first)
                name_and_id(e);
        json_end_object(&e->w);
}

void begin_notification(struct session *s, struct json_writer *w, struct str method)
{
        buf_clear(&s->line, LINE_KEEP);
        json_writer_init(w, &s->line);
        json_begin_object(w);
        json_name(w, STR("jsonrpc"));
        json_string(w, STR("2.0"));
        json_name(w, STR("method"));
        json_string(w, method);
}

void write_cancelled(struct session *s, struct str id_text, struct str reason)
{
        struct json_writer w;

        begin_notification(s, &w, STR("notifications/cancelled"));
        json_name(&w, STR("params"));
        json_begin_object(&w);
        json_name(&w, STR("requestId"));
        json_raw(&w, id_text);
        json_name(&w, STR("reason"));
        json_string(&w, reason);
        json_end_object(&w);
        json_end_object(&w);
}

void answer_error(struct session *s, struct str id_text, int code, struct str message, struct str data)
{
        struct envelope e;

        /* SDKs write errors in this order even when they write results in the other. */
        begin(s, &e, id_text, false);
        body(&e, STR("error"));
        json_begin_object(&e.w);
        json_name(&e.w, STR("code"));
        json_integer(&e.w, code);
        json_name(&e.w, STR("message"));
        json_string(&e.w, message);
        if (data.len) {
                json_name(&e.w, STR("data"));
                json_raw(&e.w, data);
        }
        json_end_object(&e.w);
        end(&e);
}

static void put_server_info(struct session *s, struct envelope *e)
{
        if (!s->voice.server_info.len)
                return;
        json_name(&e->w, STR("_meta"));
        json_begin_object(&e->w);
        json_name(&e->w, STR(SERVER_INFO_KEY));
        json_raw(&e->w, buf_str(&s->voice.server_info));
        json_end_object(&e->w);
}

void answer_tool_result(struct session *s, struct str id_text, struct str text, bool modern)
{
        struct envelope e;

        begin(s, &e, id_text, s->voice.result_first);
        body(&e, STR("result"));
        json_begin_object(&e.w);
        json_name(&e.w, STR("content"));
        json_begin_array(&e.w);
        json_begin_object(&e.w);
        json_name(&e.w, STR("type"));
        json_string(&e.w, STR("text"));
        json_name(&e.w, STR("text"));
        json_string(&e.w, text);
        json_end_object(&e.w);
        json_end_array(&e.w);
        json_name(&e.w, STR("isError"));
        json_bool(&e.w, true);
        if (modern) {
                json_name(&e.w, STR("resultType"));
                json_string(&e.w, STR("complete"));
        }
        if (modern)
                put_server_info(s, &e);
        json_end_object(&e.w);
        end(&e);
}

static void put_form(struct session *s, struct json_writer *w, const struct card_slot *slot)
{
        json_name(w, STR("inputRequests"));
        json_begin_object(w);
        json_name(w, STR(ELICIT_KEY));
        json_begin_object(w);
        json_name(w, STR("method"));
        json_string(w, STR("elicitation/create"));
        json_name(w, STR("params"));
        elicit_write_params(s, w, slot, true);
        json_end_object(w);
        json_end_object(w);
}

void answer_input_required(struct session *s, struct str id_text, struct str state, const struct card_slot *form)
{
        struct envelope e;

        begin(s, &e, id_text, s->voice.result_first);
        body(&e, STR("result"));
        json_begin_object(&e.w);
        json_name(&e.w, STR("resultType"));
        json_string(&e.w, STR("input_required"));
        if (form)
                put_form(s, &e.w, form);
        json_name(&e.w, STR("requestState"));
        json_string(&e.w, state);
        put_server_info(s, &e);
        json_end_object(&e.w);
        end(&e);
}

void answer_result(struct session *s, struct str id_text, struct str result)
{
        struct envelope e;

        begin(s, &e, id_text, false);
        body(&e, STR("result"));
        json_raw(&e.w, result);
        end(&e);
}

/* Seen in released SDKs and servers: the TypeScript SDK 1.x, its 2.x line, the Python SDK, hand-written servers. */
static const struct unknown_form forms[] = {
        { STR_INIT("MCP error -32602: Tool "), STR_INIT(" not found") },
        { STR_INIT("Tool "), STR_INIT(" not found") },
        { STR_INIT("Unknown tool: "), STR_INIT("") },
        { STR_INIT("MCP error -32602: Unknown tool: "), STR_INIT("") },
        { STR_INIT("MCP error -32601: Unknown tool: "), STR_INIT("") },
        { STR_INIT("Tool not found: "), STR_INIT("") },
        { STR_INIT("Unknown tool '"), STR_INIT("'") },
        { STR_INIT("Tool '"), STR_INIT("' not found") },
};

enum { FORM_TYPESCRIPT_1 = 0, FORM_TYPESCRIPT_2 = 1, FORM_PYTHON = 2 };

/* What has not been heard from the server itself is guessed from what can be seen of the SDK behind it: one that writes
 * `jsonrpc` first is the Python SDK (a result with isError, in both eras); one that writes `result` first is the TypeScript SDK,
 * its 2.x line (an error) when it is modern or names JSON Schema 2020-12, else its 1.x line (a result with isError). */
static struct voice voice_of(const struct session *s, bool modern)
{
        struct voice v = s->voice;
        bool python = v.known && !v.result_first, second = modern || v.draft_2020;

        if (v.form)
                return v;
        v.as_result = python || !second;
        v.code = INVALID_PARAMS;
        v.form = &forms[python ? FORM_PYTHON : second ? FORM_TYPESCRIPT_2 : FORM_TYPESCRIPT_1];
        return v;
}

void answer_unknown_tool(struct session *s, struct str id_text, struct str tool, bool modern, bool task)
{
        struct voice v = voice_of(s, modern);
        size_t at = s->text.len;
        struct str text;

        buf_append_str(&s->text, v.form->before);
        buf_append_str(&s->text, tool);
        buf_append_str(&s->text, v.form->after);
        text = s->text.failed ? STR("Tool not found") : str_of(s->text.data + at, s->text.len - at);
        if (v.as_result && !task)
                answer_tool_result(s, id_text, text, modern);
        else
                answer_error(s, id_text, v.code, text, STR(""));
}

static const struct unknown_form *form_of(struct str text)
{
        for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
                if (text.len > forms[i].before.len + forms[i].after.len && str_starts_with(text, forms[i].before) &&
                        str_ends_with(text, forms[i].after))
                        return &forms[i];
        return NULL;
}

static bool text_of_tool_error(struct session *s, uint32_t result, struct str *ret)
{
        uint32_t is_error = json_member(&s->doc, result, STR("isError"));
        uint32_t content;

        if (!is_error || json_type_of(&s->doc, is_error) != JSON_TRUE)
                return false;
        content = json_member(&s->doc, result, STR("content"));
        if (!content || json_type_of(&s->doc, content) != JSON_ARRAY || json_at(&s->doc, content)->next == content + 1)
                return false;
        return string_member(s, content + 1, STR("text"), ret);
}

static void hear_server_info(struct session *s, uint32_t result)
{
        uint32_t meta = json_member(&s->doc, result, STR("_meta"));
        uint32_t info = meta ? json_member(&s->doc, meta, STR(SERVER_INFO_KEY)) : 0;

        if (info && json_write(&s->voice.server_info, &s->doc, info) < 0)
                buf_clear(&s->voice.server_info, 0);
}

static void hear_schemas(struct session *s, uint32_t result)
{
        uint32_t list = json_member(&s->doc, result, STR("tools"));
        uint32_t schema = 0;
        struct str draft;

        if (list && json_type_of(&s->doc, list) == JSON_ARRAY && json_at(&s->doc, list)->next > list + 1)
                schema = json_member(&s->doc, list + 1, STR("inputSchema"));
        s->voice.draft_2020 |= schema && string_member(s, schema, STR("$schema"), &draft) &&
                               str_eq(draft, STR("https://json-schema.org/draft/2020-12/schema"));
}

void voice_hear(struct session *s, const struct rpc_message *m, const struct pending_request *request)
{
        struct voice *v = &s->voice;
        const struct unknown_form *form = NULL;
        struct str text;
        int64_t code = 0;

        if (!v->known && m->result) {
                v->known = true;
                /* The first member's value is token 2: the root, its first name, that name's value. */
                v->result_first = m->result == 2;
        }
        if (m->result && request->modern && !v->server_info.len)
                hear_server_info(s, m->result);
        if (m->result && request->method && request->method->result == RPC_RESULT_TOOLS)
                hear_schemas(s, m->result);
        if (v->form || !request->method || request->method->policed != RPC_BY_TOOL)
                return;
        if (m->error && string_member(s, m->error, STR("message"), &text) &&
                json_integer_get(&s->doc, json_member(&s->doc, m->error, STR("code")), &code) && code > INT32_MIN && code < INT32_MAX)
                form = form_of(text);
        else if (m->result && text_of_tool_error(s, m->result, &text))
                form = form_of(text);
        if (form) {
                v->form = form;
                v->as_result = m->result != 0;
                v->code = (int)code;
        }
}
