/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "cleanup.h"

/* How often the program's end is looked for where the kernel cannot tell us. */
#define TICK_MS 5

/* --- In the child, between fork() and execve(): nothing but system calls. --- */

static void default_signals(void)
{
        sigset_t none;

        for (int i = 1; i < NSIG; i++) {
                if (i != SIGKILL && i != SIGSTOP)
                        signal(i, SIG_DFL);
        }
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_from(int first)
{
        if (close_range((unsigned)first, ~0U, 0) == 0)
                return;
        for (int fd = first; fd < 65536; fd++)
                close(fd);
}

/* Descriptors 0, 1, 2, and 3 for the report of a failure, which a successful execve() closes. */
static int arrange_descriptors(int input, int output, int report)
{
        int null = open("/dev/null", O_RDWR);
        int high_report = fcntl(report, F_DUPFD, 10), high_output = fcntl(output, F_DUPFD, 10);
        int high_input = fcntl(input ? input : null, F_DUPFD, 10);

        if (null < 0 || high_report < 0 || high_output < 0 || high_input < 0)
                return -1;
        if (dup2(high_input, 0) < 0 || dup2(high_output, 1) < 0 || dup2(null, 2) < 0 || dup3(high_report, 3, O_CLOEXEC) < 0)
                return -1;
        close_from(4);
        return 0;
}

/* The death signal covers this process only; the watcher covers what it will start. */
static bool is_watched(pid_t parent, int watcher_fd)
{
        const struct helper_news news = { HELPER_BEGINS, getpid() };

        /* The parent may have died before it asked to be followed. */
        if (getppid() != parent) {
                errno = ESRCH;
                return false;
        }
        if (watcher_fd == 0 || write(watcher_fd, &news, sizeof(news)) == (ssize_t)sizeof(news))
                return true;
        errno = EPIPE;
        return false;
}

struct ends {
        int input, output, report, watcher;
};

static void run_child(const char *file, char *const argv[], char *const envp[], const struct ends *ends, pid_t parent)
{
        static const struct rlimit no_core = { 0, 0 };
        int error, report_fd = ends->report;

        /* A group of its own, and a session: a question on our terminal would stop it there until its time is up. */
        setsid();
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setrlimit(RLIMIT_CORE, &no_core);
        if (is_watched(parent, ends->watcher) && arrange_descriptors(ends->input, ends->output, ends->report) == 0) {
                default_signals();
                report_fd = 3;
                execve(file, argv, envp);
        }
        error = errno;
        while (write(report_fd, &error, sizeof(error)) < 0 && errno == EINTR)
                continue;
        _exit(127);
}

/* --- In the parent --- */

static void kill_and_reap(pid_t pid, int watcher_fd)
{
        const struct helper_news gone = { HELPER_GONE, pid };

        kill(-pid, SIGKILL);
        kill(pid, SIGKILL); /* it may not have made its group yet */
        /* Before its number can become another's. */
        if (watcher_fd != 0 && write(watcher_fd, &gone, sizeof(gone)) < 0)
                (void)errno;
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                continue;
}

/* The error that execve() ended with, or 0. */
static int read_report(int fd)
{
        int error = 0;
        ssize_t n;

        do {
                n = read(fd, &error, sizeof(error));
        } while (n < 0 && errno == EINTR);
        return n == (ssize_t)sizeof(error) ? (error > 0 ? error : EIO) : 0;
}

int helper_start(
        struct helper *ret, const char *file, char *const argv[], char *const envp[], int input_fd, int watcher_fd)
{
        int output[2], report[2], error;
        AUTO_CLOSE int output_read = -1;
        AUTO_CLOSE int output_write = -1;
        AUTO_CLOSE int report_read = -1;
        AUTO_CLOSE int report_write = -1;
        pid_t pid, parent = getpid();
        sigset_t all, mask;

        if (pipe2(output, O_CLOEXEC) < 0)
                return -errno;
        output_read = output[0];
        output_write = output[1];
        if (pipe2(report, O_CLOEXEC) < 0)
                return -errno;
        report_read = report[0];
        report_write = report[1];
        /* Only our end may not block: the two ends have flags of their own. */
        if (fcntl(output_read, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        /* Held back, so that no handler of ours runs in the new process. */
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &mask);
        pid = fork();
        if (pid == 0)
                run_child(file, argv, envp, &(struct ends){ input_fd, output_write, report_write, watcher_fd }, parent);
        error = errno;
        pthread_sigmask(SIG_SETMASK, &mask, NULL);
        if (pid < 0)
                return -error;
        fd_closep(&report_write);
        error = read_report(report_read);
        if (error) {
                kill_and_reap(pid, watcher_fd);
                return -error;
        }
        *ret = (struct helper){ pid, output_read, watcher_fd };
        output_read = -1;
        return 0;
}

static int64_t now_ms(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Reads what is there: 1 while more may come, 0 at the end of file, HELPER_TOO_LONG, or -errno. */
static int read_output(int fd, char *output, size_t size, size_t *len)
{
        for (;;) {
                char beyond;
                ssize_t n = *len < size ? read(fd, output + *len, size - *len) : read(fd, &beyond, 1);

                if (n == 0)
                        return 0;
                if (n > 0 && *len == size)
                        return HELPER_TOO_LONG;
                if (n > 0)
                        *len += (size_t)n;
                else if (errno == EAGAIN)
                        return 1;
                else if (errno != EINTR)
                        return -errno;
        }
}

/* Has it ended? It is not reaped yet, so that its number still means its group. 1, 0 or -errno. */
static int has_ended(pid_t pid, siginfo_t *info)
{
        int r;

        info->si_pid = 0;
        do {
                r = waitid(P_PID, (id_t)pid, info, WEXITED | WNOHANG | WNOWAIT);
        } while (r < 0 && errno == EINTR);
        return r < 0 ? -errno : info->si_pid != 0;
}

/* Sleeps until something may have happened. */
static void wait_for_news(const struct helper *h, int pid_fd, int cancel_fd, bool at_end, int64_t left_ms)
{
        struct pollfd fds[3] = {
                { .fd = at_end ? -1 : h->output, .events = POLLIN },
                { .fd = pid_fd, .events = POLLIN },
                { .fd = cancel_fd ? cancel_fd : -1, .events = POLLIN },
        };

        if (pid_fd < 0 && left_ms > TICK_MS)
                left_ms = TICK_MS;
        poll(fds, 3, (int)left_ms);
}

static bool is_readable(int fd)
{
        struct pollfd one = { .fd = fd, .events = POLLIN };

        return poll(&one, 1, 0) == 1;
}

static int collect(struct helper *h, struct helper_limits limits, char *output, size_t size, size_t *len, siginfo_t *info)
{
        int64_t deadline = now_ms() + (limits.timeout_ms < INT32_MAX ? limits.timeout_ms : INT32_MAX);
        AUTO_CLOSE int pid_fd = (int)syscall(SYS_pidfd_open, h->pid, 0);
        bool at_end = false, cancelled = false;

        for (;;) {
                /* In this order: what it wrote before its end is in the pipe once the end is seen. */
                int ended = has_ended(h->pid, info);
                int more = at_end ? 0 : read_output(h->output, output, size, len);

                if (ended < 0)
                        return ended;
                if (more < 0 || more == HELPER_TOO_LONG)
                        return more;
                at_end = more == 0;
                if (ended)
                        return HELPER_EXITED;
                if (limits.cancel_fd && is_readable(limits.cancel_fd)) {
                        limits.cancel_fd = 0;
                        cancelled = now_ms() + limits.cancel_ms < deadline;
                        if (cancelled)
                                deadline = now_ms() + limits.cancel_ms;
                }
                if (deadline <= now_ms())
                        return cancelled ? HELPER_CANCELLED : HELPER_TIMED_OUT;
                wait_for_news(h, pid_fd, limits.cancel_fd, at_end, deadline - now_ms());
        }
}

int helper_finish(struct helper *h, const struct helper_limits *limits, char *output, size_t size, size_t *ret_len, int *ret_status)
{
        siginfo_t info = { 0 };
        size_t len = 0;
        int r = collect(h, *limits, output, size, &len, &info);

        kill_and_reap(h->pid, h->watcher_fd);
        fd_closep(&h->output);
        *ret_len = len;
        *ret_status = info.si_status;
        if (r == HELPER_EXITED && info.si_code != CLD_EXITED)
                return HELPER_KILLED;
        return r;
}
