/* SPDX-License-Identifier: Apache-2.0
 *
 * leastwise-demo-server: a small MCP server over stdio that the demonstration and the tests put behind the proxy. It has
 * no network, no files and no state but its notebook, and speaks both protocol eras: `initialize` of 2024-11-05 to
 * 2025-11-25, and the per-request `_meta` of 2026-07-28.
 *
 * It is an ordinary server and polices nothing: every tool runs for whoever calls it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "json.h"
#include "notes.h"
#include "writer.h"

#define DEMO_NAME "leastwise-demo-server"
#define DEMO_TOKEN_VARIABLE "DEMO_TOKEN"

/* JSON-RPC and MCP error codes. */
enum demo_error {
        DEMO_METHOD_NOT_FOUND = -32601,
        DEMO_INVALID_PARAMS = -32602,
        DEMO_INTERNAL = -32603,
        DEMO_RESOURCE_NOT_FOUND = -32002, /* legacy only; the modern era says invalid params */
        DEMO_UNSUPPORTED_VERSION = -32022,
};

struct demo {
        struct notebook book;
        const char *token; /* what the environment had; NULL when it had none */
};

/* One request while it is being answered. */
struct demo_call {
        struct demo *demo;
        const struct json_doc *doc;
        uint32_t params;            /* token; 0 when the request has none */
        bool is_modern;
        struct json_writer *result; /* inside the result object: members go here */
        struct buf *message;        /* text of the error, when one is returned */
};

/* Reads one line and appends the answer's line, if it draws one, to @out. 0; -EPROTO when the line is no message, with
 * @reason (appended) saying why; -ENOMEM or -EMSGSIZE when there was no room for the answer. */
int demo_answer(struct demo *demo, struct json_doc *doc, struct str line, struct buf *out, struct buf *reason);

/* tools/list and tools/call: 0, or an error of the enum with call->message set. */
int demo_tools_list(struct demo_call *call);
int demo_tools_call(struct demo_call *call);

/* The value of that member, or 0. @object may be 0 (what a request lacks has no members). */
uint32_t demo_member(const struct demo_call *call, uint32_t object, struct str name);

/* The string member of that name of @object, its unescaped bytes kept in @scratch. False when missing or of another type. */
bool demo_string(const struct demo_call *call, uint32_t object, struct str name, struct buf *scratch, struct str *ret);
