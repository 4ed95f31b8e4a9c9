/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "compile.h"

/* Stands for a value that is not known, so that the rest of a pattern can be checked; nothing ever matches it. */
#define UNKNOWN_VALUE STR("x")

static const struct policy_pair *bound(struct compile *c, struct str name)
{
        for (size_t i = 0; i < c->options->binding_count; ++i) {
                if (str_eq(c->options->bindings[i].name, name)) {
                        c->options_used[i] = true;
                        return &c->options->bindings[i];
                }
        }
        return NULL;
}

static struct policy_bind *declared(struct compile *c, struct str name)
{
        for (size_t i = 0; i < c->policy->bind_count; ++i) {
                if (str_eq(c->policy->binds[i].name, name))
                        return &c->policy->binds[i];
        }
        return NULL;
}

static void declare(struct compile *c, const struct yaml_node *item)
{
        struct policy_bind *bind = &c->policy->binds[c->policy->bind_count];
        char help[200];

        if (!compile_text(c, item, "a name to bind", 64, &bind->name))
                return;
        if (!compile_is_label(bind->name)) {
                compile_error(c, P_BAD_NAME, item, "use letters, digits, `.`, `_` and `-`",
                        "`%s` is not a name to bind", show(bind->name).text);
                return;
        }
        if (declared(c, bind->name)) {
                compile_error(c, P_DUPLICATE_KEY, item, NULL, "`%s` is declared twice", bind->name.ptr);
                return;
        }
        *bind = (struct policy_bind){ bind->name, item->line, item->column, item->length, false };
        c->policy->bind_count++;
        if (!bound(c, bind->name) && !c->options->any_binding) {
                snprintf(help, sizeof(help), "add --bind %s=VALUE", bind->name.ptr);
                compile_error(c, P_BIND_UNBOUND, item, help, "`%s` has no value", bind->name.ptr);
        }
}

void compile_bind(struct compile *c, const struct yaml_node *value, void *into)
{
        if (!compile_wants(c, value, YAML_LIST, "`bind`"))
                return;
        c->policy->binds = compile_array(c, value->count, sizeof(*c->policy->binds));
        if (!c->policy->binds)
                return;
        yaml_each (value, item)
                declare(c, item);
}

int compile_binding(struct compile *c, const struct yaml_node *at, struct str name, struct str *ret, bool *ret_never)
{
        struct policy_bind *bind = declared(c, name);
        const struct policy_pair *pair;

        if (!bind) {
                compile_error(c, P_BIND_UNDECLARED, at, "declare it: `bind: [...]`",
                        "`${%s}` is not declared in `bind`", show(name).text);
                return 1;
        }
        bind->used = true;
        pair = bound(c, name);
        *ret = pair ? pair->value : UNKNOWN_VALUE;
        *ret_never = !pair;
        return 0;
}

/* The template's length with its names replaced; writes it to @out unless that is NULL. SIZE_MAX after reporting. */
static size_t expand(struct compile *c, const struct yaml_node *node, char *out)
{
        struct str rest = node->text;
        size_t n = 0;

        while (rest.len) {
                struct str piece = str_of(rest.ptr, 1);
                size_t used = 1;

                if (str_starts_with(rest, STR("\\${"))) {
                        piece = STR("${");
                        used = 3;
                } else if (str_starts_with(rest, STR("${"))) {
                        const char *end = memchr(rest.ptr, '}', rest.len);
                        bool never;

                        if (!end || end == rest.ptr + 2) {
                                compile_error(c, P_BIND_SYNTAX, node, "write `\\${` for the two signs themselves",
                                        "`${` begins the name of a bound value, as in `${org}`");
                                return SIZE_MAX;
                        }
                        used = (size_t)(end - rest.ptr) + 1;
                        if (compile_binding(c, node, str_of(rest.ptr + 2, used - 3), &piece, &never) != 0)
                                return SIZE_MAX;
                }
                if (out)
                        memcpy(out + n, piece.ptr, piece.len);
                n += piece.len;
                rest = str_skip(rest, used);
        }
        return n;
}

bool compile_template(struct compile *c, const struct yaml_node *node, struct str *ret)
{
        size_t n;
        char *out;

        if (!compile_wants(c, node, YAML_TEXT, "this value"))
                return false;
        n = expand(c, node, NULL);
        if (n == SIZE_MAX)
                return false;
        out = compile_array(c, n + 1, 1);
        if (!out)
                return false;
        expand(c, node, out);
        *ret = str_of(out, n);
        return true;
}

void compile_agents(struct compile *c, const struct yaml_node *value, void *into)
{
        bool meant = false;
        struct str name;

        if (!compile_wants(c, value, YAML_LIST, "`agents`"))
                return;
        if (value->count == 0)
                compile_error(
                        c, P_EMPTY_VALUE, value, "remove the key to let any agent use the policy", "`agents` is empty");
        yaml_each (value, item) {
                if (!compile_text(c, item, "an agent's name", 64, &name))
                        return;
                if (!compile_is_label(name))
                        compile_error(c, P_BAD_NAME, item, "use letters, digits, `.`, `_` and `-`",
                                "`%s` is not an agent's name", show(name).text);
                meant |= str_eq(name, c->options->agent);
        }
        if (!c->options->any_agent && !meant && value->count)
                compile_error(c, P_AGENT, value, "name one of them with --agent", "this policy is not for %s%s",
                        c->options->agent.len ? "the agent " : "an unnamed agent", show(c->options->agent).text);
}
