/* SPDX-License-Identifier: Apache-2.0
 *
 * Results and errors: each belongs to exactly one request in flight, and carries only what policy lets that request
 * bring home.
 */
#include "internal.h"

/* The members of results that mean something to this program; has_look_alike() tells why that matters. */
static const struct str meaningful[] = {
        STR_INIT("tools"), STR_INIT("resources"), STR_INIT("resourceTemplates"), STR_INIT("prompts"), STR_INIT("tasks"),
        STR_INIT("task"), STR_INIT("taskId"), STR_INIT("resultType"), STR_INIT("inputRequests"), STR_INIT("requestState"),
        STR_INIT("nextCursor"), STR_INIT("capabilities"), STR_INIT("protocolVersion"), STR_INIT("supportedVersions"),
        STR_INIT("roots"), STR_INIT("content"), STR_INIT("structuredContent"), STR_INIT("isError"), STR_INIT("_meta"),
};
static const struct names meaningful_names = NAMES(meaningful);

/* A result that asks the client for input is a server's request in disguise; only some methods may ask. */
static bool check_input_requests(struct session *s, struct ruling *r, enum rpc_result_handling kind, uint32_t result)
{
        uint32_t requests = json_member(&s->doc, result, STR("inputRequests"));

        if (!requests)
                return true;
        if (kind != RPC_RESULT_CALL && kind != RPC_RESULT_INPUT && !s->open_protocol) {
                refuse(s, r, INTERNAL_ERROR, "bad-input-requests", "The server asked for input where the protocol does not let it.");
                return false;
        }
        return decide_input_requests(s, r, requests);
}

/* A tool's schema-checked output may be anything; the members looked at are those of the result itself. */
static void decide_result(struct session *s, enum rpc_result_handling kind, enum side host, uint32_t result, struct ruling *r)
{
        bool ok = true;

        if (json_type_of(&s->doc, result) != JSON_OBJECT) {
                refuse(s, r, INTERNAL_ERROR, "bad-result", "The answer is not an object.");
                return;
        }
        if (has_look_alike(s, result, &meaningful_names)) {
                refuse(s, r, INTERNAL_ERROR, "look-alike-member", "The answer has a member that could be taken for another.");
                return;
        }
        if (is_server(host) && !check_input_requests(s, r, kind, result))
                return;
        switch (kind) {
        case RPC_RESULT_PASSES:
        case RPC_RESULT_INPUT:
        case RPC_RESULT_CALL:
        case RPC_RESULT_HOSTED:
                break;
        case RPC_RESULT_TOOLS:
        case RPC_RESULT_RESOURCES:
        case RPC_RESULT_TEMPLATES:
        case RPC_RESULT_PROMPTS:
                ok = filter_list(s, kind, result);
                break;
        case RPC_RESULT_TASKS:
                ok = host == SIDE_CLIENT || filter_list(s, kind, result);
                break;
        case RPC_RESULT_INITIALIZE:
                ok = restrict_initialize_result(s, result);
                break;
        case RPC_RESULT_DISCOVER:
                ok = restrict_discover_result(s, result);
                break;
        case RPC_RESULT_ROOTS:
                ok = filter_roots(s, result);
                break;
        default:
                ok = false;
                break;
        }
        if (!ok)
                refuse(s, r, INTERNAL_ERROR, "bad-result", "The answer is not what this method's answer must be.");
}

/* One of the links that an error carries; the ruling holds why not. */
static bool error_link(struct session *s, struct ruling *r, uint32_t item)
{
        static const struct str members[] = { STR_INIT("mode"), STR_INIT("url") };
        static const struct names link_names = NAMES(members);
        struct str url;

        if (!string_member(s, item, STR("url"), &url) || has_look_alike(s, item, &link_names)) {
                refuse(s, r, INTERNAL_ERROR, "bad-error", "The error asks to open a link, but does not name one.");
                return false;
        }
        if (judge(s, r, POLICY_ELICITATION_URL, "elicitation", url))
                return true;
        refuse_by_policy(s, r, INTERNAL_ERROR);
        return false;
}

/* An error may carry links that the client will offer to open. */
static void decide_error(struct session *s, uint32_t error, struct ruling *r)
{
        static const struct str error_members[] = { STR_INIT("code"), STR_INIT("message"), STR_INIT("data") };
        static const struct str data_members[] = { STR_INIT("elicitations") };
        static const struct names error_names = NAMES(error_members), data_names = NAMES(data_members);
        uint32_t code = json_member(&s->doc, error, STR("code"));
        uint32_t data = json_member(&s->doc, error, STR("data"));
        uint32_t list = data ? json_member(&s->doc, data, STR("elicitations")) : 0;
        int64_t number = 0;

        if (has_look_alike(s, error, &error_names)) {
                refuse(s, r, INTERNAL_ERROR, "look-alike-member", "The error has a member that could be taken for another.");
                return;
        }
        if (!json_integer_get(&s->doc, code, &number) || number != URL_ELICITATION_REQUIRED)
                return;
        if (!list || json_type_of(&s->doc, list) != JSON_ARRAY || has_look_alike(s, data, &data_names)) {
                refuse(s, r, INTERNAL_ERROR, "bad-error", "The error asks to open a link, but does not name one.");
                return;
        }
        json_each_item(&s->doc, list, item)
                if (!error_link(s, r, item))
                        return;
        r->subject = NULL;
}

struct pending_request *awaited_from(const struct session *s, enum side from, const struct rpc_message *m, enum side *ret_asker)
{
        struct pending_request *request;

        if (from == SIDE_CLIENT && m->own)
                return relayed_find(s, m->own, ret_asker);
        request = pending_find(&s->pending[other_side(from)], &m->id);
        if (!request || request->to != from || request->held || request->waiting)
                return NULL;
        *ret_asker = other_side(from);
        return request;
}

void decide_answer(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r)
{
        struct pending_request *request;

        if (from == SIDE_CLIENT && m->own && elicit_is_open(s, m->own)) {
                r->action = ACTION_ELICITED;
                r->reason = "elicited";
                return;
        }
        request = awaited_from(s, from, m, &r->asker);
        if (!request) {
                refuse(s, r, 0, "answer-to-nothing", "no request of that id waits for an answer");
                r->action = ACTION_DROP;
                return;
        }
        r->answered = request;
        r->to = r->asker;
        if (request->timed_out) {
                refuse(s, r, 0, "late-answer", "the call had taken too long and was cancelled before this answer came");
                r->action = ACTION_DROP;
                return;
        }
        r->modern = request->modern;
        r->task = request->task;
        /* Answers to what nobody decided about (handshake, pings, lists) leave no record of their own. */
        r->quiet = !request->record;
        if (m->error)
                decide_error(s, m->error, r);
        else if (is_lane(from) && lane_makes_task(s, m->result))
                refuse(s, r, INTERNAL_ERROR, "lane-task", "It is a task of the lane's server, and nobody could ask about it.");
        else if (request->method)
                decide_result(s, (enum rpc_result_handling)request->method->result, from, m->result, r);
        if (r->action == ACTION_FORWARD && is_server(from))
                decide_answer_limits(s, m, r);
        if (r->action == ACTION_FORWARD && is_server(from)) {
                filter_answer(s, m, r);
                structured_of_answer(s, m, r);
        }
        if (r->action == ACTION_FORWARD && request->relayed)
                relayed_answer(s, request);
        if (r->action != ACTION_FORWARD)
                r->quiet = false;
}
