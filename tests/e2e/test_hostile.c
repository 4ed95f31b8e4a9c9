/* SPDX-License-Identifier: Apache-2.0
 *
 * Servers and starters that mean harm, or behave as if they did: what they cannot keep from ending, and what they cannot
 * get to hear.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "rig.h"

#define MARGIN 1500U

#define POLICY(credential)                                                            \
        "leastwise: 1\nname: c\npurpose: Hold one credential.\ntools: { allow: [\"**\"] }\n" \
        "credentials:\n  TOKEN: " credential "\n"

/* A program that says it runs, leaves a child of its own, and does not end in time. It waits for the pipe named "ready". */
#define SLOW_HELPER                                                                                              \
        POLICY("{ from: exec, timeout: 30s, command: [/bin/sh, -c, \"until [ -p $HOME/ready ]; do :; done; "     \
               "echo >$HOME/ready; sleep 100; echo a-value-too-late\"] }")

static void signals_end_the_wait_for_a_credential(void)
{
        static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGKILL };

        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
                const struct rig_options o = { .policy = SLOW_HELPER };
                const char *ready;
                struct rig rig;
                char byte;
                int fd;

                rig_start(&rig, &o, STEPS("serve"));
                ready = rig_path(&rig, "ready");
                CHECK(mkfifo(ready, 0600) == 0);
                fd = open(ready, O_RDONLY | O_CLOEXEC);
                CHECK(fd >= 0 && read(fd, &byte, 1) == 1);
                close(fd);
                kill(rig.pid, numbers[i]);
                CHECK(died_of(rig_wait(&rig, 300 + MARGIN), numbers[i]));
                rig_finish(&rig);
        }
}

/* As much time as its end leaves a server; a pipe of requests ends like a client. */
static void client_vanishes_before_there_is_a_credential(void)
{
        const struct rig_options slow = { .policy = SLOW_HELPER };
        const struct rig_options quick = { .policy = POLICY("{ from: exec, command: [/bin/sh, -c, \"sleep 0.4; echo a-value-in-time\"] }") };
        uint64_t begin;
        struct rig rig;
        char byte;
        int fd;

        rig_start(&rig, &slow, STEPS("serve"));
        CHECK(mkfifo(rig_path(&rig, "ready"), 0600) == 0);
        fd = open(rig_path(&rig, "ready"), O_RDONLY | O_CLOEXEC);
        CHECK(fd >= 0 && read(fd, &byte, 1) == 1);
        close(fd);
        rig_send(&rig, CALL_GOOD(1));
        begin = rig_now_ms();
        rig_close_in(&rig);
        CHECK(exited_with(rig_wait(&rig, 1500 + MARGIN), 6));
        CHECK(rig_now_ms() - begin >= 1400);
        /* Nobody has looked at what it said. */
        rig.started_session = false;
        rig_finish(&rig);

        rig_start(&rig, &quick, STEPS("serve"));
        rig_send(&rig, CALL_GOOD(1));
        rig_close_in(&rig);
        rig_expect(&rig, "\"id\":1");
        CHECK(exited_with(rig_wait(&rig, 1500 + MARGIN), 0));
        rig_finish(&rig);
}

static int find_guardian(pid_t pid)
{
        char path[64], name[64] = "";
        int child, found = 0;
        FILE *list, *comm;

        snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
        list = fopen(path, "re");
        CHECK(list);
        while (!found && fscanf(list, "%d", &child) == 1) {
                snprintf(path, sizeof(path), "/proc/%d/comm", child);
                comm = fopen(path, "re");
                if (comm && fgets(name, sizeof(name), comm) && strncmp(name, "leastwise-guard", 15) == 0)
                        found = child;
                if (comm)
                        fclose(comm);
        }
        fclose(list);
        return found;
}

/* The guardian takes its name when it first gets the processor; on a busy machine a call may be answered before. */
static int guardian_of(pid_t pid)
{
        const struct timespec moment = { .tv_nsec = 1000000 };
        int found = 0;

        for (int tries = 0; !found && tries < 2000; tries++) {
                found = find_guardian(pid);
                if (!found)
                        nanosleep(&moment, NULL);
        }
        CHECK(found);
        return found;
}

/* A server runs as the same user: it may stop or end the guardian, but that keeps nobody from ending. */
static void guardian_is_stopped_or_killed(void)
{
        static const int numbers[] = { SIGSTOP, SIGKILL };

        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
                struct rig rig;

                rig_start(&rig, NULL, STEPS("serve", "exit", "5"));
                rig_send(&rig, CALL_GOOD(1));
                rig_expect(&rig, "\"id\":1");
                kill(guardian_of(rig.pid), numbers[i]);
                rig_send(&rig, CALL_GOOD(2));
                rig_expect(&rig, "\"id\":2");
                rig_close_in(&rig);
                CHECK(exited_with(rig_wait(&rig, 300 + MARGIN), 5));
                rig_finish(&rig);
        }
}

/* What nobody would end with us is not started, and a person is told why. */
static void nothing_starts_without_a_guardian(void)
{
        const struct rig_options o = { .own_stderr = true,
                .policy = "leastwise: 1\nname: c\npurpose: Fail.\ntools: { allow: [\"**\"] }\nserver: { restart: on-failure }\n" };
        struct rig rig;

        rig_start(&rig, &o, STEPS("answer", "answer", "exit", "6"));
        rig_send(&rig, CALL_GOOD(1));
        rig_expect(&rig, "\"id\":1");
        kill(guardian_of(rig.pid), SIGKILL);
        rig_send(&rig, CALL_GOOD(2));
        rig_expect(&rig, "\"id\":2");
        rig_expect_said(&rig, "its guardian, which would end it with leastwise, has been ended or stopped");
        rig_close_in(&rig);
        CHECK(exited_with(rig_wait(&rig, 300 + MARGIN), 6));
        rig_finish(&rig);
}

/* Any process may join any group of its session; it is still our child. */
static void server_leaves_its_group(void)
{
        static const struct rig_options tools = { .verb = "tools" };
        struct rig rig;

        rig_start(&rig, NULL, STEPS("ignore", "15", "leave", "answer", "pause"));
        rig_send(&rig, CALL_GOOD(1));
        rig_expect(&rig, "\"id\":1");
        rig_close_in(&rig);
        CHECK(died_of(rig_wait(&rig, 1800 + MARGIN), SIGKILL));
        rig_finish(&rig);

        rig_start(&rig, NULL, STEPS("on", "15", "leave", "answer", "pause"));
        rig_send(&rig, CALL_GOOD(1));
        rig_expect(&rig, "\"id\":1");
        kill(rig.pid, SIGTERM);
        CHECK(exited_with(rig_wait(&rig, 800 + MARGIN), 60 + SIGTERM));
        rig_finish(&rig);

        rig_start(&rig, &tools, STEPS("leave", "serve", "pause"));
        rig_expect(&rig, "good");
        CHECK(exited_with(rig_wait(&rig, 1000 + MARGIN), 0));
        rig_finish(&rig);
}

/* A blocked mask and an ignored SIGCHLD come through execve(). */
static void start_with_signals_blocked(struct rig *rig, const struct rig_options *o, const char *const *server)
{
        sigset_t all, before;

        sigfillset(&all);
        signal(SIGCHLD, SIG_IGN);
        sigprocmask(SIG_SETMASK, &all, &before);
        rig_start(rig, o, server);
        sigprocmask(SIG_SETMASK, &before, NULL);
        signal(SIGCHLD, SIG_DFL);
}

static void signals_blocked_at_start(void)
{
        struct rig rig;

        start_with_signals_blocked(&rig, NULL, STEPS("answer", "exit", "7"));
        rig_send(&rig, CALL_GOOD(1));
        rig_expect(&rig, "\"id\":1");
        CHECK(exited_with(rig_wait(&rig, 300 + MARGIN), 7));
        rig_finish(&rig);

        start_with_signals_blocked(&rig, NULL, STEPS("answer", "pause"));
        rig_send(&rig, CALL_GOOD(1));
        rig_expect(&rig, "\"id\":1");
        kill(rig.pid, SIGTERM);
        CHECK(died_of(rig_wait(&rig, 800 + MARGIN), SIGTERM));
        rig_finish(&rig);
}

static void ends_ignored_at_start(void)
{
        const struct rig_options o = { .policy = POLICY("{ from: exec, command: [/bin/echo, a-value-of-it] }"),
                .verb = "tools" };
        struct rig rig;

        start_with_signals_blocked(&rig, &o, STEPS("serve"));
        rig_expect(&rig, "good");
        CHECK(exited_with(rig_wait(&rig, 1000 + MARGIN), 0));
        rig_finish(&rig);
}

/* Whole, or cut off where a message ends on the screen. */
static void tools_does_not_show_a_credential(void)
{
        static const int lengths[] = { 0, 285 };

        for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
                const struct rig_options o = { .policy = POLICY("{ from: env, name: SOURCE_OF_TOKEN }"), .verb = "tools",
                        .env = STEPS("SOURCE_OF_TOKEN=s3cret-token-value"), .own_stderr = true };
                char filler[301] = "", error[1024], text[4096] = "";
                size_t len = 0;
                ssize_t n;
                struct rig rig;

                memset(filler, 'x', sizeof(filler) - 1);
                snprintf(error, sizeof(error), "{\"jsonrpc\":\"2.0\",\"id\":3,\"error\":{\"code\":-1,\"message\":\"%.*s"
                        "s3cret-token-value\"}}", lengths[i], filler);
                rig_start(&rig, &o, STEPS("answer", "receive", "receive", "send", error, "eof"));
                while ((n = read(rig.err, text + len, sizeof(text) - len - 1)) > 0)
                        len += (size_t)n;
                CHECK(exited_with(rig_wait(&rig, 1000 + MARGIN), 125));
                CHECK(strstr(text, "the server refuses tools/list") && !strstr(text, "s3cret"));
                rig_finish(&rig);
        }
}

/* Logs what it reads, says something on stderr, and lists no tools. */
#define LOGGING_SERVER                                                                                               \
        "echo noise >&2; while read -r a; do echo \"$a\" >>\"$HOME/seen\"; case $a in "                               \
        "*tools/list*) echo \"{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"id\\\":3,\\\"result\\\":{\\\"tools\\\":[]}}\";; "              \
        "*) echo \"{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"id\\\":1,\\\"result\\\":{}}\";; esac; done"

/* Where the three are closed, a pipe of ours must not come to be where the server's stderr and our output go. */
static void tools_without_descriptors(void)
{
        char real[512], *seen;
        const struct rig_options o = { .env = STEPS(real, "SERVER=" LOGGING_SERVER),
                .raw = STEPS("-c", "exec \"$REAL\" tools --policy \"$HOME/policy.yaml\" -- /bin/sh -c \"$SERVER\" <&- >&- 2>&-") };
        struct rig rig;

        snprintf(real, sizeof(real), "REAL=%s", getenv("LEASTWISE"));
        CHECK(setenv("LEASTWISE", "/bin/sh", 1) == 0);
        rig_start(&rig, &o, NULL);
        CHECK(exited_with(rig_wait(&rig, 1000 + MARGIN), 0));
        seen = rig_read_file(rig_path(&rig, "seen"));
        CHECK(strstr(seen, "tools/list") && !strstr(seen, "noise"));
        free(seen);
        rig_finish(&rig);
}

static const struct rig_case cases[] = {
        { "signals end the wait for a credential", signals_end_the_wait_for_a_credential },
        { "the client vanishes before there is a credential", client_vanishes_before_there_is_a_credential },
        { "the guardian is stopped or killed", guardian_is_stopped_or_killed },
        { "nothing starts without a guardian", nothing_starts_without_a_guardian },
        { "a server leaves its group", server_leaves_its_group },
        { "signals are blocked at the start", signals_blocked_at_start },
        { "children's ends are ignored at the start", ends_ignored_at_start },
        { "tools does not show a credential", tools_does_not_show_a_credential },
        { "tools without descriptors", tools_without_descriptors },
};

int main(void)
{
        return rig_main(cases, sizeof(cases) / sizeof(cases[0]));
}
