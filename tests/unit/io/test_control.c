/* SPDX-License-Identifier: Apache-2.0
 *
 * The control socket in front of an owner that is made up: requests good and bad, peers that are slow, vanish or are
 * too many.
 */
#include "control.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "control_place.h"
#include "limit.h"

#define SESSION "01JABCDEFGHJKMNPQRSTVWXYZ0"

static uv_loop_t loop;
static char dir_path[64];
static int dir = -1;
static struct control *control;

/* What the owner was asked, and what it says. */
static struct {
        unsigned answers;
        bool busy;
        const char *why;
        size_t cards_bytes; /* instead of one card: a text of that length */
        char because[64], card[CARD_ID_BYTES];
        bool approve, has_digest, sees_codes;
} owner_state;

static int status(void *userdata, struct buf *out)
{
        return buf_append_str(out, STR("{\"session\":\"" SESSION "\"}"));
}

static struct card example(void)
{
        struct card card = { .id = "7F3K2Q", .tool = STR_INIT("delete_file"), .by = 1 };

        return card;
}

static int cards(void *userdata, const struct peer_process *from, struct buf *out)
{
        const struct card card = example();

        buf_append_char(out, '[');
        if (owner_state.cards_bytes) {
                buf_append_char(out, '"');
                for (size_t i = 0; i < owner_state.cards_bytes; i++)
                        buf_append_char(out, 'x');
                buf_append_char(out, '"');
        } else if (card_write_json(&card, out) < 0) {
                return -ENOMEM;
        }
        return buf_append_char(out, ']');
}

static bool sees_codes(void *userdata, const struct peer_process *from)
{
        return owner_state.sees_codes && from->pid == getpid();
}

static bool answer(
        void *userdata, const struct control_request *a, const struct peer_process *from, struct control_result *ret)
{
        if (owner_state.busy)
                return false;
        cr_expect_eq(from->pid, getpid());
        owner_state.answers++;
        owner_state.approve = a->approve;
        owner_state.has_digest = a->has_digest;
        snprintf(owner_state.because, sizeof(owner_state.because), "%.*s", STR_FMT(a->because));
        snprintf(owner_state.card, sizeof(owner_state.card), "%.*s", STR_FMT(a->card));
        *ret = (struct control_result){
                .why = owner_state.why, .state = a->approve ? CARD_APPROVED : CARD_DENIED, .given = a->approve, .by = 1
        };
        if (!ret->why)
                control_tell_closed(control, owner_state.card, ret->state);
        return true;
}

#define FEW_BYTES (1U << 20)

static void open_with(unsigned patience_ms, size_t out_bytes)
{
        const struct control_owner owner = { status, cards, sees_codes, answer, NULL, patience_ms, out_bytes };
        char name[CONTROL_NAME_BYTES];
        int listener;

        memset(&owner_state, 0, sizeof(owner_state));
        cr_assert_eq(uv_loop_init(&loop), 0);
        snprintf(dir_path, sizeof(dir_path), "/tmp/leastwise-control.XXXXXX");
        cr_assert(mkdtemp(dir_path));
        dir = control_place_open(dir_path, false);
        cr_assert(dir >= 0);
        control_place_name(name, SESSION);
        listener = control_place_listen(dir, name);
        cr_assert(listener >= 0);
        cr_assert_eq(control_new(&control, &loop, listener, &owner), 0);
}

static void open_all(void)
{
        open_with(0, 0);
}

static void open_impatient(void)
{
        open_with(2000, 0);
}

static void open_small(void)
{
        open_with(0, FEW_BYTES);
}

static void close_all(void)
{
        char name[CONTROL_NAME_BYTES];

        control_place_name(name, SESSION);
        control = control_end(control);
        uv_run(&loop, UV_RUN_DEFAULT);
        cr_assert_eq(uv_loop_close(&loop), 0);
        unlinkat(dir, name, 0);
        close(dir);
        cr_assert_eq(rmdir(dir_path), 0);
}

static int dial(void)
{
        char name[CONTROL_NAME_BYTES];
        int fd;

        control_place_name(name, SESSION);
        fd = control_place_connect(dir, name);
        cr_assert(fd >= 0);
        fcntl(fd, F_SETFL, O_NONBLOCK);
        return fd;
}

static void turn(void)
{
        for (int i = 0; i < 4; i++)
                uv_run(&loop, UV_RUN_NOWAIT);
}

/* The next line, without its newline; NULL when the connection has ended, "" when nothing came. */
static const char *hear(int fd)
{
        static char line[65536];
        size_t len = 0;

        for (int tries = 0; tries < 50; tries++) {
                ssize_t n;

                turn();
                while ((n = recv(fd, line + len, 1, 0)) == 1 && line[len] != '\n')
                        len++;
                if (n == 1) {
                        line[len] = '\0';
                        return line;
                }
                if (n == 0 || errno != EAGAIN)
                        return NULL;
        }
        return "";
}

static void say_bytes(int fd, const char *bytes, size_t len)
{
        while (len > 0) {
                const ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

                if (n < 0 && errno != EAGAIN)
                        return;
                if (n > 0) {
                        bytes += n;
                        len -= (size_t)n;
                }
                turn();
        }
}

static const char *ask(int fd, const char *line)
{
        say_bytes(fd, line, strlen(line));
        say_bytes(fd, "\n", 1);
        return hear(fd);
}

#define ASK(method, params) "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" method "\",\"params\":" params "}"
#define ANSWER(params) ASK("approval/answer", params)
#define RESULT(result) "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" result "}"
#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

Test(control, methods, .init = open_all, .fini = close_all, .timeout = 20)
{
        const int fd = dial();

        cr_expect_str_eq(ask(fd, ASK("session/status", "{}")), RESULT("{\"session\":\"" SESSION "\"}"));
        cr_expect(strstr(ask(fd, ASK("pending/list", "{}")), "\"result\":{\"cards\":[{\"id\":\"7F3K2Q\""));
        cr_expect_str_eq(
                ask(fd, ANSWER("{\"id\":\"7F3K2Q\",\"verdict\":\"deny\",\"because\":\"no \\u0041\",\"digest\":\"" DIGEST
                               "\"}")),
                RESULT("{\"id\":\"7F3K2Q\",\"state\":\"denied\",\"given\":0,\"by\":1}"));
        cr_expect(owner_state.answers == 1 && !owner_state.approve && owner_state.has_digest);
        cr_expect_str_eq(owner_state.because, "no A");
        cr_expect_str_eq(owner_state.card, "7F3K2Q");
        owner_state.why = "not so";
        cr_expect_str_eq(ask(fd, ANSWER("{\"id\":\"7F3K2Q\",\"verdict\":\"approve\"}")),
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32001,\"message\":\"not so\"}}");
        cr_expect_str_eq(ask(fd, "{\"jsonrpc\":\"2.0\",\"id\":\"x\\u0041\",\"method\":\"session/status\"}"),
                "{\"jsonrpc\":\"2.0\",\"id\":\"x\\u0041\",\"result\":{\"session\":\"" SESSION "\"}}");
        close(fd);
}

Test(control, wrong_parameters_leave_the_connection, .init = open_all, .fini = close_all, .timeout = 20)
{
        static const struct {
                const char *line, *code;
        } rows[] = {
                { ASK("tools/call", "{}"), "-32601" },
                { ASK("session/status", "{\"a\":1}"), "-32602" },
                { ASK("pending/list", "[]"), "-32602" },
                { ANSWER("{}"), "-32602" },
                { ANSWER("{\"id\":\"7F3K2Q\"}"), "-32602" },
                { ANSWER("{\"verdict\":\"deny\"}"), "-32602" },
                { ANSWER("{\"id\":\"7f3k2q\",\"verdict\":\"deny\"}"), "-32602" },
                { ANSWER("{\"id\":\"7F3K2Q7\",\"verdict\":\"deny\"}"), "-32602" },
                { ANSWER("{\"id\":\"7F3K2Q\",\"verdict\":\"Approve\"}"), "-32602" },
                { ANSWER("{\"id\":\"7F3K2Q\",\"verdict\":true}"), "-32602" },
                { ANSWER("{\"id\":\"7F3K2Q\",\"verdict\":\"approve\",\"by\":2}"), "-32602" },
                { ANSWER("{\"id\":\"7F3K2Q\",\"verdict\":\"approve\",\"digest\":\"00\"}"), "-32602" },
                { ANSWER("{\"id\":\"7F3K2Q\",\"verdict\":\"approve\",\"digest\":"
                         "\"G0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"}"),
                        "-32602" },
                { ANSWER("{\"id\":\"7F3K2Q\",\"verdict\":\"deny\",\"because\":1}"), "-32602" },
        };
        const int fd = dial();

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                const char *line = ask(fd, rows[i].line);

                cr_expect(line && strstr(line, "\"id\":1,\"error\"") && strstr(line, rows[i].code), "%s: %s",
                        rows[i].line, line);
        }
        cr_expect_eq(owner_state.answers, 0);
        cr_expect(strstr(ask(fd, ASK("session/status", "{}")), "result"));
        close(fd);
}

Test(control, garbage_is_answered_once, .init = open_all, .fini = close_all, .timeout = 20)
{
        static const struct {
                const char *line, *error;
        } rows[] = {
                { "", "\"id\":null,\"error\":{\"code\":-32700" },
                { "hello", "\"id\":null,\"error\":{\"code\":-32700" },
                { "GET / HTTP/1.1", "-32700" },
                { "[1]", "-32600" },
                { "{\"jsonrpc\":\"2.0\",\"method\":\"session/status\"}", "\"id\":null,\"error\":{\"code\":-32600" },
                { "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"session/status\"}", "-32600" },
                { "{\"jsonrpc\":\"2.0\",\"id\":1.0,\"method\":\"session/status\"}", "-32600" },
                { "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"session/status\"}", "-32600" },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"session/status\"}", "-32700" },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"session/status\",\"more\":1}", "-32600" },
                { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}", "-32600" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                const int fd = dial();
                const char *line = ask(fd, rows[i].line);

                cr_expect(line && strstr(line, rows[i].error), "%s: %s", rows[i].line, line);
                cr_expect_null(hear(fd), "%s: the connection ends", rows[i].line);
                close(fd);
        }
}

Test(control, the_limit_of_a_line, .init = open_all, .fini = close_all, .timeout = 20)
{
        static const char head[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"session/status\"", tail[] = "}";
        char *line = malloc(LIMIT_CONTROL_LINE_BYTES + 3);

        for (int more = 0; more < 2; more++) {
                const size_t len = LIMIT_CONTROL_LINE_BYTES + (size_t)more;
                const int fd = dial();
                const char *heard;

                memset(line, ' ', len);
                memcpy(line, head, sizeof(head) - 1);
                memcpy(line + len - 1, tail, 1);
                line[len] = '\n';
                say_bytes(fd, line, len + 1);
                heard = hear(fd);
                cr_expect(heard && strstr(heard, more ? "the line is too long" : "\"result\""), "%d: %s", more, heard);
                close(fd);
        }
        free(line);
}

Test(control, because_has_a_limit, .init = open_all, .fini = close_all, .timeout = 20)
{
        for (unsigned more = 0; more < 2; more++) {
                char line[2048], text[LIMIT_ANSWER_BECAUSE_BYTES + 2];
                const int fd = dial();

                memset(text, 'b', sizeof(text));
                text[LIMIT_ANSWER_BECAUSE_BYTES + more] = '\0';
                snprintf(line, sizeof(line), ANSWER("{\"id\":\"7F3K2Q\",\"verdict\":\"deny\",\"because\":\"%s\"}"),
                        text);
                cr_expect(strstr(ask(fd, line), more ? "-32602" : "denied"));
                close(fd);
        }
}

Test(control, several_requests_at_once_and_byte_by_byte, .init = open_all, .fini = close_all, .timeout = 20)
{
        static const char both[] = ASK("session/status", "{}") "\n" ASK("session/status", "{}") "\n";
        const int fd = dial();

        say_bytes(fd, both, sizeof(both) - 1);
        cr_expect(strstr(hear(fd), "result"));
        cr_expect(strstr(hear(fd), "result"));
        for (size_t i = 0; i < sizeof(both) - 1; i++)
                say_bytes(fd, both + i, 1);
        cr_expect(strstr(hear(fd), "result"));
        cr_expect(strstr(hear(fd), "result"));
        shutdown(fd, SHUT_WR);
        cr_expect_null(hear(fd));
        close(fd);
}

Test(control, an_answer_waits_until_it_can_be_carried_out, .init = open_all, .fini = close_all, .timeout = 20)
{
        const int fd = dial(), other = dial();

        owner_state.busy = true;
        cr_expect_str_eq(ask(fd, ANSWER("{\"id\":\"7F3K2Q\",\"verdict\":\"approve\"}")), "");
        /* What it sends meanwhile waits, and nobody else does. */
        cr_expect_str_eq(ask(fd, ASK("session/status", "{}")), "");
        cr_expect(strstr(ask(other, ASK("session/status", "{}")), "result"));
        control_resume(control);
        cr_expect_str_eq(hear(fd), "");
        owner_state.busy = false;
        control_resume(control);
        cr_expect(strstr(hear(fd), "\"state\":\"approved\",\"given\":1,\"by\":1"));
        cr_expect(strstr(hear(fd), SESSION));
        cr_expect_eq(owner_state.answers, 1);
        close(fd);
        close(other);
}

Test(control, a_peer_may_vanish_at_any_time, .init = open_all, .fini = close_all, .timeout = 20)
{
        static const char line[] = ANSWER("{\"id\":\"7F3K2Q\",\"verdict\":\"deny\"}") "\n";

        for (size_t cut = 0; cut < sizeof(line); cut++) {
                const int fd = dial();

                owner_state.busy = cut % 2;
                say_bytes(fd, line, cut);
                close(fd);
                turn();
                owner_state.busy = false;
                control_resume(control);
        }
        cr_expect_leq(owner_state.answers, 1);
        close(dial());
        turn();
}

Test(control, codes_are_for_those_who_may_see_them, .init = open_all, .fini = close_all, .timeout = 20)
{
        const int fd = dial();
        struct card card = example();

        snprintf(card.code, sizeof(card.code), "ABCDEF");
        cr_expect(strstr(ask(fd, ASK("watch/start", "{}")), "\"cards\":[{"));
        control_tell_card(control, &card);
        cr_expect_not(strstr(hear(fd), "ABCDEF"));
        owner_state.sees_codes = true;
        control_tell_card(control, &card);
        cr_expect(strstr(hear(fd), "\"code\":\"ABCDEF\""));
        close(fd);
}

Test(control, those_that_watch_are_told, .init = open_all, .fini = close_all, .timeout = 20)
{
        const int fd = dial(), other = dial();
        struct card card = example();

        cr_expect(strstr(ask(fd, ASK("watch/start", "{}")), "\"cards\":[{"));
        control_tell_card(control, &card);
        cr_expect_eq(
                strncmp(hear(fd),
                        "{\"jsonrpc\":\"2.0\",\"method\":\"approval/card\",\"params\":{\"card\":{\"id\":\"7F3K2Q\"",
                        70),
                0);
        control_tell_notice(control, STR("a \"notice\""));
        cr_expect_str_eq(hear(fd),
                "{\"jsonrpc\":\"2.0\",\"method\":\"session/notice\",\"params\":{\"text\":\"a \\\"notice\\\"\"}}");
        cr_expect_str_eq(hear(other), "");
        cr_expect(strstr(ask(other, ANSWER("{\"id\":\"7F3K2Q\",\"verdict\":\"deny\"}")), "denied"));
        cr_expect_str_eq(hear(fd), "{\"jsonrpc\":\"2.0\",\"method\":\"approval/"
                                   "closed\",\"params\":{\"id\":\"7F3K2Q\",\"state\":\"denied\"}}");
        close(fd);
        close(other);
}

Test(control, who_does_not_read_is_cut_off, .init = open_small, .fini = close_all, .timeout = 60)
{
        const int slow = dial(), fd = dial();
        static char text[60000];
        size_t told = 0;
        ssize_t n;

        cr_expect(strstr(ask(slow, ASK("watch/start", "{}")), "cards"));
        memset(text, 'n', sizeof(text));
        /* The kernel takes some, too. */
        while (told < 4 * FEW_BYTES) {
                control_tell_notice(control, str_of(text, sizeof(text)));
                told += sizeof(text);
        }
        turn();
        do {
                n = recv(slow, text, sizeof(text), 0);
        } while (n > 0);
        cr_expect(n == 0 || errno != EAGAIN, "its connection is closed");
        cr_expect(strstr(ask(fd, ASK("session/status", "{}")), "result"), "others go on");
        close(slow);
        close(fd);
}

Test(control, who_does_not_ask_is_cut_off, .init = open_impatient, .fini = close_all, .timeout = 20)
{
        const int silent = dial(), half = dial(), waits = dial(), watches = dial();
        struct card card = example();

        cr_expect(strstr(ask(watches, ASK("watch/start", "{}")), "cards"));
        owner_state.busy = true;
        cr_expect_str_eq(ask(waits, ANSWER("{\"id\":\"7F3K2Q\",\"verdict\":\"deny\"}")), "");
        for (int i = 0; i < 26; i++) {
                say_bytes(half, "{", 1);
                usleep(100000);
                turn();
        }
        cr_expect_null(hear(silent));
        cr_expect_null(hear(half), "a byte now and then is no request");
        owner_state.busy = false;
        control_resume(control);
        cr_expect(strstr(hear(waits), "denied"));
        cr_expect(strstr(hear(watches), "approval/closed"));
        control_tell_card(control, &card);
        cr_expect(strstr(hear(watches), "approval/card"));
        close(silent);
        close(half);
        close(waits);
        close(watches);
}

Test(control, a_long_list_arrives_whole_and_a_longer_one_does_not, .init = open_small, .fini = close_all, .timeout = 60)
{
        const int fd = dial();
        static char chunk[65536];
        size_t got = 0;

        owner_state.cards_bytes = FEW_BYTES - 100;
        say_bytes(fd, ASK("pending/list", "{}") "\n", sizeof(ASK("pending/list", "{}")));
        while (got < owner_state.cards_bytes) {
                const ssize_t n = recv(fd, chunk, sizeof(chunk), 0);

                cr_assert(n > 0 || errno == EAGAIN);
                got += n > 0 ? (size_t)n : 0;
                turn();
        }
        while (recv(fd, chunk, sizeof(chunk), 0) > 0)
                ;
        owner_state.cards_bytes = FEW_BYTES;
        cr_expect(strstr(ask(fd, ASK("pending/list", "{}")), "-32000"));
        owner_state.cards_bytes = 0;
        cr_expect(strstr(ask(fd, ASK("pending/list", "{}")), "7F3K2Q"));
        close(fd);
}

Test(control, there_is_a_number_of_places, .init = open_all, .fini = close_all, .timeout = 20)
{
        int fds[LIMIT_CONTROL_PEERS];
        int more;

        for (unsigned i = 0; i < LIMIT_CONTROL_PEERS; i++) {
                fds[i] = dial();
                cr_expect(strstr(ask(fds[i], ASK("session/status", "{}")), "result"));
        }
        more = dial();
        cr_expect(strstr(hear(more), "too many programs"));
        cr_expect_null(hear(more));
        close(more);
        close(fds[0]);
        turn();
        more = dial();
        cr_expect(strstr(ask(more, ASK("session/status", "{}")), "result"));
        close(more);
        for (unsigned i = 1; i < LIMIT_CONTROL_PEERS; i++)
                close(fds[i]);
}

Test(control, who_has_gone_makes_room, .init = open_all, .fini = close_all, .timeout = 20)
{
        static const char deny[] = ANSWER("{\"id\":\"7F3K2Q\",\"verdict\":\"deny\"}") "\n";
        int fds[LIMIT_CONTROL_PEERS], more;

        for (unsigned i = 0; i < LIMIT_CONTROL_PEERS; i++)
                fds[i] = dial();
        turn();
        /* All at once, before any of it is noticed: the answers of those that have gone still count. */
        for (unsigned i = 0; i < LIMIT_CONTROL_PEERS; i++) {
                cr_assert_eq(send(fds[i], deny, sizeof(deny) - 1, MSG_NOSIGNAL), sizeof(deny) - 1);
                close(fds[i]);
        }
        more = dial();
        cr_expect(strstr(ask(more, ASK("session/status", "{}")), "result"));
        cr_expect_eq(owner_state.answers, LIMIT_CONTROL_PEERS);
        close(more);
}

Test(control, another_user_is_not_let_in, .init = open_all, .fini = close_all, .timeout = 20)
{
        char path[128], result = '?';
        int ends[2];
        pid_t pid;

        if (geteuid() != 0)
                cr_skip("only root can become another user");
        /* What the modes would keep out, is kept out once more. */
        cr_assert_eq(chmod(dir_path, 0755), 0);
        snprintf(path, sizeof(path), "%s/" SESSION ".sock", dir_path);
        cr_assert_eq(chmod(path, 0666), 0);
        cr_assert_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
        pid = fork();
        if (pid == 0) {
                struct sockaddr_un address = { .sun_family = AF_UNIX };
                const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
                char byte;

                memcpy(address.sun_path, path, strlen(path));
                if (setresuid(65534, 65534, 65534) < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
                        byte = 'c';
                else
                        byte = read(fd, &byte, 1) == 0 ? 'e' : 'r';
                if (write(ends[1], &byte, 1) == 1)
                        raise(SIGKILL);
                _exit(1);
        }
        while (read(ends[0], &result, 1) < 0)
                turn();
        cr_expect_eq(result, 'e', "an end of file, not '%c'", result);
        cr_expect_eq(waitpid(pid, NULL, 0), pid);
        close(ends[0]);
        close(ends[1]);
}

/* --- memory: nothing leaks and nothing breaks wherever it runs out --- */

static size_t allowed;

static void *scarce(void *userdata, void *ptr, size_t size)
{
        if (allowed == 0)
                return NULL;
        allowed--;
        return realloc(ptr, size);
}

static void give_back(void *userdata, void *ptr)
{
        free(ptr);
}

Test(control, without_memory_peers_go_and_nothing_else, .init = open_all, .fini = close_all, .timeout = 60)
{
        static const struct allocator allocator = { scarce, give_back, NULL };

        for (size_t n = 0; n < 40; n++) {
                const int fd = dial();
                struct card card = example();

                allowed = n;
                mem_set_allocator(&allocator);
                say_bytes(fd, ASK("watch/start", "{}") "\n", sizeof(ASK("watch/start", "{}")));
                say_bytes(fd, ANSWER("{\"id\":\"7F3K2Q\",\"verdict\":\"deny\"}") "\n",
                        sizeof(ANSWER("{\"id\":\"7F3K2Q\",\"verdict\":\"deny\"}")));
                control_tell_card(control, &card);
                turn();
                allowed = SIZE_MAX;
                close(fd);
                turn();
                mem_set_allocator(NULL);
        }
        cr_expect_gt(owner_state.answers, 0);
}
