/* SPDX-License-Identifier: Apache-2.0 */
#include "outside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int line = -1; /* to the other one */

static _Noreturn void become(const struct outside_request *q)
{
        const char *argv[6] = { "leastwise", q->verb, q->argument, NULL };
        union {
                const char **from;
                char *const *to;
        } args = { .from = argv };

        if (!q->argument[0])
                argv[2] = NULL;
        if (q->option[0]) {
                argv[3] = "--because";
                argv[4] = q->option;
                argv[5] = NULL;
        }
        /* Somebody may have started the tests by sudo; these are no other user. */
        unsetenv("SUDO_UID");
        if (q->runtime[0])
                setenv("XDG_RUNTIME_DIR", q->runtime, 1);
        else
                unsetenv("XDG_RUNTIME_DIR");
        setenv("XDG_STATE_HOME", q->state, 1);
        setenv("LC_ALL", "C", 1);
        execv(getenv("LEASTWISE"), args.to);
        _exit(97);
}

/* Reads what it says, and types once it has asked. */
static void converse(int fd, const struct outside_request *q, struct outside_reply *ret)
{
        size_t len = 0;
        bool typed = q->kind != OUTSIDE_TERMINAL;

        for (;;) {
                struct pollfd p = { .fd = fd, .events = POLLIN };
                ssize_t n;

                if (poll(&p, 1, RIG_WAIT_MS) != 1 || len == sizeof(ret->output) - 1)
                        break;
                n = read(fd, ret->output + len, sizeof(ret->output) - 1 - len);
                if (n <= 0)
                        break;
                len += (size_t)n;
                ret->output[len] = '\0';
                if (!typed && strstr(ret->output, "May it run?")) {
                        typed = true;
                        if (write(fd, q->typed, strlen(q->typed)) < 0)
                                break;
                }
        }
}

void outside_carry_out(const struct outside_request *q, struct outside_reply *ret)
{
        int fd = -1, ends[2];
        pid_t pid;

        memset(ret, 0, sizeof(*ret));
        if (q->kind == OUTSIDE_TERMINAL) {
                pid = forkpty(&fd, NULL, NULL, NULL);
                if (pid == 0)
                        become(q);
        } else {
                if (pipe2(ends, O_CLOEXEC) < 0)
                        return;
                pid = fork();
                if (pid == 0) {
                        setsid();
                        dup2(ends[1], 1);
                        dup2(ends[1], 2);
                        become(q);
                }
                close(ends[1]);
                fd = ends[0];
        }
        converse(fd, q, ret);
        close(fd);
        while (waitpid(pid, &ret->status, 0) < 0 && errno == EINTR)
                ;
}

int outside_main(const struct rig_case *cases, size_t count)
{
        static struct outside_request request;
        static struct outside_reply reply;
        int ends[2], status = 1;
        pid_t pid;

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
                return 1;
        fflush(stdout);
        pid = fork();
        if (pid == 0) {
                close(ends[0]);
                line = ends[1];
                exit(rig_main(cases, count));
        }
        close(ends[1]);
        while (recv(ends[0], &request, sizeof(request), 0) == (ssize_t)sizeof(request)) {
                outside_carry_out(&request, &reply);
                if (send(ends[0], &reply, sizeof(reply), MSG_NOSIGNAL) < 0)
                        break;
        }
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

void outside_ask(const struct outside_request *request)
{
        CHECK(send(line, request, sizeof(*request), MSG_NOSIGNAL) == (ssize_t)sizeof(*request));
}

const struct outside_reply *outside_reply(void)
{
        static struct outside_reply reply;

        CHECK(recv(line, &reply, sizeof(reply), 0) == (ssize_t)sizeof(reply));
        return &reply;
}

const struct outside_reply *outside_do(const struct outside_request *request)
{
        outside_ask(request);
        return outside_reply();
}
