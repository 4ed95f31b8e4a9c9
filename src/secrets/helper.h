/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a program that prints a credential, and leaves nothing of it behind: it has a session and process group of its own, which is
 * killed when the program has ended or its time is up, whichever is first. It gets three descriptors (its input or /dev/null, a
 * pipe, /dev/null), default signals and the environment given here.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What a watcher is told, in one write: HELPER_BEGINS before a program runs, HELPER_GONE when its group is gone. */
struct helper_news {
        pid_t kind, pid;
};

#define HELPER_BEGINS ((pid_t)-1)
#define HELPER_GONE ((pid_t)-2)

struct helper {
        pid_t pid;  /* also its process group */
        int output; /* the pipe's reading end, not blocking */
        int watcher_fd;
};

/* 0; or -errno, that of execve() included: then nothing is left running. Unless it is 0, @watcher_fd is a pipe to whoever
 * kills the group should we be killed, and gets struct helper_news. What it reads is @input_fd, which stays the caller's; 0: nothing. May
 * be called from any thread that lives until helper_finish(). */
int helper_start(
        struct helper *ret, const char *file, char *const argv[], char *const envp[], int input_fd, int watcher_fd);

enum helper_end {
        HELPER_EXITED = 1, /* *ret_status is its exit status */
        HELPER_KILLED,     /* *ret_status is the signal, not ours */
        HELPER_TIMED_OUT,
        HELPER_TOO_LONG, /* it wrote more than @size bytes */
        HELPER_CANCELLED,
};

struct helper_limits {
        uint32_t timeout_ms;
        int cancel_fd;      /* once it can be read, nobody waits any more; 0: none */
        uint32_t cancel_ms; /* what is left to it then */
};

/* Collects what it writes until it has ended or a limit is reached, then kills its group and reaps it. One of
 * enum helper_end or -errno; nothing is left running in any case. What a child of its own writes later does not count. */
int helper_finish(struct helper *h, const struct helper_limits *limits, char *output, size_t size, size_t *ret_len, int *ret_status);
