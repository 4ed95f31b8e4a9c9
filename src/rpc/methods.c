/* SPDX-License-Identifier: Apache-2.0 */
#include "methods.h"

#define BOTH (RPC_FROM_CLIENT | RPC_FROM_SERVER)
#define P(name) STR_INIT(name)

/* The most frequent first: the search is linear, and compares lengths before bytes. */
static const struct rpc_method rows[] = {
        { P("tools/call"), RPC_REQUEST, RPC_FROM_CLIENT, RPC_BY_TOOL, RPC_RESULT_CALL,
                .params = { P("name"), P("arguments"), P("task"), P("inputResponses"), P("requestState") } },
        { P("notifications/progress"), RPC_NOTIFICATION, BOTH, RPC_PASSES, .rate_limited = true,
                .params = { P("progressToken"), P("progress"), P("total"), P("message") } },
        { P("notifications/message"), RPC_NOTIFICATION, RPC_FROM_SERVER, RPC_PASSES, .open_params = true,
                .rate_limited = true, .params = { P("level"), P("logger"), P("data") } },
        { P("ping"), RPC_REQUEST, BOTH, RPC_PASSES },
        { P("tools/list"), RPC_REQUEST, RPC_FROM_CLIENT, RPC_PASSES, RPC_RESULT_TOOLS, .params = { P("cursor") } },

        { P("initialize"), RPC_REQUEST, RPC_FROM_CLIENT, RPC_BY_INITIALIZE, RPC_RESULT_INITIALIZE, .legacy_only = true,
                .params = { P("protocolVersion"), P("capabilities"), P("clientInfo") } },
        { P("notifications/initialized"), RPC_NOTIFICATION, RPC_FROM_CLIENT, RPC_PASSES },
        { P("server/discover"), RPC_REQUEST, RPC_FROM_CLIENT, RPC_PASSES, RPC_RESULT_DISCOVER },
        { P("subscriptions/listen"), RPC_REQUEST, RPC_FROM_CLIENT, RPC_BY_LISTEN, .params = { P("notifications") } },
        { P("notifications/subscriptions/acknowledged"), RPC_NOTIFICATION, RPC_FROM_SERVER, RPC_PASSES,
                .open_params = true, .rate_limited = true, .params = { P("notifications") } },
        { P("notifications/cancelled"), RPC_NOTIFICATION, BOTH, RPC_BY_REQUEST_ID,
                .params = { P("requestId"), P("reason") } },
        { P("logging/setLevel"), RPC_REQUEST, RPC_FROM_CLIENT, RPC_PASSES, .params = { P("level") } },

        { P("resources/list"), RPC_REQUEST, RPC_FROM_CLIENT, RPC_PASSES, RPC_RESULT_RESOURCES,
                .params = { P("cursor") } },
        { P("resources/templates/list"), RPC_REQUEST, RPC_FROM_CLIENT, RPC_PASSES, RPC_RESULT_TEMPLATES,
                .params = { P("cursor") } },
        { P("resources/read"), RPC_REQUEST, RPC_FROM_CLIENT, RPC_BY_RESOURCE, RPC_RESULT_INPUT,
                .params = { P("uri"), P("inputResponses"), P("requestState") } },
        { P("resources/subscribe"), RPC_REQUEST, RPC_FROM_CLIENT, RPC_BY_RESOURCE, .legacy_only = true, .params = { P("uri") } },
        { P("resources/unsubscribe"), RPC_REQUEST, RPC_FROM_CLIENT, RPC_BY_RESOURCE, .legacy_only = true, .params = { P("uri") } },
        { P("notifications/resources/updated"), RPC_NOTIFICATION, RPC_FROM_SERVER, RPC_BY_RESOURCE,
                .rate_limited = true, .params = { P("uri"), P("title") } },

        { P("prompts/list"), RPC_REQUEST, RPC_FROM_CLIENT, RPC_PASSES, RPC_RESULT_PROMPTS, .params = { P("cursor") } },
        { P("prompts/get"), RPC_REQUEST, RPC_FROM_CLIENT, RPC_BY_PROMPT, RPC_RESULT_INPUT,
                .params = { P("name"), P("arguments"), P("inputResponses"), P("requestState") } },
        { P("completion/complete"), RPC_REQUEST, RPC_FROM_CLIENT, RPC_BY_COMPLETION,
                .params = { P("ref"), P("argument"), P("context") } },

        { P("notifications/tools/list_changed"), RPC_NOTIFICATION, RPC_FROM_SERVER, RPC_PASSES,
                .open_params = true, .rate_limited = true },
        { P("notifications/prompts/list_changed"), RPC_NOTIFICATION, RPC_FROM_SERVER, RPC_PASSES,
                .open_params = true, .rate_limited = true },
        { P("notifications/resources/list_changed"), RPC_NOTIFICATION, RPC_FROM_SERVER, RPC_PASSES,
                .open_params = true, .rate_limited = true },

        /* Tasks, legacy (both peers may host them) and as an extension (the server only). The stray `task` is what the
         * TypeScript SDK 1.x sends. */
        { P("tasks/get"), RPC_REQUEST, BOTH, RPC_BY_TASK, RPC_RESULT_INPUT, .params = { P("taskId"), P("task") } },
        { P("tasks/result"), RPC_REQUEST, BOTH, RPC_BY_TASK, .params = { P("taskId"), P("task") } },
        { P("tasks/cancel"), RPC_REQUEST, BOTH, RPC_BY_TASK, .params = { P("taskId"), P("task") } },
        { P("tasks/update"), RPC_REQUEST, RPC_FROM_CLIENT, RPC_BY_TASK,
                .params = { P("taskId"), P("inputResponses"), P("requestState") } },
        { P("tasks/list"), RPC_REQUEST, BOTH, RPC_PASSES, RPC_RESULT_TASKS, .params = { P("cursor") } },
        { P("notifications/tasks/status"), RPC_NOTIFICATION, BOTH, RPC_PASSES, .open_params = true, .rate_limited = true },
        { P("notifications/tasks"), RPC_NOTIFICATION, RPC_FROM_SERVER, RPC_BY_TASK, .open_params = true,
                .rate_limited = true },

        { P("sampling/createMessage"), RPC_REQUEST, RPC_FROM_SERVER, RPC_BY_SAMPLING, RPC_RESULT_HOSTED,
                .params = { P("messages"), P("modelPreferences"), P("systemPrompt"), P("includeContext"), P("temperature"),
                        P("maxTokens"), P("stopSequences"), P("metadata"), P("tools"), P("toolChoice"), P("task") } },
        { P("elicitation/create"), RPC_REQUEST, RPC_FROM_SERVER, RPC_BY_ELICITATION, RPC_RESULT_HOSTED,
                .params = { P("message"), P("requestedSchema"), P("mode"), P("url"), P("elicitationId"), P("task") } },
        { P("notifications/elicitation/complete"), RPC_NOTIFICATION, RPC_FROM_SERVER, RPC_PASSES, .open_params = true,
                .rate_limited = true, .params = { P("elicitationId") } },
        { P("roots/list"), RPC_REQUEST, RPC_FROM_SERVER, RPC_BY_ROOTS, RPC_RESULT_ROOTS },
        { P("notifications/roots/list_changed"), RPC_NOTIFICATION, RPC_FROM_CLIENT, RPC_BY_ROOTS },
};

static const struct str legacy_revisions[] = {
        P("2025-11-25"), P("2025-06-18"), P("2025-03-26"), P("2024-11-05"),
        P("2024-10-07"), /* never published, but still offered by the TypeScript SDK 1.x */
};

const struct rpc_method *rpc_method_find(struct str name, enum rpc_from from)
{
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                if (rows[i].from & from && str_eq(rows[i].name, name))
                        return &rows[i];
        return NULL;
}

bool rpc_method_knows_param(const struct rpc_method *method, struct str name)
{
        for (size_t i = 0; i < RPC_PARAMS_MAX && method->params[i].len; i++)
                if (str_eq(method->params[i], name))
                        return true;
        return str_eq(name, STR("_meta"));
}

const struct rpc_method *rpc_method_at(size_t index)
{
        return index < sizeof(rows) / sizeof(rows[0]) ? &rows[index] : NULL;
}

bool rpc_revision_is_modern(struct str revision)
{
        return str_eq(revision, STR(RPC_LATEST_MODERN));
}

bool rpc_revision_is_known(struct str revision)
{
        for (size_t i = 0; i < sizeof(legacy_revisions) / sizeof(legacy_revisions[0]); i++)
                if (str_eq(legacy_revisions[i], revision))
                        return true;
        return rpc_revision_is_modern(revision);
}
