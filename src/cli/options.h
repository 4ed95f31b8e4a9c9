/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a verb's arguments by a table of its options: `--name VALUE`, `--name=VALUE`, `--flag`, and `--`, behind which
 * nothing is an option.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/* Given options of one command line, and operands. */
#define OPTIONS_MAX 128U

struct option_spec {
        const char *name; /* without its dashes */
        bool has_value;
        bool repeats; /* may be given more than once */
};

struct options {
        struct {
                const struct option_spec *spec;
                const char *value; /* NULL for flags; borrowed from argv */
        } given[OPTIONS_MAX];
        size_t count;
        char **operands; /* into argv, which is reordered; NULL-terminated as argv is */
        size_t operand_count;
        bool wants_help; /* --help or -h, always known */
};

enum options_style {
        OPTIONS_ANYWHERE,       /* options may stand behind operands */
        OPTIONS_BEFORE_COMMAND, /* the first operand begins a command whose arguments are not ours */
};

/* Every table ends with a row without a name. 0; -EINVAL with @message saying what is wrong; -ENOMEM. */
int options_parse(struct options *ret, const struct option_spec *specs, enum options_style style, int argc, char **argv,
        struct buf *message);

bool options_has(const struct options *o, const char *name);
/* The value of the option's @index-th occurrence, or NULL. */
const char *options_get(const struct options *o, const char *name, size_t index);
size_t options_times(const struct options *o, const char *name);
