/* SPDX-License-Identifier: Apache-2.0
 *
 * What a line on the control socket asks for: JSON-RPC 2.0, read as strictly as messages are, with a closed set of
 * methods and of members. Nothing is done here.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "card.h"
#include "grant.h"
#include "json.h"

enum control_method {
        CONTROL_STATUS, /* session/status */
        CONTROL_CARDS,  /* pending/list */
        CONTROL_ANSWER, /* approval/answer */
        CONTROL_WATCH,  /* watch/start */
        CONTROL_GRANT_ADD,    /* grant/add */
        CONTROL_GRANT_LIST,   /* grant/list */
        CONTROL_GRANT_REVOKE, /* grant/revoke */
        CONTROL_METHOD_MAX_,
};

/* JSON-RPC's codes, and ours: a card cannot be answered so. */
#define CONTROL_PARSE_ERROR (-32700)
#define CONTROL_INVALID_REQUEST (-32600)
#define CONTROL_NO_METHOD (-32601)
#define CONTROL_INVALID_PARAMS (-32602)
#define CONTROL_BUSY (-32000)
#define CONTROL_REFUSED (-32001)

struct control_request {
        struct str id; /* as it was written; empty: there was none to be read */
        enum control_method method;
        /* CONTROL_ANSWER: */
        struct str card; /* its id */
        uint8_t digest[CARD_DIGEST_BYTES];
        bool has_digest;
        bool approve;
        struct str because, signature, principal; /* empty: not given */
        /* CONTROL_GRANT_ADD (with signature and principal); CONTROL_GRANT_REVOKE has `card` and `because`. */
        struct grant_terms terms;
};

/* Reads @line. 0, or one of the codes above with *ret_message, which is static. Texts of the request point into @line,
 * or into
 * @memory, which must stay unchanged. The id is there whenever it could be read. */
int control_request_read(struct control_request *ret, struct json_doc *doc, struct str line, struct buf *memory,
        const char **ret_message);
