/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests and notifications: whom the row of the method table says decides about them, and what that one says.
 */
#include <string.h>

#include "internal.h"

static bool is_type(struct session *s, uint32_t token, enum json_type type)
{
        return token && json_type_of(&s->doc, token) == type;
}

/* An optional member of that type: false when it is there and of another. */
static bool optional(struct session *s, uint32_t params, struct str name, enum json_type type, uint32_t *ret)
{
        *ret = json_member(&s->doc, params, name);
        return !*ret || json_type_of(&s->doc, *ret) == type;
}

static bool take_retry(struct session *s, struct ruling *r, uint32_t params)
{
        uint32_t responses, state;

        if (!optional(s, params, STR("inputResponses"), JSON_OBJECT, &responses) ||
                !optional(s, params, STR("requestState"), JSON_STRING, &state)) {
                refuse(s, r, INVALID_PARAMS, "bad-params", "inputResponses must be an object and requestState a string");
                return false;
        }
        return !responses || decide_input_responses(s, r, responses);
}

/* --- tools --- */

static void decide_tool(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        uint32_t task, arguments;
        struct str name;

        if (!m->params || !string_member(s, m->params, STR("name"), &name)) {
                refuse(s, r, INVALID_PARAMS, "bad-params", "tools/call needs the tool's name as a string");
                return;
        }
        if (!optional(s, m->params, STR("arguments"), JSON_OBJECT, &arguments) ||
                !optional(s, m->params, STR("task"), JSON_OBJECT, &task)) {
                refuse(s, r, INVALID_PARAMS, "bad-params", "arguments and task must be objects");
                return;
        }
        r->task = task != 0;
        r->arguments = arguments;
        if (judge(s, r, POLICY_TOOL, "tool", name)) {
                take_retry(s, r, m->params);
                return;
        }
        refuse_by_policy(s, r, INVALID_PARAMS);
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
                        take_retry(s, r, m->params);
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
                !optional(s, m->params, STR("arguments"), JSON_OBJECT, &arguments)) {
                refuse(s, r, INVALID_PARAMS, "bad-params", "prompts/get needs the prompt's name as a string");
                return;
        }
        r->arguments = arguments;
        if (judge(s, r, POLICY_PROMPT, "prompt", name))
                take_retry(s, r, m->params);
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

        if (!is_type(s, ref, JSON_OBJECT) || !string_member(s, ref, STR("type"), &type)) {
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
                r->name = subject;
        } else {
                refuse(s, r, INVALID_PARAMS, "bad-params", "ref must name a prompt or a resource");
                return;
        }
        if (!allowed)
                refuse_by_policy(s, r, INVALID_PARAMS);
}

/* --- tasks --- */

static bool task_is_known(struct session *s, enum side host, struct str id)
{
        if (host == SIDE_SERVER && s->open_tools)
                return true;
        if (host == SIDE_CLIENT && policy_set_allows_all(s->policy, POLICY_SAMPLING) &&
                policy_set_allows_all(s->policy, POLICY_ELICITATION_FORM))
                return true;
        return tasks_know(&s->tasks[host], id);
}

static void decide_task(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r)
{
        static const struct str members[] = { STR_INIT("taskId"), STR_INIT("inputRequests"), STR_INIT("requestState") };
        static const struct names task_names = NAMES(members);
        enum side host = m->kind == RPC_NOTIFICATION ? from : other_side(from);
        uint32_t requests = m->params ? json_member(&s->doc, m->params, STR("inputRequests")) : 0;
        uint32_t task = m->params ? json_member(&s->doc, m->params, STR("task")) : 0;
        struct str id;

        if (!m->params || !string_member(s, m->params, STR("taskId"), &id) || (task && json_type_of(&s->doc, task) != JSON_OBJECT)) {
                refuse(s, r, INVALID_PARAMS, "bad-params", "this method needs a taskId as a string");
                return;
        }
        if (!task_is_known(s, host, id)) {
                refuse(s, r, INVALID_PARAMS, "unknown-task", "Task not found");
                return;
        }
        if (from == SIDE_CLIENT && !take_retry(s, r, m->params))
                return;
        if (m->kind == RPC_NOTIFICATION && has_look_alike(s, m->params, &task_names))
                refuse(s, r, INVALID_PARAMS, "look-alike-member", "params has a member that could be taken for another");
        else if (m->kind == RPC_NOTIFICATION && requests)
                decide_input_requests(s, r, requests);
}

/* --- subscriptions/listen: every URI and task that it names --- */

static bool listen_item(struct session *s, struct ruling *r, uint32_t item, bool is_task)
{
        struct str text;

        if (json_type_of(&s->doc, item) != JSON_STRING || json_string_get(&s->doc, item, &s->scratch, &text) < 0) {
                refuse(s, r, INVALID_PARAMS, "bad-params", "subscriptions must be named by strings");
                return false;
        }
        if (is_task) {
                if (task_is_known(s, SIDE_SERVER, text))
                        return true;
                refuse(s, r, INVALID_PARAMS, "unknown-task", "Task not found");
                return false;
        }
        if (judge(s, r, POLICY_RESOURCE, "resource", text))
                return true;
        refuse_by_policy(s, r, INVALID_PARAMS);
        return false;
}

static void decide_listen(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        uint32_t wanted = m->params ? json_member(&s->doc, m->params, STR("notifications")) : 0;

        if (!is_type(s, wanted, JSON_OBJECT)) {
                refuse(s, r, INVALID_PARAMS, "bad-params", "subscriptions/listen needs notifications as an object");
                return;
        }
        json_each_member(&s->doc, wanted, name, value) {
                bool is_resources = json_string_is(&s->doc, name, STR("resourceSubscriptions"));
                bool is_tasks = json_string_is(&s->doc, name, STR("taskIds"));

                if (is_resources || is_tasks) {
                        if (json_type_of(&s->doc, value) != JSON_ARRAY) {
                                refuse(s, r, INVALID_PARAMS, "bad-params", "subscriptions must be lists");
                                return;
                        }
                        json_each_item(&s->doc, value, item)
                                if (!listen_item(s, r, item, is_tasks))
                                        return;
                } else if (!s->open_protocol && !json_string_is(&s->doc, name, STR("toolsListChanged")) &&
                           !json_string_is(&s->doc, name, STR("promptsListChanged")) &&
                           !json_string_is(&s->doc, name, STR("resourcesListChanged"))) {
                        refuse(s, r, INVALID_PARAMS, "unknown-param", "notifications has a member that the protocol does not define");
                        return;
                }
        }
}

/* --- cancellation: only of a request that the sender made and that is in flight --- */

static void decide_cancelled(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r)
{
        uint32_t token = m->params ? json_member(&s->doc, m->params, STR("requestId")) : 0;
        struct pending_request *request = NULL;
        struct rpc_id id;

        r->quiet = true;
        if (token && rpc_id_read(&id, &s->doc, token, &s->scratch)) {
                request = pending_find(&s->pending[from], &id);
                /* A modern server ends a subscription by cancelling the client's request. */
                if (!request && from == SIDE_SERVER)
                        request = pending_find(&s->pending[SIDE_CLIENT], &id);
        }
        if (!request) {
                r->quiet = false;
                refuse(s, r, INVALID_PARAMS, "nothing-to-cancel", "no request of that id is in flight");
                r->action = ACTION_DROP;
        }
}

/* --- what a server asks of the client --- */

static bool judge_elicitation(struct session *s, struct ruling *r, uint32_t params)
{
        struct str mode = STR("form"), url;

        if (params && json_member(&s->doc, params, STR("mode")) && !string_member(s, params, STR("mode"), &mode))
                return false;
        if (str_eq(mode, STR("form")))
                return judge(s, r, POLICY_ELICITATION_FORM, "elicitation", STR(""));
        if (!str_eq(mode, STR("url")) || !params || !string_member(s, params, STR("url"), &url))
                return false;
        return judge(s, r, POLICY_ELICITATION_URL, "elicitation", url);
}

bool decide_server_request(struct session *s, struct ruling *r, struct str method, uint32_t params)
{
        const struct rpc_method *row = rpc_method_find(method, RPC_FROM_SERVER);

        if (row && row->policed == RPC_BY_SAMPLING)
                return judge(s, r, POLICY_SAMPLING, "sampling", STR(""));
        if (row && row->policed == RPC_BY_ELICITATION)
                return judge_elicitation(s, r, params);
        if (row && row->policed == RPC_BY_ROOTS)
                return judge(s, r, POLICY_ROOTS, "roots", STR(""));
        return false;
}

static void decide_asked(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        if (decide_server_request(s, r, m->method, m->params))
                return;
        if (m->row->policed == RPC_BY_ROOTS) {
                refuse_by_policy(s, r, METHOD_NOT_FOUND);
                r->action = ACTION_ANSWER;
                r->result = STR("{\"roots\":[]}");
                return;
        }
        /* The client is presented as one that cannot do this; so is the answer. */
        if (r->subject)
                refuse_by_policy(s, r, METHOD_NOT_FOUND);
        else
                refuse(s, r, INVALID_PARAMS, "bad-params", "the request's mode or url is not understood");
}

/* Like the envelope and the closed params of the same request sent openly. */
static bool input_request_is_plain(struct session *s, uint32_t request, struct str method, uint32_t params)
{
        static const struct str members[] = { STR_INIT("method"), STR_INIT("params") };
        static const struct names request_names = NAMES(members);
        const struct rpc_method *row = rpc_method_find(method, RPC_FROM_SERVER);

        if (has_look_alike(s, request, &request_names) || (params && json_type_of(&s->doc, params) != JSON_OBJECT))
                return false;
        if (!row || !params)
                return true;
        json_each_member(&s->doc, params, name, value) {
                size_t mark = s->scratch.len;
                struct str text;
                bool known = json_string_get(&s->doc, name, &s->scratch, &text) == 0 && rpc_method_knows_param(row, text);

                s->scratch.len = mark;
                if (!known)
                        return false;
        }
        return true;
}

static bool decide_input_request(struct session *s, struct ruling *r, uint32_t request)
{
        uint32_t params = json_member(&s->doc, request, STR("params"));
        struct str method;

        if (!string_member(s, request, STR("method"), &method) || !input_request_is_plain(s, request, method, params)) {
                refuse(s, r, INTERNAL_ERROR, "bad-input-requests", "The server's input requests could not be understood.");
                return false;
        }
        if (decide_server_request(s, r, method, params))
                return true;
        if (r->subject)
                refuse_by_policy(s, r, INTERNAL_ERROR);
        else
                refuse(s, r, INTERNAL_ERROR, "bad-input-requests", "The server asked for input of a kind that is not known.");
        return false;
}

bool decide_input_requests(struct session *s, struct ruling *r, uint32_t requests)
{
        if (json_type_of(&s->doc, requests) != JSON_OBJECT) {
                refuse(s, r, INTERNAL_ERROR, "bad-input-requests", "The server's input requests could not be understood.");
                return false;
        }
        json_each_member(&s->doc, requests, name, request) {
                r->subject = NULL;
                if (!decide_input_request(s, r, request))
                        return false;
        }
        return true;
}

/* Answers come without their question: what each one is, is told by its members. One that could be several things must
 * be allowed as each of them. */
static bool input_response(struct session *s, struct ruling *r, uint32_t response)
{
        static const struct str members[] = {
                STR_INIT("roots"), STR_INIT("action"), STR_INIT("role"), STR_INIT("model"), STR_INIT("content"), STR_INIT("_meta"),
        };
        static const struct names response_names = NAMES(members);
        bool is_roots = json_member(&s->doc, response, STR("roots")) != 0;
        bool is_elicited = json_member(&s->doc, response, STR("action")) != 0;
        bool is_sampled = json_member(&s->doc, response, STR("role")) || json_member(&s->doc, response, STR("model"));

        r->subject = NULL;
        if (json_type_of(&s->doc, response) != JSON_OBJECT || has_look_alike(s, response, &response_names))
                return false;
        if (!is_roots && !is_elicited && !is_sampled)
                return s->open_protocol;
        if (is_elicited && !judge(s, r, POLICY_ELICITATION_FORM, "elicitation", STR("")) &&
                !judge(s, r, POLICY_ELICITATION_URL, "elicitation", STR("")))
                return false;
        if (is_sampled && !judge(s, r, POLICY_SAMPLING, "sampling", STR("")))
                return false;
        if (is_roots && !judge(s, r, POLICY_ROOTS, "roots", STR("")))
                return false;
        r->subject = NULL;
        return !is_roots || filter_roots(s, response);
}

bool decide_input_responses(struct session *s, struct ruling *r, uint32_t responses)
{
        struct ruling answers = { 0 };

        json_each_member(&s->doc, responses, name, response) {
                if (input_response(s, &answers, response))
                        continue;
                if (answers.subject) {
                        r->subject = answers.subject;
                        r->name = answers.name;
                        r->decision = answers.decision;
                        refuse_by_policy(s, r, INVALID_PARAMS);
                } else {
                        refuse(s, r, INVALID_PARAMS, "bad-input-response", "an input response is of a kind that is not known");
                }
                return false;
        }
        return true;
}

/* --- the rest --- */

static void decide_initialize(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        uint32_t capabilities = m->params ? json_member(&s->doc, m->params, STR("capabilities")) : 0;
        uint32_t version = m->params ? json_member(&s->doc, m->params, STR("protocolVersion")) : 0;
        struct str revision;

        if (!m->params || !is_type(s, version, JSON_STRING) || !string_member(s, m->params, STR("protocolVersion"), &revision) ||
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
