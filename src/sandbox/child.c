/* SPDX-License-Identifier: Apache-2.0 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
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
        const int dumpable = prctl(PR_GET_DUMPABLE);
        sigset_t mask;
        pid_t pid;
        int r;

        *ret = (struct child)CHILD_NONE;
        r = open_pipe(&read_end, &write_end);
        if (r < 0)
                return r;
        /* Somebody may stop it: nobody waits for that. */
        if (fcntl(write_end, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        hold_signals(&mask);
        /* For the copy: it may be a while until that first runs, and nobody is to look into it, our environment in it, till then. */
        prctl(PR_SET_DUMPABLE, 0);
        pid = fork();
        if (pid == 0)
                guardian_main(read_end);
        r = pid < 0 ? -errno : 0;
        if (dumpable == 1)
                prctl(PR_SET_DUMPABLE, 1);
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
static int tie_to_parent(pid_t parent, int guardian_fd, bool also)
{
        const struct guardian_group further = { GUARDIAN_ALSO, getpid() };
        const struct sigaction ignore = { .sa_handler = SIG_IGN };
        const pid_t self = further.pid;

        if (setpgid(0, 0) < 0)
                return -errno;
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
                return -errno;
        /* Had the parent died before the call above, its death signal would never come. */
        if (getppid() != parent)
                return -ESRCH;
        sigaction(SIGPIPE, &ignore, NULL);
        if (also)
                return write(guardian_fd, &further, sizeof(further)) == (ssize_t)sizeof(further) ? 0 : -EPIPE;
        return write(guardian_fd, &self, sizeof(self)) == (ssize_t)sizeof(self) ? 0 : -EPIPE;
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

struct ends {
        int guardian_fd, error_fd;
        bool also;
};

static _Noreturn void child_main(const struct child_spec *spec, pid_t parent, const struct ends *ends)
{
        const struct rlimit no_core = { 0, 0 };
        int error_fd = ends->error_fd, r = tie_to_parent(parent, ends->guardian_fd, ends->also);

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
static __attribute__((noinline)) pid_t launch(const struct child_spec *spec, const struct ends *ends)
{
        const pid_t parent = getpid();
        const pid_t pid = vfork();

        if (pid == 0)
                child_main(spec, parent, ends);
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

/* When it cannot be told, the guardian is dead, and so nobody that a number could be mistaken by; or somebody has stopped it, and can
 * end whatever it could. */
static int tell(int guardian_fd, const void *message, size_t size)
{
        if (guardian_fd < 0)
                return -EINVAL;
        return write(guardian_fd, message, size) == (ssize_t)size ? 0 : -EPIPE;
}

/* The group, and its leader where that has joined another one. In this order: it may be about to. */
static int signal_all(pid_t pid, int signal)
{
        int r = kill(-pid, signal) < 0 ? -errno : 0;

        if (getpgid(pid) != pid && kill(pid, signal) == 0)
                r = 0;
        return r;
}

static void end(int guardian_fd, bool also, pid_t pid)
{
        const struct guardian_group gone = { GUARDIAN_ENDED, pid };

        (void)signal_all(pid, SIGKILL);
        /* Before its number can become another's. */
        if (also)
                (void)tell(guardian_fd, &gone, sizeof(gone));
        reap(pid);
}

static int start(int guardian_fd, bool also, const struct child_spec *spec, pid_t *ret_pid)
{
        AUTO_CLOSE int error_read = -1;
        AUTO_CLOSE int error_write = -1;
        sigset_t mask;
        pid_t pid;
        int r = open_pipe(&error_read, &error_write);

        if (r < 0)
                return r;
        hold_signals(&mask);
        pid = launch(spec, &(struct ends){ guardian_fd, error_write, also });
        sigprocmask(SIG_SETMASK, &mask, NULL);
        if (pid < 0)
                return pid;
        fd_closep(&error_write);
        r = exec_result(error_read);
        if (r < 0) {
                end(guardian_fd, also, pid);
                return r;
        }
        *ret_pid = pid;
        return 0;
}

int child_start(struct child *c, const struct child_spec *spec)
{
        return c->guardian_fd < 0 || c->pid ? -EINVAL : start(c->guardian_fd, c->shares, spec, &c->pid);
}

void child_share(struct child *ret, const struct child *with)
{
        *ret = (struct child){ .guardian_fd = with->guardian_fd, .shares = true };
}

void child_end(struct child *c, siginfo_t *ret)
{
        const struct guardian_group gone = { GUARDIAN_ENDED, c->pid };
        const pid_t none = 0;

        *ret = (siginfo_t){ 0 };
        if (c->pid <= 1)
                return;
        (void)signal_all(c->pid, SIGKILL);
        /* Before its number can become another's. */
        if (c->shares)
                (void)tell(c->guardian_fd, &gone, sizeof(gone));
        else
                (void)tell(c->guardian_fd, &none, sizeof(none));
        while (waitid(P_PID, (id_t)c->pid, ret, WEXITED) < 0 && errno == EINTR)
                ;
        c->pid = 0;
}

int child_start_also(const struct child *c, const struct child_spec *spec, pid_t *ret_pid)
{
        return c->guardian_fd < 0 ? -EINVAL : start(c->guardian_fd, true, spec, ret_pid);
}

void child_end_also(const struct child *c, pid_t pid)
{
        if (pid > 1)
                end(c->guardian_fd, true, pid);
}

static int tell_path(const struct child *c, pid_t kind, const char *path)
{
        struct guardian_file file = { .kind = kind };
        const size_t len = strlen(path);

        if (len >= sizeof(file.path))
                return -ENAMETOOLONG;
        memcpy(file.path, path, len);
        return tell(c->guardian_fd, &file, sizeof(file));
}

int child_guard_file(const struct child *c, const char *path)
{
        return tell_path(c, GUARDIAN_FILE, path);
}

int child_guard_directory(const struct child *c, const char *path)
{
        return tell_path(c, GUARDIAN_DIRECTORY, path);
}

int child_forget_directory(const struct child *c, const char *path)
{
        return tell_path(c, GUARDIAN_FORGET, path);
}

int child_signal(const struct child *c, int signal)
{
        if (c->pid <= 1)
                return -ESRCH;
        return signal_all(c->pid, signal);
}

void child_release(struct child *c)
{
        /* Killed rather than told, and before it can see the pipe's end: the upstream may have stopped it, and we would wait
         * for it for ever. */
        if (c->shares) {
                c->guardian_fd = -1;
                return;
        }
        if (c->guardian > 0) {
                kill(c->guardian, SIGKILL);
                reap(c->guardian);
        }
        c->guardian = 0;
        fd_closep(&c->guardian_fd);
}
