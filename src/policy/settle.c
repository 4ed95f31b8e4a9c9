/* SPDX-License-Identifier: Apache-2.0 */
#include "policy.h"

static bool append_narrowed(const struct policy_set *set, const struct policy_request *request, struct buf *text,
        enum policy_narrowing *ret)
{
        buf_clear(text, SIZE_MAX);
        buf_append_char(text, '[');
        *ret = policy_set_narrow(set, request, text);
        buf_append_char(text, ']');
        return !text->failed;
}

/* Of one call by itself, for `explain`, `test` and the library. A session goes the same way in src/session/narrow.c, and does not come
 * here on purpose: it writes the whole message anew, reads it with the strict reader, and decides about what that one gives, so that the
 * record, the limits and the line that leaves come from one value (law L1). Here there is no message to reread. */
bool policy_set_settle(const struct policy_set *set, struct policy_request *request, struct buf *text, struct json_doc *doc,
        struct policy_decision *ret)
{
        enum policy_narrowing first, again;
        AUTO_BUF struct buf rest = BUF_INIT(2 * LIMIT_LINE_BYTES);

        policy_set_decide(set, request, ret);
        if (!ret->narrows)
                return false;
        if (append_narrowed(set, request, text, &first) && first == NARROW_NONE)
                return false;
        if (!text->failed && first == NARROW_DONE && json_read(doc, buf_str(text)) == JSON_OK) {
                request->doc = doc;
                request->arguments = 1;
                policy_set_decide(set, request, ret);
                /* What has been narrowed is narrow enough, or something is wrong. */
                if (!ret->narrows || (append_narrowed(set, request, &rest, &again) && again == NARROW_NONE))
                        return true;
        }
        ret->verdict = VERDICT_DENY;
        ret->reason = POLICY_NARROW_CONFLICT;
        return false;
}
