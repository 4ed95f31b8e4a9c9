/* SPDX-License-Identifier: Apache-2.0
 *
 * What policies take out of what servers say (`results:`), string by string: values are replaced where they stand, so that the
 * message stays what it was in all else, structured content among it. Names of members, numbers and what the protocol itself goes
 * by are left alone.
 */
#include "internal.h"
#include "limit.h"
#include "writer.h"

/* Of a result: these are handed back to the server as they came. */
static const struct str opaque[] = {
        STR_INIT("resultType"), STR_INIT("requestState"), STR_INIT("nextCursor"), STR_INIT("taskId"),
};

struct filter {
        struct session *s;
        struct policy_filtering *count;
        bool only_strip;
        bool keep_urls; /* members of that name */
};

static void filter_string(const struct filter *f, uint32_t token)
{
        struct session *s = f->s;
        struct str text;
        int r;

        /* These buffers are nobody's before the ruling is carried out. */
        buf_clear(&s->line, LINE_KEEP);
        buf_clear(&s->plain, LINE_KEEP);
        r = json_string_get(&s->doc, token, &s->line, &text);
        if (r == 0)
                r = policy_set_filter_text(s->policy, s->conditions, text, f->only_strip, f->count, &s->plain);
        if (r > 0) {
                buf_clear(&s->line, LINE_KEEP);
                r = json_string_append(&s->line, buf_str(&s->plain));
                edits_replace(&s->edits, token, buf_str(&s->line));
        }
        s->edits.failed |= r < 0;
}

static bool is_base64(struct str text)
{
        for (size_t i = 0; i < text.len; i++) {
                char c = text.ptr[i];

                if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=' ||
                            c == '-' || c == '_'))
                        return false;
        }
        return true;
}

/* An image, a sound, a file: patterns are for text, and a match by chance would spoil it. In the protocol's own shapes only: a
 * tool's structured content may call anything `data`. */
static bool is_encoded(const struct session *s, uint32_t object, uint32_t name, uint32_t value)
{
        const struct json_doc *doc = &s->doc;
        uint32_t type = json_member(doc, object, STR("type"));
        bool medium = type && json_type_of(doc, type) == JSON_STRING &&
                      (json_string_is(doc, type, STR("image")) || json_string_is(doc, type, STR("audio")));
        bool file = json_member(doc, object, STR("uri")) != 0;

        return json_type_of(doc, value) == JSON_STRING && json_member(doc, object, STR("mimeType")) &&
               ((medium && json_string_is(doc, name, STR("data"))) || (file && json_string_is(doc, name, STR("blob")))) &&
               is_base64(json_raw_string(doc, value));
}

/* Recursion is as deep as the document: at most LIMIT_JSON_DEPTH. */
static void filter_value(const struct filter *f, uint32_t token)
{
        const struct json_doc *doc = &f->s->doc;

        if (json_type_of(doc, token) == JSON_STRING)
                filter_string(f, token);
        json_each_item(doc, token, item)
                filter_value(f, item);
        json_each_member(doc, token, name, value) {
                if (!is_encoded(f->s, token, name, value) && !(f->keep_urls && json_string_is(doc, name, STR("url"))))
                        filter_value(f, value);
        }
}

/* Of a method, the params that hold what a person or a model reads; all of them where none is named. */
static const struct {
        struct str method, param;
} spoken[] = {
        { STR_INIT("notifications/message"), STR_INIT("data") },
        { STR_INIT("notifications/progress"), STR_INIT("message") },
        { STR_INIT("notifications/tasks/status"), STR_INIT("") },
        { STR_INIT("notifications/tasks"), STR_INIT("") },
        { STR_INIT("notifications/cancelled"), STR_INIT("reason") },
        { STR_INIT("elicitation/create"), STR_INIT("message") },
        { STR_INIT("sampling/createMessage"), STR_INIT("messages") },
        { STR_INIT("sampling/createMessage"), STR_INIT("systemPrompt") },
};

static void filter_result(const struct filter *f, uint32_t result);

static bool says(const struct filter *f, size_t row, struct str method, uint32_t token)
{
        return token ? json_string_is(&f->s->doc, token, spoken[row].method) : str_eq(method, spoken[row].method);
}

/* @token: of the method's name; 0: it is @method. */
static void filter_params(const struct filter *f, struct str method, uint32_t token, uint32_t params)
{
        for (size_t i = 0; i < sizeof(spoken) / sizeof(spoken[0]); i++) {
                uint32_t value;

                if (!says(f, i, method, token))
                        continue;
                value = spoken[i].param.len ? json_member(&f->s->doc, params, spoken[i].param) : 0;
                if (value)
                        filter_value(f, value);
                else if (!spoken[i].param.len)
                        filter_result(f, params);
        }
}

/* A server's requests within its result: what policy has decided about stays as it was. */
static void filter_input_requests(const struct filter *f, uint32_t requests)
{
        const struct json_doc *doc = &f->s->doc;

        json_each_member(doc, requests, name, request) {
                uint32_t method = json_member(doc, request, STR("method"));
                uint32_t params = json_member(doc, request, STR("params"));

                if (method && params)
                        filter_params(f, STR(""), method, params);
        }
}

static bool is_opaque(const struct json_doc *doc, uint32_t name)
{
        for (size_t i = 0; i < sizeof(opaque) / sizeof(opaque[0]); i++)
                if (json_string_is(doc, name, opaque[i]))
                        return true;
        return false;
}

/* A result, or a task within one. */
static void filter_result(const struct filter *f, uint32_t result)
{
        const struct json_doc *doc = &f->s->doc;

        json_each_member(doc, result, name, value) {
                if (is_opaque(doc, name))
                        continue;
                if (json_string_is(doc, name, STR("task")))
                        filter_result(f, value);
                else if (json_string_is(doc, name, STR("inputRequests")))
                        filter_input_requests(f, value);
                else
                        filter_value(f, value);
        }
}

static void filter_tasks(const struct filter *f, uint32_t result)
{
        uint32_t list = json_member(&f->s->doc, result, STR("tasks"));

        json_each_item(&f->s->doc, list, task)
                filter_result(f, task);
}

/* What people and models read of a list: titles and descriptions, of arguments as well. */
static void filter_descriptions(const struct filter *f, uint32_t token)
{
        const struct json_doc *doc = &f->s->doc;

        json_each_item(doc, token, item)
                filter_descriptions(f, item);
        json_each_member(doc, token, name, value) {
                if (json_type_of(doc, value) != JSON_STRING)
                        filter_descriptions(f, value);
                else if (json_string_is(doc, name, STR("description")) || json_string_is(doc, name, STR("title")) ||
                         json_string_is(doc, name, STR("instructions")))
                        filter_string(f, value);
        }
}

static bool brings_content(const struct rpc_method *method)
{
        switch ((enum rpc_policed)method->policed) {
        case RPC_BY_TOOL:
        case RPC_BY_RESOURCE:
        case RPC_BY_PROMPT:
        case RPC_BY_COMPLETION:
        case RPC_BY_TASK:
                return true;
        case RPC_PASSES:
        case RPC_BY_LISTEN:
        case RPC_BY_SAMPLING:
        case RPC_BY_ELICITATION:
        case RPC_BY_ROOTS:
        case RPC_BY_REQUEST_ID:
        case RPC_BY_INITIALIZE:
        default:
                return false;
        }
}

static void filter_plain_result(const struct filter *f, const struct rpc_method *method, uint32_t result)
{
        if (!method || brings_content(method))
                filter_result(f, result);
        else if (method->result == RPC_RESULT_TASKS)
                filter_tasks(f, result);
        else if (f->s->strips)
                filter_descriptions(&(struct filter){ .s = f->s, .count = f->count, .only_strip = true }, result);
}

/* The client sees a mark where text was; why all of it is gone, and what to do, is for the person. */
static void tell_withheld(struct session *s, struct ruling *r)
{
        const struct policy_filtering *f = &r->filtered;
        size_t at = s->text.len;

        r->quiet &= !f->redacted && !f->stripped;
        if (!f->withheld)
                return;
        buf_printf(&s->text,
                "texts of a message were withheld whole (%llu): the pattern \"%.*s\" of policy \"%.*s\" "
                "(results.redact) %s. Make the pattern "
                "begin with something rare and bound its repeats, as in {1,64}, or limit call.result_bytes",
                (unsigned long long)f->withheld, STR_FMT(f->withheld_by), STR_FMT(f->withheld_policy), f->withheld_why);
        r->detail = s->text.failed ? STR("texts were withheld whole: a pattern of results.redact could not be settled")
                                   : str_of(s->text.data + at, s->text.len - at);
        notify(s, STR(""), r);
}

void filter_answer(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        /* The links that an error wants opened have been decided about. */
        struct filter f = { .s = s, .count = &r->filtered, .keep_urls = m->error != 0 };

        if (!s->filters_results)
                return;
        if (m->error)
                filter_value(&f, m->error);
        else
                filter_plain_result(&f, r->answered->method, m->result);
        tell_withheld(s, r);
}

void filter_call(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        struct filter f = { .s = s, .count = &r->filtered };

        if (!s->filters_results || !m->params)
                return;
        filter_params(&f, m->method, 0, m->params);
        tell_withheld(s, r);
}
