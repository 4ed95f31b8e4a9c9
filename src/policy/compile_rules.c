/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "compile.h"

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
        bool ok; /* of the rule: all its patterns were read */
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

static const struct rule *rule_of_id(const struct policy *policy, struct str id)
{
        for (size_t s = 0; s < POLICY_SUBJECT_MAX_; ++s) {
                for (const struct rule *rule = policy->sections[s].first; rule; rule = rule->next) {
                        if (str_eq(rule->id, id))
                                return rule;
                }
        }
        return NULL;
}

static void read_id(struct compile *c, const struct yaml_node *value, void *into)
{
        struct rule_list *list = into;
        const struct rule *other;
        char help[200];
        struct str id;

        if (!compile_text(c, value, "a rule's id", 64, &id))
                return;
        if (!compile_is_label(id)) {
                compile_error(c, P_BAD_NAME, value, "use letters, digits, `.`, `_` and `-`", "`%s` is not an id",
                        show(id).text);
                return;
        }
        other = rule_of_id(c->policy, id);
        if (other) {
                snprintf(help, sizeof(help), "first used here: %s:%u:%u", show(c->path).text, other->line,
                        other->column);
                compile_error(c, P_DUPLICATE_RULE_ID, value, help, "two rules have the id `%s`", id.ptr);
                return;
        }
        list->rule->id = id;
}

static void read_because(struct compile *c, const struct yaml_node *value, void *into)
{
        struct rule_list *list = into;

        compile_text(c, value, "`because`", BECAUSE_BYTES, &list->rule->because);
}

/* What every rule may have besides the key that says what it is about; the rest comes with later versions. */
/* clang-format off */
#define RULE_KEYS                                \
        { "id", KEY_OPTIONAL, read_id },         \
        { "because", KEY_OPTIONAL, read_because }, \
        { "when", KEY_LATER },                   \
        { "free", KEY_LATER },                   \
        { "narrow", KEY_LATER },                 \
        { "optional", KEY_LATER },               \
        { "open", KEY_LATER },                   \
        { "cwd", KEY_LATER },                    \
        { "lane", KEY_LATER },                   \
        { "say", KEY_LATER },                    \
        { "undo", KEY_LATER },                   \
        { "by", KEY_LATER }
/* clang-format on */

static const struct key_row tool_keys[] = { { "tool", KEY_REQUIRED, read_patterns }, RULE_KEYS };
static const struct key_row resource_keys[] = { { "uri", KEY_REQUIRED, read_patterns }, RULE_KEYS };
static const struct key_row prompt_keys[] = { { "prompt", KEY_REQUIRED, read_patterns }, RULE_KEYS };

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

static void read_rule(struct compile *c, struct rule_list *list, const struct yaml_node *node)
{
        struct rule *rule = compile_array(c, 1, sizeof(*rule));

        if (!rule)
                return;
        *rule = (struct rule){ .verdict = list->verdict, .line = node->line, .column = node->column };
        list->rule = rule;
        list->ok = true;
        if (node->kind == YAML_MAP && list->shape->keys)
                compile_map(c, node, "a rule", list->shape->keys, list->shape->key_count, list);
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
                { "approve", KEY_LATER },
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
