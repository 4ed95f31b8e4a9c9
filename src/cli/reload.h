/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads the policies of a proxy that runs once more, when their files have changed, and decides whether what they say
 * now may come into force: what narrows may at once, anything else when the user has said `leastwise trust` about each changed file, or
 * has started the proxy with `--reload any`. The administrator's layers need nobody's trust. See docs/reload.md.
 */
#pragma once

#include "policies.h"
#include "proxy_reload.h"

struct reload {
        const struct policies_named *named; /* borrowed */
        const char *state_dir;              /* borrowed */
        bool any;                           /* without trust */
        struct reload_source source;        /* for the proxy; points into this */
        /* Owned; NULL-terminated. First those of the files that were named, then those of what policies name: of the policies in
         * force, and of the ones that were read last. */
        char *directories[14U * LIMIT_POLICIES + 4U];
        size_t directory_count, fixed_count;
};

/* Finds the directories to watch for the set in force. 0 or -ENOMEM. @r must not move afterwards. */
int reload_init(struct reload *r, const struct policies_named *named, const struct policy_set *policy, const char *state_dir, bool any);
void reload_deinit(struct reload *r); /* idempotent */
