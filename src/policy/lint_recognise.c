/* SPDX-License-Identifier: Apache-2.0
 *
 * What is told of `command` and `sql`: conditions that hold of something else than their words make one believe.
 */
#include "linter.h"

void lint_command(struct compile *c, const struct yaml_node *node, const struct command_pattern *pattern)
{
        struct command_problem doubt;

        if (!command_pattern_doubt(pattern, &doubt))
                return;
        compile_warning(c, P_NO_SUCH_COMMAND, node, doubt.help, "%s: `%s`", doubt.what,
                show(str_of(pattern->words.ptr + doubt.offset, doubt.length)).text);
}

/* A statement either is a plain read or is not understood, and a deny rule takes what is not understood. */
void lint_denied_reads(struct compile *c, const struct yaml_node *node)
{
        compile_warning(c, P_DENIES_READS, node,
                "to deny what writes, allow by `sql: read` and write no deny rule: nothing else passes",
                "a deny rule with `sql: read` denies statements that read, and those that are not understood, and so "
                "all");
}
