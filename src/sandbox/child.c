/* SPDX-License-Identifier: Apache-2.0 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "guardian.h"

static int open_pipe(int *ret_read, int *ret_write)
{
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        *ret_read = fds[0];
        *ret_write = fds[1];
        return 0;
}

/* Held back around a fork, so that no handler of ours ever runs in the new process. */
static void hold_signals(sigset_t *ret_mask)
{
        sigset_t all;

        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, ret_mask);
}

static void reap(pid_t pid)
{
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
}

int child_guard(struct child *ret)
{
        AUTO_CLOSE int read_end = -1;
        AUTO_CLOSE int write_end = -1;
        sigset_t mask;
        pid_t pid;
        int r;

        *ret = (struct child)CHILD_NONE;
        r = open_pipe(&read_end, &write_end);
        if (r < 0)
                return r;
        hold_signals(&mask);
        pid = fork();
        if (pid == 0)
                guardian_main(read_end);
        r = pid < 0 ? -errno : 0;
        sigprocmask(SIG_SETMASK, &mask, NULL);
        if (r < 0)
                return r;
        ret->guardian = pid;
        ret->guardian_fd = write_end;
        write_end = -1;
        return 0;
}

/* --- In the child, between vfork and exec: our memory is borrowed, so nothing but system calls and locals. --- */

static int move_above_stdio(int *fd)
{
        if (*fd > STDERR_FILENO)
                return 0;
        *fd = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        return *fd < 0 ? -errno : 0;
}

static int take_descriptors(const struct child_spec *spec, int *error_fd)
{
        int fds[3] = { spec->stdin_fd, spec->stdout_fd, spec->stderr_fd };
        int r = move_above_stdio(error_fd);

        for (int i = 0; i < 3 && r == 0; i++)
                r = move_above_stdio(&fds[i]);
        if (r < 0)
                return r;
        for (int i = 0; i < 3; i++) {
                if (dup2(fds[i], i) < 0)
                        return -errno;
        }
        if (*error_fd > 3 && close_range(3, (unsigned)*error_fd - 1, 0) < 0)
                return -errno;
        return close_range((unsigned)*error_fd + 1, ~0U, 0) < 0 ? -errno : 0;
}

/* The kernel's death signal covers the leader at once, the guardian the whole group a moment later. */
static int tie_to_parent(pid_t parent, int guardian_fd)
{
        const struct sigaction ignore = { .sa_handler = SIG_IGN };
        pid_t self = getpid();

        if (setpgid(0, 0) < 0)
                return -errno;
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
                return -errno;
        /* Had the parent died before the call above, its death signal would never come. */
        if (getppid() != parent)
                return -ESRCH;
        sigaction(SIGPIPE, &ignore, NULL);
        if (write(guardian_fd, &self, sizeof(self)) != (ssize_t)sizeof(self))
                return -EPIPE;
        return 0;
}

static void reset_signals(void)
{
        const struct sigaction normal = { .sa_handler = SIG_DFL };
        sigset_t none;

        for (int signal = 1; signal < NSIG; signal++)
                sigaction(signal, &normal, NULL);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void child_main(const struct child_spec *spec, pid_t parent, int guardian_fd, int error_fd)
{
        const struct rlimit no_core = { 0, 0 };
        int r = tie_to_parent(parent, guardian_fd);

        if (r == 0)
                r = take_descriptors(spec, &error_fd);
        if (r == 0) {
                umask(spec->umask);
                setrlimit(RLIMIT_CORE, &no_core);
                reset_signals();
                execve(spec->file, spec->argv, spec->envp);
                r = -errno;
        }
        /* Nobody to tell when this fails; the parent then sees an early end of file and a child that left with 127. */
        if (write(error_fd, &r, sizeof(r)) < 0)
                _exit(127);
        _exit(127);
}

/* A function of its own, with no variable that both processes change. */
static __attribute__((noinline)) pid_t launch(const struct child_spec *spec, int guardian_fd, int error_fd)
{
        const pid_t parent = getpid();
        const pid_t pid = vfork();

        if (pid == 0)
                child_main(spec, parent, guardian_fd, error_fd);
        return pid < 0 ? -errno : pid;
}

/* The pipe closes by itself when the exec succeeds; else it carries why it did not. */
static int exec_result(int error_read)
{
        int result = 0;
        ssize_t n;

        do {
                n = read(error_read, &result, sizeof(result));
        } while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        return n == 0 ? 0 : result;
}

int child_start(struct child *c, const struct child_spec *spec)
{
        AUTO_CLOSE int error_read = -1;
        AUTO_CLOSE int error_write = -1;
        sigset_t mask;
        pid_t pid;
        int r;

        if (c->guardian_fd < 0 || c->pid)
                return -EINVAL;
        r = open_pipe(&error_read, &error_write);
        if (r < 0)
                return r;
        hold_signals(&mask);
        pid = launch(spec, c->guardian_fd, error_write);
        sigprocmask(SIG_SETMASK, &mask, NULL);
        if (pid < 0)
                return pid;
        fd_closep(&error_write);
        r = exec_result(error_read);
        if (r < 0) {
                kill(pid, SIGKILL);
                reap(pid);
                return r;
        }
        c->pid = pid;
        return 0;
}

int child_signal(const struct child *c, int signal)
{
        if (c->pid <= 1)
                return -ESRCH;
        return kill(-c->pid, signal) < 0 ? -errno : 0;
}

void child_release(struct child *c)
{
        /* Killed rather than told, and before it can see the pipe's end: the upstream may have stopped it, and we would wait
         * for it for ever. */
        if (c->guardian > 0) {
                kill(c->guardian, SIGKILL);
                reap(c->guardian);
        }
        c->guardian = 0;
        fd_closep(&c->guardian_fd);
}
