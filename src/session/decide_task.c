/* SPDX-License-Identifier: Apache-2.0
 *
 * What is asked about tasks, and said of them: only those of this session may be named.
 */
#include "internal.h"

bool task_is_known(struct session *s, enum side host, struct str id)
{
        /* Of a task of some other session nobody knows which marks its result brings. */
        if (host == SIDE_SERVER && s->open_tools && !policy_set_has_flow(s->policy))
                return true;
        if (host == SIDE_CLIENT && policy_set_allows_all(s->policy, POLICY_SAMPLING) &&
                policy_set_allows_all(s->policy, POLICY_ELICITATION_FORM))
                return true;
        return tasks_know(&s->tasks[host], id);
}

void decide_task(struct session *s, enum side from, const struct rpc_message *m, struct ruling *r)
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
        if (host == SIDE_SERVER)
                r->tool = tasks_tool(&s->tasks[host], id);
        if (from == SIDE_CLIENT && !decide_retry(s, r, m->params))
                return;
        if (m->kind == RPC_NOTIFICATION && has_look_alike(s, m->params, &task_names))
                refuse(s, r, INVALID_PARAMS, "look-alike-member", "params has a member that could be taken for another");
        else if (m->kind == RPC_NOTIFICATION && requests)
                decide_input_requests(s, r, requests);
}
