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
#include "secret_files.h"
#include "secrets.h"

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
        struct redactor *redactor; /* of launch_start(): finds what it has fetched; NULL before */
        uint64_t renew_ms;        /* by when its credentials are to be new, in milliseconds of CLOCK_BOOTTIME; 0: they are good for good */
        int hang_up;              /* of launch_start(): can be read once the client has gone; the caller's; 0: none */
        struct secret_files files; /* that the server was given; removed before the guardian is let go */
};

#define LAUNCH_NONE \
        { .child = CHILD_NONE, .to_server = -1, .from_server = -1, .errors = -1, .files = SECRET_FILES_NONE }

/* What must come first: core dumps and tracing off, umask 077, no signal blocked, SIGPIPE and SIGXFSZ ignored, the
 * guardian, which @guard (CHILD_NONE) is to have unless it has one. *ret_umask is what the umask was. 0 or -errno. */
int launch_prepare(struct child *guard, mode_t *ret_umask);

/* 0, or the exit status of the failure with @message set to one line for a person. @command is NULL-terminated. */
int launch_start(struct launch *l, const struct policy_launch *policy, const char *const *command, mode_t mask,
        struct buf *message);

/* --- the same in steps, for servers that are started while others run --- */

/* What has been fetched, in the order of the policy's credentials. Zeroed before. */
struct launch_secrets {
        struct secret *list;
        size_t count;
};
void launch_secrets_wipe(struct launch_secrets *s); /* idempotent */

struct launch_fetching {
        int watcher_fd; /* the guardian's; 0: none */
        int cancel_fd;  /* readable: nobody waits any more; 0: none */
        uint32_t cancel_ms; /* what is left to a program then */
};

struct launch_program {
        const char *const *command; /* NULL-terminated */
        mode_t mask;
};

/* Each: 0, or the exit status of the failure with @message set to one line for a person; empty means out of memory. */

/* The policy's credentials, one after the other. May take as long as all of them together, and be called from any thread; touches nothing
 * else. */
int launch_fetch(struct launch_secrets *ret, const struct policy_launch *policy, const struct launch_fetching *how,
        struct buf *message);
/* From here on @redactor finds them. */
int launch_hide(struct redactor *redactor, const struct policy_launch *policy, const struct launch_secrets *secrets,
        struct buf *message);
/* Builds the environment from them and starts the program. They are still to be wiped. */
int launch_run(struct launch *l, const struct policy_launch *policy, const struct launch_secrets *secrets,
        const struct launch_program *program, struct buf *message);

/* Our ends of the pipes. Idempotent. */
void launch_close(struct launch *l);

/* Kills the server's group, reaps it, lets the guardian go, closes and frees everything. Idempotent. */
void launch_end(struct launch *l);
