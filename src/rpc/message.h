/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON-RPC envelope, strictly: an object with exactly the members jsonrpc, id, method, params, or jsonrpc, id and one
 * of result and error, compared byte for byte (law L3). Whatever else is a refusal with a reason.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "id.h"
#include "json.h"
#include "methods.h"

enum rpc_refusal {
        RPC_WELL_FORMED = 0,
        RPC_BATCH,             /* the line is an array */
        RPC_NOT_AN_OBJECT,
        RPC_UNKNOWN_MEMBER,    /* of the envelope */
        RPC_BAD_VERSION,       /* jsonrpc is not "2.0" */
        RPC_BAD_ID,
        RPC_BAD_METHOD,        /* not a string */
        RPC_MIXED,             /* request and answer in one, or result and error */
        RPC_EMPTY,             /* neither method, result nor error */
        RPC_NO_ID,             /* an answer without id */
        RPC_BAD_ERROR,         /* error is not {code: integer, message: string, data?} */
        RPC_BAD_PARAMS,        /* params is not an object */
        RPC_UNKNOWN_PARAM,     /* a member of params that the method does not have */
        RPC_UNKNOWN_METHOD,
        RPC_NEEDS_ID,          /* a request's method without an id */
        RPC_TAKES_NO_ID,       /* a notification's method with an id */
        RPC_REFUSAL_MAX_,
};

/* Stable code for records ("batch") and a phrase for people. Never NULL. */
const char *rpc_refusal_code(enum rpc_refusal refusal);
const char *rpc_refusal_text(enum rpc_refusal refusal);

struct rpc_message {
        enum rpc_kind kind;
        const struct rpc_method *row; /* of a request or notification; NULL: not in the table */
        struct rpc_id id;             /* kind RPC_ID_NONE: none */
        struct str id_text;           /* what rpc_id_append() would write, as it stands in the line; empty: it does not */
        uint64_t own;                 /* of an answer: the number of our own request, in whose id it came; 0: it is no such answer */
        struct str method;            /* unescaped */
        uint32_t params, result, error; /* tokens; 0 = absent */
        struct str bad_member;        /* for RPC_UNKNOWN_MEMBER and RPC_UNKNOWN_PARAM: its raw name */
};

/* Reads the envelope of @doc. What was understood before the refusal (id, method) is set all the same, so that it can be
 * answered. Strings with escapes are unescaped into @scratch. RPC_UNKNOWN_METHOD is given for a method without a row, with
 * everything but params checked. */
enum rpc_refusal rpc_message_read(struct rpc_message *ret, const struct json_doc *doc, enum rpc_from from, struct buf *scratch);
