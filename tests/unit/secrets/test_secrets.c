/* SPDX-License-Identifier: Apache-2.0 */
#include "secrets.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "helper.h"
#include "leaks.h"
#include "limit.h"

#define VALUE "the-secret-value"

static int64_t now_ms(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Gets @source; @fails is NULL for the value VALUE, else part of the message. */
static int expect(const struct secret_source *source, const char *fails, const char *row)
{
        struct secret secret = { 0 };
        char *message = NULL;
        int r = secret_get(&secret, source, &message);

        cr_expect_eq(r < 0, fails != NULL, "row %s: %d %s", row, r, message);
        if (fails) {
                cr_expect_null(secret.value, "row %s", row);
                cr_assert_not_null(message, "row %s", row);
                cr_expect_not_null(strstr(message, fails), "row %s: %s", row, message);
                cr_expect_eq(strncmp(message, "credential GITHUB_TOKEN: ", 25), 0, "row %s: %s", row, message);
                cr_expect_null(strstr(message, "secret-value"), "row %s: no value in a message: %s", row, message);
        } else if (r == 0) {
                cr_expect_null(message);
                cr_expect_str_eq(secret.value, VALUE, "row %s", row);
                cr_expect_eq(secret.len, strlen(VALUE));
        }
        mem_free(message);
        secret_wipe(&secret);
        cr_expect_null(secret.value);
        secret_wipe(&secret);
        return r;
}

static struct secret_source source_of(enum secret_from from, const char *text)
{
        return (struct secret_source){ STR("GITHUB_TOKEN"), from, str_from(text), .timeout_ms = 5000 };
}

Test(secrets, from_the_environment)
{
        static const struct {
                const char *name, *value, *fails;
        } rows[] = {
                { "good", VALUE, NULL },
                { "unset", NULL, "GH_TOKEN is not set; set it" },
                { "empty", "", "GH_TOKEN is empty" },
                { "seven bytes", "t-value", "shorter than 8 bytes" },
                { "seven bytes and blanks", "  t-value  ", "shorter than 8 bytes" },
                { "blanks", "          ", "is empty" },
                { "what was copied from an answer", "[redacted:GH_TOKEN]", "is what leastwise puts in a credential's place" },
                { "newline", VALUE "\n", "holds a second line; give the bare value on one line" },
                { "tab", VALUE "\t", "control character" },
                { "delete", VALUE "\x7F", "control character" },
        };
        struct secret_source source = source_of(SECRET_ENV, "GH_TOKEN");

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                if (rows[i].value)
                        setenv("GH_TOKEN", rows[i].value, 1);
                else
                        unsetenv("GH_TOKEN");
                expect(&source, rows[i].fails, rows[i].name);
        }
        CHECK_NO_LEAKS();
}

static void expect_length(size_t len, bool good)
{
        struct secret_source source = source_of(SECRET_ENV, "GH_TOKEN");
        char *value = calloc(1, len + 1), *message = NULL;
        struct secret secret = { 0 };

        memset(value, 'x', len);
        setenv("GH_TOKEN", value, 1);
        cr_expect_eq(secret_get(&secret, &source, &message) == 0, good, "%zu: %s", len, message);
        cr_expect_eq(secret.len, good ? len : 0);
        secret_wipe(&secret);
        mem_free(message);
        free(value);
}

Test(secrets, lengths_at_the_limits)
{
        expect_length(7, false);
        expect_length(8, true);
        expect_length(LIMIT_CREDENTIAL_BYTES, true);
        expect_length(LIMIT_CREDENTIAL_BYTES + 1, false);
        expect_length(LIMIT_CREDENTIAL_BYTES + 5000, false);
        CHECK_NO_LEAKS();
}

static void write_file(const char *path, const char *text, mode_t mode)
{
        int fd;

        unlink(path);
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        cr_assert_geq(fd, 0);
        cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
        cr_assert_eq(fchmod(fd, mode), 0);
        close(fd);
}

Test(secrets, from_a_file)
{
        static const struct {
                const char *name, *content;
                mode_t mode;
                const char *fails;
        } rows[] = {
                { "good", VALUE, 0600, NULL },
                { "one newline is cut", VALUE "\n", 0400, NULL },
                { "two are not", VALUE "\n\n", 0600, "or, for a server that wants a file of several lines, say `as: file`" },
                { "carriage return", VALUE "\r\n", 0600, "a carriage return, as files from Windows" },
                { "two lines", VALUE "\n" VALUE "\n", 0600, "second line" },
                { "empty", "", 0600, "is empty" },
                { "newline alone", "\n", 0600, "is empty" },
                { "short", "t-value\n", 0600, "shorter than 8 bytes" },
                { "readable by the group", VALUE, 0640, "chmod go= " },
                { "readable by all", VALUE, 0644, "chmod go= " },
                { "writable by all", VALUE, 0602, "chmod go= " },
        };
        char dir[] = "/tmp/leastwise-test-XXXXXX", path[64], other[64];
        struct secret_source source;

        cr_assert_not_null(mkdtemp(dir));
        snprintf(path, sizeof(path), "%s/token", dir);
        source = source_of(SECRET_FILE, path);
        expect(&source, "create it with mode 600", "missing");
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                write_file(path, rows[i].content, rows[i].mode);
                expect(&source, rows[i].fails, rows[i].name);
        }
        write_file(path, VALUE, 0600);
        snprintf(other, sizeof(other), "%s/link", dir);
        cr_assert_eq(symlink(path, other), 0);
        source = source_of(SECRET_FILE, other);
        expect(&source, NULL, "through a link: what it leads to is what is checked");
        unlink(other);
        cr_assert_eq(mkfifo(other, 0600), 0);
        expect(&source, "regular file", "a pipe must not block");
        unlink(other);
        source = source_of(SECRET_FILE, dir);
        expect(&source, "regular file", "a directory");
        source = source_of(SECRET_FILE, "token");
        expect(&source, "begins with /", "relative");
        if (geteuid() == 0) {
                source = source_of(SECRET_FILE, path);
                cr_assert_eq(chown(path, 12345, 0), 0);
                expect(&source, "chown 0 ", "somebody else's");
                cr_assert_eq(chown(path, 0, 65534), 0);
                cr_assert_eq(chmod(path, 0640), 0);
                cr_assert_eq(chmod(dir, 0755), 0);
                cr_assert_eq(setegid(65534), 0);
                cr_assert_eq(seteuid(65534), 0);
                expect(&source, NULL, "root's, for our group");
                cr_assert_eq(seteuid(0), 0);
        }
        unlink(path);
        rmdir(dir);
        CHECK_NO_LEAKS();
}

/* --- Helpers --- */

static const char *helper_path(void)
{
        const char *path = getenv("SECRET_HELPER");

        cr_assert_not_null(path, "SECRET_HELPER names the helper program; meson sets it");
        return path;
}

static int expect_exec(const char *const *words, uint32_t timeout_ms, const char *fails, const char *row)
{
        struct secret_source source = { STR("GITHUB_TOKEN"), SECRET_EXEC, .timeout_ms = timeout_ms };
        struct str argv[8];
        int r, status;

        while (words[source.argc]) {
                argv[source.argc] = str_from(words[source.argc]);
                source.argc++;
        }
        source.argv = argv;
        r = expect(&source, fails, row);
        cr_expect_eq(waitpid(-1, &status, WNOHANG), -1, "row %s: no child is left", row);
        cr_expect_eq(errno, ECHILD, "row %s", row);
        return r;
}

Test(secrets, from_a_program, .timeout = 30)
{
        static const struct {
                const char *mood, *word, *more, *fails;
                int error;
        } rows[] = {
                { "print", VALUE "\n" },
                { "print", VALUE },
                { "print", VALUE "\nanother line\n" },
                { "slowly" },
                { "stderr" },
                { "print", "", NULL, "the output of", -EINVAL },
                { "print", "\n" VALUE "\n", NULL, "is empty; run it by hand to see why", -EINVAL },
                { "print", "t-value\n", NULL, "shorter than 8 bytes", -EINVAL },
                { "print", VALUE "\r\n", NULL, "control character", -EINVAL },
                { "fail", NULL, NULL, "exit status 3; run it by hand", -EIO },
                { "signal", NULL, NULL, "ended by signal 15", -EIO },
                { "flood", NULL, NULL, "printed more than 65536 bytes", -EMSGSIZE },
                { "long", "65537", "", "longer than 65536 bytes", -EMSGSIZE },
                { "long", "65536", "yz", "printed more than 65536 bytes", -EMSGSIZE },
                { "long", "65536", "y\n", "printed more than 65536 bytes", -EMSGSIZE },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                const char *words[] = { helper_path(), rows[i].mood, rows[i].word, rows[i].more, NULL };

                cr_expect_eq(expect_exec(words, 10000, rows[i].fails, rows[i].mood), rows[i].error, "row %zu", i);
        }
        CHECK_NO_LEAKS();
}

Test(secrets, a_value_as_long_as_may_be_from_a_program)
{
        struct str argv[] = { str_from(helper_path()), STR("long"), STR("65536"), STR("\n") };
        struct secret_source source = { STR("T"), SECRET_EXEC, .argv = argv, .argc = 4, .timeout_ms = 5000 };
        struct secret secret = { 0 };
        char *message = NULL;

        cr_expect_eq(secret_get(&secret, &source, &message), 0, "%s", message);
        cr_expect_eq(secret.len, 65536U);
        secret_wipe(&secret);
        CHECK_NO_LEAKS();
}

Test(secrets, a_program_gets_nothing_it_should_not)
{
        struct str argv[] = { str_from(helper_path()), STR("surroundings") };
        struct secret_source source = { STR("T"), SECRET_EXEC, .argv = argv, .argc = 2, .timeout_ms = 5000 };
        struct secret secret = { 0 };
        char *message = NULL;
        sigset_t mask;

        setenv("OTHER_SECRET", "must not be passed on", 1);
        signal(SIGPIPE, SIG_IGN);
        sigemptyset(&mask);
        sigaddset(&mask, SIGTERM);
        sigprocmask(SIG_BLOCK, &mask, NULL);
        cr_assert_geq(open("/dev/null", O_RDONLY), 0); /* not close-on-exec */
        cr_assert_eq(secret_get(&secret, &source, &message), 0, "%s", message);
        cr_expect_str_eq(secret.value, "surroundings-are-right");
        secret_wipe(&secret);
        CHECK_NO_LEAKS();
}

Test(secrets, with_our_own_streams_closed)
{
        const char *words[] = { helper_path(), "print", VALUE "\n", NULL };
        int saved = fcntl(1, F_DUPFD_CLOEXEC, 100), saved_err = fcntl(2, F_DUPFD_CLOEXEC, 100);

        close(0);
        close(1);
        close(2);
        expect_exec(words, 5000, NULL, "closed");
        dup2(saved, 1);
        dup2(saved_err, 2);
        CHECK_NO_LEAKS();
}

Test(secrets, the_time_limit_holds, .timeout = 30)
{
        static const char *const moods[] = { "hang", "close" };

        for (size_t i = 0; i < 2; i++) {
                const char *words[] = { helper_path(), moods[i], NULL };
                int64_t begin = now_ms(), took;

                cr_expect_eq(expect_exec(words, 300, "did not end within 300 ms", moods[i]), -ETIMEDOUT);
                took = now_ms() - begin;
                cr_expect(took >= 300 && took < 3000, "%s took %d ms", moods[i], (int)took);
        }
        CHECK_NO_LEAKS();
}

Test(secrets, one_that_nobody_waits_for_any_more_is_ended, .timeout = 30)
{
        struct str argv[] = { str_from(helper_path()), STR("hang") };
        struct secret_source source = { STR("GITHUB_TOKEN"), SECRET_EXEC, .argv = argv, .argc = 2, .timeout_ms = 20000 };
        int64_t begin = now_ms();
        int fds[2];

        cr_assert_eq(pipe(fds), 0);
        source.cancel_fd = fds[0];
        close(fds[1]);
        cr_expect_eq(expect(&source, "was killed", "cancelled"), -ECANCELED);
        cr_expect_lt(now_ms() - begin, 5000);
        cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "no child is left");
        close(fds[0]);
}

Test(secrets, whoever_watches_is_told_of_the_program, .timeout = 30)
{
        struct str argv[] = { str_from(helper_path()), STR("print"), STR(VALUE) };
        struct secret_source source = { STR("GITHUB_TOKEN"), SECRET_EXEC, .argv = argv, .argc = 3, .timeout_ms = 5000 };
        struct helper_news news[3];
        int fds[2];

        cr_assert_eq(pipe2(fds, O_NONBLOCK), 0);
        source.watcher_fd = fds[1];
        expect(&source, NULL, "watched");
        cr_assert_eq(read(fds[0], news, sizeof(news)), (ssize_t)(2 * sizeof(*news)));
        cr_expect_eq(news[0].kind, HELPER_BEGINS);
        cr_expect_gt(news[0].pid, 1);
        cr_expect_eq(news[1].kind, HELPER_GONE);
        cr_expect_eq(news[1].pid, news[0].pid);
        close(fds[0]);
        close(fds[1]);
}

/* The helper is done, but a child of its own holds the pipe: neither waited for nor left behind. */
Test(secrets, a_grandchild_neither_holds_us_up_nor_survives, .timeout = 30)
{
        char path[] = "/tmp/leastwise-test-XXXXXX";
        const char *words[] = { helper_path(), "grandchild", path, NULL };
        int64_t begin = now_ms(), took;
        int fd = mkstemp(path), pid = 0;
        struct timespec pause = { 0, 1000000 };
        FILE *f;

        /* Adopted by us when its parent ends, so that its end can be seen for certain. */
        cr_assert_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
        {
                struct str argv[] = { str_from(words[0]), str_from(words[1]), str_from(words[2]) };
                struct secret_source source = { STR("GITHUB_TOKEN"), SECRET_EXEC, .argv = argv, .argc = 3,
                        .timeout_ms = 20000 };

                expect(&source, NULL, "grandchild");
        }
        took = now_ms() - begin;
        cr_expect_lt(took, 5000);
        f = fopen(path, "re");
        cr_assert_eq(fscanf(f, "%d", &pid), 1);
        fclose(f);
        cr_assert_gt(pid, 1);
        for (int i = 0; i < 5000 && waitpid(pid, NULL, WNOHANG) == 0; i++)
                nanosleep(&pause, NULL);
        cr_expect_eq(kill(pid, 0), -1, "it was killed");
        close(fd);
        unlink(path);
        CHECK_NO_LEAKS();
}

Test(secrets, programs_that_cannot_be_run)
{
        static const struct {
                const char *program, *fails;
                int error;
        } rows[] = {
                { "/nonexistent/helper", "/nonexistent/helper cannot be run: No such file", -ENOENT },
                { "/etc/passwd", "cannot be run: Permission denied", -EACCES },
                { "/tmp", "cannot be run", -EACCES },
                { "no-such-helper", "no-such-helper is not in PATH (/nonexistent:/usr/bin); install it", -ENOENT },
                { "bin/helper", "begins with /, or by a bare name", -EINVAL },
                { "", "names no program", -EINVAL },
        };

        setenv("PATH", "/nonexistent:/usr/bin", 1);
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                const char *words[] = { rows[i].program, NULL };

                cr_expect_eq(expect_exec(words, 5000, rows[i].fails, rows[i].program), rows[i].error);
        }
        cr_expect_eq(expect_exec((const char *const[]){ NULL }, 5000, "names no program", "no words"), -EINVAL);
        CHECK_NO_LEAKS();
}

Test(secrets, looked_up_in_path_but_not_in_relative_directories)
{
        char dir[] = "/tmp/leastwise-test-XXXXXX", path[200];
        const char *words[] = { "lookup-helper", "print", VALUE "\n", NULL };

        cr_assert_not_null(mkdtemp(dir));
        snprintf(path, sizeof(path), "%s/lookup-helper", dir);
        cr_assert_eq(symlink(helper_path(), path), 0);
        cr_assert_eq(chdir(dir), 0);
        setenv("PATH", ".::relative", 1);
        expect_exec(words, 5000, "not in PATH", "relative");
        snprintf(path, sizeof(path), "/nonexistent::%s", dir);
        setenv("PATH", path, 1);
        expect_exec(words, 5000, NULL, "absolute");
        cr_assert_eq(unlink("lookup-helper"), 0);
        rmdir(dir);
        CHECK_NO_LEAKS();
}

/* --- What programs are asked, and what they answer --- */

/* One program for all protocols: it prints its last word, and its input to the file before that. */
static struct secret_source asking(struct str argv[static 4], enum secret_protocol protocol, const char *field, const char *file, const char *prints)
{
        argv[0] = str_from(helper_path());
        argv[1] = STR("ask");
        argv[2] = str_from(file);
        argv[3] = str_from(prints);
        return (struct secret_source){ STR("GITHUB_TOKEN"), SECRET_EXEC, .argv = argv, .argc = 4, .protocol = protocol,
                .field = str_from(field), .timeout_ms = 5000 };
}

static size_t lines_of(const char *path, char *ret, size_t size)
{
        FILE *f = fopen(path, "re");
        size_t len = f ? fread(ret, 1, size - 1, f) : 0, lines = 0;

        ret[len] = '\0';
        if (f)
                fclose(f);
        for (const char *at = ret; (at = strchr(at, '\n')); at++)
                lines++;
        return lines;
}

Test(secrets, programs_are_asked_and_run_once_for_several_values, .timeout = 30)
{
        static const char answer[] = "username=al\npassword=the-secret-value\npassword_expiry_utc=4070908800\n";
        char path[] = "/tmp/leastwise-test-XXXXXX", text[1000];
        struct str argv[3][4];
        struct secret_source sources[3];
        struct secret secrets[3];
        char *message = NULL;
        int fd = mkstemp(path);

        for (int i = 0; i < 3; i++) {
                sources[i] = asking(argv[i], PROTOCOL_GIT, i == 1 ? "username" : "password", path, answer);
                sources[i].url = i == 2 ? STR("gitlab.com") : STR("https://github.com");
        }
        cr_assert_eq(secrets_get(secrets, sources, 3, &message), 0, "%s", message);
        cr_expect_str_eq(secrets[0].value, VALUE);
        cr_expect_str_eq(secrets[1].value, "al", "a user's name may be short");
        cr_expect_str_eq(secrets[2].value, VALUE);
        cr_expect(secrets[0].expires && secrets[0].expires_s == 4070908800, "the answer says until when");
        cr_expect_gt(secrets[0].renew_ms, 0U);
        cr_expect_lt(secrets[0].renew_ms, secrets[0].expires_ms);
        cr_expect_eq(lines_of(path, text, sizeof(text)), 6U, "asked twice, once for each host: %s", text);
        cr_expect_str_eq(text, "protocol=https\nhost=github.com\n\nprotocol=https\nhost=gitlab.com\n\n");
        for (int i = 0; i < 3; i++)
                secret_wipe(&secrets[i]);
        close(fd);
        unlink(path);
        CHECK_NO_LEAKS();
}

Test(secrets, one_that_fails_leaves_none, .timeout = 30)
{
        struct secret_source sources[] = { source_of(SECRET_ENV, "GH_TOKEN"), source_of(SECRET_ENV, "NOT_SET") };
        struct secret secrets[2];
        char *message = NULL;

        setenv("GH_TOKEN", VALUE, 1);
        unsetenv("NOT_SET");
        cr_expect_lt(secrets_get(secrets, sources, 2, &message), 0);
        cr_expect_not_null(strstr(message, "NOT_SET is not set"));
        cr_expect(!secrets[0].value && !secrets[1].value);
        mem_free(message);
        cr_expect_eq(secrets_get(secrets, sources, 0, &message), 0);
        CHECK_NO_LEAKS();
}

Test(secrets, answers_that_are_none, .timeout = 30)
{
        static const struct {
                enum secret_protocol protocol;
                const char *field, *prints, *fails;
        } rows[] = {
                { PROTOCOL_AWS, "SecretAccessKey", "{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"the-secret-value\"}", NULL },
                { PROTOCOL_AWS, "SecretAccessKey", "{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"the-secret-value\"",
                        "is not what the protocol aws has: it is no JSON; run it by hand to see what it prints" },
                { PROTOCOL_AWS, "SecretAccessKey", "{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"the-secret-value\",\"Expiration\":\"2020-01-01T00:00:00Z\"}",
                        "has expired already" },
                { PROTOCOL_AWS, "SecretAccessKey", "{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"\"}", "is empty" },
                { PROTOCOL_AWS, "SecretAccessKey", "{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"the-secret-value\\n\"}",
                        "second line" },
                { PROTOCOL_AWS, "SecretAccessKey", "{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"the-secret-value\\u0000\"}",
                        "control character" },
                { PROTOCOL_DOCKER, "Secret", "{\"Username\":\"a\",\"Secret\":\"t-value\"}", "shorter than 8 bytes" },
                { PROTOCOL_DOCKER, "Username", "{\"Username\":\"\",\"Secret\":\"the-secret-value\"}", "is empty" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct str argv[4];
                struct secret_source source = asking(argv, rows[i].protocol, rows[i].field, "/dev/null", rows[i].prints);

                source.url = STR("ghcr.io");
                expect(&source, rows[i].fails, rows[i].prints);
        }
        CHECK_NO_LEAKS();
}

Test(secrets, several_lines_where_a_file_is_made_of_them, .timeout = 30)
{
        struct str argv[4];
        struct secret_source source = asking(argv, PROTOCOL_PLAIN, "", "/dev/null", "the-first\nthe-second\n");
        struct secret secret;
        char *message = NULL;

        source.lines = true;
        cr_assert_eq(secret_get(&secret, &source, &message), 0, "%s", message);
        cr_expect_str_eq(secret.value, "the-first\nthe-second");
        secret_wipe(&secret);
        argv[3] = STR("the-first\x1B[2J-secret-value\n");
        expect(&source, "holds a control character", "escape");
        argv[3] = STR("t-value\r\n\n\n");
        expect(&source, "shorter than 8 bytes", "what is left when its lines are ended otherwise");
        argv[3] = STR("\xEF\xBB\xBFt-value\n");
        expect(&source, "shorter than 8 bytes", "a byte order mark");
        CHECK_NO_LEAKS();
}

Test(secrets, a_program_inherits_what_it_is_said_to, .timeout = 30)
{
        const struct str inherit[] = { STR("VAULT_ADDR"), STR("NOT_SET") };
        struct str argv[] = { str_from(helper_path()), STR("variable"), STR("VAULT_ADDR") };
        struct secret_source source = { STR("T"), SECRET_EXEC, .argv = argv, .argc = 3, .inherit = inherit, .timeout_ms = 5000 };
        struct secret secret;
        char *message = NULL;

        setenv("VAULT_ADDR", "https://vault", 1);
        cr_expect_lt(secret_get(&secret, &source, &message), 0, "not without");
        mem_free(message);
        source.inherit_count = 2;
        cr_assert_eq(secret_get(&secret, &source, &message), 0, "%s", message);
        cr_expect_str_eq(secret.value, "https://vault");
        secret_wipe(&secret);
        argv[2] = STR("GIT_TERMINAL_PROMPT");
        source.protocol = PROTOCOL_GIT;
        source.url = STR("github.com");
        source.field = STR("password");
        cr_expect_lt(secret_get(&secret, &source, &message), 0, "it prints 0, which is no answer");
        cr_expect_not_null(strstr(message, "is not what the protocol git has"));
        mem_free(message);
        CHECK_NO_LEAKS();
}

Test(secrets, from_systemd)
{
        char dir[] = "/tmp/leastwise-test-XXXXXX", path[64];
        struct secret_source source = source_of(SECRET_SYSTEMD, "github");

        unsetenv("CREDENTIALS_DIRECTORY");
        expect(&source, "there is no CREDENTIALS_DIRECTORY", "no directory");
        setenv("CREDENTIALS_DIRECTORY", "relative", 1);
        expect(&source, "there is no CREDENTIALS_DIRECTORY", "a relative one");
        cr_assert_not_null(mkdtemp(dir));
        setenv("CREDENTIALS_DIRECTORY", dir, 1);
        expect(&source, "github cannot be opened: No such file or directory; name it in the unit: LoadCredential=", "missing");
        snprintf(path, sizeof(path), "%s/github", dir);
        write_file(path, VALUE "\n", 0400);
        expect(&source, NULL, "there");
        write_file(path, VALUE "\n", 0444);
        expect(&source, "is open to others", "open");
        source = source_of(SECRET_SYSTEMD, "../github");
        expect(&source, "no credential of such a name", "another directory's");
        unlink(path);
        rmdir(dir);
        CHECK_NO_LEAKS();
}

Test(secrets, when_it_is_time_for_another_one)
{
        static const struct {
                int64_t left_s;
                uint64_t renew_s;
        } rows[] = {
                { 3600, 2880 }, /* 80 % */
                { 300, 240 },   /* both at once */
                { 120, 60 },    /* a minute before */
                { 90, 45 },     /* but not in the first half */
                { 60, 48 },
                { 10, 8 },
        };
        struct secret secret = { 0 };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                secret = (struct secret){ 0 };
                cr_assert(secret_set_life(&secret, 1000000 + rows[i].left_s, 1000000, 5000));
                cr_expect_eq(secret.expires_ms, 5000 + 1000 * (uint64_t)rows[i].left_s);
                cr_expect_eq(secret.renew_ms, 5000 + 1000 * rows[i].renew_s, "%lld s: %llu", (long long)rows[i].left_s,
                        (unsigned long long)secret.renew_ms);
        }
        secret = (struct secret){ 0 };
        cr_expect_not(secret_set_life(&secret, 1000000, 1000000, 5000), "at its end it has ended");
        cr_expect_not(secret_set_life(&secret, -1, 1000000, 5000));
        cr_expect_not(secret.expires);
        cr_expect(secret_set_life(&secret, INT64_MAX, 1000000, UINT32_MAX));
        cr_expect_gt(secret.expires_ms, secret.renew_ms);
}

Test(secrets, a_policy_may_say_how_long_it_is_good_for)
{
        struct secret_source source = source_of(SECRET_ENV, "GH_TOKEN");
        struct secret secret;
        char *message = NULL;

        setenv("GH_TOKEN", VALUE, 1);
        source.ttl_ms = 50 * 60 * 1000;
        cr_assert_eq(secret_get(&secret, &source, &message), 0);
        cr_expect(secret.expires);
        cr_expect_eq(secret.expires_ms - secret.renew_ms, 10U * 60 * 1000);
        secret_wipe(&secret);
}

/* --- Memory --- */

struct failing {
        size_t asked, fail_at, live;
};

static void *failing_resize(void *userdata, void *ptr, size_t size)
{
        struct failing *f = userdata;

        if (++f->asked == f->fail_at)
                return NULL;
        f->live += !ptr;
        return realloc(ptr, size);
}

static void failing_release(void *userdata, void *ptr)
{
        ((struct failing *)userdata)->live--;
        free(ptr);
}

static void run_without_memory(const struct secret_source *source, size_t least)
{
        size_t n, failures = 0;

        for (n = 1; n < 100; n++) {
                struct failing f = { .fail_at = n };
                struct allocator allocator = { failing_resize, failing_release, &f };
                struct secret secret = { 0 };
                char *message = NULL;
                int r;

                mem_set_allocator(&allocator);
                r = secret_get(&secret, source, &message);
                failures += r < 0;
                cr_expect_eq(r == 0, secret.value != NULL);
                secret_wipe(&secret);
                mem_free(message);
                mem_set_allocator(NULL);
                cr_assert_eq(f.live, 0U, "allocation %zu", n);
                cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "no child is left");
                if (f.asked < n)
                        break;
        }
        cr_expect_geq(failures, least);
        cr_expect_lt(n, 100U);
}

Test(secrets, without_memory_they_fail_and_leave_nothing)
{
        struct str argv[] = { STR("lookup"), STR("print"), STR(VALUE) };
        struct secret_source exec = { STR("T"), SECRET_EXEC, .argv = argv, .argc = 3, .timeout_ms = 5000 };
        struct secret_source env = source_of(SECRET_ENV, "GH_TOKEN");

        setenv("GH_TOKEN", VALUE, 1);
        run_without_memory(&env, 1);
        argv[0] = str_from(helper_path());
        run_without_memory(&exec, 4);
        CHECK_NO_LEAKS();
}
