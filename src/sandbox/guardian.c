/* SPDX-License-Identifier: Apache-2.0 */
#include "guardian.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

/* A member of the group may fork while it is being killed; a few rounds catch what the first one missed. */
#define KILL_ROUNDS 10
#define KILL_PAUSE_NS 5000000L

static void ignore_signals(void)
{
        const struct sigaction ignore = { .sa_handler = SIG_IGN };
        sigset_t none;

        for (int signal = 1; signal < NSIG; signal++)
                sigaction(signal, &ignore, NULL);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Nothing of the client's may stay open through us: a pipe that the guardian held would never show its end. */
static int keep_only(int fd)
{
        if (fd != 0) {
                if (dup2(fd, 0) < 0)
                        return -errno;
        }
        return close_range(1, ~0U, 0) < 0 ? -errno : 0;
}

static void kill_group(pid_t group)
{
        const struct timespec pause = { .tv_nsec = KILL_PAUSE_NS };

        for (int round = 0; round < KILL_ROUNDS; round++) {
                if (kill(-group, SIGKILL) < 0 && errno == ESRCH)
                        return;
                nanosleep(&pause, NULL);
        }
}

static ssize_t read_some(int fd, void *out, size_t len)
{
        ssize_t n;

        do {
                n = read(fd, out, len);
        } while (n < 0 && errno == EINTR);
        return n;
}

_Noreturn void guardian_main(int fd)
{
        pid_t group = 0, sent;
        ssize_t n;

        ignore_signals();
        setsid();
        /* Not to keep a file system from being unmounted. */
        if (chdir("/") < 0 || keep_only(fd) < 0)
                _exit(1);
        prctl(PR_SET_DUMPABLE, 0);
        prctl(PR_SET_NAME, "leastwise-guard");
        /* Pipe writes this small are atomic: each comes whole or not at all. There is one program at a time: those that
         * fetch credentials, then the upstream, or a second one after one whose exec failed. */
        while ((n = read_some(0, &sent, sizeof(sent))) == (ssize_t)sizeof(sent))
                group = sent;
        if (n == 0 && group > 1)
                kill_group(group);
        _exit(0);
}
