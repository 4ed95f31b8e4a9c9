/* SPDX-License-Identifier: Apache-2.0
 *
 * The step between fork and exec, and the guardian that outlives us. The upstream gets: its own process group, a
 * parent-death signal, exactly descriptors 0, 1 and 2, default signal dispositions and an empty mask, no core dumps, an exact
 * environment, our working directory. The guardian is a forked process that does nothing but wait for our end, however
 * it comes (kill -9 included), and then kills the upstream's whole group (law L10).
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

struct child_spec {
        const char *file; /* resolved path to execute */
        char *const *argv;
        char *const *envp;
        int stdin_fd, stdout_fd, stderr_fd; /* the upstream's ends; close-on-exec in this process */
};

struct child {
        pid_t pid;        /* also its process group */
        pid_t guardian;   /* reaped by child_release() */
        int guardian_fd;  /* closing it without child_release() makes the guardian kill the group */
};

/* 0; or -errno of what failed, execve included (ENOENT, EACCES, ENOEXEC, ...): then nothing is left running. */
int child_start(struct child *ret, const struct child_spec *spec);

/* Signals the whole group. 0 or -errno; -ESRCH when it is gone. */
int child_signal(const struct child *c, int signal);

/* The upstream has been reaped and its group is gone or killed: lets the guardian go and reaps it. Idempotent. */
void child_release(struct child *c);
