/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cleanup.h"
#include "internal.h"

/* A list with more items of repeated names than this is refused whole: each costs a pass over it. */
#define REPEATED_MAX 32U

/* One kind of list: which member of the result holds it, which member of an item policy decides by, and what else an
 * item may have. Where anything is hidden, members that the protocol does not define are left out as well: they could name
 * what is hidden. */
struct list_kind {
        struct str list, key;
        enum policy_subject subject;
        struct names members;
};

static const struct str tool_members[] = {
        STR_INIT("name"), STR_INIT("title"), STR_INIT("description"), STR_INIT("inputSchema"), STR_INIT("outputSchema"),
        STR_INIT("annotations"), STR_INIT("icons"), STR_INIT("execution"), STR_INIT("_meta"),
};
static const struct str resource_members[] = {
        STR_INIT("uri"), STR_INIT("name"), STR_INIT("title"), STR_INIT("description"), STR_INIT("mimeType"),
        STR_INIT("size"), STR_INIT("annotations"), STR_INIT("icons"), STR_INIT("_meta"),
};
static const struct str template_members[] = {
        STR_INIT("uriTemplate"), STR_INIT("name"), STR_INIT("title"), STR_INIT("description"), STR_INIT("mimeType"),
        STR_INIT("annotations"), STR_INIT("icons"), STR_INIT("_meta"),
};
static const struct str prompt_members[] = {
        STR_INIT("name"), STR_INIT("title"), STR_INIT("description"), STR_INIT("arguments"), STR_INIT("icons"),
        STR_INIT("_meta"),
};

static const struct list_kind tools = {
        STR_INIT("tools"), STR_INIT("name"), POLICY_TOOL, NAMES(tool_members)
};
static const struct list_kind resources = {
        STR_INIT("resources"), STR_INIT("uri"), POLICY_RESOURCE, NAMES(resource_members)
};
static const struct list_kind templates = {
        STR_INIT("resourceTemplates"), STR_INIT("uriTemplate"), POLICY_RESOURCE_TEMPLATE, NAMES(template_members)
};
static const struct list_kind prompts = {
        STR_INIT("prompts"), STR_INIT("name"), POLICY_PROMPT, NAMES(prompt_members)
};

/* Where the token's name stands among those, from @hint on and round; their count when nowhere. */
static size_t find_name(const struct json_doc *doc, uint32_t token, const struct names *of, size_t hint)
{
        bool escaped = json_at(doc, token)->escaped;
        struct str raw = json_raw_string(doc, token);

        for (size_t n = 0, i = hint; n < of->count; n++, i++) {
                const struct str *name = &of->names[i < of->count ? i : i - of->count];

                if (escaped ? json_string_is(doc, token, *name) : str_eq(raw, *name))
                        return (size_t)(name - of->names);
        }
        return of->count;
}

void keep_members(struct session *s, uint32_t object, const struct names *known)
{
        size_t hint = 0;

        /* A thousand tools have ten thousand members, most in the order of the protocol: each is looked for behind
         * the last. */
        json_each_member(&s->doc, object, name, value) {
                size_t at = find_name(&s->doc, name, known, hint);

                if (at == known->count)
                        edits_remove(&s->edits, value);
                else
                        hint = at + 1;
        }
}

static bool is_visible(struct session *s, const struct list_kind *kind, uint32_t item)
{
        struct policy_decision ignored;
        size_t mark = s->scratch.len;
        struct str name;
        bool visible = string_member(s, item, kind->key, &name) &&
                       (policy_set_could_allow(s->policy, kind->subject, name, (int64_t)(s->now_ms / 1000), &ignored) ||
                               (kind == &tools && grants_could_allow(s, name))) &&
                       (kind != &tools || pinned_shows(s, item, name));

        s->scratch.len = mark;
        return visible;
}

static bool hide_items(struct session *s, const struct list_kind *kind, uint32_t list)
{
        AUTO_FREE uint32_t *names = NULL;
        AUTO_FREE uint32_t *items = NULL;
        size_t count = 0, cap = 0;
        long at;

        json_each_item(&s->doc, list, item)
                cap++;
        names = mem_alloc((cap + 1) * sizeof(*names));
        items = mem_alloc((cap + 1) * sizeof(*items));
        if (!names || !items)
                return false;
        json_each_item(&s->doc, list, item) {
                if (!is_visible(s, kind, item)) {
                        edits_remove(&s->edits, item);
                        continue;
                }
                keep_members(s, item, &kind->members);
                if (kind == &tools && s->gives_hints)
                        tell_limits(s, item);
                if (kind == &tools && s->approvals.marks)
                        mark_interaction(s, item);
                names[count] = json_member(&s->doc, item, kind->key);
                items[count++] = item;
        }
        /* A second item of one name could be the one that a client binds to: the first stays. */
        for (unsigned found = 0; (at = json_find_duplicate(&s->doc, names, count)) >= 0; found++) {
                if (found == REPEATED_MAX)
                        return false;
                edits_remove(&s->edits, items[at]);
                memmove(names + at, names + at + 1, (count - (size_t)at - 1) * sizeof(*names));
                memmove(items + at, items + at + 1, (count - (size_t)at - 1) * sizeof(*items));
                count--;
        }
        return at == -1;
}

/* A client may keep a list or a resource for as long as the server says; one that policy cut must not be kept, or the
 * next policy would not be seen. */
static void forbid_caching(struct session *s, uint32_t result)
{
        uint32_t ttl = json_member(&s->doc, result, STR("ttlMs"));
        uint32_t scope = json_member(&s->doc, result, STR("cacheScope"));

        if (ttl)
                edits_replace(&s->edits, ttl, STR("0"));
        if (scope)
                edits_replace(&s->edits, scope, STR("\"private\""));
}

static bool filter_tasks(struct session *s, uint32_t result)
{
        static const struct str members[] = { STR_INIT("taskId") };
        static const struct names task_names = NAMES(members);
        uint32_t list = json_member(&s->doc, result, STR("tasks"));

        if (!list || json_type_of(&s->doc, list) != JSON_ARRAY)
                return false;
        json_each_item(&s->doc, list, item) {
                size_t mark = s->scratch.len;
                struct str id;

                if (!string_member(s, item, STR("taskId"), &id) || !tasks_know(&s->tasks[SIDE_SERVER], id) ||
                        has_look_alike(s, item, &task_names))
                        edits_remove(&s->edits, item);
                s->scratch.len = mark;
        }
        return true;
}

bool filter_list(struct session *s, enum rpc_result_handling handling, uint32_t result)
{
        const struct list_kind *kind = handling == RPC_RESULT_TOOLS   ? &tools :
                                       handling == RPC_RESULT_PROMPTS ? &prompts :
                                       handling == RPC_RESULT_RESOURCES ? &resources : &templates;
        bool open = handling == RPC_RESULT_TOOLS || handling == RPC_RESULT_TASKS ? s->open_tools :
                    handling == RPC_RESULT_PROMPTS ? s->open_prompts : s->open_resources;
        const struct str members[] = { kind->list, STR("nextCursor"), STR("_meta"), STR("resultType"), STR("ttlMs"),
                STR("cacheScope") };
        const struct names result_names = NAMES(members);
        uint32_t list;

        if (handling == RPC_RESULT_TOOLS) {
                pinning_begin_list(&s->pinning);
                open = open && !s->pinning.set;
        }
        if (open) {
                if (handling == RPC_RESULT_TOOLS && s->approvals.marks)
                        mark_interactions(s, result);
                return true;
        }
        if (handling == RPC_RESULT_TASKS)
                return filter_tasks(s, result);
        list = json_member(&s->doc, result, kind->list);
        if (!list || json_type_of(&s->doc, list) != JSON_ARRAY)
                return false;
        keep_members(s, result, &result_names);
        forbid_caching(s, result);
        return hide_items(s, kind, list);
}

bool filter_roots(struct session *s, uint32_t result)
{
        static const struct str result_members[] = { STR_INIT("roots"), STR_INIT("_meta"), STR_INIT("resultType") };
        static const struct str root_members[] = { STR_INIT("uri"), STR_INIT("name"), STR_INIT("_meta") };
        static const struct names result_names = NAMES(result_members), root_names = NAMES(root_members);
        uint32_t list = json_member(&s->doc, result, STR("roots"));

        if (policy_set_allows_all(s->policy, POLICY_ROOTS))
                return true;
        if (!list || json_type_of(&s->doc, list) != JSON_ARRAY)
                return false;
        keep_members(s, result, &result_names);
        json_each_item(&s->doc, list, item) {
                struct ruling ignored = { 0 };
                size_t mark = s->scratch.len;
                struct str uri;

                if (string_member(s, item, STR("uri"), &uri) && judge(s, &ignored, POLICY_ROOTS, "root", uri))
                        keep_members(s, item, &root_names);
                else
                        edits_remove(&s->edits, item);
                s->scratch.len = mark;
        }
        return true;
}
