/* SPDX-License-Identifier: Apache-2.0
 *
 * The form by which a client lets its user answer a card, and what comes back. It has one field, for the card's code, and no default: a
 * client that fills forms in, or agrees to all of them, has nothing to fill in. What it says is our own words, but for the tool's name: the call itself is
 * to be looked at where the code is.
 */
#include "card_code.h"
#include "internal.h"
#include "printable.h"
#include "writer.h"

#define NAME_SHOWN 120U

bool elicit_can_show(const struct session *s, uint32_t capabilities)
{
        const bool is_object = capabilities && json_type_of(&s->doc, capabilities) == JSON_OBJECT;
        const uint32_t elicitation = is_object ? json_member(&s->doc, capabilities, STR("elicitation")) : 0;
        uint32_t form;

        if (!elicitation || json_type_of(&s->doc, elicitation) != JSON_OBJECT)
                return false;
        form = json_member(&s->doc, elicitation, STR("form"));
        /* Revisions that know no other mode name none. */
        return form ? json_type_of(&s->doc, form) == JSON_OBJECT : !json_member(&s->doc, elicitation, STR("url"));
}

static void write_message(struct session *s, struct json_writer *w, const struct card_slot *slot)
{
        const struct card *card = &slot->card;
        const size_t mark = s->text.len;
        const unsigned left = LIMIT_WRONG_CODES - slot->wrong_codes;

        if (slot->wrong_codes)
                buf_printf(&s->text, "leastwise: that was not the code; %u %s left. ", left, left == 1 ? "try is" : "tries are");
        else
                buf_append_str(&s->text, STR("leastwise: "));
        buf_append_str(&s->text, slot->wrong_codes ? STR("A call of the tool \"") : STR("a call of the tool \""));
        (void)printable_append(&s->text, card->tool, NAME_SHOWN);
        buf_printf(&s->text,
                "\" waits for your approval as %s. `leastwise watch` or `leastwise approve %s`, in a terminal of your own, shows the whole call and, below it, a "
                "code. If the call may run, type that code here; it then runs once. Decline, and it does not run. Give the code to nobody else.",
                card->id, card->id);
        json_name(w, STR("message"));
        json_string(w, s->text.failed ? STR("leastwise: a call waits for your approval; see `leastwise watch`.")
                                      : str_of(s->text.data + mark, s->text.len - mark));
        s->text.len = mark;
        s->text.failed = false;
}

static void write_field(struct json_writer *w)
{
        json_name(w, STR("code"));
        json_begin_object(w);
        json_name(w, STR("type"));
        json_string(w, STR("string"));
        json_name(w, STR("title"));
        json_string(w, STR("Code"));
        json_name(w, STR("description"));
        json_string(w, STR("The six letters and digits below the call, where leastwise shows it"));
        json_name(w, STR("minLength"));
        json_unsigned(w, CARD_CODE_BYTES - 1);
        json_name(w, STR("maxLength"));
        json_unsigned(w, CARD_CODE_BYTES - 1);
        json_end_object(w);
}

void elicit_write_params(struct session *s, struct json_writer *w, const struct card_slot *slot, bool modern)
{
        json_begin_object(w);
        if (modern) {
                json_name(w, STR("mode"));
                json_string(w, STR("form"));
        }
        write_message(s, w, slot);
        json_name(w, STR("requestedSchema"));
        json_begin_object(w);
        json_name(w, STR("type"));
        json_string(w, STR("object"));
        json_name(w, STR("properties"));
        json_begin_object(w);
        write_field(w);
        json_end_object(w);
        json_name(w, STR("required"));
        json_begin_array(w);
        json_string(w, STR("code"));
        json_end_array(w);
        json_end_object(w);
        json_end_object(w);
}

bool elicit_responses_are_own(const struct session *s, uint32_t responses)
{
        const uint32_t end = json_at(&s->doc, responses)->next;
        const uint32_t own = json_member(&s->doc, responses, STR(ELICIT_KEY));

        if (end == responses + 1)
                return true;
        /* The name and its value are all there is. */
        return s->approvals.elicits && own == responses + 2 && json_at(&s->doc, own)->next == end;
}

static bool is_code(struct session *s, uint32_t content, const char *code)
{
        const size_t mark = s->scratch.len;
        struct str typed;
        bool good = has_type(s, content, JSON_OBJECT) && string_member(s, content, STR("code"), &typed) && card_code_matches(code, typed);

        s->scratch.len = mark;
        s->scratch.failed = false;
        return good;
}

enum elicited elicit_read(struct session *s, uint32_t result, const char *code)
{
        const uint32_t action = has_type(s, result, JSON_OBJECT) ? json_member(&s->doc, result, STR("action")) : 0;

        if (!result)
                return ELICITED_NOTHING;
        if (has_type(s, action, JSON_STRING) && json_string_is(&s->doc, action, STR("decline")))
                return ELICITED_DECLINED;
        if (!code[0])
                return ELICITED_NOTHING;
        if (!has_type(s, action, JSON_STRING) || !json_string_is(&s->doc, action, STR("accept")))
                return ELICITED_CANCELLED;
        return is_code(s, json_member(&s->doc, result, STR("content")), code) ? ELICITED_CODE : ELICITED_WRONG;
}
