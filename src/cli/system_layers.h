/* SPDX-License-Identifier: Apache-2.0
 *
 * The administrator's policies: every *.yaml in one directory, in the order of their names, always in force in front of
 * whatever --policy names. Where the directory is was settled when the program was built: nothing that an agent can set
 * (environment, options, configuration) moves it or leaves it out.
 *
 * A directory or a file that somebody but root could have written is refused, and so is everything that cannot be read: a
 * layer that is meant to be in force and is not would be worse than no proxy.
 */
#pragma once

#include "diagnostic.h"
#include "limit.h"

struct system_place {
        const char *path;  /* absolute */
        const char *stops; /* directory of the machine's stops, absolute */
        unsigned owner;   /* user id of the administrator */
};

/* Of this program. In a file of its own, so that a test's program can be built with another; nothing at run time moves it. */
const struct system_place *system_place(void);

struct system_layers {
        char *paths[LIMIT_POLICIES]; /* owned */
        size_t count;
};

/* The files' paths: 0, also when there is no such directory; -EINVAL with diagnostics, which may borrow from @ret; -ENOMEM. */
int system_layers_find(struct system_layers *ret, const struct system_place *place, struct diagnostics *diags);
void system_layers_deinit(struct system_layers *layers); /* idempotent */

/* Reads one of them: as trusted_file_read(). */
int system_layers_read(const char *path, const struct system_place *place, struct str *ret, struct diagnostics *diags);
