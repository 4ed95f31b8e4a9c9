/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a program that prints a credential, and leaves nothing of it behind: it has a process group of its own, which is
 * killed when the program has ended or its time is up, whichever is first. It gets three descriptors (/dev/null, a pipe,
 * /dev/null), default signals and the environment given here.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct helper {
        pid_t pid;  /* also its process group */
        int output; /* the pipe's reading end, not blocking */
        int watcher_fd;
};

/* 0; or -errno, that of execve() included: then nothing is left running. Unless it is 0, @watcher_fd is a pipe to whoever
 * kills the group should we be killed: the program's pid_t goes there before it runs, and 0 when its group is gone. */
int helper_start(struct helper *ret, const char *file, char *const argv[], char *const envp[], int watcher_fd);

enum helper_end {
        HELPER_EXITED = 1, /* *ret_status is its exit status */
        HELPER_KILLED,     /* *ret_status is the signal, not ours */
        HELPER_TIMED_OUT,
        HELPER_TOO_LONG, /* it wrote more than @size bytes */
};

/* Collects what it writes until it has ended, then kills its group and reaps it. One of enum helper_end or -errno;
 * idempotent in that nothing is left running in any case. What a child of its own writes later does not count. */
int helper_finish(struct helper *h, uint32_t timeout_ms, char *output, size_t size, size_t *ret_len, int *ret_status);
