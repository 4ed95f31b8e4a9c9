/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "compile.h"
#include "limit.h"
#include "suggest.h"

#define BECAUSE_BYTES 500U

/* The mark at hand, and how many patterns it may have of one kind. */
struct mark_reading {
        struct flow_mark *mark;
        size_t room;
};

static void add_bearer(struct compile *c, const struct yaml_node *node, enum policy_subject subject, size_t room,
        struct flow_bearers *to)
{
        if (!to->patterns)
                to->patterns = compile_array(c, room, sizeof(*to->patterns));
        if (to->patterns)
                to->count += compile_pattern(c, node, subject, true, &to->patterns[to->count]);
}

static void add_bearers(struct compile *c, const struct yaml_node *node, enum policy_subject subject, size_t room,
        struct flow_bearers *to)
{
        if (node->kind != YAML_LIST) {
                add_bearer(c, node, subject, room, to);
                return;
        }
        if (node->count == 0)
                compile_error(c, P_EMPTY_VALUE, node, NULL, "this list of patterns is empty");
        yaml_each (node, item)
                add_bearer(c, item, subject, room, to);
}

static void read_resource(struct compile *c, const struct yaml_node *value, void *into)
{
        struct mark_reading *r = into;

        add_bearers(c, value, POLICY_RESOURCE, r->room, &r->mark->resources);
}

static void read_prompt(struct compile *c, const struct yaml_node *value, void *into)
{
        struct mark_reading *r = into;

        add_bearers(c, value, POLICY_PROMPT, r->room, &r->mark->prompts);
}

static void read_bearer(struct compile *c, const struct yaml_node *node, struct mark_reading *r)
{
        static const struct key_row rows[] = {
                { "resource", KEY_OPTIONAL, read_resource },
                { "prompt", KEY_OPTIONAL, read_prompt },
        };

        if (node->kind != YAML_MAP)
                add_bearer(c, node, POLICY_TOOL, r->room, &r->mark->tools);
        else if (node->count == 0)
                compile_error(c, P_EMPTY_VALUE, node, "as in { resource: \"file:///inbox/**\" }", "this bears no mark");
        else
                COMPILE_MAP(c, node, "what bears a mark", rows, r);
}

/* The texts in a tree that is at most a list of maps of lists. */
static size_t count_texts(const struct yaml_node *node)
{
        size_t count = 1;

        if (node->kind == YAML_LIST || node->kind == YAML_MAP) {
                yaml_each (node, below)
                        count += count_texts(node->kind == YAML_MAP ? below->value : below);
        }
        return count;
}

static void read_mark(struct compile *c, const struct yaml_node *key)
{
        struct flow *flow = &c->policy->flow;
        struct flow_mark *mark = &flow->marks[flow->mark_count];
        const struct yaml_node *value = key->value;
        struct mark_reading r = { mark, 0 };

        if (!compile_is_label(key->text)) {
                compile_error(c, P_BAD_NAME, key, "use letters, digits, `.`, `_` and `-`", "`%s` is not a mark's name",
                        show(key->text).text);
                return;
        }
        if (flow->mark_count == LIMIT_FLOW_MARKS) {
                compile_error(c, P_TOO_MANY_MARKS, key, NULL, "a policy has at most %u marks", LIMIT_FLOW_MARKS);
                return;
        }
        if (arena_str(c->arena, key->text, &mark->name) < 0) {
                c->no_memory = true;
                return;
        }
        mark->line = key->line;
        mark->column = key->column;
        mark->length = key->length;
        r.room = count_texts(value);
        if (value->kind != YAML_LIST) {
                read_bearer(c, value, &r);
        } else {
                if (value->count == 0)
                        compile_error(c, P_EMPTY_VALUE, value, NULL, "this list of patterns is empty");
                yaml_each (value, item)
                        read_bearer(c, item, &r);
        }
        flow->mark_count++;
}

static void read_marks(struct compile *c, const struct yaml_node *value, void *into)
{
        if (!compile_wants(c, value, YAML_MAP, "marks"))
                return;
        c->policy->flow.marks = compile_array(c, LIMIT_FLOW_MARKS, sizeof(*c->policy->flow.marks));
        if (!c->policy->flow.marks)
                return;
        yaml_each (value, key)
                read_mark(c, key);
}

static uint64_t mark_bit(struct compile *c, const struct yaml_node *node)
{
        const struct flow *flow = &c->policy->flow;
        struct suggestion near;
        char help[200] = "declare it: `marks: { NAME: [a tool's pattern] }`";

        if (!compile_wants(c, node, YAML_TEXT, "a mark"))
                return 0;
        suggest_begin(&near, node->text);
        for (size_t i = 0; i < flow->mark_count; ++i) {
                if (str_eq(flow->marks[i].name, node->text))
                        return 1ULL << i;
                suggest_offer(&near, node->text, flow->marks[i].name);
        }
        if (near.best.len)
                snprintf(help, sizeof(help), "did you mean `%.*s`?", STR_FMT(near.best));
        compile_error(c, P_UNKNOWN_MARK, node, help, "no mark is called `%s`", show(node->text).text);
        return 0;
}

static uint64_t mark_bits(struct compile *c, const struct yaml_node *node)
{
        uint64_t bits = 0;

        if (node->kind != YAML_LIST)
                return mark_bit(c, node);
        if (node->count == 0)
                compile_error(c, P_EMPTY_VALUE, node, NULL, "this list of marks is empty");
        yaml_each (node, item)
                bits |= mark_bit(c, item);
        return bits;
}

static void read_after(struct compile *c, const struct yaml_node *value, void *into)
{
        struct flow_rule *rule = into;

        rule->after = mark_bits(c, value);
}

static void read_on(struct compile *c, const struct yaml_node *value, void *into)
{
        struct flow_rule *rule = into;

        rule->on = mark_bits(c, value);
}

static void read_then(struct compile *c, const struct yaml_node *value, void *into)
{
        static const char *const words[] = { [VERDICT_DENY] = "deny", [VERDICT_APPROVE] = "approve" };
        struct flow_rule *rule = into;
        int word = compile_word(c, value, words, 2);

        if (word >= 0)
                rule->rule.verdict = (enum verdict)word;
}

static void read_because(struct compile *c, const struct yaml_node *value, void *into)
{
        struct flow_rule *rule = into;

        compile_text(c, value, "`because`", BECAUSE_BYTES, &rule->rule.because);
}

static void read_rule(struct compile *c, const struct yaml_node *node, size_t index)
{
        static const struct key_row rows[] = {
                { "after", KEY_REQUIRED, read_after },
                { "on", KEY_REQUIRED, read_on },
                { "then", KEY_REQUIRED, read_then },
                { "because", KEY_OPTIONAL, read_because },
        };
        struct flow *flow = &c->policy->flow;
        struct flow_rule *rule;
        struct pattern *any;
        char id[64];

        if (flow->rule_count == LIMIT_FLOW_RULES) {
                compile_error(c, P_TOO_MANY_MARKS, node, NULL, "a policy has at most %u flow rules", LIMIT_FLOW_RULES);
                return;
        }
        any = compile_array(c, 1, sizeof(*any));
        if (!any)
                return;
        any->everything = true;
        rule = &flow->rules[flow->rule_count++];
        *rule = (struct flow_rule){
                .rule = { .line = node->line, .column = node->column, .patterns = any, .pattern_count = 1 }
        };
        snprintf(id, sizeof(id), "flow.rules[%zu]", index);
        if (arena_str(c->arena, str_from(id), &rule->rule.id) < 0)
                c->no_memory = true;
        COMPILE_MAP(c, node, "a flow rule", rows, rule);
}

static void read_rules(struct compile *c, const struct yaml_node *value, void *into)
{
        size_t index = 0;

        if (!compile_wants(c, value, YAML_LIST, "a list of flow rules"))
                return;
        c->policy->flow.rules = compile_array(c, LIMIT_FLOW_RULES, sizeof(*c->policy->flow.rules));
        if (!c->policy->flow.rules)
                return;
        yaml_each (value, item)
                read_rule(c, item, index++);
}

/* Marks are read before the rules, wherever they stand: the rules name them. */
static void read_already(struct compile *c, const struct yaml_node *value, void *into)
{
}

void compile_flow(struct compile *c, const struct yaml_node *value, void *into)
{
        static const struct key_row rows[] = {
                { "marks", KEY_REQUIRED, read_already },
                { "rules", KEY_REQUIRED, read_rules },
        };
        const struct yaml_node *marks = value->kind == YAML_MAP ? yaml_get(value, STR("marks")) : NULL;

        if (marks && marks->kind != YAML_BROKEN)
                read_marks(c, marks, NULL);
        COMPILE_MAP(c, value, "flow", rows, NULL);
}
