/* SPDX-License-Identifier: Apache-2.0 */
#include "message.h"

static const struct {
        const char *code;
        const char *text;
} refusals[] = {
        [RPC_WELL_FORMED] = { "well-formed", "a well-formed message" },
        [RPC_BATCH] = { "batch", "batches are not accepted; send one message a line" },
        [RPC_NOT_AN_OBJECT] = { "not-an-object", "a message must be a JSON object" },
        [RPC_UNKNOWN_MEMBER] = { "unknown-member", "the message has a member that JSON-RPC does not define" },
        [RPC_BAD_VERSION] = { "bad-version", "`jsonrpc` must be \"2.0\"" },
        [RPC_BAD_ID] = { "bad-id", "`id` must be an integer within 2^53 or a string of at most 256 bytes of printable ASCII" },
        [RPC_BAD_METHOD] = { "bad-method", "`method` must be a string" },
        [RPC_MIXED] = { "mixed-message", "the message is a request and an answer at once, or has both result and error" },
        [RPC_EMPTY] = { "empty-message", "the message has neither method, result nor error" },
        [RPC_NO_ID] = { "answer-without-id", "an answer must carry the id of its request" },
        [RPC_BAD_ERROR] = { "bad-error", "`error` must have an integer code and a message" },
        [RPC_BAD_PARAMS] = { "bad-params", "`params` must be an object" },
        [RPC_UNKNOWN_PARAM] = { "unknown-param", "`params` has a member that this method does not define" },
        [RPC_UNKNOWN_METHOD] = { "unknown-method", "Method not found" },
        [RPC_NEEDS_ID] = { "request-without-id", "this method is a request and needs an id" },
        [RPC_TAKES_NO_ID] = { "notification-with-id", "this method is a notification and takes no id" },
};
_Static_assert(sizeof(refusals) / sizeof(refusals[0]) == RPC_REFUSAL_MAX_, "a refusal without its text");

const char *rpc_refusal_code(enum rpc_refusal refusal)
{
        return refusals[refusal < RPC_REFUSAL_MAX_ ? refusal : RPC_EMPTY].code;
}

const char *rpc_refusal_text(enum rpc_refusal refusal)
{
        return refusals[refusal < RPC_REFUSAL_MAX_ ? refusal : RPC_EMPTY].text;
}

struct envelope {
        uint32_t version, id, method;
        struct rpc_message *message;
};

static bool take_member(struct envelope *e, const struct json_doc *doc, uint32_t name, uint32_t value)
{
        static const struct str names[] = {
                STR_INIT("jsonrpc"), STR_INIT("id"), STR_INIT("method"), STR_INIT("params"), STR_INIT("result"), STR_INIT("error"),
        };
        uint32_t *const slots[] = {
                &e->version, &e->id, &e->method, &e->message->params, &e->message->result, &e->message->error,
        };
        bool escaped = json_at(doc, name)->escaped;
        struct str raw = json_raw_string(doc, name);

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                if (escaped ? json_string_is(doc, name, names[i]) : str_eq(raw, names[i])) {
                        *slots[i] = value;
                        return true;
                }
        }
        e->message->bad_member = raw;
        return false;
}

static enum rpc_refusal check_answer(struct rpc_message *m, const struct json_doc *doc)
{
        int64_t code;

        if (m->params || (m->result && m->error))
                return RPC_MIXED;
        if (!m->result && !m->error)
                return RPC_EMPTY;
        m->kind = m->error ? RPC_ERROR : RPC_RESULT;
        if (m->id.kind == RPC_ID_NONE)
                return RPC_NO_ID;
        if (m->error) {
                uint32_t number = json_member(doc, m->error, STR("code"));
                uint32_t text = json_member(doc, m->error, STR("message"));

                if (!number || !json_integer_get(doc, number, &code) || !text || json_type_of(doc, text) != JSON_STRING)
                        return RPC_BAD_ERROR;
        }
        return RPC_WELL_FORMED;
}

static enum rpc_refusal check_params(struct rpc_message *m, const struct json_doc *doc, struct buf *scratch)
{
        if (!m->params)
                return RPC_WELL_FORMED;
        if (json_type_of(doc, m->params) != JSON_OBJECT)
                return RPC_BAD_PARAMS;
        if (m->row->open_params)
                return RPC_WELL_FORMED;
        json_each_member(doc, m->params, name, value) {
                struct str text;

                if (json_string_get(doc, name, scratch, &text) < 0 || !rpc_method_knows_param(m->row, text)) {
                        m->bad_member = json_raw_string(doc, name);
                        return RPC_UNKNOWN_PARAM;
                }
        }
        return RPC_WELL_FORMED;
}

static enum rpc_refusal check_call(struct rpc_message *m, const struct json_doc *doc, enum rpc_from from, struct buf *scratch)
{
        if (m->result || m->error)
                return RPC_MIXED;
        m->kind = m->id.kind == RPC_ID_NONE ? RPC_NOTIFICATION : RPC_REQUEST;
        m->row = rpc_method_find(m->method, from);
        if (!m->row)
                return m->params && json_type_of(doc, m->params) != JSON_OBJECT ? RPC_BAD_PARAMS : RPC_UNKNOWN_METHOD;
        if (m->row->kind != m->kind)
                return m->kind == RPC_NOTIFICATION ? RPC_NEEDS_ID : RPC_TAKES_NO_ID;
        return check_params(m, doc, scratch);
}

enum rpc_refusal rpc_message_read(struct rpc_message *ret, const struct json_doc *doc, enum rpc_from from, struct buf *scratch)
{
        struct envelope e = { .message = ret };
        bool known = true;

        *ret = (struct rpc_message){ 0 };
        if (json_type_of(doc, 0) == JSON_ARRAY)
                return RPC_BATCH;
        if (json_type_of(doc, 0) != JSON_OBJECT)
                return RPC_NOT_AN_OBJECT;
        json_each_member(doc, 0, name, value)
                known = take_member(&e, doc, name, value) && known;

        /* Who sent what is found out first, so that a refusal can be addressed. */
        if (e.method && json_type_of(doc, e.method) == JSON_STRING) {
                if (json_string_get(doc, e.method, scratch, &ret->method) < 0)
                        return RPC_BAD_METHOD;
        }
        if (e.method)
                ret->kind = e.id ? RPC_REQUEST : RPC_NOTIFICATION;
        else
                ret->kind = ret->error ? RPC_ERROR : RPC_RESULT;
        if (e.id && !rpc_id_read(&ret->id, doc, e.id, scratch)) {
                if (e.method || !rpc_own_id_read(&ret->own, doc, e.id))
                        return RPC_BAD_ID;
                ret->id = (struct rpc_id){ .kind = RPC_ID_STRING, .string = json_raw_string(doc, e.id) };
        }
        /* An integer that is accepted has one spelling; so has a string of printable ASCII without escapes. */
        if (e.id && !json_at(doc, e.id)->escaped)
                ret->id_text = json_text(doc, e.id);
        if (!known)
                return RPC_UNKNOWN_MEMBER;
        if (!e.version || !json_string_is(doc, e.version, STR("2.0")))
                return RPC_BAD_VERSION;
        if (!e.method)
                return check_answer(ret, doc);
        if (json_type_of(doc, e.method) != JSON_STRING)
                return RPC_BAD_METHOD;
        return check_call(ret, doc, from, scratch);
}
