/* SPDX-License-Identifier: Apache-2.0 */
#include "policy_edit.h"

#include <errno.h>
#include <inttypes.h>

#include "foreign_lines.h"
#include "limit.h"

/* What one condition may take: longer ones are not read in a policy. */
#define VALUE_BYTES 100U
/* Conditions of the rule. */
#define CONDITIONS 16U

struct edit {
        struct lines lines;
        const struct card *card;
        struct json_doc doc;
        struct buf line, left_out;
        size_t conditions;
        uint32_t last; /* name of the last condition; 0: there is none */
};

/* A name that is one step of a path, and means the same in every YAML. */
static bool is_simple_name(struct str name)
{
        for (size_t i = 0; i < name.len; i++) {
                const char c = name.ptr[i];

                if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                            c == '-'))
                        return false;
        }
        return name.len > 0 && name.len <= LIMIT_NAME_BYTES;
}

/* Printable ASCII without an escape that YAML has not, and nothing that a policy puts a bound value in for. */
static bool is_plain_text(struct str raw)
{
        for (size_t i = 0; i < raw.len; i++)
                if (raw.ptr[i] < ' ' || raw.ptr[i] > '~' ||
                        (raw.ptr[i] == '$' && i + 1 < raw.len && raw.ptr[i + 1] == '{'))
                        return false;
        return memmem(raw.ptr, raw.len, "\\u", 2) == NULL;
}

static bool can_be_condition(const struct edit *e, uint32_t name, uint32_t value)
{
        const enum json_type type = json_type_of(&e->doc, value);
        const struct str text = json_text(&e->doc, value);

        if (json_at(&e->doc, name)->escaped || !is_simple_name(json_raw_string(&e->doc, name)))
                return false;
        return type != JSON_ARRAY && type != JSON_OBJECT && text.len <= VALUE_BYTES && is_plain_text(text);
}

static void put_line(struct edit *e)
{
        e->lines.out->failed |= e->line.failed;
        lines_foreign(&e->lines, "", buf_str(&e->line), INERT_VISIBLE, 0);
        buf_clear(&e->line, SIZE_MAX);
}

/* `"name": VALUE`, which is YAML as it is JSON. */
static void put_condition(struct edit *e, uint32_t name)
{
        buf_append_str(&e->line, STR("    "));
        buf_append_str(&e->line, json_text(&e->doc, name));
        buf_append_str(&e->line, STR(": "));
        buf_append_str(&e->line, json_text(&e->doc, name + 1));
        put_line(e);
        e->conditions++;
        e->last = name;
}

static void leave_out(struct edit *e, uint32_t name)
{
        if (e->left_out.len > 0)
                buf_append_str(&e->left_out, STR(", "));
        buf_append_str(&e->left_out, json_text(&e->doc, name));
}

static void put_conditions(struct edit *e)
{
        bool begun = false;

        json_each_member (&e->doc, 0, name, value) {
                if (e->conditions == CONDITIONS || !can_be_condition(e, name, value)) {
                        leave_out(e, name);
                        continue;
                }
                if (!begun) {
                        buf_append_str(&e->line, STR("  when:"));
                        put_line(e);
                }
                begun = true;
                put_condition(e, name);
        }
        if (!begun) {
                buf_append_str(&e->line, STR("  free: []"));
                put_line(e);
        }
}

static void put_allow(struct edit *e)
{
        lines_own(&e->lines, "", "Calls like this one could be allowed by a rule under tools: allow:");
        buf_append_str(&e->line, STR("- tool: \""));
        buf_append_str(&e->line, e->card->tool);
        buf_append_char(&e->line, '"');
        put_line(e);
        put_conditions(e);
        if (e->left_out.len > 0) {
                lines_own(&e->lines, "",
                        "It refuses what it does not name. Add conditions for these, or put them under free:");
                lines_foreign(&e->lines, "", buf_str(&e->left_out), INERT_JSON, 4);
        }
}

static void put_pass_over(struct edit *e)
{
        lines_own(&e->lines, "", "Approve beats allow: the rule that asks must pass over them%s",
                e->last ? ", for example in its when:" : ".");
        if (e->last) {
                buf_append_str(&e->line, STR("    "));
                buf_append_str(&e->line, json_text(&e->doc, e->last));
                buf_append_str(&e->line, STR(": { is_not: "));
                buf_append_str(&e->line, json_text(&e->doc, e->last + 1));
                buf_append_str(&e->line, STR(" }"));
                put_line(e);
        }
        lines_own(&e->lines, "", "What neither of them takes is denied; `leastwise diff OLD NEW` shows what changes.");
}

static bool read_arguments(struct edit *e)
{
        const struct str text = e->card->arguments.len > 0 ? e->card->arguments : STR("{}");
        const enum json_error error = json_read(&e->doc, text);

        if (error == JSON_NO_MEMORY)
                e->lines.out->failed = true;
        return error == JSON_OK && json_type_of(&e->doc, 0) == JSON_OBJECT;
}

static void put_edit(struct edit *e)
{
        const struct card *card = e->card;

        lines_own(&e->lines, "OFTEN",
                "%" PRIu32 " calls were approved by this rule in this session:", card->approvals_before);
        buf_append_str(&e->line, card->rule);
        buf_append_str(&e->line, STR(" at "));
        buf_append_str(&e->line, card->rule_file);
        buf_append_char(&e->line, ':');
        buf_append_unsigned(&e->line, card->rule_line);
        e->lines.out->failed |= e->line.failed;
        lines_foreign(&e->lines, "", buf_str(&e->line), INERT_PLAIN, 0);
        buf_clear(&e->line, SIZE_MAX);
        if (str_eq(card->method, STR("tools/call")) && is_simple_name(card->tool) && read_arguments(e)) {
                put_allow(e);
                put_pass_over(e);
        } else
                lines_own(
                        &e->lines, "", "If such calls need no person, let the policy allow them: leastwise-policy(5).");
}

int policy_edit_write(struct buf *out, const struct card *card, const struct card_text_options *options)
{
        const size_t before = out->len;
        struct edit e = {
                .lines = { .out = out,
                        .width = options->width < CARD_TEXT_MIN_WIDTH ? CARD_TEXT_MIN_WIDTH : options->width,
                        .letters = options->letters },
                .card = card,
        };

        if (!policy_edit_is_due(card))
                return 0;
        buf_init(&e.line, card->rule.len + card->rule_file.len + card->tool.len + 4 * VALUE_BYTES + LIMIT_NAME_BYTES);
        buf_init(&e.left_out, 2 * card->arguments.len + 16);
        json_doc_init(&e.doc, options->seed);
        put_edit(&e);
        out->failed |= e.left_out.failed;
        json_doc_deinit(&e.doc);
        buf_deinit(&e.line);
        buf_deinit(&e.left_out);
        if (out->failed) {
                out->len = before;
                return -ENOMEM;
        }
        return 0;
}
