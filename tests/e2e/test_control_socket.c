/* SPDX-License-Identifier: Apache-2.0
 *
 * The socket over which persons answer: what it tells, who is shut out of it, and what nobody can do to it.
 */
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "approval_rig.h"

static void status_and_news(void)
{
        struct rig rig;
        char id[16], line[256];
        const char *heard;
        int fd;

        approval_start(&rig, APPROVAL_PATIENT);
        snprintf(id, sizeof(id), "%s", approval_hold(&rig, 5, "{}"));
        fd = approval_dial();
        heard = approval_ask(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"session/status\"}");
        snprintf(line, sizeof(line), "\"pid\":%d,", rig.pid);
        CHECK(strstr(heard, line) && strstr(heard, "\"policies\":[\"asks\"],\"cards\":1"));
        snprintf(line, sizeof(line), "\"client_pid\":%d,", getpid());
        CHECK(strstr(heard, line));
        CHECK(strtoull(strstr(heard, "\"started_ms\":") + 13, NULL, 10) / 1000 <= (unsigned long long)time(NULL));
        CHECK(strtoull(strstr(heard, "\"started_ms\":") + 13, NULL, 10) / 1000 + 60 > (unsigned long long)time(NULL));
        CHECK(strstr(approval_ask(fd, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"watch/start\"}"), id));
        rig_send(&rig, "{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"tools/"
                       "call\",\"params\":{\"name\":\"bad\",\"arguments\":{\"a\":1}}}");
        CHECK(strstr(approval_hear_news(fd), "\"method\":\"approval/card\""));
        rig_send(&rig, CALL_BAD(7));
        heard = approval_hear_news(fd);
        CHECK(strstr(heard, "\"method\":\"approval/card\"") && strstr(heard, id) && strstr(heard, "\"waiting\":2"));
        snprintf(line, sizeof(line),
                "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"approval/"
                "answer\",\"params\":{\"id\":\"%s\",\"verdict\":\"deny\"}}",
                id);
        CHECK(write(fd, line, strlen(line)) == (ssize_t)strlen(line) && write(fd, "\n", 1) == 1);
        heard = approval_hear_news(fd);
        CHECK(strstr(heard, "\"method\":\"approval/closed\"") && strstr(heard, id) &&
                strstr(heard, "\"state\":\"denied\""));
        heard = approval_hear_news(fd);
        CHECK(strstr(heard, "\"id\":3,\"result\""));
        close(fd);
        approval_finish(&rig);
}

static void peers_that_misbehave(void)
{
        static char much[200000];
        struct rig rig;
        char id[16];
        int silent[8], fd;

        approval_start(&rig, APPROVAL_PATIENT);
        snprintf(id, sizeof(id), "%s", approval_hold(&rig, 5, "{}"));
        signal(SIGPIPE, SIG_IGN);
        fd = approval_dial();
        CHECK(strstr(approval_ask(fd, "GET / HTTP/1.0\r"), "\"error\""));
        CHECK(*approval_hear(fd) == '\0');
        close(fd);
        fd = approval_dial();
        memset(much, 'x', sizeof(much));
        while (write(fd, much, sizeof(much)) > 0)
                ;
        close(fd);
        for (int i = 0; i < 100; i++) {
                fd = approval_dial();
                if (i % 2 && write(fd, "{\"jsonrpc\":", 11) < 0)
                        FAIL("write");
                close(fd);
        }
        /* All places are taken by who says nothing, and one more is told so. */
        for (int i = 0; i < 8; i++) {
                silent[i] = approval_dial();
                if (i == 7)
                        CHECK(strstr(approval_ask(silent[i], "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"watch/start\"}"), id));
        }
        fd = approval_dial();
        CHECK(strstr(approval_hear(fd), "too many programs"));
        close(fd);
        /* Nor is it taken for a session where nothing waits, whoever is faster. */
        for (int i = 0; i < 20; i++) {
                const struct outside_reply *reply = approval_outside(&rig, OUTSIDE_PLAIN, "pending", NULL);

                if (!exited_with(reply->status, 70) || !strstr(reply->output, "does not answer: too many programs"))
                        FAIL("%d %s", reply->status, reply->output);
        }
        /* Nobody else notices. */
        rig_send(&rig, CALL_GOOD(6));
        CHECK(strstr(rig_expect(&rig, "\"id\":6"), "length"));
        for (int i = 0; i < 8; i++)
                close(silent[i]);
        CHECK(exited_with(approval_approve(&rig, id, "y\n")->status, 0));
        CHECK(strstr(rig_expect(&rig, "\"id\":5"), "length"));
        approval_finish(&rig);
}

/* Somebody in the place of a session, who answers a byte now and then. */
static pid_t dripping(const char *path)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        pid_t pid;

        CHECK(strlen(path) < sizeof(address.sun_path));
        memcpy(address.sun_path, path, strlen(path));
        CHECK(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(listener, 4) == 0);
        pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
                signal(SIGPIPE, SIG_IGN);
                alarm(60);
                /* The first only looks whether somebody listens. */
                for (;;) {
                        const int fd = accept(listener, NULL, NULL);

                        while (write(fd, " ", 1) == 1)
                                usleep(200000);
                        close(fd);
                }
        }
        close(listener);
        return pid;
}

static void a_session_that_answers_without_end(void)
{
        const struct outside_reply *reply;
        struct rig rig;
        char id[16], path[512];
        uint64_t began;
        pid_t pid;

        approval_start(&rig, APPROVAL_PATIENT);
        snprintf(id, sizeof(id), "%s", approval_hold(&rig, 5, "{}"));
        snprintf(path, sizeof(path), "%s/leastwise/01K9ZZ8F3V7E0000000000AAAA.sock", approval_runtime);
        pid = dripping(path);
        began = rig_now_ms();
        reply = approval_outside(&rig, OUTSIDE_PLAIN, "pending", NULL);
        CHECK(rig_now_ms() - began < 20000);
        if (!exited_with(reply->status, 70) || !strstr(reply->output, id) ||
                !strstr(reply->output, "AAAA does not answer"))
                FAIL("%d %s", reply->status, reply->output);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        CHECK(unlink(path) == 0);
        approval_finish(&rig);
}

/* The client reads nothing: an answer waits until it does, and nothing is lost. */
static void a_client_that_does_not_read(void)
{
        struct outside_request q;
        struct rig rig;
        char id[16], line[256];
        unsigned refused = 0;
        bool over = false;

        approval_start(&rig, APPROVAL_PATIENT);
        snprintf(id, sizeof(id), "%s", approval_hold(&rig, 5, "{}"));
        fcntl(rig.in, F_SETFL, O_NONBLOCK);
        for (int i = 100; i < 100000; i++) {
                int n = snprintf(line, sizeof(line),
                        "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/"
                        "call\",\"params\":{\"name\":\"never\",\"arguments\":{}}}\n",
                        i);
                struct pollfd p = { .fd = rig.in, .events = POLLOUT };

                /* Full: nothing goes in because nothing comes out. */
                if (poll(&p, 1, 500) != 1 || write(rig.in, line, (size_t)n) != n)
                        break;
        }
        q = approval_request(&rig, OUTSIDE_PLAIN, "deny", id);
        outside_ask(&q);
        while (!over) {
                const char *heard = rig_expect(&rig, "\"id\":");

                refused += strstr(heard, "isError") != NULL;
                over = strstr(heard, "\"id\":5}") || strstr(heard, "\"id\":5,");
        }
        CHECK(refused > 100);
        CHECK(exited_with(outside_reply()->status, 0));
        CHECK(approval_calls_that_ran("bad") == 0);
        rig_close_in(&rig);
        while (rig_line(&rig))
                ;
        CHECK(exited_with(rig_wait(&rig, 10000), 0));
        rig_finish(&rig);
        approval_clear_runtime();
}

static void wait_until_gone(const char *path)
{
        const uint64_t deadline = rig_now_ms() + 5000;

        while (access(path, F_OK) == 0) {
                CHECK(rig_now_ms() < deadline);
                usleep(1000);
        }
}

static pid_t guardian_of(pid_t proxy)
{
        char path[64], name[32];
        FILE *list;
        int pid, found = 0;

        snprintf(path, sizeof(path), "/proc/%d/task/%d/children", proxy, proxy);
        list = fopen(path, "re");
        CHECK(list);
        while (!found && fscanf(list, "%d", &pid) == 1) {
                FILE *comm;

                snprintf(path, sizeof(path), "/proc/%d/comm", pid);
                comm = fopen(path, "re");
                if (comm && fgets(name, sizeof(name), comm) && strcmp(name, "leastwise-guard\n") == 0)
                        found = pid;
                if (comm)
                        fclose(comm);
        }
        fclose(list);
        CHECK(found > 1);
        return found;
}

static void killed_proxies_leave_no_socket(void)
{
        struct rig rig;
        char path[512];

        approval_start(&rig, APPROVAL_PATIENT);
        (void)approval_hold(&rig, 5, "{}");
        snprintf(path, sizeof(path), "%s", approval_socket_path());
        kill(rig.pid, SIGKILL);
        CHECK(died_of(rig_wait(&rig, 5000), SIGKILL));
        wait_until_gone(path);
        rig_finish(&rig);
        approval_clear_runtime();
        /* Together with its guardian: who looks next removes it. */
        approval_start(&rig, APPROVAL_PATIENT);
        (void)approval_hold(&rig, 5, "{}");
        snprintf(path, sizeof(path), "%s", approval_socket_path());
        kill(guardian_of(rig.pid), SIGKILL);
        kill(rig.pid, SIGKILL);
        CHECK(died_of(rig_wait(&rig, 5000), SIGKILL));
        CHECK(access(path, F_OK) == 0);
        CHECK(exited_with(approval_outside(&rig, OUTSIDE_PLAIN, "pending", NULL)->status, 0));
        CHECK(access(path, F_OK) < 0);
        rig_finish(&rig);
        approval_clear_runtime();
}

/* What another user can see or do; the exit status tells. */
static int as_another_user(const char *path, const char *dir)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

        if (setresgid(65534, 65534, 65534) < 0 || setresuid(65534, 65534, 65534) < 0)
                return 1;
        if (opendir(dir) || errno != EACCES)
                return 2;
        memcpy(address.sun_path, path, strlen(path));
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 || errno != EACCES)
                return 3;
        return access(path, F_OK) < 0 && errno == EACCES ? 0 : 4;
}

static void another_user_is_shut_out(void)
{
        struct rig rig;
        char dir[128];
        int status;
        pid_t pid;

        if (geteuid() != 0)
                rig_skip("only root can become another user");
        approval_start(&rig, APPROVAL_PATIENT);
        (void)approval_hold(&rig, 5, "{}");
        CHECK(chmod(approval_runtime, 0755) == 0);
        snprintf(dir, sizeof(dir), "%s/leastwise", approval_runtime);
        pid = fork();
        if (pid == 0)
                _exit(as_another_user(approval_socket_path(), dir));
        CHECK(waitpid(pid, &status, 0) == pid);
        if (!exited_with(status, 0))
                FAIL("status %d", WEXITSTATUS(status));
        approval_finish(&rig);
}

/* As clients start servers that hand on next to nothing. */
static void without_a_runtime_directory(void)
{
        struct outside_request q;
        const struct outside_reply *reply;
        struct rig rig;
        char control[256], own[64];

        approval_make_runtime();
        rig_start(&rig, &(struct rig_options){ .policy = APPROVAL_HASTY, .own_stderr = true }, STEPS("serve-into", approval_kept));
        rig_handshake(&rig);
        rig_send(&rig, CALL_BAD(5));
        rig_expect(&rig, "\"id\":5");
        q = approval_request(&rig, OUTSIDE_PLAIN, "pending", NULL);
        q.runtime[0] = '\0';
        reply = outside_do(&q);
        CHECK(exited_with(reply->status, 0) && strstr(reply->output, "TOOL     | bad\n"));
        /* Who has one looks there as well. */
        CHECK(strstr(approval_outside(&rig, OUTSIDE_PLAIN, "pending", NULL)->output, "TOOL     | bad\n"));
        rig_close_in(&rig);
        CHECK(exited_with(rig_wait(&rig, 10000), 0));
        snprintf(own, sizeof(own), "/run/user/%lu", (unsigned long)geteuid());
        snprintf(control, sizeof(control), "%s/state/leastwise/control", rig.dir);
        /* Empty, wherever it was. */
        if (access(own, F_OK) < 0)
                CHECK(rmdir(control) == 0);
        rig_finish(&rig);
        approval_clear_runtime();
}

static const struct rig_case cases[] = {
        { "status, and news for those that watch", status_and_news },
        { "garbage, slow, vanishing and too many peers", peers_that_misbehave },
        { "a session that answers without end holds nobody up", a_session_that_answers_without_end },
        { "a client that does not read", a_client_that_does_not_read },
        { "killed proxies leave no socket", killed_proxies_leave_no_socket },
        { "another user is shut out", another_user_is_shut_out },
        { "without a runtime directory", without_a_runtime_directory },
};

int main(void)
{
        return outside_main(cases, sizeof(cases) / sizeof(cases[0]));
}
