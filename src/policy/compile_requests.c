/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "compile.h"

static const char *const allow_deny[] = { "deny", "allow" };

/* One rule about what the server asks of the client: by a word (then about everything of its kind) or by a pattern. */
static void add_rule(struct compile *c, enum policy_subject subject, enum verdict verdict, const char *id,
        const struct yaml_node *node, const struct pattern *pattern)
{
        struct rule *rule = compile_array(c, 1, sizeof(*rule));

        if (!rule)
                return;
        *rule = (struct rule){ .verdict = verdict, .line = node->line, .column = node->column, .pattern_count = 1 };
        rule->patterns = compile_array(c, 1, sizeof(*rule->patterns));
        if (!rule->patterns)
                return;
        rule->patterns[0] = *pattern;
        if (arena_str(c->arena, str_from(id), &rule->id) < 0)
                c->no_memory = true;
        section_add(&c->policy->sections[subject], rule);
}

static void read_word(struct compile *c, const struct yaml_node *value, enum policy_subject subject, const char *id)
{
        int word = compile_word(c, value, allow_deny, 2);
        struct pattern everything = { .everything = true, .denies = word == 0 };

        if (word >= 0)
                add_rule(c, subject, word == 1 ? VERDICT_ALLOW : VERDICT_DENY, id, value, &everything);
}

static void read_word_or_list(
        struct compile *c, const struct yaml_node *value, enum policy_subject subject, const char *id)
{
        size_t index = 0;

        if (value->kind != YAML_LIST) {
                read_word(c, value, subject, id);
                return;
        }
        yaml_each (value, item) {
                struct pattern pattern;
                char item_id[64];

                snprintf(item_id, sizeof(item_id), "%s[%zu]", id, index++);
                if (compile_pattern(c, item, subject, false, &pattern))
                        add_rule(c, subject, VERDICT_ALLOW, item_id, item, &pattern);
        }
}

static void read_sampling(struct compile *c, const struct yaml_node *value, void *into)
{
        read_word(c, value, POLICY_SAMPLING, "server_requests.sampling");
}

static void read_form(struct compile *c, const struct yaml_node *value, void *into)
{
        read_word(c, value, POLICY_ELICITATION_FORM, "server_requests.elicitation.form");
}

static void read_url(struct compile *c, const struct yaml_node *value, void *into)
{
        read_word_or_list(c, value, POLICY_ELICITATION_URL, "server_requests.elicitation.url");
}

static void read_elicitation(struct compile *c, const struct yaml_node *value, void *into)
{
        static const struct key_row rows[] = {
                { "form", KEY_OPTIONAL, read_form },
                { "url", KEY_OPTIONAL, read_url },
        };

        if (value->kind == YAML_MAP) {
                COMPILE_MAP(c, value, "elicitation", rows, NULL);
                return;
        }
        if (compile_word(c, value, allow_deny, 2) < 0)
                return;
        read_word(c, value, POLICY_ELICITATION_FORM, "server_requests.elicitation");
        read_word(c, value, POLICY_ELICITATION_URL, "server_requests.elicitation");
}

static void read_roots(struct compile *c, const struct yaml_node *value, void *into)
{
        read_word_or_list(c, value, POLICY_ROOTS, "server_requests.roots");
}

void compile_server_requests(struct compile *c, const struct yaml_node *value, void *into)
{
        static const struct key_row rows[] = {
                { "sampling", KEY_OPTIONAL, read_sampling },
                { "elicitation", KEY_OPTIONAL, read_elicitation },
                { "roots", KEY_OPTIONAL, read_roots },
        };

        COMPILE_MAP(c, value, "server_requests", rows, NULL);
}

static void read_arguments(struct compile *c, const struct yaml_node *value, void *into)
{
        static const char *const words[] = { [POLICY_AUDIT_DIGEST] = "digest", [POLICY_AUDIT_REDACTED] = "redacted" };
        int word = compile_word(c, value, words, 2);

        if (word < 0)
                return;
        c->policy->launch.says_arguments = true;
        c->policy->launch.arguments = (enum policy_audit_arguments)word;
}

static void read_durable(struct compile *c, const struct yaml_node *value, void *into)
{
        static const char *const words[] = { "false", "true" };
        int word = compile_word(c, value, words, 2);

        if (word >= 0)
                c->policy->launch.durable = word == 1;
}

void compile_audit(struct compile *c, const struct yaml_node *value, void *into)
{
        static const struct key_row rows[] = {
                { "arguments", KEY_OPTIONAL, read_arguments },
                { "durable", KEY_OPTIONAL, read_durable },
        };

        COMPILE_MAP(c, value, "audit", rows, NULL);
}
