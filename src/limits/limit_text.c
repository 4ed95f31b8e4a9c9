/* SPDX-License-Identifier: Apache-2.0
 *
 * What is said of a refused call. A model reads the answer: it must learn which limit it has met, whether waiting
 * helps, and that trying variants does not. A person reads the report, and learns besides what can be done about it.
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

/* The client, and the model behind it, may be able to remove files: they are not told which one stands in their way. */
static void append_uncounted(struct buf *out, const struct limit_refusal *r, bool person)
{
        if (r->limit) {
                buf_append_str(out, STR("the limit "));
                append_limit(out, r->limit);
        } else {
                buf_append_str(out, STR("the call"));
        }
        buf_append_str(out, STR(" cannot be counted"));
        if (person) {
                buf_append_str(out, STR(" ("));
                printable_append(out, r->problem, 1000);
                buf_append_char(out, ')');
        }
        buf_append_str(out, STR(", and nothing runs uncounted. "));
        buf_append_str(
                out, person ? STR("The same call can be made again when it is mended.")
                            : STR("Tell the user: leastwise says why on its standard error and in its audit log."));
}

/* What the session cannot get back: only a new one has it. */
static void append_closed(struct buf *out, bool person)
{
        buf_append_str(out, STR(": every further call is denied"));
        buf_append_str(
                out, person ? STR(" until the server is started anew.") : STR(", and asking again will not help."));
}

static void append_refusal(struct buf *out, const struct limit_refusal *r, bool person)
{
        switch (r->reason) {
        case LIMIT_EXHAUSTED:
                append_exhausted(out, r);
                return;
        case LIMIT_CIRCUIT_OPEN:
                append_amount(out, r->limit->most);
                buf_append_str(out, STR(" requests of this session were denied, and the limit "));
                append_limit(out, r->limit);
                buf_append_str(out, STR(" stops it there"));
                append_closed(out, person);
                if (!person)
                        buf_append_str(out, STR(" Tell the user what you were trying to do."));
                return;
        case LIMIT_SESSION_OVER:
                buf_append_str(out, STR("the session has lasted "));
                buf_append_str(out, r->limit->text);
                buf_append_str(out, STR(", and the limit "));
                append_limit(out, r->limit);
                buf_append_str(out, STR(" ends it there"));
                append_closed(out, person);
                return;
        case LIMIT_BYTES_USED:
                buf_append_str(out, STR("the answers of this session have used up the limit "));
                append_limit(out, r->limit);
                buf_append_str(out, STR(" ("));
                buf_append_str(out, r->limit->text);
                buf_append_char(out, ')');
                append_closed(out, person);
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
        append_uncounted(out, r, person);
}

void limits_answer(const struct limit_refusal *refusal, struct buf *out)
{
        append_refusal(out, refusal, false);
}

void limits_report(const struct limit_refusal *refusal, struct buf *out)
{
        append_refusal(out, refusal, true);
}
