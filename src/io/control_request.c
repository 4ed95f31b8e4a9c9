/* SPDX-License-Identifier: Apache-2.0 */
#include "control_request.h"

#include "control_grant.h"
#include "hex.h"
#include "id.h"
#include "limit.h"

static const char *const methods[CONTROL_METHOD_MAX_] = {
        [CONTROL_STATUS] = "session/status",
        [CONTROL_CARDS] = "pending/list",
        [CONTROL_ANSWER] = "approval/answer",
        [CONTROL_WATCH] = "watch/start",
        [CONTROL_GRANT_ADD] = "grant/add",
        [CONTROL_GRANT_LIST] = "grant/list",
        [CONTROL_GRANT_REVOKE] = "grant/revoke",
};

struct reading {
        struct control_request *request;
        const struct json_doc *doc;
        struct buf *memory;
        const char *message;
};

static int fail(struct reading *r, int code, const char *message)
{
        r->message = message;
        return code;
}

/* --- params of approval/answer --- */

static bool read_text(struct reading *r, uint32_t value, size_t limit, struct str *ret)
{
        return json_string_get(r->doc, value, r->memory, ret) == 0 && ret->len <= limit;
}

static bool read_digest(struct reading *r, uint32_t value)
{
        struct str text;

        r->request->has_digest = read_text(r, value, 2 * (size_t)CARD_DIGEST_BYTES, &text) &&
                                 hex_read(text, r->request->digest, sizeof(r->request->digest));
        return r->request->has_digest;
}

static bool read_verdict(struct reading *r, uint32_t value)
{
        r->request->approve = json_string_is(r->doc, value, STR("approve"));
        return r->request->approve || json_string_is(r->doc, value, STR("deny"));
}

static int read_answer(struct reading *r, uint32_t params)
{
        struct control_request *q = r->request;
        bool has_card = false, has_verdict = false;

        json_each_member (r->doc, params, name, value) {
                bool good;

                if (json_string_is(r->doc, name, STR("id")))
                        good = has_card = read_text(r, value, CARD_ID_BYTES - 1, &q->card) && card_id_is_valid(q->card);
                else if (json_string_is(r->doc, name, STR("digest")))
                        good = read_digest(r, value);
                else if (json_string_is(r->doc, name, STR("verdict")))
                        good = has_verdict = read_verdict(r, value);
                else if (json_string_is(r->doc, name, STR("because")))
                        good = read_text(r, value, LIMIT_ANSWER_BECAUSE_BYTES, &q->because);
                else if (json_string_is(r->doc, name, STR("signature")))
                        good = read_text(r, value, LIMIT_SSHSIG_BYTES, &q->signature);
                else if (json_string_is(r->doc, name, STR("principal")))
                        good = read_text(r, value, LIMIT_NAME_BYTES, &q->principal);
                else
                        return fail(r, CONTROL_INVALID_PARAMS,
                                "approval/answer has id, digest, verdict, because, signature and principal, and "
                                "nothing else");
                if (!good)
                        return fail(r, CONTROL_INVALID_PARAMS,
                                "a parameter of approval/answer is not of its form, or too long");
        }
        if (!has_card || !has_verdict)
                return fail(r, CONTROL_INVALID_PARAMS, "approval/answer needs an id and a verdict");
        return 0;
}

static int read_params(struct reading *r, uint32_t params)
{
        if (params && json_type_of(r->doc, params) != JSON_OBJECT)
                return fail(r, CONTROL_INVALID_PARAMS, "params must be an object");
        if (r->request->method == CONTROL_ANSWER)
                return params ? read_answer(r, params)
                              : fail(r, CONTROL_INVALID_PARAMS, "approval/answer needs an id and a verdict");
        if (r->request->method == CONTROL_GRANT_ADD || r->request->method == CONTROL_GRANT_REVOKE)
                return control_grant_read(r->request, r->doc, params, r->memory, &r->message);
        if (params && json_end_of(r->doc, params, JSON_OBJECT) != params + 1)
                return fail(r, CONTROL_INVALID_PARAMS, "this method has no parameters");
        return 0;
}

/* --- the envelope --- */

static int read_method(struct reading *r, uint32_t method)
{
        for (unsigned i = 0; i < CONTROL_METHOD_MAX_; i++) {
                if (json_string_is(r->doc, method, str_from(methods[i]))) {
                        r->request->method = (enum control_method)i;
                        return 0;
                }
        }
        return fail(r, CONTROL_NO_METHOD, "there is no such method");
}

static int read_envelope(struct reading *r)
{
        uint32_t version = 0, id = 0, method = 0, params = 0;
        AUTO_BUF struct buf scratch = BUF_INIT(LIMIT_ID_BYTES * 6U);
        struct rpc_id read_id;
        int code;

        if (json_type_of(r->doc, 0) != JSON_OBJECT)
                return fail(r, CONTROL_INVALID_REQUEST, "a request is an object");
        json_each_member (r->doc, 0, name, value) {
                if (json_string_is(r->doc, name, STR("jsonrpc")))
                        version = value;
                else if (json_string_is(r->doc, name, STR("id")))
                        id = value;
                else if (json_string_is(r->doc, name, STR("method")))
                        method = value;
                else if (json_string_is(r->doc, name, STR("params")))
                        params = value;
                else
                        return fail(r, CONTROL_INVALID_REQUEST,
                                "a request has jsonrpc, id, method and params, and nothing else");
        }
        if (!id || !rpc_id_read(&read_id, r->doc, id, &scratch))
                return fail(r, CONTROL_INVALID_REQUEST, "a request needs an id: an integer or a short string");
        r->request->id = json_text(r->doc, id);
        if (!version || !json_string_is(r->doc, version, STR("2.0")) || !method ||
                json_type_of(r->doc, method) != JSON_STRING)
                return fail(r, CONTROL_INVALID_REQUEST, "a request needs \"jsonrpc\":\"2.0\" and a method");
        code = read_method(r, method);
        return code ? code : read_params(r, params);
}

int control_request_read(struct control_request *ret, struct json_doc *doc, struct str line, struct buf *memory,
        const char **ret_message)
{
        struct reading r = { .request = ret, .doc = doc, .memory = memory };
        enum json_error error;
        int code;

        *ret = (struct control_request){ 0 };
        error = json_read(doc, line);
        if (error != JSON_OK) {
                *ret_message = json_error_text(error);
                return CONTROL_PARSE_ERROR;
        }
        /* Unescaping makes nothing longer: from here on nothing moves. */
        if (buf_reserve(memory, line.len + 1) < 0) {
                *ret_message = "out of memory";
                return CONTROL_BUSY;
        }
        code = read_envelope(&r);
        *ret_message = r.message;
        return code;
}
