/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "leaks.h"
#include "limit.h"
#include "outlet.h"
#include "own_stdio.h"
#include "stderr_relay.h"

/* Runs @text through a relay whose output is a file, in writes of @piece bytes; what came out. */
static char *relayed(const char *text, size_t len, size_t piece, const struct redactor *redactor, uint64_t *ret_dropped)
{
        struct stderr_relay *relay = mem_calloc(1, sizeof(*relay));
        struct stderr_gate gate = { 0 };
        char *out = calloc(1, 2 * len + 65536);
        FILE *file = tmpfile();
        uv_loop_t loop;
        int fds[2];

        cr_assert(relay && out && file);
        cr_assert_geq(dup2(fileno(file), STDERR_FILENO), 0);
        cr_assert_eq(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
        cr_assert_eq(uv_loop_init(&loop), 0);
        cr_assert_eq(stderr_gate_open(&gate, &loop), 0);
        cr_assert_eq(stderr_relay_open(relay, &gate, &loop, fds[0], redactor), 0);
        for (size_t done = 0; done < len; done += piece) {
                size_t now = len - done < piece ? len - done : piece;

                cr_assert_eq(write(fds[1], text + done, now), (ssize_t)now);
                uv_run(&loop, UV_RUN_NOWAIT);
        }
        close(fds[1]);
        stderr_relay_drain(relay);
        *ret_dropped = relay->dropped;
        stderr_relay_close(relay);
        stderr_gate_close(&gate);
        uv_run(&loop, UV_RUN_DEFAULT);
        cr_assert_eq(uv_loop_close(&loop), 0);
        close(fds[0]);
        rewind(file);
        out[fread(out, 1, 2 * len + 65535, file)] = '\0';
        fclose(file);
        mem_free(relay);
        return out;
}

static struct redactor *one_secret(void)
{
        const struct redact_secret secret = { STR("TOKEN"), STR("hunter2-hunter2") };
        struct redactor *r = NULL;

        cr_assert_eq(redactor_new(&r, &secret, 1), 0);
        return r;
}

Test(stderr_relay, passes_everything_without_secrets, .timeout = 20)
{
        static const char text[] = "one\n\033[1mtwo\tthree\r\n\nlast without newline";
        uint64_t dropped;
        char *out = relayed(text, sizeof(text) - 1, 3, NULL, &dropped);

        cr_expect_str_eq(out, text);
        cr_expect_eq(dropped, 0U);
        free(out);
        CHECK_NO_LEAKS();
}

/* Two servers and we say something while nobody reads, and then somebody does. */
Test(stderr_relay, two_share_one_stderr, .timeout = 20)
{
        struct stderr_relay *relay[2] = { mem_calloc(1, sizeof(**relay)), mem_calloc(1, sizeof(**relay)) };
        struct stderr_gate gate = { 0 };
        struct redactor *r = one_secret();
        int from[2][2], to[2], filled = 0;
        char out[65536];
        size_t len = 0;
        uv_loop_t loop;
        ssize_t n;

        cr_assert_eq(pipe2(to, O_CLOEXEC | O_NONBLOCK), 0);
        cr_assert_geq(dup2(to[1], STDERR_FILENO), 0);
        cr_assert_eq(uv_loop_init(&loop), 0);
        cr_assert_eq(stderr_gate_open(&gate, &loop), 0);
        memset(out, '.', sizeof(out));
        while ((n = write(to[1], out, 1024)) > 0)
                filled += (int)n;
        for (int i = 0; i < 2; i++) {
                cr_assert_eq(pipe2(from[i], O_CLOEXEC | O_NONBLOCK), 0);
                cr_assert_eq(stderr_relay_open(relay[i], &gate, &loop, from[i][0], r), 0);
                cr_assert_gt(dprintf(from[i][1], "server %d says hunter2-hunter2 and more\n", i), 0);
                uv_run(&loop, UV_RUN_NOWAIT);
        }
        cr_expect_eq(gate.waiting, relay[0]);
        stderr_gate_say(&gate, STR("not in between\n"));
        cr_expect_eq(gate.dropped, strlen("not in between\n"));
        while (filled > 0) {
                n = read(to[0], out, (size_t)filled < sizeof(out) ? (size_t)filled : sizeof(out));
                cr_assert_gt(n, 0);
                filled -= (int)n;
        }
        for (int i = 0; i < 20; i++) {
                uv_run(&loop, UV_RUN_NOWAIT);
                if ((n = read(to[0], out + len, sizeof(out) - len - 1)) > 0)
                        len += (size_t)n;
        }
        out[len] = '\0';
        cr_expect_str_eq(out, "server 0 says [redacted:TOKEN] and more\nserver 1 says [redacted:TOKEN] and more\n");
        cr_expect_null(gate.waiting);
        cr_expect_eq(relay[0]->dropped + relay[1]->dropped, 0U);
        for (int i = 0; i < 2; i++)
                stderr_relay_close(relay[i]);
        stderr_gate_close(&gate);
        uv_run(&loop, UV_RUN_DEFAULT);
        cr_expect_eq(uv_loop_close(&loop), 0);
        for (int i = 0; i < 2; i++)
                mem_free(relay[i]);
        redactor_free(r);
}

Test(stderr_relay, a_secret_in_pieces_is_found, .timeout = 20)
{
        static const char text[] = "before hunter2-hunter2 behind\nlast hunter2-hunter2";
        struct redactor *r = one_secret();
        uint64_t dropped;

        for (size_t piece = 1; piece < sizeof(text); piece++) {
                char *out = relayed(text, sizeof(text) - 1, piece, r, &dropped);

                cr_expect_str_eq(out, "before [redacted:TOKEN] behind\nlast [redacted:TOKEN]", "pieces of %zu", piece);
                free(out);
        }
        redactor_free(r);
        CHECK_NO_LEAKS();
}

/* "x: aHVudGVyMi1odW50ZXIy" and more: the secret in base64 and hex that is broken into lines, each written by itself. */
Test(stderr_relay, lines_of_one_encoding_are_one_text, .timeout = 20)
{
        static const char *const texts[] = {
                "key: Zm9yIHlvdXIgZXllczogaHVudGVy\nMi1odW50ZXIyIGFuZCBub3RoaW5nIGVsc2UK\nCg==\n",
                "key:\r\n  Zm9yIHlvdXIgZXllczogaHVudGVy\r\n  Mi1odW50ZXIyIGFu\r\nZA==\r\n",
                "00000000 68 75 6e 74 65\n72 32 2d 68 75 6e 74 65\n72 32\n",
        };
        struct redactor *r = one_secret();

        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
                for (size_t piece = 1; piece < strlen(texts[i]); piece++) {
                        uint64_t dropped;
                        char *out = relayed(texts[i], strlen(texts[i]), piece, r, &dropped);

                        cr_expect_not_null(strstr(out, "[redacted:TOKEN]"), "text %zu in pieces of %zu: %s", i, piece, out);
                        cr_expect_eq(dropped, 0U);
                        free(out);
                }
        }
        redactor_free(r);
        CHECK_NO_LEAKS();
}

/* What may go on waits for what comes next, and no longer than STDERR_RUN_MS; nothing else waits. */
Test(stderr_relay, a_line_that_may_go_on_waits_a_while, .timeout = 20)
{
        struct stderr_relay *relay = mem_calloc(1, sizeof(*relay));
        struct stderr_gate gate = { 0 };
        struct redactor *r = one_secret();
        int from[2], to[2];
        char out[256];
        uv_loop_t loop;
        ssize_t n;

        cr_assert(relay);
        cr_assert_eq(pipe2(from, O_CLOEXEC | O_NONBLOCK), 0);
        cr_assert_eq(pipe2(to, O_CLOEXEC | O_NONBLOCK), 0);
        cr_assert_geq(dup2(to[1], STDERR_FILENO), 0);
        cr_assert_eq(uv_loop_init(&loop), 0);
        cr_assert_eq(stderr_gate_open(&gate, &loop), 0);
        cr_assert_eq(stderr_relay_open(relay, &gate, &loop, from[0], r), 0);
        cr_assert_gt(dprintf(from[1], "an ordinary line\nread /usr/share/common-licenses/GPL-3\n"), 0);
        uv_run(&loop, UV_RUN_NOWAIT);
        n = read(to[0], out, sizeof(out));
        cr_expect_eq(n, (ssize_t)strlen("an ordinary line\n"));
        cr_expect_eq(read(to[0], out, sizeof(out)), -1, "it waits");
        while (uv_is_active((uv_handle_t *)&relay->no_more))
                uv_run(&loop, UV_RUN_ONCE);
        n = read(to[0], out, sizeof(out));
        cr_expect_eq(n, (ssize_t)strlen("read /usr/share/common-licenses/GPL-3\n"));
        /* A log of nothing else comes all the same. */
        n = -1;
        for (int i = 0; i < 100 && n < 0; i++) {
                cr_assert_gt(dprintf(from[1], "read /usr/share/common-licenses/GPL-3\n"), 0);
                usleep(50000);
                uv_run(&loop, UV_RUN_NOWAIT);
                n = read(to[0], out, sizeof(out));
        }
        cr_expect_gt(n, 0);
        stderr_relay_close(relay);
        stderr_gate_close(&gate);
        uv_run(&loop, UV_RUN_DEFAULT);
        cr_expect_eq(uv_loop_close(&loop), 0);
        mem_free(relay);
        redactor_free(r);
}

/* Lines without an end that may all go on: what cannot be kept passes, and no secret within it. */
Test(stderr_relay, lines_that_go_on_for_ever, .timeout = 60)
{
        static const char line[] = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5\n";
        static const char secret[] = "aHVudGVyMi1o\ndW50ZXIy";
        const size_t len = LIMIT_STDERR_LINE + 8192;
        struct redactor *r = one_secret();
        char *text = malloc(len + 1);

        cr_assert(text);
        for (size_t row = LIMIT_STDERR_LINE / (sizeof(line) - 1) - 60; row < LIMIT_STDERR_LINE / (sizeof(line) - 1) + 3; row++) {
                const size_t behind = (row + 1) * (sizeof(line) - 1);
                uint64_t dropped;
                char *out;

                for (size_t i = 0; i < len; i++)
                        text[i] = line[i % (sizeof(line) - 1)];
                /* Its first part ends a line. */
                memcpy(text + behind - strlen("aHVudGVyMi1o\n"), secret, sizeof(secret) - 1);
                out = relayed(text, len, 16384, r, &dropped);
                cr_expect_not_null(strstr(out, "[redacted:TOKEN]"), "row %zu", row);
                cr_expect_eq(dropped, 0U);
                free(out);
        }
        free(text);
        redactor_free(r);
        CHECK_NO_LEAKS();
}

/* A line far past the limit, with the secret at every place relative to where it is cut. */
Test(stderr_relay, an_overlong_line_is_cut_beside_secrets, .timeout = 60)
{
        const size_t len = LIMIT_STDERR_LINE + 4096;
        struct redactor *r = one_secret();
        char *text = malloc(len);

        cr_assert(text);
        for (size_t at = LIMIT_STDERR_LINE - 200; at < LIMIT_STDERR_LINE + 200; at += 7) {
                uint64_t dropped;
                char *out;

                memset(text, 'x', len);
                memcpy(text + at, "hunter2-hunter2", 15);
                out = relayed(text, len, 16384, r, &dropped);
                cr_expect_null(strstr(out, "hunter2"), "at %zu", at);
                cr_expect_not_null(strstr(out, "[redacted:TOKEN]"), "at %zu", at);
                cr_expect_eq(strlen(out), len + 1, "at %zu: nothing else is lost", at);
                cr_expect_eq(dropped, 0U);
                free(out);
        }
        free(text);
        redactor_free(r);
        CHECK_NO_LEAKS();
}

/* No place to cut: rather nothing than a half. The next line is there again. */
Test(stderr_relay, a_line_of_nothing_but_secrets_is_dropped, .timeout = 20)
{
        const size_t len = 15U * 6000U;
        struct redactor *r = one_secret();
        char *text = malloc(len + 12), *out;
        uint64_t dropped;

        cr_assert(text);
        for (size_t i = 0; i < 6000; i++)
                memcpy(text + 15 * i, "hunter2-hunter2", 15);
        memcpy(text + len, "\nnext line\n", 12);
        out = relayed(text, len + 11, 16384, r, &dropped);
        cr_expect_null(strstr(out, "hunter2"));
        cr_expect_not_null(strstr(out, "next line\n"));
        free(out);
        free(text);
        redactor_free(r);
        CHECK_NO_LEAKS();
}

struct heard {
        unsigned done, gone, last_tag;
};

static void on_done(void *userdata, unsigned tag)
{
        struct heard *h = userdata;

        h->done++;
        h->last_tag = tag;
}

static void on_gone(void *userdata)
{
        ((struct heard *)userdata)->gone++;
}

static size_t drain(int fd, char *out, size_t size)
{
        size_t len = 0;
        ssize_t n;

        while ((n = read(fd, out + len, size - len)) > 0)
                len += (size_t)n;
        return len;
}

/* Two sends that do not fit the pipe, one behind the other: whole, in order, each said to be done once. */
Test(outlet, sends_whole_and_in_order, .timeout = 20)
{
        const size_t len = 2U << 20;
        char *a = malloc(len), *b = malloc(len), *got = malloc(2 * len + 1);
        struct iovec segments[200], second = { b, len };
        struct heard heard = { 0 };
        struct outlet out;
        uv_loop_t loop;
        size_t have = 0;
        int fds[2];

        memset(a, 'a', len);
        memset(b, 'b', len);
        for (size_t i = 0; i < 200; i++)
                segments[i] = (struct iovec){ a + i * (len / 200), i == 199 ? len - 199 * (len / 200) : len / 200 };
        cr_assert_eq(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
        cr_assert_eq(uv_loop_init(&loop), 0);
        cr_assert_eq(outlet_open(&out, &loop, fds[1], (struct outlet_events){ on_done, on_gone, &heard }), 0);
        cr_expect_not(outlet_send(&out, segments, 200, 1));
        cr_expect_not(outlet_send(&out, &second, 1, 0));
        cr_expect_not(outlet_is_idle(&out));
        while (heard.done < 2) {
                have += drain(fds[0], got + have, 2 * len - have);
                uv_run(&loop, UV_RUN_NOWAIT);
        }
        cr_expect_eq(heard.last_tag, 0U);
        cr_expect(outlet_is_idle(&out));
        cr_expect(outlet_send(&out, &(struct iovec){ b, 0 }, 1, 0), "nothing is sent at once");
        outlet_end(&out);
        have += drain(fds[0], got + have, 2 * len + 1 - have);
        cr_expect_eq(have, 2 * len);
        cr_expect_arr_eq(got, a, len);
        cr_expect_arr_eq(got + len, b, len);
        cr_expect_eq(read(fds[0], got, 1), 0, "end of file behind it");
        uv_run(&loop, UV_RUN_DEFAULT);
        cr_expect_eq(uv_loop_close(&loop), 0);
        cr_expect_eq(heard.gone, 0U);
        free(a);
        free(b);
        free(got);
        CHECK_NO_LEAKS();
}

Test(outlet, a_receiver_that_goes_is_said_once_and_everything_is_done, .timeout = 20)
{
        const size_t len = 2U << 20;
        struct heard heard = { 0 };
        char *a = calloc(1, len);
        struct iovec all = { a, len };
        struct outlet out;
        uv_loop_t loop;
        int fds[2];

        signal(SIGPIPE, SIG_IGN);
        cr_assert_eq(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
        cr_assert_eq(uv_loop_init(&loop), 0);
        cr_assert_eq(outlet_open(&out, &loop, fds[1], (struct outlet_events){ on_done, on_gone, &heard }), 0);
        cr_expect_not(outlet_send(&out, &all, 1, 0));
        cr_expect_not(outlet_send(&out, &all, 1, 1));
        close(fds[0]);
        while (heard.done < 2)
                uv_run(&loop, UV_RUN_ONCE);
        cr_expect_eq(heard.gone, 1U);
        cr_expect(outlet_send(&out, &all, 1, 0), "as good as sent");
        cr_expect_eq(heard.gone, 1U);
        outlet_close(&out);
        outlet_close(&out);
        uv_run(&loop, UV_RUN_DEFAULT);
        cr_expect_eq(uv_loop_close(&loop), 0);
        free(a);
        CHECK_NO_LEAKS();
}

Test(own_stdio, closed_descriptors_are_filled_and_files_left_alone, .timeout = 20)
{
        char path[] = "/tmp/leastwise-stdio.XXXXXX";
        struct own_stdio stdio;
        struct stat st;
        int fd = mkstemp(path), flags;

        unlink(path);
        cr_assert_eq(write(fd, "0123456789", 10), 10);
        cr_assert_eq(lseek(fd, 4, SEEK_SET), 4);
        cr_assert_eq(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
        close(STDIN_FILENO);
        cr_assert_eq(own_stdio_take(&stdio), 0);
        cr_expect_eq(fstat(STDIN_FILENO, &st), 0);
        cr_expect(S_ISCHR(st.st_mode), "/dev/null");
        flags = fcntl(fd, F_GETFL);
        cr_expect_not(flags & O_NONBLOCK);
        cr_expect_eq(lseek(fd, 0, SEEK_CUR), 4, "a file's place is kept");
        own_stdio_give_back(&stdio);
        close(fd);
}
