/* SPDX-License-Identifier: Apache-2.0 */
#include "control_grant.h"

#include "limit.h"

struct reading {
        struct control_request *request;
        const struct json_doc *doc;
        struct buf *memory;
};

static bool read_text(struct reading *r, uint32_t value, size_t limit, struct str *ret)
{
        return json_string_get(r->doc, value, r->memory, ret) == 0 && ret->len <= limit;
}

static bool read_conditions(struct reading *r, uint32_t value)
{
        struct grant_terms *terms = &r->request->terms;

        if (json_type_of(r->doc, value) != JSON_ARRAY)
                return false;
        json_each_item (r->doc, value, item) {
                if (terms->when_count == LIMIT_GRANT_CONDITIONS ||
                        !read_text(r, item, LIMIT_GRANT_BYTES, &terms->when[terms->when_count++]))
                        return false;
        }
        return true;
}

static bool read_time(struct reading *r, uint32_t value)
{
        int64_t ms;

        if (!json_integer_get(r->doc, value, &ms) || ms <= 0)
                return false;
        r->request->terms.expires_ms = (uint64_t)ms;
        return true;
}

/* 1: the member is read; 0: it is not of its form; -1: there is no such member. */
static int read_added(struct reading *r, uint32_t name, uint32_t value)
{
        struct control_request *q = r->request;

        if (json_string_is(r->doc, name, STR("tool")))
                return read_text(r, value, LIMIT_NAME_BYTES, &q->terms.tool);
        if (json_string_is(r->doc, name, STR("when")))
                return read_conditions(r, value);
        if (json_string_is(r->doc, name, STR("expires_ms")))
                return read_time(r, value);
        if (json_string_is(r->doc, name, STR("because")))
                return read_text(r, value, LIMIT_ANSWER_BECAUSE_BYTES, &q->terms.because);
        if (json_string_is(r->doc, name, STR("signature")))
                return read_text(r, value, LIMIT_SSHSIG_BYTES, &q->signature);
        if (json_string_is(r->doc, name, STR("principal")))
                return read_text(r, value, LIMIT_NAME_BYTES, &q->principal);
        return -1;
}

static int read_revoked(struct reading *r, uint32_t name, uint32_t value)
{
        struct control_request *q = r->request;

        if (json_string_is(r->doc, name, STR("id")))
                return read_text(r, value, CARD_ID_BYTES - 1, &q->card) && card_id_is_valid(q->card);
        if (json_string_is(r->doc, name, STR("because")))
                return read_text(r, value, LIMIT_ANSWER_BECAUSE_BYTES, &q->because);
        return -1;
}

int control_grant_read(struct control_request *q, const struct json_doc *doc, uint32_t params, struct buf *memory,
        const char **ret_message)
{
        struct reading r = { .request = q, .doc = doc, .memory = memory };
        const bool adds = q->method == CONTROL_GRANT_ADD;

        *ret_message = adds ? "grant/add needs a tool, a reason (because) and an end (expires_ms)" : "grant/revoke needs an id";
        if (!params)
                return CONTROL_INVALID_PARAMS;
        json_each_member (doc, params, name, value) {
                const int read = adds ? read_added(&r, name, value) : read_revoked(&r, name, value);

                if (read > 0)
                        continue;
                *ret_message = read == 0 ? "a parameter of the grant is not of its form, or too long" :
                               adds      ? "grant/add has tool, when, expires_ms, because, signature and principal, and nothing else" :
                                           "grant/revoke has id and because, and nothing else";
                return CONTROL_INVALID_PARAMS;
        }
        if (adds ? q->terms.tool.len == 0 || q->terms.because.len == 0 || q->terms.expires_ms == 0 : q->card.len == 0)
                return CONTROL_INVALID_PARAMS;
        return 0;
}
