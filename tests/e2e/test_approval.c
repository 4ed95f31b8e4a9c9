/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls that wait for a person: what the person's side can do, and what nobody can do to it.
 */
#include <dirent.h>
#include <errno.h>
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

#include "outside.h"

#define POLICY(approval) \
        "leastwise: 1\nname: asks\npurpose: Ask about bad.\ntools: { allow: [good], approve: [{ tool: bad, because: " \
        "It is bad. }] }\n" \
        "approval: { " approval " }\n"
#define PATIENT POLICY("hold: 60s")
#define HASTY POLICY("hold: 300ms")

static char runtime[64], variable[128], kept[128];

static void make_runtime(void)
{
        snprintf(runtime, sizeof(runtime), "/tmp/leastwise-run.XXXXXX");
        CHECK(mkdtemp(runtime));
        snprintf(variable, sizeof(variable), "XDG_RUNTIME_DIR=%s", runtime);
        snprintf(kept, sizeof(kept), "%s/server-got", runtime);
}

static void start(struct rig *rig, const char *policy)
{
        make_runtime();
        rig_start(rig, &(struct rig_options){ .policy = policy, .env = STEPS(variable), .own_stderr = true },
                STEPS("serve-into", kept));
        rig_handshake(rig);
}

/* The session's socket, in a static buffer; empty when there is none. */
static const char *socket_path(void)
{
        static char path[512];
        char dir_path[128];
        struct dirent *entry;
        DIR *dir;

        path[0] = '\0';
        snprintf(dir_path, sizeof(dir_path), "%s/leastwise", runtime);
        dir = opendir(dir_path);
        while (dir && (entry = readdir(dir))) {
                if (entry->d_name[0] != '.')
                        snprintf(path, sizeof(path), "%s/%s", dir_path, entry->d_name);
        }
        if (dir)
                closedir(dir);
        return path;
}

static void clear_runtime(void)
{
        char path[128];

        if (*socket_path())
                FAIL("%s is left behind", socket_path());
        snprintf(path, sizeof(path), "%s/leastwise", runtime);
        (void)rmdir(path);
        (void)unlink(kept);
        CHECK(rmdir(runtime) == 0);
}

static void finish(struct rig *rig)
{
        rig_close_in(rig);
        CHECK(exited_with(rig_wait(rig, 10000), 0));
        rig_finish(rig);
        clear_runtime();
}

/* Waits for the proxy's word on stderr. */
static void expect_said(struct rig *rig, const char *part)
{
        static char text[1U << 16];
        static size_t len;
        char *found;
        ssize_t n;

        for (;;) {
                text[len] = '\0';
                found = strstr(text, part);
                if (found) {
                        len -= (size_t)(found + strlen(part) - text);
                        memmove(text, found + strlen(part), len);
                        return;
                }
                CHECK(len < sizeof(text) - 1);
                n = read(rig->err, text + len, sizeof(text) - 1 - len);
                if (n <= 0)
                        FAIL("\"%s\" was not said; but: %s", part, text);
                len += (size_t)n;
        }
}

/* --- persons --- */

static struct outside_request request(struct rig *rig, enum outside_kind kind, const char *verb, const char *argument)
{
        struct outside_request q = { .kind = kind };

        snprintf(q.verb, sizeof(q.verb), "%s", verb);
        snprintf(q.argument, sizeof(q.argument), "%s", argument ? argument : "");
        snprintf(q.runtime, sizeof(q.runtime), "%s", runtime);
        snprintf(q.state, sizeof(q.state), "%s/state", rig->dir);
        return q;
}

static const struct outside_reply *outside(
        struct rig *rig, enum outside_kind kind, const char *verb, const char *argument)
{
        struct outside_request q = request(rig, kind, verb, argument);

        return outside_do(&q);
}

static const struct outside_reply *approve(struct rig *rig, const char *id, const char *typed)
{
        struct outside_request q = request(rig, OUTSIDE_TERMINAL, "approve", id);

        snprintf(q.typed, sizeof(q.typed), "%s", typed);
        return outside_do(&q);
}

/* The value of the first member @name in the JSON text, in a static buffer. */
static const char *value_of(const char *text, const char *name)
{
        static char value[256];
        char member[64];
        const char *at;

        snprintf(member, sizeof(member), "\"%s\":\"", name);
        at = strstr(text, member);
        if (!at)
                FAIL("no %s in %s", name, text);
        at += strlen(member);
        snprintf(value, sizeof(value), "%.*s", (int)strcspn(at, "\""), at);
        return value;
}

/* Sends a call of `bad` and waits until it is on the list; its id, in a static buffer. */
static const char *hold(struct rig *rig, int id, const char *arguments)
{
        static char card[256];
        char line[512];
        const uint64_t deadline = rig_now_ms() + RIG_WAIT_MS;

        snprintf(line, sizeof(line),
                "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/"
                "call\",\"params\":{\"name\":\"bad\",\"arguments\":%s}}",
                id, arguments);
        rig_send(rig, line);
        for (;;) {
                const struct outside_reply *reply = outside(rig, OUTSIDE_PLAIN, "pending", "--json");

                CHECK(exited_with(reply->status, 0));
                if (strstr(reply->output, "\"id\":")) {
                        snprintf(card, sizeof(card), "%s", value_of(reply->output, "id"));
                        return card;
                }
                CHECK(rig_now_ms() < deadline);
        }
}

static size_t calls_that_ran(const char *name)
{
        char *text = rig_read_file(kept), part[64];
        size_t count = 0;

        snprintf(part, sizeof(part), "\"name\":\"%s\"", name);
        for (const char *at = text; (at = strstr(at, part)); at++)
                count++;
        free(text);
        return count;
}

/* --- raw connections --- */

static int dial(void)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        CHECK(strlen(socket_path()) < sizeof(address.sun_path));
        memcpy(address.sun_path, socket_path(), strlen(socket_path()));
        CHECK(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
        return fd;
}

/* What comes until a newline or the end, in a static buffer. */
static const char *hear(int fd)
{
        static char text[65536];
        size_t len = 0;

        while (len < sizeof(text) - 1) {
                struct pollfd p = { .fd = fd, .events = POLLIN };

                if (poll(&p, 1, RIG_WAIT_MS) != 1)
                        FAIL("nothing is heard");
                if (read(fd, text + len, 1) != 1 || text[len] == '\n')
                        break;
                len++;
        }
        text[len] = '\0';
        return text;
}

static const char *ask(int fd, const char *line)
{
        CHECK(write(fd, line, strlen(line)) == (ssize_t)strlen(line) && write(fd, "\n", 1) == 1);
        return hear(fd);
}

/* News but notices, which stand between them. */
static const char *hear_news(int fd)
{
        const char *heard;

        do {
                heard = hear(fd);
        } while (strstr(heard, "session/notice"));
        return heard;
}

/* --- cases --- */

static void no_socket_until_a_call_waits(void)
{
        struct rig rig;

        start(&rig, PATIENT);
        rig_send(&rig, CALL_GOOD(1));
        rig_expect(&rig, "\"id\":1");
        CHECK(!*socket_path());
        CHECK(strstr(outside(&rig, OUTSIDE_PLAIN, "pending", NULL)->output, "No call waits"));
        (void)hold(&rig, 2, "{}");
        CHECK(*socket_path());
        finish(&rig);
}

static void approved_while_it_waits(void)
{
        const struct outside_reply *reply;
        struct rig rig;
        char id[16], *audit;

        start(&rig, PATIENT);
        snprintf(id, sizeof(id), "%s", hold(&rig, 5, "{\"path\":\"a\\u001b[2Jb\"}"));
        /* Others do not wait. */
        rig_send(&rig, CALL_GOOD(6));
        CHECK(strstr(rig_expect(&rig, "\"id\":6"), "length"));
        CHECK(calls_that_ran("bad") == 0);
        reply = outside(&rig, OUTSIDE_PLAIN, "pending", NULL);
        CHECK(strstr(reply->output, id) && strstr(reply->output, "| bad\n"));
        reply = approve(&rig, id, "y\n");
        if (!exited_with(reply->status, 0) || !strstr(reply->output, "approved: the call has been passed on"))
                FAIL("%d %s", reply->status, reply->output);
        CHECK(strstr(reply->output, "It is bad.") && !strchr(reply->output, '\x1b'));
        CHECK(strstr(rig_expect(&rig, "\"id\":5"), "length"));
        CHECK(calls_that_ran("bad") == 1);
        reply = approve(&rig, id, "y\n");
        CHECK(exited_with(reply->status, 1) && strstr(reply->output, "no call waits"));
        audit = rig_audit(&rig);
        CHECK(strstr(audit, id) && strstr(audit, "\"local\""));
        free(audit);
        finish(&rig);
}

/* What the proxy has made visible is not made so again. */
static void texts_are_escaped_once(void)
{
        const struct outside_reply *reply;
        struct rig rig;
        char id[16];

        start(&rig, "leastwise: 1\nname: asks\npurpose: Ask about bad.\n"
                    "tools: { approve: [{ tool: bad, say: 'Do {x}', open: true }] }\napproval: { hold: 60s }\n");
        snprintf(id, sizeof(id), "%s", hold(&rig, 5, "{\"x\":\"a\\u202e\\\\\"}"));
        reply = outside(&rig, OUTSIDE_PLAIN, "pending", NULL);
        if (!strstr(reply->output, "WHAT     | Do \"a\\u{202E}\\\\\"\n"))
                FAIL("%s", reply->output);
        reply = approve(&rig, id, "n\n");
        CHECK(strstr(reply->output, "WHAT     | Do \"a\\u{202E}\\\\\"\r\n"));
        finish(&rig);
}

static void denied(void)
{
        const struct outside_reply *reply;
        struct outside_request q;
        struct rig rig;
        char id[16];
        const char *line;

        start(&rig, PATIENT);
        snprintf(id, sizeof(id), "%s", hold(&rig, 5, "{}"));
        q = request(&rig, OUTSIDE_PLAIN, "deny", id);
        /* In small letters, as people type. */
        for (char *c = q.argument; *c; c++)
                *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
        snprintf(q.option, sizeof(q.option), "Not on a Friday.");
        reply = outside_do(&q);
        CHECK(exited_with(reply->status, 0) && strstr(reply->output, "denied"));
        line = rig_expect(&rig, "\"id\":5");
        CHECK(strstr(line, "isError") && strstr(line, "Not on a Friday."));
        /* The same again is not asked about again. */
        rig_send(&rig, CALL_BAD(7));
        CHECK(strstr(rig_expect(&rig, "\"id\":7"), "isError"));
        CHECK(strcmp(outside(&rig, OUTSIDE_PLAIN, "pending", "--json")->output, "[]\n") == 0);
        CHECK(calls_that_ran("bad") == 0);
        finish(&rig);
}

static void too_late_is_for_the_next_time(void)
{
        struct rig rig;
        char id[16];
        const char *line;

        start(&rig, HASTY);
        rig_send(&rig, CALL_BAD(5));
        line = rig_expect(&rig, "\"id\":5");
        CHECK(strstr(line, "isError") && strstr(line, "leastwise approve "));
        snprintf(id, sizeof(id), "%.6s", strstr(line, "leastwise approve ") + strlen("leastwise approve "));
        CHECK(exited_with(approve(&rig, id, "y\n")->status, 0));
        CHECK(calls_that_ran("bad") == 0);
        CHECK(strstr(
                outside(&rig, OUTSIDE_PLAIN, "pending", NULL)->output, "approved; its call may be made once within"));
        /* What differs is another call. */
        rig_send(&rig, "{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"tools/"
                       "call\",\"params\":{\"name\":\"bad\",\"arguments\":{\"a\":1}}}");
        CHECK(strstr(rig_expect(&rig, "\"id\":6"), "isError"));
        rig_send(&rig, CALL_BAD(7));
        CHECK(strstr(rig_expect(&rig, "\"id\":7"), "length"));
        rig_send(&rig, CALL_BAD(8));
        line = rig_expect(&rig, "\"id\":8");
        CHECK(strstr(line, "isError") && !strstr(line, id));
        CHECK(calls_that_ran("bad") == 1);
        finish(&rig);
}

static void only_y_approves(void)
{
        static const char *const typed[] = { "\n", "yes\n", "Y\n", "a\n", " y\n", "\x04" };
        struct rig rig;
        char id[16];

        start(&rig, PATIENT);
        snprintf(id, sizeof(id), "%s", hold(&rig, 5, "{}"));
        for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
                const struct outside_reply *reply = approve(&rig, id, typed[i]);

                if (!exited_with(reply->status, 1) || !strstr(reply->output, "not answered: the call still waits"))
                        FAIL("%s: %s", typed[i], reply->output);
        }
        CHECK(exited_with(approve(&rig, id, "n\n")->status, 1));
        CHECK(strstr(rig_expect(&rig, "\"id\":5"), "isError"));
        CHECK(calls_that_ran("bad") == 0);
        finish(&rig);
}

/* The case is the proxy's client. */
static void the_client_cannot_approve_for_itself(void)
{
        static struct outside_reply reply;
        struct outside_request q;
        struct rig rig;
        char line[256], id[16];
        int fd;

        start(&rig, PATIENT);
        snprintf(id, sizeof(id), "%s", hold(&rig, 5, "{}"));
        q = request(&rig, OUTSIDE_TERMINAL, "approve", id);
        snprintf(q.typed, sizeof(q.typed), "y\n");
        outside_carry_out(&q, &reply);
        if (!exited_with(reply.status, 1) || !strstr(reply.output, "not approved: you were started by the client"))
                FAIL("%d %s", reply.status, reply.output);
        fd = dial();
        snprintf(line, sizeof(line),
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"approval/"
                "answer\",\"params\":{\"id\":\"%s\",\"verdict\":\"approve\"}}",
                id);
        CHECK(strstr(ask(fd, line), "started by the client"));
        close(fd);
        /* Nor somebody without a terminal. */
        q = request(&rig, OUTSIDE_PLAIN, "approve", id);
        CHECK(strstr(outside_do(&q)->output, "approving needs a terminal"));
        CHECK(calls_that_ran("bad") == 0);
        /* It may deny. */
        fd = dial();
        snprintf(line, sizeof(line),
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"approval/"
                "answer\",\"params\":{\"id\":\"%s\",\"verdict\":\"deny\"}}",
                id);
        CHECK(strstr(ask(fd, line), "\"state\":\"denied\""));
        close(fd);
        CHECK(strstr(rig_expect(&rig, "\"id\":5"), "isError"));
        finish(&rig);
}

static void status_and_news(void)
{
        struct rig rig;
        char id[16], line[256];
        const char *heard;
        int fd;

        start(&rig, PATIENT);
        snprintf(id, sizeof(id), "%s", hold(&rig, 5, "{}"));
        fd = dial();
        heard = ask(fd, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"session/status\"}");
        snprintf(line, sizeof(line), "\"pid\":%d,", rig.pid);
        CHECK(strstr(heard, line) && strstr(heard, "\"policies\":[\"asks\"],\"cards\":1"));
        snprintf(line, sizeof(line), "\"client_pid\":%d,", getpid());
        CHECK(strstr(heard, line));
        CHECK(strtoull(strstr(heard, "\"started_ms\":") + 13, NULL, 10) / 1000 <= (unsigned long long)time(NULL));
        CHECK(strtoull(strstr(heard, "\"started_ms\":") + 13, NULL, 10) / 1000 + 60 > (unsigned long long)time(NULL));
        CHECK(strstr(ask(fd, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"watch/start\"}"), id));
        rig_send(&rig, "{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"tools/"
                       "call\",\"params\":{\"name\":\"bad\",\"arguments\":{\"a\":1}}}");
        CHECK(strstr(hear_news(fd), "\"method\":\"approval/card\""));
        rig_send(&rig, CALL_BAD(7));
        heard = hear_news(fd);
        CHECK(strstr(heard, "\"method\":\"approval/card\"") && strstr(heard, id) && strstr(heard, "\"waiting\":2"));
        snprintf(line, sizeof(line),
                "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"approval/"
                "answer\",\"params\":{\"id\":\"%s\",\"verdict\":\"deny\"}}",
                id);
        CHECK(write(fd, line, strlen(line)) == (ssize_t)strlen(line) && write(fd, "\n", 1) == 1);
        heard = hear_news(fd);
        CHECK(strstr(heard, "\"method\":\"approval/closed\"") && strstr(heard, id) &&
                strstr(heard, "\"state\":\"denied\""));
        heard = hear_news(fd);
        CHECK(strstr(heard, "\"id\":3,\"result\""));
        close(fd);
        finish(&rig);
}

static void peers_that_misbehave(void)
{
        static char much[200000];
        struct rig rig;
        char id[16];
        int silent[8], fd;

        start(&rig, PATIENT);
        snprintf(id, sizeof(id), "%s", hold(&rig, 5, "{}"));
        signal(SIGPIPE, SIG_IGN);
        fd = dial();
        CHECK(strstr(ask(fd, "GET / HTTP/1.0\r"), "\"error\""));
        CHECK(*hear(fd) == '\0');
        close(fd);
        fd = dial();
        memset(much, 'x', sizeof(much));
        while (write(fd, much, sizeof(much)) > 0)
                ;
        close(fd);
        for (int i = 0; i < 100; i++) {
                fd = dial();
                if (i % 2 && write(fd, "{\"jsonrpc\":", 11) < 0)
                        FAIL("write");
                close(fd);
        }
        /* All places are taken by who says nothing, and one more is told so. */
        for (int i = 0; i < 8; i++) {
                silent[i] = dial();
                if (i == 7)
                        CHECK(strstr(ask(silent[i], "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"watch/start\"}"), id));
        }
        fd = dial();
        CHECK(strstr(hear(fd), "too many programs"));
        close(fd);
        /* Nor is it taken for a session where nothing waits, whoever is faster. */
        for (int i = 0; i < 20; i++) {
                const struct outside_reply *reply = outside(&rig, OUTSIDE_PLAIN, "pending", NULL);

                if (!exited_with(reply->status, 70) || !strstr(reply->output, "does not answer: too many programs"))
                        FAIL("%d %s", reply->status, reply->output);
        }
        /* Nobody else notices. */
        rig_send(&rig, CALL_GOOD(6));
        CHECK(strstr(rig_expect(&rig, "\"id\":6"), "length"));
        for (int i = 0; i < 8; i++)
                close(silent[i]);
        CHECK(exited_with(approve(&rig, id, "y\n")->status, 0));
        CHECK(strstr(rig_expect(&rig, "\"id\":5"), "length"));
        finish(&rig);
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

        start(&rig, PATIENT);
        snprintf(id, sizeof(id), "%s", hold(&rig, 5, "{}"));
        snprintf(path, sizeof(path), "%s/leastwise/01K9ZZ8F3V7E0000000000AAAA.sock", runtime);
        pid = dripping(path);
        began = rig_now_ms();
        reply = outside(&rig, OUTSIDE_PLAIN, "pending", NULL);
        CHECK(rig_now_ms() - began < 20000);
        if (!exited_with(reply->status, 70) || !strstr(reply->output, id) ||
                !strstr(reply->output, "AAAA does not answer"))
                FAIL("%d %s", reply->status, reply->output);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        CHECK(unlink(path) == 0);
        finish(&rig);
}

/* The client reads nothing: an answer waits until it does, and nothing is lost. */
static void a_client_that_does_not_read(void)
{
        struct outside_request q;
        struct rig rig;
        char id[16], line[256];
        unsigned refused = 0;
        bool over = false;

        start(&rig, PATIENT);
        snprintf(id, sizeof(id), "%s", hold(&rig, 5, "{}"));
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
        q = request(&rig, OUTSIDE_PLAIN, "deny", id);
        outside_ask(&q);
        while (!over) {
                const char *heard = rig_expect(&rig, "\"id\":");

                refused += strstr(heard, "isError") != NULL;
                over = strstr(heard, "\"id\":5}") || strstr(heard, "\"id\":5,");
        }
        CHECK(refused > 100);
        CHECK(exited_with(outside_reply()->status, 0));
        CHECK(calls_that_ran("bad") == 0);
        rig_close_in(&rig);
        while (rig_line(&rig))
                ;
        CHECK(exited_with(rig_wait(&rig, 10000), 0));
        rig_finish(&rig);
        clear_runtime();
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

        start(&rig, PATIENT);
        (void)hold(&rig, 5, "{}");
        snprintf(path, sizeof(path), "%s", socket_path());
        kill(rig.pid, SIGKILL);
        CHECK(died_of(rig_wait(&rig, 5000), SIGKILL));
        wait_until_gone(path);
        rig_finish(&rig);
        clear_runtime();
        /* Together with its guardian: who looks next removes it. */
        start(&rig, PATIENT);
        (void)hold(&rig, 5, "{}");
        snprintf(path, sizeof(path), "%s", socket_path());
        kill(guardian_of(rig.pid), SIGKILL);
        kill(rig.pid, SIGKILL);
        CHECK(died_of(rig_wait(&rig, 5000), SIGKILL));
        CHECK(access(path, F_OK) == 0);
        CHECK(exited_with(outside(&rig, OUTSIDE_PLAIN, "pending", NULL)->status, 0));
        CHECK(access(path, F_OK) < 0);
        rig_finish(&rig);
        clear_runtime();
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

        if (geteuid() != 0) {
                printf("# SKIPPED: another user is shut out: only root can become another user\n");
                return;
        }
        start(&rig, PATIENT);
        (void)hold(&rig, 5, "{}");
        CHECK(chmod(runtime, 0755) == 0);
        snprintf(dir, sizeof(dir), "%s/leastwise", runtime);
        pid = fork();
        if (pid == 0)
                _exit(as_another_user(socket_path(), dir));
        CHECK(waitpid(pid, &status, 0) == pid);
        if (!exited_with(status, 0))
                FAIL("status %d", WEXITSTATUS(status));
        finish(&rig);
}

/* As clients start servers that hand on next to nothing. */
static void without_a_runtime_directory(void)
{
        struct outside_request q;
        const struct outside_reply *reply;
        struct rig rig;
        char control[256], own[64];

        make_runtime();
        rig_start(&rig, &(struct rig_options){ .policy = HASTY, .own_stderr = true }, STEPS("serve-into", kept));
        rig_handshake(&rig);
        rig_send(&rig, CALL_BAD(5));
        rig_expect(&rig, "\"id\":5");
        q = request(&rig, OUTSIDE_PLAIN, "pending", NULL);
        q.runtime[0] = '\0';
        reply = outside_do(&q);
        CHECK(exited_with(reply->status, 0) && strstr(reply->output, "TOOL     | bad\n"));
        /* Who has one looks there as well. */
        CHECK(strstr(outside(&rig, OUTSIDE_PLAIN, "pending", NULL)->output, "TOOL     | bad\n"));
        rig_close_in(&rig);
        CHECK(exited_with(rig_wait(&rig, 10000), 0));
        snprintf(own, sizeof(own), "/run/user/%lu", (unsigned long)geteuid());
        snprintf(control, sizeof(control), "%s/state/leastwise/control", rig.dir);
        /* Empty, wherever it was. */
        if (access(own, F_OK) < 0)
                CHECK(rmdir(control) == 0);
        rig_finish(&rig);
        clear_runtime();
}

/* --- programs --- */

static void a_program_is_told(void)
{
        struct rig rig;
        char policy[1024], told[128], *text;
        const uint64_t deadline = rig_now_ms() + RIG_WAIT_MS;

        make_runtime();
        snprintf(told, sizeof(told), "%s/told", runtime);
        snprintf(policy, sizeof(policy),
                POLICY("hold: 60s, notify: [/bin/sh, -c, \"cat > $0.new; env > $0.env; mv $0.new $0\", %s]"), told);
        rig_start(&rig,
                &(struct rig_options){
                        .policy = policy, .env = STEPS(variable, "TOKEN=hunter2hunter2"), .own_stderr = true },
                STEPS("serve-into", kept));
        rig_handshake(&rig);
        rig_send(&rig, CALL_BAD(5));
        while (access(told, F_OK) < 0) {
                CHECK(rig_now_ms() < deadline);
                usleep(1000);
        }
        text = rig_read_file(told);
        CHECK(strstr(text, "\"tool\":\"bad\"") && strstr(text, "\"state\":\"open\""));
        free(text);
        snprintf(policy, sizeof(policy), "%s.env", told);
        text = rig_read_file(policy);
        CHECK(strstr(text, "PATH=") && !strstr(text, "hunter2"));
        free(text);
        CHECK(unlink(told) == 0 && unlink(policy) == 0);
        finish(&rig);
}

static void a_program_answers(void)
{
        struct rig rig;
        char policy[1024], *audit;

        make_runtime();
        snprintf(policy, sizeof(policy), "%s",
                POLICY("hold: 60s, ask: [/bin/sh, -c, 'read card; case $card in *yes*) echo "
                       "\"{\\\"verdict\\\":\\\"approve\\\"}\" ;; "
                       "*no*) echo \"{\\\"verdict\\\":\\\"deny\\\",\\\"because\\\":\\\"The bot says no.\\\"}\" ;; *) "
                       "exit 1 ;; esac']"));
        rig_start(&rig, &(struct rig_options){ .policy = policy, .env = STEPS(variable), .own_stderr = true },
                STEPS("serve-into", kept));
        rig_handshake(&rig);
        rig_send(&rig, "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/"
                       "call\",\"params\":{\"name\":\"bad\",\"arguments\":{\"say\":\"yes\"}}}");
        CHECK(strstr(rig_expect(&rig, "\"id\":5"), "length"));
        rig_send(&rig, "{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"tools/"
                       "call\",\"params\":{\"name\":\"bad\",\"arguments\":{\"say\":\"no\"}}}");
        CHECK(strstr(rig_expect(&rig, "\"id\":6"), "The bot says no."));
        /* No answer: it waits for somebody else. */
        (void)hold(&rig, 7, "{}");
        expect_said(&rig, "gave no answer that can be understood");
        CHECK(calls_that_ran("bad") == 1);
        audit = rig_audit(&rig);
        CHECK(strstr(audit, "ask:sh"));
        free(audit);
        finish(&rig);
}

static void programs_end_with_the_proxy(void)
{
        struct rig rig;
        char policy[1024], started[128];
        const uint64_t deadline = rig_now_ms() + RIG_WAIT_MS;

        make_runtime();
        snprintf(started, sizeof(started), "%s/started", runtime);
        snprintf(policy, sizeof(policy),
                POLICY("hold: 60s, ask: [/bin/sh, -c, \"trap '' TERM; sleep 600 & : > $0; wait\", %s]"), started);
        rig_start(&rig, &(struct rig_options){ .policy = policy, .env = STEPS(variable), .own_stderr = true },
                STEPS("serve-into", kept));
        rig_handshake(&rig);
        rig_send(&rig, CALL_BAD(5));
        while (access(started, F_OK) < 0) {
                CHECK(rig_now_ms() < deadline);
                usleep(1000);
        }
        CHECK(unlink(started) == 0);
        kill(rig.pid, SIGKILL);
        CHECK(died_of(rig_wait(&rig, 5000), SIGKILL));
        /* rig_finish() finds who is left. */
        rig_finish(&rig);
        clear_runtime();
}

static const struct rig_case cases[] = {
        { "no socket until a call waits", no_socket_until_a_call_waits },
        { "approved while it waits: it runs, once", approved_while_it_waits },
        { "what a card says is escaped once", texts_are_escaped_once },
        { "denied, with a reason, and not asked about again", denied },
        { "what is approved too late runs the next time", too_late_is_for_the_next_time },
        { "only y approves", only_y_approves },
        { "the client cannot approve for itself", the_client_cannot_approve_for_itself },
        { "status, and news for those that watch", status_and_news },
        { "garbage, slow, vanishing and too many peers", peers_that_misbehave },
        { "a session that answers without end holds nobody up", a_session_that_answers_without_end },
        { "a client that does not read", a_client_that_does_not_read },
        { "killed proxies leave no socket", killed_proxies_leave_no_socket },
        { "another user is shut out", another_user_is_shut_out },
        { "without a runtime directory", without_a_runtime_directory },
        { "a program is told", a_program_is_told },
        { "a program answers", a_program_answers },
        { "programs end with the proxy", programs_end_with_the_proxy },
};

int main(void)
{
        return outside_main(cases, sizeof(cases) / sizeof(cases[0]));
}
