/* SPDX-License-Identifier: Apache-2.0
 *
 * Which stops `stop` and `resume` are about, and how they show them.
 */
#pragma once

#include "options.h"
#include "stop_files.h"

/* The machine's. */
struct stop_place stop_place_system(void);

/* The machine's with --system, which only its administrator may change; else the user's own, whose path is then
 * *ret_path (mem_free). 0, or an exit status with the reason on stderr. */
int stop_place_of(
        const struct options *options, const char *verb, bool changes, struct stop_place *ret, char **ret_path);

/* A line for a person: its id, what is stopped, since when, by whom, why. Printable. */
void stop_append_line(const struct stop *stop, struct buf *out);
