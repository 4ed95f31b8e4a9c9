/* SPDX-License-Identifier: Apache-2.0
 *
 * The method table: every method and notification of both MCP eras that may pass, who may send it, what decides about
 * it, which members its params may have, and what is done with its result (law L4). What has no row here does not pass,
 * unless a policy's `methods:` opens it by name.
 *
 * Sources: the schema.ts of the revisions 2024-11-05, 2025-03-26, 2025-06-18, 2025-11-25 (legacy) and 2026-07-28 (modern).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

enum rpc_from {
        RPC_FROM_CLIENT = 1U << 0,
        RPC_FROM_SERVER = 1U << 1,
};

enum rpc_kind {
        RPC_REQUEST = 1,
        RPC_NOTIFICATION,
        RPC_RESULT,
        RPC_ERROR,
};

/* Who decides about a message. */
enum rpc_policed {
        RPC_PASSES = 1,    /* nobody: it carries no authority */
        RPC_BY_TOOL,       /* params.name */
        RPC_BY_RESOURCE,   /* params.uri */
        RPC_BY_PROMPT,     /* params.name */
        RPC_BY_COMPLETION, /* params.ref: a prompt or a resource template */
        RPC_BY_LISTEN,     /* params.notifications: resource URIs and task ids */
        RPC_BY_TASK,       /* params.taskId: the request that made it */
        RPC_BY_SAMPLING,
        RPC_BY_ELICITATION,
        RPC_BY_ROOTS,
        RPC_BY_REQUEST_ID,  /* params.requestId: a request in flight */
        RPC_BY_INITIALIZE,  /* nobody, but what the client says it can do is cut to what policy allows */
};

/* What is done with the result of a request. */
enum rpc_result_handling {
        RPC_RESULT_PASSES = 0,
        RPC_RESULT_TOOLS,       /* lists: what policy hides is left out */
        RPC_RESULT_RESOURCES,
        RPC_RESULT_TEMPLATES,
        RPC_RESULT_PROMPTS,
        RPC_RESULT_TASKS,
        RPC_RESULT_INITIALIZE,  /* capabilities and revisions cut to what the proxy knows */
        RPC_RESULT_DISCOVER,
        RPC_RESULT_CALL,        /* may make a task, or ask for input: policed like a server's request */
        RPC_RESULT_INPUT,       /* may ask for input */
        RPC_RESULT_ROOTS,       /* the client's answer grants authority */
        RPC_RESULT_HOSTED,      /* the client's answer may make a task that it hosts */
};

#define RPC_PARAMS_MAX 12U

struct rpc_method {
        struct str name;
        uint8_t kind; /* RPC_REQUEST or RPC_NOTIFICATION */
        uint8_t from; /* enum rpc_from, or-ed */
        uint8_t policed;
        uint8_t result;
        bool open_params;   /* members beyond those known may pass: the message carries no authority */
        bool legacy_only;   /* the modern era has no such method: there it is not found, whatever its params */
        bool rate_limited;  /* a server may send no more of these than the session allows */
        struct str params[RPC_PARAMS_MAX]; /* the members that params may have besides `_meta`; empty ends */
};

/* The row of that name for that sender, or NULL. */
const struct rpc_method *rpc_method_find(struct str name, enum rpc_from from);

bool rpc_method_knows_param(const struct rpc_method *method, struct str name);

/* Row by row, for tests and documentation; NULL past the end. */
const struct rpc_method *rpc_method_at(size_t index);

/* Is it a revision that the table covers? */
bool rpc_revision_is_known(struct str revision);
bool rpc_revision_is_modern(struct str revision);

#define RPC_LATEST_LEGACY "2025-11-25"
#define RPC_LATEST_MODERN "2026-07-28"
