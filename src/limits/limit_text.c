/* SPDX-License-Identifier: Apache-2.0
 *
 * What is said of a refused call. A model reads it: it must learn which limit it has met, whether waiting helps, and that
 * trying variants does not.
 */
#include "limit_counts.h"
#include "printable.h"
#include "timestamp.h"

static void append_limit(struct buf *out, const struct policy_limit *limit)
{
        buf_append_str(out, limit->id);
        buf_append_str(out, STR(" of policy \""));
        buf_append_str(out, limit->policy_name);
        buf_append_char(out, '"');
}

static void append_amount(struct buf *out, struct amount amount)
{
        char text[AMOUNT_TEXT_BYTES];

        buf_append_str(out, amount_print(amount, text));
}

static void append_span(struct buf *out, const struct policy_limit *limit)
{
        buf_append_str(out, STR(" per "));
        buf_append_str(out, limit->window ? str_from(limit->window) : STR("session"));
}

static void append_exhausted(struct buf *out, const struct limit_refusal *r)
{
        struct timestamp_cache cache = { 0 };

        buf_append_str(out, STR("the limit "));
        append_limit(out, r->limit);
        buf_append_str(out, STR(" is used up: "));
        append_amount(out, r->used);
        buf_append_str(out, STR(" of "));
        append_amount(out, r->limit->most);
        append_span(out, r->limit);
        if (r->limit->kind == POLICY_LIMIT_TOOL_SUM) {
                buf_append_str(out, STR(", and this call needs "));
                append_amount(out, r->add);
        }
        if (r->frees_at_ms) {
                buf_append_str(out, STR(". There is room again at "));
                buf_append_str(out, timestamp_text(&cache, r->frees_at_ms));
                buf_append_str(out, STR("; until then asking again will not help."));
        } else if (amount_cmp(r->add, r->limit->most) > 0) {
                buf_append_str(out, STR(". It is more than the limit as a whole: asking again will not help."));
        } else {
                buf_append_str(out, STR(". Asking again in this session will not help."));
        }
}

static void append_bad_amount(struct buf *out, const struct limit_refusal *r)
{
        buf_append_str(out, STR("the argument \""));
        buf_append_str(out, r->limit->argument);
        buf_append_str(out, STR("\" "));
        buf_append_str(out, r->problem);
        buf_append_str(out, STR(", and the limit "));
        append_limit(out, r->limit);
        buf_append_str(out, STR(" adds it up; give it as a plain number that is not negative."));
}

static void append_uncounted(struct buf *out, const struct limit_refusal *r)
{
        if (r->limit) {
                buf_append_str(out, STR("the limit "));
                append_limit(out, r->limit);
                buf_append_str(out, STR(" cannot be counted ("));
        } else {
                buf_append_str(out, STR("the call cannot be counted ("));
        }
        printable_append(out, r->problem, 1000);
        buf_append_str(out, STR("), and nothing runs uncounted. Tell the user; the same call can be made again when it is mended."));
}

void limits_explain(const struct limit_refusal *r, struct buf *out)
{
        switch (r->reason) {
        case LIMIT_EXHAUSTED:
                append_exhausted(out, r);
                return;
        case LIMIT_CIRCUIT_OPEN:
                append_amount(out, r->limit->most);
                buf_append_str(out, STR(" requests of this session were denied, and the limit "));
                append_limit(out, r->limit);
                buf_append_str(out, STR(" stops it there: every further call is denied until the server is started anew. Tell the user "
                                        "what you were trying to do."));
                return;
        case LIMIT_SESSION_OVER:
                buf_append_str(out, STR("the session has lasted "));
                buf_append_str(out, r->limit->text);
                buf_append_str(out, STR(", and the limit "));
                append_limit(out, r->limit);
                buf_append_str(out, STR(" ends it there: every further call is denied until the server is started anew."));
                return;
        case LIMIT_BYTES_USED:
                buf_append_str(out, STR("the answers of this session have used up the limit "));
                append_limit(out, r->limit);
                buf_append_str(out, STR(" ("));
                buf_append_str(out, r->limit->text);
                buf_append_str(out, STR("): every further call is denied until the server is started anew."));
                return;
        case LIMIT_BUSY:
                append_amount(out, r->limit->most);
                buf_append_str(out, STR(" calls wait for their answers, as many as the limit "));
                append_limit(out, r->limit);
                buf_append_str(out, STR(" lets; wait for one of them, then ask again."));
                return;
        case LIMIT_BAD_AMOUNT:
                append_bad_amount(out, r);
                return;
        case LIMIT_UNCOUNTED:
                break;
        }
        append_uncounted(out, r);
}
