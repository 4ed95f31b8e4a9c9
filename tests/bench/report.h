/* SPDX-License-Identifier: Apache-2.0
 *
 * The outcomes as a table for people and as JSON for programs.
 */
#pragma once

#include <stdio.h>

#include "figures.h"

struct report_facts {
        unsigned rounds;
        unsigned core;
        double seconds; /* the run took */
};

void report_table(FILE *f, const struct report_facts *facts, const struct outcome *outcomes);

/* 0; -errno. Replaces what is at @path. */
int report_json(const char *path, const struct report_facts *facts, const struct outcome *outcomes);
