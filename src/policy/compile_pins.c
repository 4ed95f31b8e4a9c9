/* SPDX-License-Identifier: Apache-2.0 */
#include "compile.h"

/* As long as a path may be. */
#define PATH_BYTES 4095U

void compile_pins(struct compile *c, const struct yaml_node *value, void *into)
{
        struct policy_pins *pins = &c->policy->pins;

        if (!compile_text(c, value, "`pins`", PATH_BYTES, &pins->file))
                return;
        pins->line = value->line;
        pins->column = value->column;
        pins->length = value->length;
        if (pins->file.ptr[pins->file.len - 1] == '/')
                compile_error(c, P_PINS, value, "name the file that `leastwise pin` writes, as in `pins: tools.lock`",
                        "`%s` is not the name of a file", show(pins->file).text);
}
