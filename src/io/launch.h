/* SPDX-License-Identifier: Apache-2.0
 *
 * Starts a policy's server: guardian, credentials, environment, pipes, program. Used by everything that starts one, so that
 * `leastwise tools` sees the server that `leastwise run` will.
 */
#pragma once

#include <sys/types.h>

#include "buf.h"
#include "child.h"
#include "policy.h"
#include "redact.h"

/* Exit statuses of failures before the server runs (docs/exit-status.md). */
#define EXIT_CREDENTIAL 6
#define EXIT_OWN_FAILURE 125
#define EXIT_NOT_RUNNABLE 126
#define EXIT_NOT_FOUND 127

struct launch {
        struct child child;
        int to_server;            /* ours, non-blocking; -1 once handed over or closed */
        int from_server;
        int errors;               /* the server's stderr */
        struct redactor *redactor; /* NULL when the policy has no credentials */
};

#define LAUNCH_NONE { .child = CHILD_NONE, .to_server = -1, .from_server = -1, .errors = -1 }

/* What must come first: core dumps and tracing off, umask 077, no signal blocked, SIGPIPE and SIGXFSZ ignored, the
 * guardian. *ret_umask is what the umask was. 0 or -errno. */
int launch_prepare(struct launch *l, mode_t *ret_umask);

/* 0, or the exit status of the failure with @message set to one line for a person. @command is NULL-terminated. */
int launch_start(struct launch *l, const struct policy_launch *policy, const char *const *command, mode_t mask,
        struct buf *message);

/* Kills the server's group, reaps it, lets the guardian go, closes and frees everything. Idempotent. */
void launch_end(struct launch *l);
