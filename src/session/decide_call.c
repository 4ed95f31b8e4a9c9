/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests and notifications: whom the row of the method table says decides about them, and what that one says.
 */
#include <string.h>

#include "internal.h"

/* --- tools --- */

static void decide_tool(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        uint32_t task, arguments;
        struct str name;
        bool allowed, asked;

        if (!m->params || !string_member(s, m->params, STR("name"), &name)) {
                refuse(s, r, INVALID_PARAMS, "bad-params", "tools/call needs the tool's name as a string");
                return;
        }
        if (!optional_member(s, m->params, STR("arguments"), JSON_OBJECT, &arguments) ||
                !optional_member(s, m->params, STR("task"), JSON_OBJECT, &task)) {
                refuse(s, r, INVALID_PARAMS, "bad-params", "arguments and task must be objects");
                return;
        }
        r->tool = name;
        r->task = task != 0;
        r->arguments = arguments;
        allowed = judge(s, r, POLICY_TOOL, "tool", name);
        asked = s->approvals.possible && r->decision.verdict == VERDICT_APPROVE;
        if (allowed || asked || r->action == ACTION_NARROW) {
                /* What is narrowed is looked at as it came, and once more as it goes on. */
                if (pinned_permits(s, r, name) && arguments_fit(s, r, name) && r->action != ACTION_NARROW)
                        r->asked.wanted = decide_retry(s, r, m->params) && asked;
                return;
        }
        refuse_by_policy(s, r, INVALID_PARAMS);
        s->grants.wanted = true;
        /* A caller that asked for a task cannot read a tool's result: its SDK wants the task or an error. */
        if (r->decision.reason == POLICY_NO_RULE || r->decision.reason == POLICY_BAD_NAME)
                r->form = ANSWER_UNKNOWN_TOOL;
        else
                r->form = r->task ? ANSWER_ERROR : ANSWER_TOOL_RESULT;
}

/* Params that cannot be judged. A modern server does not get as far as them where the method is a legacy one. */
static void refuse_params(struct session *s, struct ruling *r, const struct rpc_message *m, const char *what)
{
        if (r->modern && m->row->legacy_only)
                refuse(s, r, METHOD_NOT_FOUND, "unknown-method", "Method not found");
        else
                refuse(s, r, INVALID_PARAMS, "bad-params", "%s", what);
}

/* --- resources, prompts, completion --- */

static void decide_resource(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r)
{
        struct str uri;

        if (!m->params || !string_member(s, m->params, STR("uri"), &uri)) {
                refuse_params(s, r, m, "this method needs a uri as a string");
                return;
        }
        if (judge(s, r, POLICY_RESOURCE, "resource", uri)) {
                r->quiet = from == SIDE_SERVER;
                if (from == SIDE_CLIENT)
                        decide_retry(s, r, m->params);
                return;
        }
        refuse_by_policy(s, r, INVALID_PARAMS);
        if (from == SIDE_SERVER)
                r->action = ACTION_DROP;
}

static void decide_prompt(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        uint32_t arguments;
        struct str name;

        if (!m->params || !string_member(s, m->params, STR("name"), &name) ||
                !optional_member(s, m->params, STR("arguments"), JSON_OBJECT, &arguments)) {
                refuse(s, r, INVALID_PARAMS, "bad-params", "prompts/get needs the prompt's name as a string");
                return;
        }
        r->arguments = arguments;
        if (judge(s, r, POLICY_PROMPT, "prompt", name))
                decide_retry(s, r, m->params);
        else
                refuse_by_policy(s, r, INVALID_PARAMS);
}

/* A URI of the template, every expression of which has become "x": the server names values of all its URIs, so that one
 * as good as any other must be allowed. What is no template is its own example. */
static struct str example_of(struct session *s, struct str uri)
{
        struct buf *b = &s->text;
        size_t at = b->len;

        if (!uri.len || !memchr(uri.ptr, '{', uri.len))
                return uri;
        while (uri.len) {
                const char *open = memchr(uri.ptr, '{', uri.len);
                const char *close = open ? memchr(open, '}', uri.len - (size_t)(open - uri.ptr)) : NULL;
                size_t literal = open ? (size_t)(open - uri.ptr) : uri.len;

                buf_append(b, uri.ptr, literal);
                if (open && !close)
                        return STR(""); /* an expression without an end: no URI, and so not allowed */
                if (open)
                        buf_append_char(b, 'x');
                uri = str_skip(uri, close ? (size_t)(close - uri.ptr) + 1 : uri.len);
        }
        return b->failed ? STR("") : str_of(b->data + at, b->len - at);
}

static void decide_completion(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        uint32_t ref = m->params ? json_member(&s->doc, m->params, STR("ref")) : 0;
        bool allowed;
        struct str type, subject;

        if (!has_type(s, ref, JSON_OBJECT) || !string_member(s, ref, STR("type"), &type)) {
                refuse(s, r, INVALID_PARAMS, "bad-params", "completion/complete needs a ref with a type");
                return;
        }
        json_each_member(&s->doc, ref, name, value) {
                if (json_string_is(&s->doc, name, STR("type")) || json_string_is(&s->doc, name, STR("name")) ||
                        json_string_is(&s->doc, name, STR("uri")) || json_string_is(&s->doc, name, STR("title")))
                        continue;
                refuse(s, r, INVALID_PARAMS, "unknown-param", "ref has a member that the protocol does not define");
                return;
        }
        if (str_eq(type, STR("ref/prompt")) && string_member(s, ref, STR("name"), &subject)) {
                allowed = judge(s, r, POLICY_PROMPT, "prompt", subject);
        } else if (str_eq(type, STR("ref/resource")) && string_member(s, ref, STR("uri"), &subject)) {
                allowed = judge(s, r, POLICY_RESOURCE, "resource", example_of(s, subject));
                /* Flow rules hold back what the template could be, not only the example. */
                allowed = allowed && judge(s, r, POLICY_RESOURCE_TEMPLATE, "resource", subject);
                r->name = subject;
        } else {
                refuse(s, r, INVALID_PARAMS, "bad-params", "ref must name a prompt or a resource");
                return;
        }
        if (!allowed)
                refuse_by_policy(s, r, INVALID_PARAMS);
}

/* --- cancellation: only of a request that the sender made and that is in flight --- */

struct pending_request *find_cancelled(struct session *s, enum side from, const struct rpc_message *m, enum side *ret_asker)
{
        uint32_t token = m->params ? json_member(&s->doc, m->params, STR("requestId")) : 0;
        struct pending_request *request;
        struct rpc_id id;

        *ret_asker = from;
        if (!token || !rpc_id_read(&id, &s->doc, token, &s->scratch))
                return NULL;
        request = pending_find(&s->pending[from], &id);
        if (request || from == SIDE_CLIENT)
                return request;
        /* A modern server ends a subscription by cancelling the client's request. Of one that is held it knows nothing. */
        *ret_asker = SIDE_CLIENT;
        request = pending_find(&s->pending[SIDE_CLIENT], &id);
        return request && request->to == from && !request->held && !request->waiting ? request : NULL;
}

static void decide_cancelled(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r)
{
        enum side asker;
        struct pending_request *request = find_cancelled(s, from, m, &asker);

        r->quiet = true;
        if (request && (request->held || request->waiting)) {
                r->action = ACTION_DROP;
                r->reason = request->held ? "cancelled-while-held" : "cancelled-while-waiting";
                r->dropped = request;
                return;
        }
        if (request && from == SIDE_CLIENT)
                r->to = (enum side)request->to;
        if (request)
                return;
        r->quiet = false;
        refuse(s, r, INVALID_PARAMS, "nothing-to-cancel", "no request of that id is in flight");
        r->action = ACTION_DROP;
}

/* --- the rest --- */

static void decide_initialize(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        uint32_t capabilities = m->params ? json_member(&s->doc, m->params, STR("capabilities")) : 0;
        uint32_t version = m->params ? json_member(&s->doc, m->params, STR("protocolVersion")) : 0;
        struct str revision;

        if (!m->params || !has_type(s, version, JSON_STRING) || !string_member(s, m->params, STR("protocolVersion"), &revision) ||
                (capabilities && json_type_of(&s->doc, capabilities) != JSON_OBJECT)) {
                refuse_params(s, r, m, "initialize needs a protocolVersion and capabilities");
                return;
        }
        if (capabilities)
                restrict_client_capabilities(s, capabilities);
        /* What a later revision means is not known here: the server is offered the newest one that is. */
        if (!s->open_protocol && !rpc_revision_is_known(revision))
                edits_replace(&s->edits, version, STR("\"" RPC_LATEST_LEGACY "\""));
}

static void decide_without_row(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        if (judge(s, r, POLICY_METHOD, "method", m->method)) {
                r->quiet = m->kind == RPC_NOTIFICATION;
                return;
        }
        refuse(s, r, METHOD_NOT_FOUND, "unknown-method", "Method not found");
}

void decide_call(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r)
{
        if (!m->row) {
                decide_without_row(s, m, r);
                return;
        }
        switch ((enum rpc_policed)m->row->policed) {
        case RPC_PASSES:
                /* Requests of the client are recorded; notifications, and a server's ping, are the everyday noise. */
                r->quiet = m->kind == RPC_NOTIFICATION || from == SIDE_SERVER;
                announce_acknowledgement(s, from, m);
                break;
        case RPC_BY_TOOL:
                decide_tool(s, m, r);
                break;
        case RPC_BY_RESOURCE:
                decide_resource(s, from, m, r);
                break;
        case RPC_BY_PROMPT:
                decide_prompt(s, m, r);
                break;
        case RPC_BY_COMPLETION:
                decide_completion(s, m, r);
                break;
        case RPC_BY_LISTEN:
                decide_listen(s, m, r);
                break;
        case RPC_BY_TASK:
                decide_task(s, from, m, r);
                break;
        case RPC_BY_SAMPLING:
        case RPC_BY_ELICITATION:
                decide_asked(s, m, r);
                break;
        case RPC_BY_ROOTS:
                if (from == SIDE_SERVER)
                        decide_asked(s, m, r);
                else
                        r->quiet = true;
                break;
        case RPC_BY_REQUEST_ID:
                decide_cancelled(s, from, m, r);
                break;
        case RPC_BY_INITIALIZE:
                decide_initialize(s, m, r);
                break;
        default:
                refuse(s, r, METHOD_NOT_FOUND, "undecided", "Method not found");
                break;
        }
}
