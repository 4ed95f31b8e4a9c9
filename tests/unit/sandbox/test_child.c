/* SPDX-License-Identifier: Apache-2.0 */
#include "child.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *probe(void)
{
        const char *path = getenv("LEASTWISE_PROBE");

        cr_assert(path, "LEASTWISE_PROBE names the helper program");
        return path;
}

static void make_pipe(int *read_end, int *write_end)
{
        int fds[2];

        cr_assert_eq(pipe2(fds, O_CLOEXEC), 0);
        *read_end = fds[0];
        *write_end = fds[1];
}

static int start_on(struct child *c, const char *file, const char *verb, int stdin_fd, int stdout_fd)
{
        char name[] = "probe", word[32], one[] = "A=1", two[] = "B=two";
        char *argv[] = { name, word, NULL };
        char *envp[] = { one, two, NULL };
        struct child_spec spec = { .file = file, .argv = argv, .envp = envp, .umask = 027 };
        int r;

        snprintf(word, sizeof(word), "%s", verb);
        signal(SIGPIPE, SIG_IGN);
        spec.stdin_fd = stdin_fd;
        spec.stdout_fd = stdout_fd;
        spec.stderr_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
        r = child_guard(c);
        if (r == 0)
                r = child_start(c, &spec);
        close(spec.stderr_fd);
        return r;
}

/* Starts the probe with @verb; *ret_out is what it says. Its own ends are closed here. */
static int start(struct child *c, const char *file, const char *verb, int *ret_in, int *ret_out)
{
        int in_read, out_write, r;

        make_pipe(&in_read, ret_in);
        make_pipe(ret_out, &out_write);
        r = start_on(c, file, verb, in_read, out_write);
        close(in_read);
        close(out_write);
        return r;
}

static size_t read_all(int fd, char *out, size_t size)
{
        size_t len = 0;
        ssize_t n;

        while (len + 1 < size && (n = read(fd, out + len, size - 1 - len)) > 0)
                len += (size_t)n;
        out[len] = '\0';
        return len;
}

/* The pipe's end within @ms: every process that held it is gone. */
static bool ends_within(int fd, int ms)
{
        struct pollfd p = { .fd = fd, .events = POLLIN };
        char byte;

        while (poll(&p, 1, ms) == 1) {
                if (read(fd, &byte, 1) == 0)
                        return true;
        }
        return false;
}

Test(child, surroundings_are_exact, .timeout = 10)
{
        char said[4096], *line, *save = NULL;
        static const char *const wanted[] = { "descriptors 7", "signals 0", "core 0", "death 9", "leader 1", "umask 27",
                "env A=1", "env B=two" };
        struct child c = CHILD_NONE;
        sigset_t mask;
        size_t i = 0;
        int in, out, status;

        /* Ours are not what the child must see. */
        sigemptyset(&mask);
        sigaddset(&mask, SIGUSR1);
        sigprocmask(SIG_BLOCK, &mask, NULL);
        signal(SIGHUP, SIG_IGN);
        cr_assert(open("/dev/null", O_RDONLY) >= 0, "a descriptor without close-on-exec");
        umask(0777);
        cr_assert_eq(start(&c, probe(), "say", &in, &out), 0);
        read_all(out, said, sizeof(said));
        for (line = strtok_r(said, "\n", &save); line; line = strtok_r(NULL, "\n", &save), i++) {
                cr_assert_lt(i, sizeof(wanted) / sizeof(wanted[0]), "unexpected line %s", line);
                cr_expect_str_eq(line, wanted[i]);
        }
        cr_expect_eq(i, sizeof(wanted) / sizeof(wanted[0]));
        cr_expect_eq(waitpid(c.pid, &status, 0), c.pid);
        cr_expect_eq(status, 0);
        child_release(&c);
        cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "the guardian has been reaped");
        child_release(&c);
}

Test(child, a_failed_exec_says_why_and_leaves_nothing, .timeout = 10)
{
        static const struct {
                const char *file;
                int error;
        } rows[] = {
                { "/nonexistent/program", -ENOENT },
                { "/etc/passwd", -EACCES },
                { "/etc", -EACCES },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct child c = CHILD_NONE;
                int in, out;

                cr_expect_eq(start(&c, rows[i].file, "say", &in, &out), rows[i].error, "%s", rows[i].file);
                cr_expect_eq(c.pid, 0);
                cr_expect(ends_within(out, 5000), "%s", rows[i].file);
                child_release(&c);
                cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "%s: nothing to reap", rows[i].file);
                close(in);
                close(out);
        }
}

Test(child, no_start_without_a_guardian, .timeout = 10)
{
        struct child c = CHILD_NONE;
        const struct child_spec spec = { .file = "/bin/true" };

        cr_expect_eq(child_start(&c, &spec), -EINVAL);
        child_release(&c);
}

Test(child, signal_reaches_the_whole_group, .timeout = 10)
{
        struct child c = CHILD_NONE;
        char byte;
        int in, out, status;

        cr_assert_eq(start(&c, probe(), "linger", &in, &out), 0);
        cr_assert_eq(read(out, &byte, 1), 1);
        cr_expect_eq(child_signal(&c, SIGTERM), 0);
        cr_expect_not(ends_within(out, 50), "SIGTERM is ignored by all three");
        cr_expect_eq(child_signal(&c, SIGKILL), 0);
        cr_expect(ends_within(out, 5000));
        cr_expect_eq(waitpid(c.pid, &status, 0), c.pid);
        cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        child_release(&c);
}

/* setpgid() lets a program into any group of its session. */
Test(child, a_program_that_has_left_its_group_is_reached, .timeout = 10)
{
        static const int numbers[] = { SIGUSR1, SIGKILL, 0 };

        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
                struct child c = CHILD_NONE;
                siginfo_t info;
                char byte;
                int in, out;

                cr_assert_eq(start(&c, probe(), "desert", &in, &out), 0);
                cr_assert_eq(read(out, &byte, 1), 1);
                if (numbers[i])
                        cr_expect_eq(child_signal(&c, numbers[i]), 0);
                else
                        child_end(&c, &info);
                cr_expect(ends_within(out, 5000), "%d", numbers[i]);
                child_end(&c, &info);
                child_release(&c);
                close(in);
                close(out);
        }
}

/* It takes its name, and is ready, when it first gets the processor. */
static void stop_guardian(const struct child *c)
{
        char path[64], name[64] = "";

        snprintf(path, sizeof(path), "/proc/%d/comm", c->guardian);
        while (strcmp(name, "leastwise-guard\n") != 0) {
                FILE *comm = fopen(path, "re");

                if (!comm || !fgets(name, sizeof(name), comm))
                        _exit(1);
                fclose(comm);
        }
        kill(c->guardian, SIGSTOP);
}

/* As start_on() in a process that is then killed with no chance to clean up: the pipe that the program holds. */
static int start_and_kill(const char *verb, bool stopped)
{
        int in_read, in, out, out_write;
        pid_t parent;
        char byte;

        make_pipe(&in_read, &in);
        make_pipe(&out, &out_write);
        parent = fork();
        if (parent == 0) {
                struct child c = CHILD_NONE;

                if (start_on(&c, probe(), verb, in_read, out_write) < 0)
                        _exit(1);
                close(out_write);
                if (read(out, &byte, 1) != 1)
                        _exit(1);
                if (stopped)
                        stop_guardian(&c);
                raise(SIGKILL);
        }
        close(out_write);
        cr_assert_eq(waitpid(parent, NULL, 0), parent);
        return out;
}

Test(child, kill_nine_of_the_parent_leaves_no_program_out_of_its_group, .timeout = 10)
{
        cr_expect(ends_within(start_and_kill("desert", false), 5000), "the program outlives its proxy");
}

Test(child, kill_nine_of_the_parent_wakes_a_stopped_guardian, .timeout = 10)
{
        cr_expect(ends_within(start_and_kill("desert", true), 5000), "the program outlives its proxy");
}

/* The parent is killed with no chance to clean up; three processes that ignore SIGTERM must go with it. */
Test(child, kill_nine_of_the_parent_leaves_no_orphan, .timeout = 10)
{
        int in_read, in, out, out_write;
        pid_t parent;
        char byte;

        make_pipe(&in_read, &in);
        make_pipe(&out, &out_write);
        parent = fork();
        if (parent == 0) {
                struct child c = CHILD_NONE;

                if (start_on(&c, probe(), "linger", in_read, out_write) < 0)
                        _exit(1);
                close(out_write);
                for (;;)
                        pause();
        }
        close(out_write);
        cr_assert_eq(read(out, &byte, 1), 1, "all three run");
        cr_assert_eq(kill(parent, SIGKILL), 0);
        cr_assert_eq(waitpid(parent, NULL, 0), parent);
        cr_expect(ends_within(out, 5000), "the group outlives its proxy");
}

/* As start_on(), beside what @c guards. */
static int start_beside(const struct child *c, const char *file, int stdout_fd, pid_t *ret_pid)
{
        char name[] = "probe", word[] = "linger";
        char *argv[] = { name, word, NULL }, *envp[] = { NULL };
        struct child_spec spec = { .file = file, .argv = argv, .envp = envp, .umask = 027, .stdout_fd = stdout_fd };
        int r;

        spec.stdin_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        spec.stderr_fd = spec.stdin_fd;
        r = child_start_also(c, &spec, ret_pid);
        close(spec.stdin_fd);
        return r;
}

/* More than its pipe holds. */
Test(child, a_stopped_guardian_holds_nobody_up, .timeout = 10)
{
        struct child c = CHILD_NONE;
        int in, out, r = 0;
        siginfo_t info;
        char byte;
        pid_t pid;

        cr_assert_eq(start(&c, probe(), "linger", &in, &out), 0);
        cr_assert_eq(read(out, &byte, 1), 1);
        stop_guardian(&c);
        for (int i = 0; i < 10000 && r == 0; i++)
                r = child_guard_directory(&c, "/nonexistent/directory");
        cr_expect_eq(r, -EPIPE);
        /* Where a path does not fit any more, numbers do. */
        r = 0;
        for (int i = 0; i < 1000 && r == 0; i++) {
                r = start_beside(&c, "/bin/true", 1, &pid);
                if (r == 0)
                        child_end_also(&c, pid);
        }
        cr_expect_eq(start_beside(&c, "/bin/true", 1, &pid), -EPIPE, "nobody would guard it");
        child_end(&c, &info);
        cr_expect(ends_within(out, 5000));
        child_release(&c);
        cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "nothing to reap");
}

Test(child, a_program_beside_it_ends_with_its_group, .timeout = 10)
{
        struct child c = CHILD_NONE;
        int out, out_write;
        char byte;
        pid_t pid = 0;

        signal(SIGPIPE, SIG_IGN);
        cr_expect_eq(start_beside(&c, probe(), 1, &pid), -EINVAL, "nobody would guard it");
        cr_assert_eq(child_guard(&c), 0);
        cr_expect_eq(start_beside(&c, "/nonexistent/program", 1, &pid), -ENOENT);
        make_pipe(&out, &out_write);
        cr_assert_eq(start_beside(&c, probe(), out_write, &pid), 0);
        close(out_write);
        cr_assert_eq(read(out, &byte, 1), 1);
        child_end_also(&c, pid);
        cr_expect(ends_within(out, 5000));
        child_release(&c);
        cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "nothing to reap");
}

/* As start_on(), with the guardian of @with. */
static int start_shared(struct child *c, const struct child *with, int stdin_fd, int stdout_fd)
{
        char name[] = "probe", word[] = "linger";
        char *argv[] = { name, word, NULL }, *envp[] = { NULL };
        struct child_spec spec = { probe(), argv, envp, stdin_fd, stdout_fd, stdout_fd, 027 };

        child_share(c, with);
        return child_start(c, &spec);
}

Test(child, several_share_a_guardian, .timeout = 10)
{
        struct child guard = CHILD_NONE, c[2];
        int in_read[2], in[2], out[2], out_write;
        siginfo_t info;
        char byte;

        signal(SIGPIPE, SIG_IGN);
        cr_assert_eq(child_guard(&guard), 0);
        for (int i = 0; i < 2; i++) {
                make_pipe(&in_read[i], &in[i]);
                make_pipe(&out[i], &out_write);
                cr_assert_eq(start_shared(&c[i], &guard, in_read[i], out_write), 0);
                close(out_write);
                cr_assert_eq(read(out[i], &byte, 1), 1);
        }
        child_end(&c[0], &info);
        cr_expect_eq(info.si_status, SIGKILL);
        cr_expect_eq(c[0].pid, 0);
        cr_expect(ends_within(out[0], 5000));
        cr_expect_eq(child_signal(&c[0], SIGTERM), -ESRCH);
        cr_expect_eq(child_signal(&c[1], 0), 0, "the other one lives on");
        child_release(&c[0]);
        cr_expect_eq(kill(guard.guardian, 0), 0, "and so does the guardian");
        /* In its place another one. */
        make_pipe(&out[0], &out_write);
        cr_assert_eq(start_shared(&c[0], &guard, in_read[0], out_write), 0);
        close(out_write);
        for (int i = 0; i < 2; i++) {
                child_end(&c[i], &info);
                cr_expect(ends_within(out[i], 5000));
                child_end(&c[i], &info);
                cr_expect_eq(info.si_pid, 0, "idempotent");
        }
        child_release(&guard);
        cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "nothing to reap");
}

Test(child, kill_nine_of_the_parent_leaves_none_that_share_its_guardian, .timeout = 10)
{
        int in_read, in, out, out_write, ready, ready_write;
        pid_t parent;
        char byte;

        make_pipe(&in_read, &in);
        make_pipe(&out, &out_write);
        make_pipe(&ready, &ready_write);
        parent = fork();
        if (parent == 0) {
                struct child guard = CHILD_NONE, c[4];
                siginfo_t info;

                if (child_guard(&guard) < 0)
                        _exit(1);
                for (int i = 0; i < 4; i++) {
                        if (start_shared(&c[i], &guard, in_read, out_write) < 0)
                                _exit(1);
                }
                /* One that is killed before it has said that it runs never does. */
                for (int i = 0; i < 4; i++) {
                        if (read(out, &byte, 1) != 1)
                                _exit(1);
                }
                child_end(&c[1], &info);
                if (start_shared(&c[1], &guard, in_read, out_write) < 0 || read(out, &byte, 1) != 1 ||
                        write(ready_write, &byte, 1) != 1)
                        _exit(1);
                close(out_write);
                for (;;)
                        pause();
        }
        close(out_write);
        cr_assert_eq(read(ready, &byte, 1), 1);
        cr_assert_eq(kill(parent, SIGKILL), 0);
        cr_assert_eq(waitpid(parent, NULL, 0), parent);
        cr_expect(ends_within(out, 5000), "a group outlives its proxy");
}

Test(child, kill_nine_of_the_parent_leaves_neither_further_program_nor_file, .timeout = 10)
{
        char path[] = "/tmp/leastwise-guarded.XXXXXX", other[] = "/tmp/leastwise-kept.XXXXXX";
        int in_read, in, out, out_write, fd = mkstemp(path), kept = mkstemp(other);
        pid_t parent;
        char byte;

        cr_assert(fd >= 0 && kept >= 0);
        make_pipe(&in_read, &in);
        make_pipe(&out, &out_write);
        parent = fork();
        if (parent == 0) {
                struct child c = CHILD_NONE;
                pid_t pid;

                if (start_on(&c, probe(), "linger", in_read, out_write) < 0 || start_beside(&c, probe(), out_write, &pid) < 0 ||
                        start_beside(&c, probe(), out_write, &pid) < 0)
                        _exit(1);
                if (child_guard_file(&c, other) < 0 || child_guard_file(&c, path) < 0)
                        _exit(1);
                close(out_write);
                for (;;)
                        pause();
        }
        close(out_write);
        for (int i = 0; i < 3; i++)
                cr_assert_eq(read(out, &byte, 1), 1);
        cr_expect_eq(access(path, F_OK), 0);
        cr_assert_eq(kill(parent, SIGKILL), 0);
        cr_assert_eq(waitpid(parent, NULL, 0), parent);
        cr_expect(ends_within(out, 5000), "a group outlives its proxy");
        cr_expect_eq(access(path, F_OK), -1, "removed before the groups are killed");
        cr_expect_eq(access(other, F_OK), 0, "the last one counts");
        unlink(other);
        close(fd);
        close(kept);
}

Test(child, a_path_that_is_too_long_is_not_guarded, .timeout = 10)
{
        struct child c = CHILD_NONE;
        char path[600];

        memset(path, 'a', sizeof(path));
        path[0] = '/';
        path[512] = '\0';
        cr_assert_eq(child_guard(&c), 0);
        cr_expect_eq(child_guard_file(&c, path), -ENAMETOOLONG);
        path[511] = '\0';
        cr_expect_eq(child_guard_file(&c, path), 0);
        child_release(&c);
        cr_expect_eq(child_guard_file(&c, path), -EINVAL);
}

Test(child, an_unused_guardian_leaves_quietly, .timeout = 10)
{
        struct child c = CHILD_NONE;

        cr_assert_eq(child_guard(&c), 0);
        child_release(&c);
        cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1);
}
