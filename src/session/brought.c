/* SPDX-License-Identifier: Apache-2.0
 *
 * Marks of resources that a server's message holds or names, whatever was asked for: what stands in a directory that
 * was read, in a tool's answer, in a prompt; and the one that a notice says has changed. The text is that resource's.
 */
#include "internal.h"

/* Anything may stand in these, and `uri` in them is nobody's word for a resource. */
static bool is_free_form(const struct json_doc *doc, uint32_t name)
{
        static const struct str names[] = {
                STR_INIT("structuredContent"),
                STR_INIT("_meta"),
                STR_INIT("data"),
                STR_INIT("input"),
        };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (json_string_is(doc, name, names[i]))
                        return true;
        return false;
}

/* One that is too long to be looked at could be any. */
static void add_resource(struct session *s, uint32_t token, struct policy_marks *marks)
{
        size_t mark = s->scratch.len;
        struct str uri;

        if (json_string_get(&s->doc, token, &s->scratch, &uri) < 0)
                uri = STR("");
        policy_set_mark(s->policy, POLICY_RESOURCE, uri, marks);
        s->scratch.len = mark;
        s->scratch.failed = false;
}

/* Recursion is as deep as the document: at most LIMIT_JSON_DEPTH. */
static void add_within(struct session *s, uint32_t token, struct policy_marks *marks)
{
        const struct json_doc *doc = &s->doc;

        json_each_item (doc, token, item)
                add_within(s, item, marks);
        json_each_member (doc, token, name, value) {
                if (json_type_of(doc, value) != JSON_STRING && !is_free_form(doc, name))
                        add_within(s, value, marks);
                else if (json_type_of(doc, value) == JSON_STRING && json_string_is(doc, name, STR("uri")))
                        add_resource(s, value, marks);
        }
}

/* Lists name what there is, and are asked for before anything is read: they bring nothing. */
static bool may_hold_resources(const struct rpc_method *method)
{
        switch ((enum rpc_policed)method->policed) {
        case RPC_BY_TOOL:
        case RPC_BY_RESOURCE:
        case RPC_BY_PROMPT:
        case RPC_BY_COMPLETION:
        case RPC_BY_TASK:
        case RPC_BY_SAMPLING:
        case RPC_BY_ELICITATION:
                return true;
        case RPC_PASSES:
        case RPC_BY_LISTEN:
        case RPC_BY_ROOTS:
        case RPC_BY_REQUEST_ID:
        case RPC_BY_INITIALIZE:
        default:
                return false;
        }
}

void note_brought(struct session *s, const struct rpc_message *m, struct ruling *r)
{
        const struct rpc_method *method = r->answered ? r->answered->method : m->row;
        const uint32_t body = r->answered ? m->result : m->params;

        r->brings = body && policy_set_has_flow(s->policy) && (!method || may_hold_resources(method));
        if (r->brings)
                add_within(s, body, &r->brought);
}
