/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "cleanup.h"
#include "compile.h"

#define TEXT_BYTES 1000U

static void read_version(struct compile *c, const struct yaml_node *value, void *into)
{
        if (compile_wants(c, value, YAML_TEXT, "the language version") && !str_eq(value->text, STR("1")))
                compile_error(c, P_WRONG_VERSION, value, "write `leastwise: 1`",
                        "this version of leastwise reads version 1 of the policy language, not `%s`",
                        show(value->text).text);
}

static void read_name(struct compile *c, const struct yaml_node *value, void *into)
{
        if (compile_text(c, value, "`name`", 64, &c->policy->name) && !compile_is_label(c->policy->name))
                compile_error(c, P_BAD_NAME, value, "use letters, digits, `.`, `_` and `-`, as in `docs-reader`",
                        "`%s` is not a policy's name", show(c->policy->name).text);
}

static void read_purpose(struct compile *c, const struct yaml_node *value, void *into)
{
        compile_text(c, value, "`purpose`", TEXT_BYTES, &c->policy->purpose);
}

static void read_owner(struct compile *c, const struct yaml_node *value, void *into)
{
        compile_text(c, value, "`owner`", TEXT_BYTES, &c->policy->owner);
}

static void read_until(struct compile *c, const struct yaml_node *value, void *into)
{
        if (!compile_wants(c, value, YAML_TEXT, "`until`"))
                return;
        c->policy->expires = true;
        c->policy->until_line = value->line;
        c->policy->until_column = value->column;
        if (!date_end(value->text, &c->policy->expires_at))
                compile_error(c, P_BAD_DATE, value, "write it as YYYY-MM-DD: `2027-03-31`", "`%s` is not a day",
                        show(value->text).text);
}

static bool says_off(struct compile *c, const struct yaml_node *value)
{
        static const char *const words[] = { "on", "off" };

        return compile_word(c, value, words, 2) == 1;
}

static void read_hints(struct compile *c, const struct yaml_node *value, void *into)
{
        c->policy->hints_off = says_off(c, value);
}

static void read_schema(struct compile *c, const struct yaml_node *value, void *into)
{
        c->policy->schema_off = says_off(c, value);
}

/* `bind` and `lanes` are read before the others, wherever they stand: they use what these declare. */
static void read_already(struct compile *c, const struct yaml_node *value, void *into)
{
}

static const struct key_row top_keys[] = {
        { "leastwise", KEY_REQUIRED, read_version },
        { "name", KEY_REQUIRED, read_name },
        { "purpose", KEY_REQUIRED, read_purpose },
        { "owner", KEY_OPTIONAL, read_owner },
        { "until", KEY_OPTIONAL, read_until },
        { "bind", KEY_OPTIONAL, read_already },
        { "agents", KEY_OPTIONAL, compile_agents },
        { "server", KEY_OPTIONAL, compile_server },
        { "credentials", KEY_OPTIONAL, compile_credentials },
        { "lanes", KEY_OPTIONAL, read_already },
        { "tools", KEY_OPTIONAL, compile_tools },
        { "resources", KEY_OPTIONAL, compile_resources },
        { "prompts", KEY_OPTIONAL, compile_prompts },
        { "server_requests", KEY_OPTIONAL, compile_server_requests },
        { "methods", KEY_OPTIONAL, compile_methods },
        { "pins", KEY_OPTIONAL, compile_pins },
        { "audit", KEY_OPTIONAL, compile_audit },
        { "limits", KEY_OPTIONAL, compile_limits },
        { "flow", KEY_OPTIONAL, compile_flow },
        { "results", KEY_OPTIONAL, compile_results },
        { "schema", KEY_OPTIONAL, read_schema },
        { "hints", KEY_OPTIONAL, read_hints },
        { "approvers", KEY_OPTIONAL, compile_approvers },
        { "approval", KEY_OPTIONAL, compile_approval },
        { "sandbox", KEY_LATER },
        { "tests", KEY_OPTIONAL, compile_tests },
};

size_t compile_top_key_rank(struct str key)
{
        size_t i = 0;

        while (i < sizeof(top_keys) / sizeof(top_keys[0]) && !str_eq(key, str_from(top_keys[i].key)))
                ++i;
        return i;
}

/* An allow rule for a name that is denied as well is not wrong, only without effect; who wrote it should know. */
static void warn_same_in_both(void *userdata, const struct rule *rule, const struct pattern *pattern)
{
        const struct rule **denied = userdata;

        if (rule->verdict == VERDICT_DENY && !rule->terms)
                *denied = rule;
}

static void check_both(struct compile *c, const struct section *section)
{
        if (!section->denies)
                return;
        for (const struct rule *rule = section->first; rule; rule = rule->next) {
                for (size_t i = 0; i < rule->pattern_count; ++i) {
                        const struct pattern *p = &rule->patterns[i];
                        const struct rule *denied = NULL;
                        struct yaml_node at = { .line = p->line, .column = p->column, .length = p->length };
                        char help[200];

                        if (rule->verdict == VERDICT_DENY || !p->exact)
                                continue;
                        section_match_exact(section, p->prefix, warn_same_in_both, &denied);
                        if (!denied)
                                continue;
                        snprintf(help, sizeof(help), "denied here: %s:%u:%u", show(c->path).text, denied->line,
                                denied->column);
                        compile_warning(c, P_SAME_IN_BOTH, &at, help, "`%s` is also denied, and deny wins",
                                show(p->prefix).text);
                }
        }
}

static int compare_ids(const void *a, const void *b)
{
        const struct rule *left = *(const struct rule *const *)a, *right = *(const struct rule *const *)b;
        int order = str_cmp(left->id, right->id);

        if (order != 0)
                return order;
        if (left->id_line != right->id_line)
                return left->id_line < right->id_line ? -1 : 1;
        return left->id_column < right->id_column ? -1 : left->id_column > right->id_column;
}

static size_t rules_with_ids(struct compile *c, const struct rule **out)
{
        size_t count = 0;

        for (size_t s = 0; s < POLICY_SUBJECT_MAX_; ++s) {
                for (const struct rule *rule = c->policy->sections[s].first; rule; rule = rule->next) {
                        if (rule->id_line == 0)
                                continue;
                        if (out)
                                out[count] = rule;
                        ++count;
                }
        }
        return count;
}

/* An id names one rule of the policy. */
static void check_ids(struct compile *c)
{
        size_t count = rules_with_ids(c, NULL);
        AUTO_FREE const struct rule **rules = mem_alloc((count + 1) * sizeof(*rules));

        if (!rules) {
                c->no_memory = true;
                return;
        }
        rules_with_ids(c, rules);
        qsort(rules, count, sizeof(*rules), compare_ids);
        for (size_t i = 1, first = 0; i < count; ++i) {
                struct yaml_node at = {
                        .line = rules[i]->id_line, .column = rules[i]->id_column, .length = rules[i]->id_length
                };
                char help[200];

                if (!str_eq(rules[i]->id, rules[first]->id)) {
                        first = i;
                        continue;
                }
                snprintf(help, sizeof(help), "first used here: %s:%u:%u", show(c->path).text, rules[first]->line,
                        rules[first]->column);
                compile_error(c, P_DUPLICATE_RULE_ID, &at, help, "two rules have the id `%s`", rules[i]->id.ptr);
        }
}

static void check_binds_used(struct compile *c)
{
        for (size_t i = 0; i < c->policy->bind_count; ++i) {
                const struct policy_bind *bind = &c->policy->binds[i];
                struct yaml_node at = { .line = bind->line, .column = bind->column, .length = bind->length };

                if (!bind->used)
                        compile_warning(c, P_BIND_UNUSED, &at, NULL, "`%s` is declared, but `${%s}` is nowhere used",
                                bind->name.ptr, bind->name.ptr);
        }
}

void compile_policy(struct compile *c, const struct yaml_node *root)
{
        const struct yaml_node *bind = yaml_get(root, STR("bind"));
        const struct yaml_node *lanes = yaml_get(root, STR("lanes"));

        for (size_t i = 0; i < POLICY_SUBJECT_MAX_; ++i)
                section_init(&c->policy->sections[i]);
        if (bind && bind->kind != YAML_BROKEN)
                compile_bind(c, bind, NULL);
        if (lanes && lanes->kind != YAML_BROKEN)
                compile_lanes(c, lanes, NULL);
        COMPILE_MAP(c, root, "a policy", top_keys, NULL);
        compile_prints(c, root);
        compile_limits_end(c);
        for (size_t i = 0; i < POLICY_SUBJECT_MAX_; ++i) {
                if (section_index(&c->policy->sections[i], c->arena) < 0) {
                        c->no_memory = true;
                        return;
                }
                check_both(c, &c->policy->sections[i]);
        }
        check_binds_used(c);
        check_ids(c);
}
