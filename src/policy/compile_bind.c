/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cleanup.h"
#include "compile.h"
#include "source_text.h"
#include "suggest.h"
#include "utf8.h"

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

bool compile_is_bind_value(struct str value)
{
        size_t n;

        if (value.len == 0 || value.len > LIMIT_BIND_BYTES)
                return false;
        for (; value.len; value = str_skip(value, n)) {
                uint32_t cp;

                n = utf8_decode(value, &cp);
                if (n == 0 || cp == '\t' || cp == '\n' || !source_character_is_plain(cp))
                        return false;
        }
        return true;
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

bool compile_is_declared(struct compile *c, const struct yaml_node *at, struct str name)
{
        struct suggestion near;
        char help[200] = "declare it: `bind: [...]`";

        if (declared(c, name))
                return true;
        suggest_begin(&near, name);
        for (size_t i = 0; i < c->policy->bind_count; ++i)
                suggest_offer(&near, name, c->policy->binds[i].name);
        if (near.best.len)
                snprintf(help, sizeof(help), "did you mean `%.*s`?", STR_FMT(near.best));
        compile_error(c, P_BIND_UNDECLARED, at, help, "`%s` is not declared in `bind`", show(name).text);
        return false;
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

/* How a text with `${name}` in it is put together. */
struct template {
        struct compile *c;
        const struct yaml_node *node;
        enum { TEMPLATE_TEXT, TEMPLATE_REGEX, TEMPLATE_COMMAND } kind; /* what a bound value must stand for itself in */
        bool never;    /* a name has no value */
        char *out;     /* NULL: only the length is wanted */
        size_t length;
};

static void put(struct template *t, struct str piece, bool escape)
{
        for (size_t i = 0; i < piece.len; ++i) {
                unsigned char c = (unsigned char)piece.ptr[i];
                bool plain = c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

                if (escape && !plain) {
                        if (t->out)
                                t->out[t->length] = '\\';
                        t->length++;
                }
                if (t->out)
                        t->out[t->length] = piece.ptr[i];
                t->length++;
        }
}

static bool put_value(struct template *t, struct str value)
{
        AUTO_BUF struct buf quoted = BUF_INIT(4 * LIMIT_BIND_BYTES);

        if (t->kind != TEMPLATE_COMMAND) {
                put(t, value, t->kind == TEMPLATE_REGEX);
                return true;
        }
        if (command_pattern_quote(&quoted, value) < 0) {
                t->c->no_memory = true;
                return false;
        }
        put(t, buf_str(&quoted), false);
        return true;
}

/* Bytes of the name and its signs at the start of @rest; 0 after reporting. */
static size_t put_binding(struct template *t, struct str rest)
{
        const char *end = memchr(rest.ptr, '}', rest.len);
        struct str value;
        bool never = false;
        size_t used;

        if (!end || end == rest.ptr + 2) {
                compile_error(t->c, P_BIND_SYNTAX, t->node, "write `\\${` for the two signs themselves",
                        "`${` begins the name of a bound value, as in `${org}`");
                return 0;
        }
        used = (size_t)(end - rest.ptr) + 1;
        if (compile_binding(t->c, t->node, str_of(rest.ptr + 2, used - 3), &value, &never) != 0)
                return 0;
        t->never |= never;
        return put_value(t, value) ? used : 0;
}

/* False after reporting. */
static bool expand(struct template *t)
{
        struct str rest = t->node->text;

        t->length = 0;
        while (rest.len) {
                size_t used = 1;

                if (str_starts_with(rest, STR("\\${")) && t->kind != TEMPLATE_COMMAND) {
                        put(t, STR("${"), t->kind == TEMPLATE_REGEX);
                        used = 3;
                } else if (str_starts_with(rest, STR("${"))) {
                        used = put_binding(t, rest);
                } else if (t->kind != TEMPLATE_TEXT && rest.len > 1 && rest.ptr[0] == '\\') {
                        /* A pair: the second one escapes nothing. */
                        used = 2;
                        put(t, str_of(rest.ptr, 2), false);
                } else {
                        put(t, str_of(rest.ptr, 1), false);
                }
                if (used == 0)
                        return false;
                rest = str_skip(rest, used);
        }
        return true;
}

static bool expand_into_arena(struct template *t, struct str *ret)
{
        if (!compile_wants(t->c, t->node, YAML_TEXT, "this value") || !expand(t))
                return false;
        t->out = compile_array(t->c, t->length + 1, 1);
        if (!t->out)
                return false;
        expand(t);
        *ret = str_of(t->out, t->length);
        return true;
}

bool compile_template(struct compile *c, const struct yaml_node *node, struct str *ret)
{
        struct template t = { .c = c, .node = node };

        return expand_into_arena(&t, ret);
}

static bool expand_template(struct template t, struct str *ret, bool *ret_never)
{
        bool ok = expand_into_arena(&t, ret);

        *ret_never |= t.never;
        return ok;
}

bool compile_bound_text(struct compile *c, const struct yaml_node *node, struct str *ret, bool *ret_never)
{
        return expand_template((struct template){ .c = c, .node = node }, ret, ret_never);
}

bool compile_bound_regex(struct compile *c, const struct yaml_node *node, struct str *ret, bool *ret_never)
{
        return expand_template((struct template){ .c = c, .node = node, .kind = TEMPLATE_REGEX }, ret, ret_never);
}

bool compile_bound_command(struct compile *c, const struct yaml_node *node, struct str *ret, bool *ret_never)
{
        return expand_template((struct template){ .c = c, .node = node, .kind = TEMPLATE_COMMAND }, ret, ret_never);
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
