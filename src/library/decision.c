/* SPDX-License-Identifier: Apache-2.0 */
#include "decision.h"

#include "printable.h"

/* What a text of a decision shows of a text of others. */
#define SHOWN_BYTES 1024U

static const char *const subject_nouns[] = {
        [POLICY_TOOL] = "tool",
        [POLICY_RESOURCE] = "resource",
        [POLICY_RESOURCE_TEMPLATE] = "resource template",
        [POLICY_PROMPT] = "prompt",
        [POLICY_METHOD] = "method",
        [POLICY_SAMPLING] = "sampling",
        [POLICY_ELICITATION_FORM] = "form",
        [POLICY_ELICITATION_URL] = "url",
        [POLICY_ROOTS] = "root",
};

static struct text_at put(struct leastwise_decision *d, struct str text)
{
        const struct text_at at = { (uint32_t)d->texts.len };

        if (text.len == 0)
                return (struct text_at){ 0 };
        buf_append_str(&d->texts, text);
        buf_append_char(&d->texts, '\0');
        return at;
}

static void show(struct buf *b, struct str text)
{
        printable_append(b, text, SHOWN_BYTES);
}

static void show_why(struct buf *b, const struct asking *a, enum leastwise_reason reason)
{
        const struct policy_decision *d = &a->decision;

        if (reason == LEASTWISE_REASON_ARGUMENTS) {
                show(b, buf_str(&a->problem));
                return;
        }
        if (d->rule_id.len) {
                buf_append_str(b, STR("rule "));
                show(b, d->rule_id);
                buf_append_str(b, STR(" ("));
                show(b, d->file);
                buf_printf(b, ":%u:%u)", d->line, d->column);
                if (reason != LEASTWISE_REASON_RULE)
                        buf_append_str(b, STR(" does not match"));
        } else {
                buf_append_str(b, STR("policy "));
                show(b, d->policy_name);
        }
        if (reason != LEASTWISE_REASON_RULE)
                buf_printf(b, ": %s", leastwise_reason_name(reason));
        if (d->condition.len) {
                buf_append_str(b, STR(": "));
                show(b, d->condition);
        }
        if (d->because.len) {
                buf_append_str(b, STR(": "));
                show(b, d->because);
        }
}

static struct text_at put_text(struct leastwise_decision *d, const struct asking *a)
{
        AUTO_BUF struct buf text = BUF_INIT(16 * SHOWN_BYTES);
        struct text_at at;

        buf_printf(&text, "%s: %s", leastwise_verdict_name(d->verdict), subject_nouns[a->request.subject]);
        if (a->request.name.len) {
                buf_append_str(&text, STR(" \""));
                show(&text, a->request.name);
                buf_append_char(&text, '"');
        }
        buf_append_str(&text, STR(": "));
        show_why(&text, a, d->reason);
        if (d->schema == LEASTWISE_SCHEMA_NOT_EVALUATED && !a->refused)
                buf_printf(&text, "; the tool's schema is not evaluated: %s", a->schema_keyword);
        at = put(d, buf_str(&text));
        d->texts.failed |= text.failed;
        return at;
}

static void fill_in(struct leastwise_decision *d, const struct asking *a)
{
        const struct policy_decision *from = &a->decision;

        d->verdict = public_verdict(from->verdict);
        d->reason = a->problem.len ? LEASTWISE_REASON_ARGUMENTS : a->refused ? a->refused : public_reason(from->reason);
        d->schema = a->schema;
        d->line = from->line;
        d->column = from->column;
        d->by = d->verdict == LEASTWISE_APPROVE ? from->by : 0;
        buf_append_char(&d->texts, '\0');
        d->text = put_text(d, a);
        d->policy = put(d, from->policy_name);
        d->source = put(d, from->file);
        d->rule = put(d, from->rule_id);
        d->because = put(d, from->because);
        d->condition = put(d, from->condition);
        d->schema_keyword = put(d, str_from(a->schema_keyword));
        if (d->verdict == LEASTWISE_DENY)
                return;
        d->say = put(d, from->say);
        d->undo = put(d, from->undo);
        d->lane = put(d, from->lane);
        d->is_narrowed = a->is_narrowed;
        if (a->request.arguments) {
                const struct str arguments = json_text(a->request.doc, a->request.arguments);

                d->arguments = put(d, arguments);
                d->arguments_length = arguments.len;
        }
}

int decision_new(struct leastwise_decision **ret, const struct asking *a)
{
        CLEANUP(leastwise_decision_freep) struct leastwise_decision *d = mem_calloc(1, sizeof(*d));

        if (!d)
                return -LEASTWISE_ERROR_MEMORY;
        buf_init(&d->texts, 2 * LIMIT_LINE_BYTES);
        fill_in(d, a);
        if (d->texts.failed)
                return -LEASTWISE_ERROR_MEMORY;
        *ret = d;
        d = NULL;
        return 0;
}

struct leastwise_decision *leastwise_decision_free(struct leastwise_decision *decision)
{
        if (decision)
                buf_deinit(&decision->texts);
        mem_free(decision);
        return NULL;
}

void leastwise_decision_freep(struct leastwise_decision **decision)
{
        *decision = leastwise_decision_free(*decision);
}
