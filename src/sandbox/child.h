/* SPDX-License-Identifier: Apache-2.0
 *
 * The step between fork and exec, and the guardian that outlives us. The upstream gets: its own process group, a
 * parent-death signal, exactly descriptors 0, 1 and 2, default signal dispositions and an empty mask, no core dumps, an exact
 * environment, our working directory. The guardian is a forked process that does nothing but wait for our end, however
 * it comes (kill -9 included), and then kills the upstream's whole group (law L10).
 *
 * Order: child_guard(), then whatever fetches credentials, then child_start(). A fork copies our memory: the guardian is
 * made before there is a secret in it. Why a plain fork: docs/decisions/040-fork-in-process.md. The caller ignores SIGPIPE:
 * somebody may have killed the guardian.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct child_spec {
        const char *file; /* resolved path to execute */
        char *const *argv;
        char *const *envp;
        int stdin_fd, stdout_fd, stderr_fd; /* the upstream's ends; close-on-exec in this process */
        mode_t umask;                       /* what ours was when we were started */
};

struct child {
        pid_t pid;       /* also its process group; 0 until child_start() */
        pid_t guardian;  /* reaped by child_release(); 0 when there is none, or when it is another's */
        int guardian_fd; /* closing it without child_release() makes the guardian kill the group; -1 when there is none */
        bool shares;     /* the guardian is another's, and so is its descriptor */
};

#define CHILD_NONE { .guardian_fd = -1 }

/* Forks the guardian: 0 with *ret ready for child_start(), or -errno with *ret = CHILD_NONE. What
 * the guardian cannot be told, because it is dead or somebody has stopped it, is not waited for. */
int child_guard(struct child *ret);

/* *ret is ready for child_start() beside @with, whose guardian it shares; @with must outlive it. */
void child_share(struct child *ret, const struct child *with);

/* 0; or -errno of what failed, execve included (ENOENT, EACCES, ENOEXEC, ...; EPIPE: nobody would guard it): then no upstream is left running, another
 * child_start() may follow, and child_release() is still due. Without a guardian: -EINVAL. */
int child_start(struct child *c, const struct child_spec *spec);

/* A further program beside it, guarded in the same way: 0 with *ret_pid, which is its group too, or -errno as child_start(). */
int child_start_also(const struct child *c, const struct child_spec *spec, pid_t *ret_pid);

/* Kills such a program's group, reaps it and tells the guardian. */
void child_end_also(const struct child *c, pid_t pid);

/* Has the guardian remove the file at @path should we be killed; what was said before is forgotten, "" forgets only. 0; -ENAMETOOLONG,
 * or -errno when there is no guardian any more, or it takes nothing. */
int child_guard_file(const struct child *c, const char *path);

/* The same of a directory with the files in it, beside others that it was told of; up to GUARDIAN_DIRECTORIES of them. */
int child_guard_directory(const struct child *c, const char *path);
int child_forget_directory(const struct child *c, const char *path);

/* Signals the whole group, and its leader should that have joined another. 0 or -errno; -ESRCH when it is gone. Only before the leader has been reaped: its zombie
 * is what keeps the group's number ours. */
int child_signal(const struct child *c, int signal);

/* Kills what is left of the group, tells the guardian that it is gone, and reaps the leader: *ret is how that ended (si_pid 0: there
 * was none). Blocks until the leader has died. Another child_start() may follow. */
void child_end(struct child *c, siginfo_t *ret);

/* The upstream's group is gone or killed: lets the guardian go and reaps it. Idempotent; fine without a child_start(). */
void child_release(struct child *c);
