/* SPDX-License-Identifier: Apache-2.0
 *
 * What a server asks of the client (sampling, elicitation, roots), in a request of its own or, in the modern era, inside a
 * result; and the client's answers inside a retry.
 */
#include "internal.h"

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

/* One request of a server by its params; the ruling holds why not. */
static bool decide_server_request(struct session *s, struct ruling *r, struct str method, uint32_t params)
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

void decide_asked(struct session *s, const struct rpc_message *m, struct ruling *r)
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
        if (s->approvals.possible && json_member(&s->doc, requests, STR(ELICIT_KEY))) {
                refuse(s, r, INTERNAL_ERROR, "bad-input-requests", "The server asked for input under the proxy's own name.");
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

static bool decide_input_responses(struct session *s, struct ruling *r, uint32_t responses)
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

bool decide_retry(struct session *s, struct ruling *r, uint32_t params)
{
        uint32_t responses, state;

        if (!optional_member(s, params, STR("inputResponses"), JSON_OBJECT, &responses) ||
                !optional_member(s, params, STR("requestState"), JSON_STRING, &state)) {
                refuse(s, r, INVALID_PARAMS, "bad-params", "inputResponses must be an object and requestState a string");
                return false;
        }
        if (s->approvals.possible && request_state_is_own(s, state)) {
                /* We asked for nothing but a form, if that. */
                if (responses && !elicit_responses_are_own(s, responses)) {
                        refuse(s, r, INVALID_PARAMS, "bad-input-response", "this requestState takes no input responses");
                        return false;
                }
                r->asked.state = state;
                r->asked.responses = responses;
                return true;
        }
        /* What was typed for us is nothing for the server. */
        if (s->approvals.possible && responses && json_member(&s->doc, responses, STR(ELICIT_KEY))) {
                refuse(s, r, INVALID_PARAMS, "bad-input-response", "an input response to an approval comes with its requestState");
                return false;
        }
        r->asked.input_responses = responses;
        r->asked.request_state = state;
        return !responses || decide_input_responses(s, r, responses);
}
