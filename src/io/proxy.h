/* SPDX-License-Identifier: Apache-2.0
 *
 * `leastwise run`: one client on our stdio, one server that we start, one session between them, until one of
 * the three ends. Bytes go from a descriptor straight into the session's memory and from there to the other side's
 * descriptor; between them stands nothing but the session and the audit file.
 */
#pragma once

#include <stddef.h>

#include "approvers.h"
#include "child.h"
#include "pin_set.h"
#include "policy.h"
#include "proxy_reload.h"
#include "stop_files.h"

struct proxy_config {
        struct policy_set *policy;    /* a reference is taken */
        struct pin_set *pins;         /* the same; NULL when nothing is pinned */
        struct approvers *approvers;  /* the same; NULL when no policy names people */
        const char *const *command;   /* NULL-terminated, at least one */
        const char *agent;            /* NULL when not given */
        const char *state_dir;        /* absolute */
        struct child *guard;          /* with the guardian, which is taken; NULL: one is made */
        size_t line_limit;            /* 0: LIMIT_LINE_BYTES */
        const struct stop_place *system_stops; /* the machine's; NULL: there are none */
        const struct reload_source *reload; /* NULL: the policy stays as it is, and SIGHUP ends the session */
};

/* Returns the exit status; where the server died of a signal, or a signal ended us, does not return but dies of the same
 * (docs/exit-status.md). */
int proxy_run(const struct proxy_config *config);
