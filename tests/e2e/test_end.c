/* SPDX-License-Identifier: Apache-2.0
 *
 * How sessions end, and that nothing is left of them (law L10). Upper bounds are the SDKs' patience; machines under
 * load get the benefit of MARGIN.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"

#define MARGIN 1500U

static void start_session(struct rig *rig, const char *const *server)
{
        rig_start(rig, NULL, server);
        rig_send(rig, CALL_GOOD(7));
        rig_expect(rig, "\"id\":7");
}

static void end_of_file(void)
{
        struct rig rig;

        start_session(&rig, STEPS("serve", "exit", "5"));
        rig_close_in(&rig);
        CHECK(exited_with(rig_wait(&rig, 1000 + MARGIN), 5));
        rig_finish(&rig);
}

static void server_exit_is_ours(void)
{
        struct rig rig;

        start_session(&rig, STEPS("answer", "exit", "42"));
        CHECK(!rig_line(&rig));
        CHECK(exited_with(rig_wait(&rig, 1000 + MARGIN), 42));
        rig_finish(&rig);
}

static void server_signal_is_ours(void)
{
        static const int numbers[] = { SIGSEGV, SIGKILL, SIGTERM, SIGABRT, SIGUSR1 };

        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
                char number[16];
                struct rig rig;

                snprintf(number, sizeof(number), "%d", numbers[i]);
                start_session(&rig, STEPS("answer", "kill", number, "pause"));
                CHECK(died_of(rig_wait(&rig, 1000 + MARGIN), numbers[i]));
                rig_finish(&rig);
        }
}

/* The request that was under way gets an answer before the end. */
static void server_dies_with_a_request_open(void)
{
        struct rig rig;

        start_session(&rig, STEPS("answer", "receive", "exit", "3"));
        rig_send(&rig, CALL_GOOD(8));
        rig_expect(&rig, "\"id\":8");
        CHECK(exited_with(rig_wait(&rig, 1000 + MARGIN), 3));
        rig_finish(&rig);
}

static void signals_reach_the_server(void)
{
        static const struct {
                int number;
                const char *text;
        } rows[] = { { SIGTERM, "15" }, { SIGINT, "2" } };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct rig rig;

                start_session(&rig, STEPS("on", rows[i].text, "answer", "pause"));
                kill(rig.pid, rows[i].number);
                CHECK(exited_with(rig_wait(&rig, 800 + MARGIN), 60 + rows[i].number));
                rig_finish(&rig);

                start_session(&rig, STEPS("answer", "pause"));
                kill(rig.pid, rows[i].number);
                CHECK(died_of(rig_wait(&rig, 800 + MARGIN), rows[i].number));
                rig_finish(&rig);
        }
}

static void signal_that_the_server_ignores(void)
{
        static const int numbers[] = { SIGTERM, SIGINT };

        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
                struct rig rig;

                start_session(&rig, STEPS("ignore", "15", "ignore", "2", "ignore", "1", "grandchild", "answer", "pause"));
                kill(rig.pid, numbers[i]);
                CHECK(died_of(rig_wait(&rig, 800 + MARGIN), numbers[i]));
                rig_finish(&rig);
        }
}

/* With a terminal for a client, SIGHUP means that it has gone. From others it asks for the policy (test_reload.c). */
static void hangup_of_a_terminal(void)
{
        int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;
        struct rig rig;

        CHECK(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
        slave = open(ptsname(terminal), O_RDWR | O_NOCTTY);
        CHECK(slave >= 0);
        rig_start(&rig, &(struct rig_options){ .stdin_fd = slave }, STEPS("on", "1", "answer", "pause"));
        rig.started_session = true;
        CHECK(write(terminal, CALL_GOOD(7) "\n", strlen(CALL_GOOD(7)) + 1) > 0);
        rig_expect(&rig, "\"id\":7");
        kill(rig.pid, SIGHUP);
        CHECK(exited_with(rig_wait(&rig, 800 + MARGIN), 61));
        rig_finish(&rig);
        close(terminal);
}

static void hangup_ignored_at_start_stays_ignored(void)
{
        struct rig rig;

        rig_start(&rig, &(struct rig_options){ .ignore_hangup = true }, STEPS("serve"));
        rig_send(&rig, CALL_GOOD(1));
        rig_expect(&rig, "\"id\":1");
        kill(rig.pid, SIGHUP);
        rig_send(&rig, CALL_GOOD(2));
        rig_expect(&rig, "\"id\":2");
        rig_close_in(&rig);
        CHECK(exited_with(rig_wait(&rig, 1000 + MARGIN), 0));
        rig_finish(&rig);
}

/* Closing stdin, then SIGTERM, then SIGKILL; 2 s is when the SDKs begin to send signals themselves. */
static void server_ignores_the_end(void)
{
        struct rig rig;
        uint64_t start;
        int status;

        start_session(&rig, STEPS("answer", "pause"));
        start = rig_now_ms();
        rig_close_in(&rig);
        CHECK(died_of(rig_wait(&rig, 2000 + MARGIN), SIGTERM));
        CHECK(rig_now_ms() - start >= 1400);
        rig_finish(&rig);

        start_session(&rig, STEPS("ignore", "15", "grandchild", "answer", "pause"));
        rig_close_in(&rig);
        status = rig_wait(&rig, 2000 + MARGIN);
        CHECK(died_of(status, SIGKILL));
        rig_finish(&rig);
}

static void grandchild_keeps_the_pipe(void)
{
        struct rig rig;

        start_session(&rig, STEPS("grandchild", "answer", "exit", "9"));
        CHECK(!rig_line(&rig));
        CHECK(exited_with(rig_wait(&rig, 400 + MARGIN), 9));
        rig_finish(&rig);
}

/* One that has left the group is beyond us, but must not hold us. */
static void runaway_keeps_the_pipe(void)
{
        struct rig rig;
        pid_t pid;

        start_session(&rig, STEPS("runaway", "answer", "exit", "9"));
        CHECK(exited_with(rig_wait(&rig, 400 + MARGIN), 9));
        /* Adopted by this process, as it would be by init. */
        while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
                ;
        CHECK(pid == 0);
        {
                char path[64];
                FILE *list;
                int orphan = 0;

                snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
                list = fopen(path, "re");
                CHECK(list && fscanf(list, "%d", &orphan) == 1);
                fclose(list);
                kill(orphan, SIGKILL);
        }
        rig_finish(&rig);
}

static void client_vanishes(void)
{
        struct rig rig;

        start_session(&rig, STEPS("answer", "talk", "100000", "1000", "pause"));
        rig_close_in(&rig);
        rig_close_out(&rig);
        rig_wait(&rig, 2000 + MARGIN);
        rig_finish(&rig);
}

/* Nobody reads the pipe to the server any more, so that the client's end cannot be read either: it must be seen all the same. */
static void client_vanishes_while_the_server_is_stuck(void)
{
        struct rig rig;
        char filler[60001];

        start_session(&rig, STEPS("answer", "pause"));
        CHECK(fcntl(rig.in, F_SETFL, O_NONBLOCK) == 0);
        memset(filler, 'x', sizeof(filler) - 1);
        filler[sizeof(filler) - 1] = '\0';
        /* Lines that fill every buffer on the way; at last the pipe takes no more and we close it. */
        for (int i = 0; i < 64; i++) {
                struct pollfd p = { .fd = rig.in, .events = POLLOUT };
                char line[65536];
                int n;

                if (poll(&p, 1, 300) != 1)
                        break;
                n = snprintf(line, sizeof(line),
                        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":1,\"progress\":%d,"
                        "\"message\":\"%s\"}}\n", i, filler);
                if (write(rig.in, line, (size_t)n) < 0)
                        break;
        }
        rig_close_in(&rig);
        rig_close_out(&rig);
        rig_wait(&rig, 2000 + MARGIN);
        rig_finish(&rig);
}

static void kill_nine_leaves_no_orphan(void)
{
        struct rig rig;

        start_session(&rig, STEPS("ignore", "15", "ignore", "1", "grandchild", "answer", "pause"));
        kill(rig.pid, SIGKILL);
        CHECK(died_of(rig_wait(&rig, 1000 + MARGIN), SIGKILL));
        rig_finish(&rig);
}

static void second_signal_kills_at_once(void)
{
        struct rig rig;

        start_session(&rig, STEPS("ignore", "2", "ignore", "15", "answer", "pause"));
        kill(rig.pid, SIGINT);
        kill(rig.pid, SIGTERM);
        /* Signals of one moment may be seen in either order. */
        CHECK(WIFSIGNALED(rig_wait(&rig, 500 + MARGIN)));
        rig_finish(&rig);
}

static void server_closes_stdout_and_lives(void)
{
        struct rig rig;

        start_session(&rig, STEPS("answer", "close", "1", "eof", "exit", "4"));
        CHECK(exited_with(rig_wait(&rig, 2000 + MARGIN), 4));
        rig_finish(&rig);
}

/* A server that no longer reads but lives cannot serve: it is ended as if the client had closed. */
static void server_closes_stdin_and_lives(void)
{
        struct rig rig;

        start_session(&rig, STEPS("answer", "close", "0", "send",
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}", "pause"));
        rig_expect(&rig, "list_changed");
        rig_send(&rig, CALL_GOOD(8));
        rig_expect(&rig, "\"id\":8");
        CHECK(died_of(rig_wait(&rig, 2000 + MARGIN), SIGTERM));
        rig_finish(&rig);
}

static void sigpipe_does_not_end_us(void)
{
        struct rig rig;

        start_session(&rig, STEPS("serve", "exit", "0"));
        kill(rig.pid, SIGPIPE);
        rig_send(&rig, CALL_GOOD(8));
        rig_expect(&rig, "\"id\":8");
        rig_close_out(&rig);
        rig_send(&rig, CALL_GOOD(9));
        CHECK(exited_with(rig_wait(&rig, 2000 + MARGIN), 0));
        rig_finish(&rig);
}

/* The disposable probe of the TypeScript client: one request, end of file and SIGTERM at once, gone within a second. */
static void probe_and_term(void)
{
        struct rig rig;

        rig_start(&rig, NULL, STEPS("ignore", "15", "answer", "pause"));
        rig_send(&rig, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
        rig_expect(&rig, "\"id\":1");
        rig_close_in(&rig);
        kill(rig.pid, SIGTERM);
        CHECK(WIFSIGNALED(rig_wait(&rig, 1000 + MARGIN)));
        rig_finish(&rig);
}

static const struct rig_case cases[] = {
        { "end of file: the server's exit status", end_of_file },
        { "the server's exit is ours", server_exit_is_ours },
        { "the server's signal is ours", server_signal_is_ours },
        { "an open request is answered when the server dies", server_dies_with_a_request_open },
        { "signals reach the server", signals_reach_the_server },
        { "a server that ignores signals is killed", signal_that_the_server_ignores },
        { "SIGHUP from a terminal", hangup_of_a_terminal },
        { "nohup holds", hangup_ignored_at_start_stays_ignored },
        { "a server that ignores end of file", server_ignores_the_end },
        { "a grandchild keeps the pipe", grandchild_keeps_the_pipe },
        { "a runaway keeps the pipe", runaway_keeps_the_pipe },
        { "the client vanishes", client_vanishes },
        { "the client vanishes while the server is stuck", client_vanishes_while_the_server_is_stuck },
        { "kill -9 leaves no orphan", kill_nine_leaves_no_orphan },
        { "a second signal kills at once", second_signal_kills_at_once },
        { "the server closes stdout and lives", server_closes_stdout_and_lives },
        { "the server closes stdin and lives", server_closes_stdin_and_lives },
        { "SIGPIPE is no end", sigpipe_does_not_end_us },
        { "a disposable probe goes within a second", probe_and_term },
};

int main(void)
{
        return rig_main(cases, sizeof(cases) / sizeof(cases[0]));
}
