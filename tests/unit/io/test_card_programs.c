/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs that are told of a card or asked about it: all of them one-line scripts of /bin/sh.
 */
#include "card_programs.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "limit.h"

static uv_loop_t loop;
static uv_signal_t children;
static struct child guarded;
static struct card_programs *programs;
static char said[65536], file[64];

static struct {
        unsigned count;
        bool busy, approve;
        char card[CARD_ID_BYTES], approver[64], because[64];
        uint8_t digest;
        size_t index;
} answered;

static void say(void *userdata, struct str text)
{
        const size_t len = strlen(said);

        (void)userdata;
        snprintf(said + len, sizeof(said) - len, "%.*s\n", STR_FMT(text));
}

static bool answer(void *userdata, const struct card_program_answer *a)
{
        (void)userdata;
        if (answered.busy)
                return false;
        answered.count++;
        answered.approve = a->approve;
        answered.digest = a->digest[0];
        answered.index = a->index;
        snprintf(answered.card, sizeof(answered.card), "%s", a->card);
        snprintf(answered.approver, sizeof(answered.approver), "%.*s", STR_FMT(a->approver));
        snprintf(answered.because, sizeof(answered.because), "%.*s", STR_FMT(a->because));
        /* As a session does it. */
        card_programs_card_closed(programs, answered.card);
        return true;
}

static void on_child(uv_signal_t *handle, int number)
{
        (void)handle;
        (void)number;
        card_programs_reap(programs);
}

static void open_all(void)
{
        const struct card_programs_owner owner = { say, answer, NULL };
        int fd;

        memset(&answered, 0, sizeof(answered));
        said[0] = '\0';
        signal(SIGPIPE, SIG_IGN);
        snprintf(file, sizeof(file), "/tmp/leastwise-programs.XXXXXX");
        fd = mkstemp(file);
        cr_assert(fd >= 0);
        close(fd);
        setenv("SECRET_TOKEN", "hunter2hunter2", 1);
        setenv("DISPLAY", ":7", 1);
        cr_assert_eq(uv_loop_init(&loop), 0);
        uv_signal_init(&loop, &children);
        uv_signal_start(&children, on_child, SIGCHLD);
        cr_assert_eq(child_guard(&guarded), 0);
        cr_assert_eq(card_programs_new(&programs, &loop, &guarded, &owner), 0);
}

static void close_all(void)
{
        programs = card_programs_end(programs);
        uv_close((uv_handle_t *)&children, NULL);
        uv_run(&loop, UV_RUN_DEFAULT);
        cr_expect_eq(uv_loop_close(&loop), 0);
        child_release(&guarded);
        cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "nobody is left");
        unlink(file);
}

static const struct card card = {
        .id = "7F3K2Q", .digest = { 0x5A }, .tool = STR_INIT("delete_file"), .arguments = STR_INIT("{\"path\":\"a\"}")
};

/* @script finds the path of the case's file in $0. */
static void start(enum card_program_kind kind, const char *script)
{
        const struct str argv[] = { STR("/bin/sh"), STR("-c"), str_from(script), str_from(file) };
        const struct card_program_spec spec = { kind, argv, 4, 3 };

        card_programs_start(programs, &spec, &card);
}

/* Until it is so, or for three seconds. */
#define UNTIL(condition) \
        for (int i_ = 0; i_ < 300 && !(condition); i_++) \
        turn()

static void turn(void)
{
        usleep(10000);
        uv_run(&loop, UV_RUN_NOWAIT);
}

static const char *contents(void)
{
        static char text[65536];
        FILE *f = fopen(file, "r");
        const size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

        if (f)
                fclose(f);
        text[n] = '\0';
        return text;
}

static void write_contents(const char *text)
{
        FILE *f = fopen(file, "w");

        cr_assert(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

Test(card_programs, one_is_told, .init = open_all, .fini = close_all, .timeout = 20)
{
        start(CARD_PROGRAM_NOTIFY, "cat > \"$0\"; env >> \"$0\"; echo noise; echo noise >&2; echo done >> \"$0\"");
        UNTIL(strstr(contents(), "done\n"));
        cr_expect_eq(strncmp(contents(), "{\"id\":\"7F3K2Q\",\"digest\":\"5a00", 28), 0);
        cr_expect(strstr(contents(), "}\n"), "a line");
        cr_expect(strstr(contents(), "DISPLAY=:7\n"));
        cr_expect(strstr(contents(), "PATH="));
        cr_expect_null(strstr(contents(), "SECRET_TOKEN"));
        turn();
        cr_expect_str_eq(said, "");
        cr_expect_eq(answered.count, 0);
}

Test(card_programs, its_failure_is_said, .init = open_all, .fini = close_all, .timeout = 20)
{
        const struct str missing[] = { STR("/nonexistent/\x1b[2Jprogram") };
        const struct card_program_spec spec = { CARD_PROGRAM_NOTIFY, missing, 1, 0 };

        start(CARD_PROGRAM_NOTIFY, "exit 3");
        UNTIL(said[0]);
        cr_expect_str_eq(said, "the program sh, which was told of approval 7F3K2Q, failed\n");
        said[0] = '\0';
        card_programs_start(programs, &spec, &card);
        cr_expect_str_eq(
                said, "nobody is told of approval 7F3K2Q by /nonexistent/\\x1B[2Jprogram: No such file or directory\n");
}

Test(card_programs, one_is_asked, .init = open_all, .fini = close_all, .timeout = 20)
{
        start(CARD_PROGRAM_ASK, "read line; case $line in *delete_file*) printf '%s' '{\"verdict\":\"approve\",'; "
                                "sleep 0.1; echo '\"because\":\"by \\u0041nn\"}';; esac");
        UNTIL(answered.count);
        cr_expect(answered.count == 1 && answered.approve && answered.digest == 0x5A && answered.index == 3);
        cr_expect_str_eq(answered.card, "7F3K2Q");
        cr_expect_str_eq(answered.approver, "ask:sh");
        cr_expect_str_eq(answered.because, "by Ann");
        start(CARD_PROGRAM_ASK, "printf '{\"verdict\":\"deny\"}'");
        UNTIL(answered.count == 2);
        cr_expect(answered.count == 2 && !answered.approve, "the last line needs no newline");
        cr_expect_str_eq(said, "");
}

/* Something that goes wrong is no approval, whatever was printed before. */
Test(card_programs, who_fails_approves_nothing, .init = open_all, .fini = close_all, .timeout = 60)
{
        static const char *const scripts[] = {
                "echo '{\"verdict\":\"approve\"}'; exit 1",
                "printf '{\"verdict\":\"approve\"}'; exit 1",
                "echo '{\"verdict\":\"approve\"}'; kill -9 $$",
                "echo '{\"verdict\":\"approve\"}'; exec >&-; sleep 0.2; exit 1",
        };

        for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
                said[0] = '\0';
                start(CARD_PROGRAM_ASK, scripts[i]);
                UNTIL(said[0]);
                cr_expect_str_eq(said,
                        "the program sh, which was asked about approval 7F3K2Q, approved and then failed, which does not count\n", "%s: %s",
                        scripts[i], said);
        }
        cr_expect_eq(answered.count, 0);
        /* A denial needs no more than to be said. */
        start(CARD_PROGRAM_ASK, "echo '{\"verdict\":\"deny\"}'; sleep 0.1; exit 1");
        UNTIL(answered.count);
        cr_expect(answered.count == 1 && !answered.approve);
}

Test(card_programs, an_approval_waits_for_the_end, .init = open_all, .fini = close_all, .timeout = 60)
{
        start(CARD_PROGRAM_ASK, "echo '{\"verdict\":\"approve\"}'; echo ready > \"$0\"; while ! grep -q on \"$0\"; do sleep 0.05; done");
        UNTIL(strstr(contents(), "ready"));
        for (int i = 0; i < 20; i++)
                turn();
        cr_expect_eq(answered.count, 0);
        write_contents("on\n");
        UNTIL(answered.count);
        cr_expect(answered.count == 1 && answered.approve);
        /* Somebody else was quicker: it is not waited for. */
        start(CARD_PROGRAM_ASK, "trap 'echo over > \"$0\"; exit' TERM; echo '{\"verdict\":\"approve\"}'; echo ready > \"$0\"; while :; do sleep 0.05; done");
        UNTIL(strstr(contents(), "ready"));
        for (int i = 0; i < 10; i++)
                turn();
        card_programs_card_closed(programs, "7F3K2Q");
        UNTIL(strstr(contents(), "over"));
        cr_expect_str_eq(contents(), "over\n");
        for (int i = 0; i < 10; i++)
                turn();
        cr_expect_eq(answered.count, 1);
        cr_expect_str_eq(said, "");
}

/* Until it is so, or for as long as one that has approved may take to end, and some more. */
Test(card_programs, one_that_never_ends_approves_nothing, .init = open_all, .fini = close_all, .timeout = 60)
{
        start(CARD_PROGRAM_ASK, "echo '{\"verdict\":\"approve\"}'; exec sleep 600");
        for (unsigned i = 0; i < LIMIT_NOTIFY_MS / 10 + 500 && !said[0]; i++)
                turn();
        cr_expect_str_eq(said,
                "the program sh, which was asked about approval 7F3K2Q, approved and did not end, which does not count\n");
        cr_expect_eq(answered.count, 0);
}

Test(card_programs, what_is_no_answer, .init = open_all, .fini = close_all, .timeout = 60)
{
        static const char *const scripts[] = {
                "true",
                "exit 1",
                "echo",
                "echo yes",
                "echo approve",
                "echo '{}'",
                "echo '[]'",
                "echo '{\"verdict\":true}'",
                "echo '{\"verdict\":\"Approve\"}'",
                "echo '{\"verdict\":\"approve\",\"verdict\":\"deny\"}'",
                "echo '{\"verdict\":\"approve\",\"more\":1}'",
                "echo '{\"verdict\":\"approve\",\"because\":1}'",
                "echo '{\"verdict\":\"approve\"} trailing'",
                "head -c 9000 /dev/zero | tr '\\0' ' '; echo '{\"verdict\":\"approve\"}'",
                "printf '{\"verdict\":\"approve\"'",
                "kill -9 $$",
                "cat",
                "exec >&-; sleep 0.2",
        };

        for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
                said[0] = '\0';
                start(CARD_PROGRAM_ASK, scripts[i]);
                UNTIL(said[0]);
                cr_expect_str_eq(said,
                        "the program sh, which was asked about approval 7F3K2Q, gave no answer that can be "
                        "understood\n",
                        "%s: %s", scripts[i], said);
        }
        cr_expect_eq(answered.count, 0);
}

static void count_timer(uv_handle_t *handle, void *count)
{
        *(unsigned *)count += handle->type == UV_TIMER && uv_is_active(handle);
}

static unsigned active_timers(void)
{
        unsigned count = 0;

        uv_walk(&loop, count_timer, &count);
        return count;
}

Test(card_programs, an_answer_waits_until_it_can_be_carried_out, .init = open_all, .fini = close_all, .timeout = 20)
{
        answered.busy = true;
        start(CARD_PROGRAM_ASK, "echo '{\"verdict\":\"approve\"}'; echo done > \"$0\"");
        UNTIL(strstr(contents(), "done"));
        for (int i = 0; i < 10; i++)
                turn();
        cr_expect_eq(answered.count, 0);
        cr_expect_eq(active_timers(), 0, "who has ended cannot be late");
        card_programs_resume(programs);
        cr_expect_eq(answered.count, 0);
        cr_expect_eq(active_timers(), 0);
        answered.busy = false;
        card_programs_resume(programs);
        cr_expect_eq(answered.count, 1);
        card_programs_resume(programs);
        cr_expect_eq(answered.count, 1, "once");
}

Test(card_programs, who_is_asked_hears_that_it_is_over, .init = open_all, .fini = close_all, .timeout = 20)
{
        start(CARD_PROGRAM_ASK,
                "trap 'echo over > \"$0\"; exit' TERM; echo ready > \"$0\"; while :; do sleep 0.05; done");
        start(CARD_PROGRAM_ASK, "trap '' TERM; sleep 60");
        UNTIL(strstr(contents(), "ready"));
        card_programs_card_closed(programs, "222222");
        for (int i = 0; i < 10; i++)
                turn();
        cr_expect_str_eq(contents(), "ready\n");
        card_programs_card_closed(programs, "7F3K2Q");
        UNTIL(strstr(contents(), "over"));
        cr_expect_str_eq(contents(), "over\n");
        cr_expect_str_eq(said, "", "it was not its fault");
        cr_expect_eq(answered.count, 0);
}

Test(card_programs, there_is_a_number_of_them, .init = open_all, .fini = close_all, .timeout = 60)
{
        for (unsigned i = 0; i < LIMIT_CARD_PROGRAMS; i++)
                start(CARD_PROGRAM_ASK, "exec sleep 60");
        cr_expect_str_eq(said, "");
        start(CARD_PROGRAM_NOTIFY, "true");
        cr_expect_str_eq(said, "nobody is told of approval 7F3K2Q by /bin/sh: too many such programs run already\n");
}
