/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages: large ones, slow peers, odd descriptors, and what is left of the descriptors that we were given.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "rig.h"

#define LARGE (9U << 20)
#define LIMIT (10U << 20)

/* A call whose line, its newline left out, has exactly @bytes bytes. */
static char *call_of(size_t bytes, int id)
{
        char *line = malloc(bytes + 1);
        int head = sprintf(line, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/call\",\"params\":{\"name\":\"good\","
                                 "\"arguments\":{\"text\":\"", id);

        memset(line + head, 'x', bytes - (size_t)head - 4);
        memcpy(line + bytes - 4, "\"}}}", 5);
        return line;
}

static void end_well(struct rig *rig)
{
        rig_close_in(rig);
        CHECK(exited_with(rig_wait(rig, 5000), 0));
        rig_finish(rig);
}

static void pass_calls(enum rig_stdio kind)
{
        struct rig rig;

        rig_start(&rig, &(struct rig_options){ .stdio = kind }, STEPS("serve"));
        rig_handshake(&rig);
        for (int i = 1; i <= 50; i++) {
                char part[32], line[200];

                snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/call\",\"params\":{\"name\":\"good\"}}", i);
                snprintf(part, sizeof(part), "\"id\":%d,", i);
                rig_send(&rig, line);
                CHECK(strstr(rig_expect(&rig, part), "length"));
        }
        end_well(&rig);
}

static void over_pipes(void)
{
        pass_calls(RIG_PIPES);
}

static void over_sockets(void)
{
        pass_calls(RIG_SOCKETS);
}

static void from_a_file(void)
{
        char path[64];
        struct rig rig;
        int fd;

        snprintf(path, sizeof(path), "/tmp/leastwise-input.%d", getpid());
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        CHECK(fd >= 0);
        for (int i = 1; i <= 2000; i++)
                dprintf(fd, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/call\",\"params\":{\"name\":\"good\"}}\n", i);
        CHECK(lseek(fd, 0, SEEK_SET) == 0);
        unlink(path);
        rig_start(&rig, &(struct rig_options){ .stdin_fd = fd }, STEPS("serve"));
        rig.started_session = true;
        for (int i = 1; i <= 2000; i++) {
                char part[32];

                snprintf(part, sizeof(part), "\"id\":%d,", i);
                CHECK(strstr(rig_line(&rig), part));
        }
        CHECK(exited_with(rig_wait(&rig, 5000), 0));
        rig_finish(&rig);
}

static void from_nowhere(void)
{
        struct rig rig;

        rig_start(&rig, &(struct rig_options){ .stdin_fd = open("/dev/null", O_RDONLY | O_CLOEXEC) }, STEPS("serve"));
        CHECK(exited_with(rig_wait(&rig, 5000), 0));
        rig_finish(&rig);
}

/* Written while the answer to the one before is read: neither direction may wait for the other. */
static void send_while_reading(struct rig *rig, const char *line, char **ret_answer)
{
        const size_t len = strlen(line);
        size_t sent = 0, got = 0, room = 32U << 20;
        char *answer = malloc(room);

        CHECK(fcntl(rig->in, F_SETFL, O_NONBLOCK) == 0);
        rig->started_session = true;
        while (got == 0 || answer[got - 1] != '\n') {
                struct pollfd p[2] = { { .fd = rig->out, .events = POLLIN },
                        { .fd = sent <= len ? rig->in : -1, .events = POLLOUT } };
                ssize_t n;

                CHECK(poll(p, 2, RIG_WAIT_MS) > 0);
                if (p[1].revents) {
                        n = sent < len ? write(rig->in, line + sent, len - sent) : write(rig->in, "\n", 1);
                        CHECK(n > 0 || errno == EAGAIN);
                        sent += n > 0 ? (size_t)n : 0;
                }
                if (p[0].revents) {
                        n = read(rig->out, answer + got, room - got - 1);
                        CHECK(n > 0);
                        got += (size_t)n;
                }
        }
        answer[got] = '\0';
        CHECK(fcntl(rig->in, F_SETFL, 0) == 0);
        *ret_answer = answer;
}

static void large_both_ways(void)
{
        char *line = call_of(LARGE, 1), *answer;
        struct rig rig;

        rig_start(&rig, NULL, STEPS("answer", "talk", "1", "9000000", "serve"));
        send_while_reading(&rig, line, &answer);
        CHECK(strstr(answer, "\"length 9437185\""));
        free(answer);
        CHECK(strlen(rig_expect(&rig, "\"logger\":\"n0\"")) > 9000000);
        free(line);
        end_well(&rig);
}

static void line_limit_and_one_more(void)
{
        char *fits = call_of(LIMIT, 1), *too_long = call_of(LIMIT + 1, 2), *answer;
        struct rig rig;

        rig_start(&rig, NULL, STEPS("serve"));
        send_while_reading(&rig, fits, &answer);
        CHECK(strstr(answer, "\"length 10485761\""));
        free(answer);
        send_while_reading(&rig, too_long, &answer);
        CHECK(strstr(answer, "\"error\""));
        CHECK(!strstr(answer, "length 104857"));
        free(answer);
        rig_send(&rig, CALL_GOOD(3));
        CHECK(strstr(rig_expect(&rig, "\"id\":3"), "length"));
        free(fits);
        free(too_long);
        end_well(&rig);
}

static void one_byte_at_a_time(void)
{
        const char *line = CALL_GOOD(1) "\n" CALL_GOOD(2) "\n";
        struct rig rig;

        rig_start(&rig, NULL, STEPS("serve"));
        rig.started_session = true;
        for (const char *p = line; *p; p++)
                rig_send_bytes(&rig, p, 1);
        rig_expect(&rig, "\"id\":1");
        rig_expect(&rig, "\"id\":2");
        end_well(&rig);
}

static void unterminated_last_line(void)
{
        char kept[64], *text;
        struct rig rig;

        snprintf(kept, sizeof(kept), "/tmp/leastwise-kept.%d", getpid());
        rig_start(&rig, NULL, STEPS("answer", "keep", kept));
        rig_send(&rig, CALL_GOOD(1));
        rig_expect(&rig, "\"id\":1");
        rig_send(&rig, CALL_GOOD(2));
        rig_send_bytes(&rig, CALL_GOOD(3), strlen(CALL_GOOD(3)));
        rig_close_in(&rig);
        rig_expect(&rig, "\"id\":2");
        CHECK(exited_with(rig_wait(&rig, 5000), 0));
        text = rig_read_file(kept);
        unlink(kept);
        CHECK(strstr(text, "\"id\":2"));
        CHECK(!strstr(text, "\"id\":3"));
        free(text);
        rig_finish(&rig);
}

static long resident_kib(pid_t pid)
{
        char path[64], text[4096] = "";
        FILE *file;
        long kib = -1;

        snprintf(path, sizeof(path), "/proc/%d/status", pid);
        file = fopen(path, "re");
        while (file && fgets(text, sizeof(text), file)) {
                if (sscanf(text, "VmRSS: %ld", &kib) == 1)
                        break;
        }
        if (file)
                fclose(file);
        return kib;
}

/* The pipe to us stays full: everything on the way holds still, and nothing grows or is lost. */
static void slow_client(void)
{
        const struct timespec pause = { .tv_nsec = 300000000 };
        struct rig rig;
        long before, after;

        rig_start(&rig, NULL, STEPS("answer", "talk", "10000", "6000", "serve"));
        rig_send(&rig, CALL_GOOD(1));
        rig_expect(&rig, "\"id\":1");
        rig_expect(&rig, "\"n0\"");
        nanosleep(&pause, NULL);
        before = resident_kib(rig.pid);
        nanosleep(&pause, NULL);
        after = resident_kib(rig.pid);
        CHECK(before > 0);
        CHECK(after - before <= 64);
        for (int i = 1; i < 10000; i++) {
                char part[32];

                snprintf(part, sizeof(part), "\"n%d\"", i);
                CHECK(strstr(rig_line(&rig), part));
        }
        end_well(&rig);
}

/* The same, but the server has long gone when the client goes on reading. */
static void slow_client_of_a_server_that_left(void)
{
        struct timespec pause = { .tv_nsec = 700000000 };
        struct rig rig;

        rig_start(&rig, NULL, STEPS("answer", "talk", "400", "1000", "exit", "6"));
        rig_send(&rig, CALL_GOOD(1));
        rig_expect(&rig, "\"id\":1");
        nanosleep(&pause, NULL);
        for (int i = 0; i < 400; i++) {
                char part[32];
                const char *line = rig_line(&rig);

                snprintf(part, sizeof(part), "\"n%d\"", i);
                CHECK(line && strstr(line, part));
        }
        CHECK(exited_with(rig_wait(&rig, 5000), 6));
        rig_finish(&rig);
}

static void stderr_that_nobody_reads(void)
{
        struct rig rig;
        uint64_t start;
        char *audit;

        rig_start(&rig, &(struct rig_options){ .own_stderr = true }, STEPS("answer", "shout", "10485760", "serve"));
        rig_send(&rig, CALL_GOOD(1));
        rig_expect(&rig, "\"id\":1");
        start = rig_now_ms();
        rig_send(&rig, CALL_GOOD(2));
        rig_expect(&rig, "\"id\":2");
        CHECK(rig_now_ms() - start < 5000);
        rig_close_in(&rig);
        CHECK(exited_with(rig_wait(&rig, 5000), 0));
        audit = rig_audit(&rig);
        CHECK(strstr(audit, "\"dropped_stderr_bytes\":1"));
        free(audit);
        rig_finish(&rig);
}

static void stderr_passes_unchanged(void)
{
        char text[65536] = "";
        size_t len = 0;
        ssize_t n;
        struct rig rig;

        rig_start(&rig, &(struct rig_options){ .own_stderr = true },
                STEPS("mutter", "\033[31mred\033[0m\ttab", "mutter", "second", "serve"));
        rig_send(&rig, CALL_GOOD(1));
        rig_expect(&rig, "\"id\":1");
        rig_close_in(&rig);
        while (len < sizeof(text) - 1 && (n = read(rig.err, text + len, sizeof(text) - 1 - len)) > 0)
                len += (size_t)n;
        CHECK(strcmp(text, "\033[31mred\033[0m\ttab\nsecond\n") == 0);
        CHECK(exited_with(rig_wait(&rig, 5000), 0));
        rig_finish(&rig);
}

/* Whoever shares our stdin must not find it non-blocking, neither while we run nor afterwards. */
static void descriptors_are_left_as_they_were(void)
{
        struct rig rig;
        int fds[2];

        CHECK(pipe2(fds, O_CLOEXEC) == 0);
        rig_start(&rig, &(struct rig_options){ .stdin_fd = fcntl(fds[0], F_DUPFD_CLOEXEC, 3) }, STEPS("serve"));
        rig.in = fds[1];
        rig_send(&rig, CALL_GOOD(1));
        rig_expect(&rig, "\"id\":1");
        CHECK(!(fcntl(fds[0], F_GETFL) & O_NONBLOCK));
        close(fds[0]);
        end_well(&rig);
}

static void socket_flags_are_put_back(void)
{
        struct rig rig;
        int fds[2];

        CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
        rig_start(&rig, &(struct rig_options){ .stdin_fd = fcntl(fds[0], F_DUPFD_CLOEXEC, 3) }, STEPS("serve"));
        rig.in = fds[1];
        rig_send(&rig, CALL_GOOD(1));
        rig_expect(&rig, "\"id\":1");
        rig_close_in(&rig);
        CHECK(exited_with(rig_wait(&rig, 5000), 0));
        CHECK(!(fcntl(fds[0], F_GETFL) & O_NONBLOCK));
        close(fds[0]);
        rig_finish(&rig);
}

static const struct rig_case cases[] = {
        { "calls over pipes", over_pipes },
        { "calls over sockets, as Node has them", over_sockets },
        { "stdin is a file", from_a_file },
        { "stdin is /dev/null", from_nowhere },
        { "9 MiB both ways", large_both_ways },
        { "a line of the limit passes, one byte more is answered and survived", line_limit_and_one_more },
        { "one byte at a time", one_byte_at_a_time },
        { "an unterminated last line is not forwarded", unterminated_last_line },
        { "a client that stops reading: memory holds, nothing is lost", slow_client },
        { "a slow client gets what a server said before it left", slow_client_of_a_server_that_left },
        { "10 MiB of stderr that nobody reads", stderr_that_nobody_reads },
        { "stderr passes unchanged", stderr_passes_unchanged },
        { "nobody else's descriptor becomes non-blocking", descriptors_are_left_as_they_were },
        { "a socket's flags are put back", socket_flags_are_put_back },
};

int main(void)
{
        return rig_main(cases, sizeof(cases) / sizeof(cases[0]));
}
