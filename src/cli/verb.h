/* SPDX-License-Identifier: Apache-2.0
 *
 * What `leastwise VERB` can be. One file a verb, one row each in verbs.c.
 */
#pragma once

#include <stddef.h>

#include "str.h"

#define EXIT_OK 0
#define EXIT_FINDINGS 1 /* the answer is no: a denied call, a finding */
#define EXIT_USAGE 2
#define EXIT_POLICY 3
#define EXIT_INTERNAL 70

struct verb {
        const char *name;
        const char *summary; /* half a line for the list */
        const char *usage;   /* the whole text of `leastwise help VERB`, newline at its end */
        /* argv[0] is the verb. Returns the exit status. */
        int (*run)(int argc, char **argv);
};

/* NULL when there is none of that name. */
const struct verb *verb_find(struct str name);

/* Runs what the arguments say; @argv as main() has it. */
int verbs_main(int argc, char **argv);

/* Prints "leastwise VERB: MESSAGE" and where to read on, to stderr; returns EXIT_USAGE. */
int usage_error(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints the verb's usage text to stdout; returns EXIT_OK, or EXIT_INTERNAL when it could not be printed. */
int usage_print(const struct verb *verb);
