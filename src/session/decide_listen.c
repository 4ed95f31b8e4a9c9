/* SPDX-License-Identifier: Apache-2.0
 *
 * subscriptions/listen: every URI and task that it names.
 */
#include "internal.h"

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

void decide_listen(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        uint32_t wanted = m->params ? json_member(&s->doc, m->params, STR("notifications")) : 0;

        if (!has_type(s, wanted, JSON_OBJECT)) {
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
