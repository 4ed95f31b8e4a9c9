/* SPDX-License-Identifier: Apache-2.0
 *
 * `approval:`: how a person is asked.
 */
#include "compile.h"
#include "limit.h"

bool compile_span(struct compile *c, const struct yaml_node *value, const char *what, uint32_t most_ms, uint32_t *ret)
{
        if (!compile_wants(c, value, YAML_TEXT, what))
                return false;
        if (time_span_ms(value->text, most_ms, ret))
                return true;
        compile_error(c, P_BAD_TIME, value,
                most_ms == LIMIT_HOLD_MS ? "a whole number and ms, s, m or h, up to 10m: `20s`"
                                         : "a whole number and ms, s, m or h, up to 24h: `10m`",
                "`%s` is not a time span", show(value->text).text);
        return false;
}

static void read_hold(struct compile *c, const struct yaml_node *value, void *into)
{
        struct asking *asking = into;

        (void)compile_span(c, value, "`hold`", LIMIT_HOLD_MS, &asking->hold_ms);
}

static void read_valid(struct compile *c, const struct yaml_node *value, void *into)
{
        struct asking *asking = into;

        (void)compile_span(c, value, "`valid`", LIMIT_APPROVAL_MS, &asking->valid_ms);
}

static void read_expires(struct compile *c, const struct yaml_node *value, void *into)
{
        struct asking *asking = into;

        (void)compile_span(c, value, "`expires`", LIMIT_APPROVAL_MS, &asking->expires_ms);
}

/* Found by the PATH or the working directory that a client chooses, it could be one that the agent has written. */
static void read_program(struct compile *c, const struct yaml_node *value, struct policy_program *program)
{
        if (!compile_argv(c, value, &program->argv, &program->argc))
                return;
        if (program->argv[0].ptr[0] != '/')
                compile_error(c, P_PATH_NOT_ABSOLUTE, value->first,
                        "clients choose the PATH and the directory that it would be looked for in",
                        "a program that is told or asked must be named by its absolute path");
        program->file = c->policy->path;
        program->line = value->line;
        program->column = value->column;
}

static void read_notify(struct compile *c, const struct yaml_node *value, void *into)
{
        struct asking *asking = into;

        read_program(c, value, &asking->notify);
}

static void read_ask(struct compile *c, const struct yaml_node *value, void *into)
{
        struct asking *asking = into;

        read_program(c, value, &asking->ask);
}

static void read_elicit(struct compile *c, const struct yaml_node *value, void *into)
{
        struct asking *asking = into;

        asking->elicit_line = value->line;
        asking->elicit_column = value->column;
        (void)compile_bool(c, value, &asking->elicit);
}

void compile_approval(struct compile *c, const struct yaml_node *value, void *into)
{
        static const struct key_row rows[] = {
                { "hold", KEY_OPTIONAL, read_hold },
                { "valid", KEY_OPTIONAL, read_valid },
                { "expires", KEY_OPTIONAL, read_expires },
                { "notify", KEY_OPTIONAL, read_notify },
                { "ask", KEY_OPTIONAL, read_ask },
                { "elicit", KEY_OPTIONAL, read_elicit },
        };

        (void)into;
        COMPILE_MAP(c, value, "approval", rows, &c->policy->asking);
}
