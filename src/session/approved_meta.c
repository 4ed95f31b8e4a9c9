/* SPDX-License-Identifier: Apache-2.0
 *
 * What may go beside the arguments of a call that a person approves. `_meta` is on no card and in no digest, since clients number their
 * calls in it: a server that does something else for a member of it would do what nobody has seen. Only what the protocol itself, or
 * tracing, reads there goes on; none of that is about what the call does.
 */
#include "internal.h"

static bool is_known(struct session *s, uint32_t name, uint32_t value)
{
        static const struct member {
                struct str name;
                enum json_type type;
        } members[] = {
                { STR_INIT("io.modelcontextprotocol/protocolVersion"), JSON_STRING },
                { STR_INIT("io.modelcontextprotocol/clientInfo"), JSON_OBJECT },
                { STR_INIT("io.modelcontextprotocol/clientCapabilities"), JSON_OBJECT },
                { STR_INIT("io.modelcontextprotocol/logLevel"), JSON_STRING },
                { STR_INIT("progressToken"), JSON_STRING },
                { STR_INIT("progressToken"), JSON_NUMBER },
                { STR_INIT("traceparent"), JSON_STRING },
                { STR_INIT("tracestate"), JSON_STRING },
        };

        for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
                if (json_type_of(&s->doc, value) == members[i].type && json_string_is(&s->doc, name, members[i].name))
                        return true;
        return false;
}

void approved_meta(struct session *s, const struct rpc_message *m)
{
        const uint32_t meta = m->params ? json_member(&s->doc, m->params, STR("_meta")) : 0;

        if (!meta)
                return;
        if (json_type_of(&s->doc, meta) != JSON_OBJECT) {
                edits_remove(&s->edits, meta);
                return;
        }
        json_each_member(&s->doc, meta, name, value)
                if (!is_known(s, name, value))
                        edits_remove(&s->edits, value);
}
