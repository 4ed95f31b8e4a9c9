/* SPDX-License-Identifier: Apache-2.0
 *
 * Tools whose calls may be held are marked in lists. Claude Code then asks its user about each call, whatever its own settings say; others
 * pass over the mark. It is one more question, and not what a call waits for.
 */
#include "internal.h"

#define MARK "anthropic/requiresUserInteraction"

void mark_interaction(struct session *s, uint32_t tool)
{
        const size_t mark = s->scratch.len;
        uint32_t meta, own;
        struct str name;
        const bool may = string_member(s, tool, STR("name"), &name) &&
                         policy_set_could_approve(s->policy, name, (int64_t)(s->now_ms / 1000));

        s->scratch.len = mark;
        if (!may)
                return;
        meta = json_member(&s->doc, tool, STR("_meta"));
        if (!meta) {
                edits_add_member(&s->edits, tool, STR("_meta"), STR("{\"" MARK "\":true}"));
                return;
        }
        if (json_type_of(&s->doc, meta) != JSON_OBJECT) {
                edits_replace(&s->edits, meta, STR("{\"" MARK "\":true}"));
                return;
        }
        own = json_member(&s->doc, meta, STR(MARK));
        if (own)
                edits_replace(&s->edits, own, STR("true"));
        else
                edits_add_member(&s->edits, meta, STR(MARK), STR("true"));
}

void mark_interactions(struct session *s, uint32_t result)
{
        uint32_t list = json_member(&s->doc, result, STR("tools"));

        json_each_item(&s->doc, list, item)
                mark_interaction(s, item);
}
