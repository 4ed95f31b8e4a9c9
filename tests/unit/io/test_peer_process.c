/* SPDX-License-Identifier: Apache-2.0 */
#include "peer_process.h"

#include <criterion/criterion.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

Test(peer_process, stat_lines)
{
        static const struct {
                const char *line;
                bool good;
                int parent, session, terminal;
                unsigned started;
                const char *name;
        } rows[] = {
                { "7 (sh) S 3 7 5 34816 9 4194304 1 2 3 4 5 6 7 8 20 0 1 0 4242 99 1 18446744073709551615 1\n", true, 3,
                        5, 34816, 4242, "sh" },
                { "7 (a) R 1 (b) S 3 7 5 -1 9 4194304 1 2 3 4 5 6 7 8 20 0 1 0 4242 99\n", true, 3, 5, -1, 4242,
                        "a) R 1 (b" },
                { "7 () S 0 0 0 0 -1 4194304 1 2 3 4 5 6 -7 8 20 0 1 0 18446744073709551615 99\n", false, 0, 0, 0, 0,
                        "" },
                { "7 (sh) S 3 7 5 34816 9 4194304 1 2 3 4 5 6 7 8 20 0 1 0", false, 0, 0, 0, 0, "" },
                { "7 (sh) S x 7 5 34816 9 4194304 1 2 3 4 5 6 7 8 20 0 1 0 4242 99", false, 0, 0, 0, 0, "" },
                { "7 (sh) S -3 7 5 34816 9 4194304 1 2 3 4 5 6 7 8 20 0 1 0 4242 99", false, 0, 0, 0, 0, "" },
                { "7 sh S 3", false, 0, 0, 0, 0, "" },
                { "7 )sh( S 3", false, 0, 0, 0, 0, "" },
                { "7 (sh)", false, 0, 0, 0, 0, "" },
                { "", false, 0, 0, 0, 0, "" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct process_stat stat;

                cr_assert_eq(process_stat_read(str_from(rows[i].line), &stat), rows[i].good, "%s", rows[i].line);
                if (!rows[i].good)
                        continue;
                cr_expect(stat.parent == rows[i].parent && stat.session == rows[i].session &&
                                  stat.terminal == rows[i].terminal,
                        "%s", rows[i].line);
                cr_expect_eq(stat.started, rows[i].started);
                cr_expect(str_eq(stat.name, str_from(rows[i].name)), "%.*s", STR_FMT(stat.name));
        }
        /* Cut anywhere, it is none, or reads as less than the whole. */
        for (size_t len = 0; len < strlen(rows[0].line); len++) {
                struct process_stat stat;

                (void)process_stat_read(str_of(rows[0].line, len), &stat);
        }
}

/* --- real processes: each connects to us, and waits until it is let go --- */

static struct sockaddr_un address;

static int listen_here(void)
{
        const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        address = (struct sockaddr_un){ .sun_family = AF_UNIX };
        /* An abstract name: nothing to remove. */
        snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "leastwise-peer-%d", getpid());
        cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        cr_assert_eq(listen(fd, 4), 0);
        return fd;
}

static void connect_and_wait(void)
{
        const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        char byte;

        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
                _exit(1);
        if (read(fd, &byte, 1) < 0)
                _exit(2);
        _exit(0);
}

struct met {
        struct peer_process process;
        int fd, terminal;
};

static struct met meet(int listener, int terminal)
{
        struct met m = { .terminal = terminal };

        m.fd = accept(listener, NULL, NULL);
        cr_assert(m.fd >= 0);
        cr_assert_eq(peer_process_open(&m.process, m.fd), 0);
        return m;
}

static void part(struct met *m)
{
        if (m->fd >= 0)
                close(m->fd);
        m->fd = -1;
        if (m->terminal >= 0)
                close(m->terminal);
        peer_process_close(&m->process);
        peer_process_close(&m->process);
        while (waitpid(-1, NULL, 0) > 0)
                ;
}

static void expect_refused(const struct met *m, pid_t origin, const char *part_of_why)
{
        const char *why = peer_process_refusal(&m->process, &origin, 1);

        if (part_of_why)
                cr_expect(why && strstr(why, part_of_why), "%s", why ? why : "(not refused)");
        else
                cr_expect_null(why, "%s", why);
}

/* No process has this number: larger than any can be. */
#define NOBODY 0x7ffffff0

Test(peer_process, with_a_terminal_and_without, .timeout = 20)
{
        const int listener = listen_here();
        struct met m;
        int terminal = -1;
        pid_t pid = forkpty(&terminal, NULL, NULL, NULL);

        if (pid == 0)
                connect_and_wait();
        m = meet(listener, terminal);
        cr_expect_eq(m.process.pid, pid);
        cr_expect_eq(m.process.uid, geteuid());
        expect_refused(&m, NOBODY, NULL);
        expect_refused(&m, pid, "started by the client");
        expect_refused(&m, getpid(), "started by the client");
        m.process.uid++;
        expect_refused(&m, NOBODY, "another user");
        m.process.uid--;
        m.process.started++;
        expect_refused(&m, NOBODY, "cannot be told");
        part(&m);

        pid = fork();
        if (pid == 0) {
                setsid();
                connect_and_wait();
        }
        m = meet(listener, -1);
        expect_refused(&m, NOBODY, "no terminal");
        part(&m);
}

Test(peer_process, a_grandchild_descends_too, .timeout = 20)
{
        const int listener = listen_here();
        struct met m;
        int terminal = -1;
        pid_t pid = forkpty(&terminal, NULL, NULL, NULL);

        if (pid == 0) {
                if (fork() == 0) {
                        if (fork() == 0)
                                connect_and_wait();
                        wait(NULL);
                        _exit(0);
                }
                wait(NULL);
                _exit(0);
        }
        m = meet(listener, terminal);
        cr_expect_neq(m.process.pid, pid);
        expect_refused(&m, pid, "started by the client");
        expect_refused(&m, NOBODY, NULL);
        part(&m);
}

Test(peer_process, who_has_gone_is_refused, .timeout = 20)
{
        const int listener = listen_here();
        struct met m;
        int terminal = -1;
        pid_t pid = forkpty(&terminal, NULL, NULL, NULL);

        if (pid == 0)
                connect_and_wait();
        m = meet(listener, terminal);
        kill(pid, SIGKILL);
        /* A zombie still has its number and its place in the tree. */
        cr_assert_eq(waitid(P_PID, (id_t)pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT), 0);
        expect_refused(&m, NOBODY, "");
        cr_assert_eq(waitpid(pid, NULL, 0), pid);
        expect_refused(&m, NOBODY, "cannot be told");
        part(&m);
}

/* sudo leads a session of its own where it gives its program a terminal. */
Test(peer_process, clients_behind_sudo, .timeout = 20)
{
        const int listener = listen_here();
        struct met m;
        pid_t found[4], parent = fork();

        if (parent == 0) {
                prctl(PR_SET_NAME, "sudo");
                setsid();
                if (fork() == 0) {
                        prctl(PR_SET_NAME, "proxy");
                        connect_and_wait();
                }
                wait(NULL);
                _exit(0);
        }
        m = meet(listener, -1);
        cr_expect_geq(peer_process_clients(parent, found, 4), 2);
        cr_expect(found[0] == parent && found[1] == getpid());
        cr_expect_eq(peer_process_asker(parent), getpid());
        cr_expect_eq(peer_process_asker(m.process.pid), m.process.pid);
        cr_expect_eq(peer_process_asker(NOBODY), NOBODY);
        part(&m);
}

Test(peer_process, clients_behind_shells, .timeout = 20)
{
        const int listener = listen_here();
        struct met m;
        pid_t found[4], parent = fork();
        size_t count;

        if (parent == 0) {
                prctl(PR_SET_NAME, "sh");
                if (fork() == 0)
                        connect_and_wait();
                wait(NULL);
                _exit(0);
        }
        m = meet(listener, -1);
        count = peer_process_clients(parent, found, 4);
        cr_expect(count >= 2 && found[0] == parent && found[1] == getpid(), "%zu", count);
        cr_expect_eq(peer_process_clients(parent, found, 1), 1);
        /* No shell, or one that leads a terminal's session: that one itself. */
        cr_expect_eq(peer_process_clients(m.process.pid, found, 4) >= 1 ? found[0] : 0, m.process.pid);
        cr_expect_eq(peer_process_clients(NOBODY, found, 4), 1);
        part(&m);
}
