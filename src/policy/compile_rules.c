/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "compile.h"
#include "limit.h"

#define BECAUSE_BYTES 500U

/* How one section's rules are written. */
struct rule_shape {
        const char *section;
        enum policy_subject subject;
        const struct key_row *keys; /* of a rule that is a map */
        size_t key_count;
};

/* The list that is being read. */
struct rule_list {
        const struct rule_shape *shape;
        const char *name; /* "allow" */
        enum verdict verdict;
        size_t index;
        struct rule *rule;
        struct rule_call call;
        bool ok; /* of the rule: all of it was read */
};

static void add_pattern(struct compile *c, struct rule_list *list, const struct yaml_node *node)
{
        struct rule *rule = list->rule;

        if (compile_pattern(
                    c, node, list->shape->subject, list->verdict == VERDICT_DENY, &rule->patterns[rule->pattern_count]))
                rule->pattern_count++;
        else
                list->ok = false;
}

static void read_patterns(struct compile *c, const struct yaml_node *value, void *into)
{
        struct rule_list *list = into;
        size_t count = value->kind == YAML_LIST ? value->count : 1;

        list->rule->patterns = compile_array(c, count, sizeof(*list->rule->patterns));
        if (!list->rule->patterns)
                return;
        if (value->kind != YAML_LIST) {
                add_pattern(c, list, value);
                return;
        }
        if (value->count == 0)
                compile_error(c, P_EMPTY_VALUE, value, NULL, "this list of patterns is empty");
        yaml_each (value, item)
                add_pattern(c, list, item);
}

static void read_id(struct compile *c, const struct yaml_node *value, void *into)
{
        struct rule_list *list = into;
        struct str id;

        if (!compile_text(c, value, "a rule's id", 64, &id))
                return;
        if (!compile_is_label(id)) {
                compile_error(c, P_BAD_NAME, value, "use letters, digits, `.`, `_` and `-`", "`%s` is not an id",
                        show(id).text);
                return;
        }
        list->rule->id = id;
        list->rule->id_line = value->line;
        list->rule->id_column = value->column;
        list->rule->id_length = value->length;
}

static void read_because(struct compile *c, const struct yaml_node *value, void *into)
{
        struct rule_list *list = into;

        compile_text(c, value, "`because`", BECAUSE_BYTES, &list->rule->because);
}

/* compile_terms() reads these, all together. */
static void read_with_terms(struct compile *c, const struct yaml_node *value, void *into)
{
        (void)c;
        (void)value;
        (void)into;
}

static void refuse_key(struct compile *c, const struct yaml_node *value, struct rule_list *list, const char *why)
{
        compile_error(c, P_KEY_WITHOUT_MEANING, value, NULL, "%s", why);
        list->ok = false;
}

static void read_no_arguments(struct compile *c, const struct yaml_node *value, void *into)
{
        refuse_key(c, value, into, "this key is about arguments, and reading a resource has none");
}

static void read_lane(struct compile *c, const struct yaml_node *value, void *into)
{
        struct rule_list *list = into;

        if (list->verdict == VERDICT_DENY)
                refuse_key(c, value, list, "`lane` has no meaning in a deny rule");
        else
                list->ok &= compile_lane_name(c, value, &list->call.lane);
}

static bool wants_approve(struct compile *c, const struct yaml_node *value, struct rule_list *list)
{
        if (list->verdict == VERDICT_APPROVE)
                return true;
        refuse_key(c, value, list, "this key belongs to rules under `approve`");
        return false;
}

static void read_say(struct compile *c, const struct yaml_node *value, void *into)
{
        struct rule_list *list = into;

        if (wants_approve(c, value, list))
                list->ok &= compile_sentence(c, value, &list->call.say);
}

static void read_undo(struct compile *c, const struct yaml_node *value, void *into)
{
        struct rule_list *list = into;

        if (wants_approve(c, value, list))
                list->ok &= compile_text(c, value, "`undo`", BECAUSE_BYTES, &list->call.undo);
}

static void read_by(struct compile *c, const struct yaml_node *value, void *into)
{
        struct rule_list *list = into;

        if (!wants_approve(c, value, list) || !compile_wants(c, value, YAML_TEXT, "`by`"))
                return;
        if (value->text.len == 1 && value->text.ptr[0] >= '1' && value->text.ptr[0] <= '9') {
                list->call.by = (uint32_t)(value->text.ptr[0] - '0');
                return;
        }
        compile_error(c, P_BAD_CONDITION, value, NULL, "`by` says how many people must approve: 1 to 9");
        list->ok = false;
}

static void read_hold(struct compile *c, const struct yaml_node *value, void *into)
{
        struct rule_list *list = into;

        if (wants_approve(c, value, list))
                list->ok &= compile_span(c, value, "`hold`", LIMIT_HOLD_MS, &list->call.hold_ms);
}

/* clang-format off */
#define RULE_KEYS                                  \
        { "id", KEY_OPTIONAL, read_id },           \
        { "because", KEY_OPTIONAL, read_because }
#define ARGUMENT_KEYS(read)                        \
        { "when", KEY_OPTIONAL, read },            \
        { "free", KEY_OPTIONAL, read },            \
        { "optional", KEY_OPTIONAL, read },        \
        { "open", KEY_OPTIONAL, read },            \
        { "cwd", KEY_OPTIONAL, read }
/* clang-format on */

static const struct key_row tool_keys[] = {
        { "tool", KEY_REQUIRED, read_patterns },
        RULE_KEYS,
        ARGUMENT_KEYS(read_with_terms),
        { "narrow", KEY_OPTIONAL, read_with_terms },
        { "lane", KEY_OPTIONAL, read_lane },
        { "say", KEY_OPTIONAL, read_say },
        { "undo", KEY_OPTIONAL, read_undo },
        { "by", KEY_OPTIONAL, read_by },
        { "hold", KEY_OPTIONAL, read_hold },
};
static const struct key_row resource_keys[] = {
        { "uri", KEY_REQUIRED, read_patterns },
        RULE_KEYS,
        ARGUMENT_KEYS(read_no_arguments),
};
static const struct key_row prompt_keys[] = {
        { "prompt", KEY_REQUIRED, read_patterns },
        RULE_KEYS,
        ARGUMENT_KEYS(read_with_terms),
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct rule_shape tool_shape = { "tools", POLICY_TOOL, tool_keys, COUNT(tool_keys) };
static const struct rule_shape resource_shape = { "resources", POLICY_RESOURCE, resource_keys, COUNT(resource_keys) };
static const struct rule_shape prompt_shape = { "prompts", POLICY_PROMPT, prompt_keys, COUNT(prompt_keys) };
/* A method is a pattern and nothing else. */
static const struct rule_shape method_shape = { "methods", POLICY_METHOD, NULL, 0 };

static void default_id(struct compile *c, const struct rule_list *list)
{
        char id[64];

        snprintf(id, sizeof(id), "%s.%s[%zu]", list->shape->section, list->name, list->index);
        if (arena_str(c->arena, str_from(id), &list->rule->id) < 0)
                c->no_memory = true;
}

static void read_map(struct compile *c, struct rule_list *list, const struct yaml_node *node)
{
        struct rule *rule = list->rule;
        struct rule_call *call;

        compile_map(c, node, "a rule", list->shape->keys, list->shape->key_count, list);
        if (list->shape->subject != POLICY_RESOURCE)
                list->ok &= compile_terms(c, node, list->verdict, &rule->terms);
        if (!list->call.lane.len && !list->call.say.len && !list->call.undo.len && !list->call.by && !list->call.hold_ms)
                return;
        call = compile_array(c, 1, sizeof(*call));
        if (call)
                *call = list->call;
        rule->call = call;
}

static void read_rule(struct compile *c, struct rule_list *list, const struct yaml_node *node)
{
        struct rule *rule = compile_array(c, 1, sizeof(*rule));

        if (!rule)
                return;
        *rule = (struct rule){ .verdict = list->verdict, .line = node->line, .column = node->column };
        list->rule = rule;
        list->call = (struct rule_call){ .by = 0 };
        list->ok = true;
        if (node->kind == YAML_MAP && list->shape->keys)
                read_map(c, list, node);
        else if (compile_wants(c, node, YAML_TEXT, "a pattern"))
                read_patterns(c, node, list);
        if (rule->id.len == 0)
                default_id(c, list);
        if (list->ok)
                section_add(&c->policy->sections[list->shape->subject], rule);
}

static void read_list(struct compile *c, const struct yaml_node *value, const struct rule_shape *shape,
        const char *name, enum verdict verdict)
{
        struct rule_list list = { .shape = shape, .name = name, .verdict = verdict };

        if (!compile_wants(c, value, YAML_LIST, "a list of rules"))
                return;
        yaml_each (value, item) {
                read_rule(c, &list, item);
                list.index++;
        }
}

static void read_allow(struct compile *c, const struct yaml_node *value, void *into)
{
        read_list(c, value, into, "allow", VERDICT_ALLOW);
}

static void read_approve(struct compile *c, const struct yaml_node *value, void *into)
{
        read_list(c, value, into, "approve", VERDICT_APPROVE);
}

static void read_deny(struct compile *c, const struct yaml_node *value, void *into)
{
        read_list(c, value, into, "deny", VERDICT_DENY);
}

/* @into of the section's readers is its shape, which they do not change. */
static void read_section(struct compile *c, const struct yaml_node *value, const struct rule_shape *shape)
{
        static const struct key_row rows[] = {
                { "allow", KEY_OPTIONAL, read_allow },
                { "deny", KEY_OPTIONAL, read_deny },
                { "approve", KEY_OPTIONAL, read_approve },
        };
        struct rule_shape copy = *shape;

        compile_map(c, value, shape->section, rows, shape->subject == POLICY_TOOL ? 3 : 2, &copy);
}

void compile_tools(struct compile *c, const struct yaml_node *value, void *into)
{
        read_section(c, value, &tool_shape);
}

void compile_resources(struct compile *c, const struct yaml_node *value, void *into)
{
        read_section(c, value, &resource_shape);
}

void compile_prompts(struct compile *c, const struct yaml_node *value, void *into)
{
        read_section(c, value, &prompt_shape);
}

void compile_methods(struct compile *c, const struct yaml_node *value, void *into)
{
        static const struct key_row rows[] = { { "allow", KEY_OPTIONAL, read_allow } };
        struct rule_shape copy = method_shape;

        COMPILE_MAP(c, value, "methods", rows, &copy);
}
