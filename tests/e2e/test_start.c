/* SPDX-License-Identifier: Apache-2.0
 *
 * What the server finds itself in, and what happens when there is nothing to start.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rig.h"

static char *take_stderr(struct rig *rig)
{
        size_t len = 0, room = 1U << 20;
        char *text = calloc(1, room);
        ssize_t n;

        while (len + 1 < room && (n = read(rig->err, text + len, room - len - 1)) > 0)
                len += (size_t)n;
        return text;
}

/* Runs to its end: the status, and that stderr holds @part. */
static void expect_failure(const struct rig_options *options, const char *const *server, int status, const char *part)
{
        struct rig_options o = *options;
        struct rig rig;
        char *text;

        o.own_stderr = true;
        rig_start(&rig, &o, server);
        text = take_stderr(&rig);
        if (!strstr(text, part))
                FAIL("stderr lacks \"%s\": %s", part, text);
        status -= WEXITSTATUS(rig_wait(&rig, 10000));
        if (status != 0)
                FAIL("exit status is off by %d: %s", status, text);
        free(text);
        rig_finish(&rig);
}

static void usage_errors(void)
{
        const struct {
                const char *const *raw;
                const char *part;
        } rows[] = {
                { STEPS("rnu"), "did you mean \"run\"?" },
                { STEPS("frobnicate"), "there is no verb" },
                { STEPS("run"), "no --policy" },
                { STEPS("run", "--", "true"), "no --policy" },
                { STEPS("run", "--polcy", "x"), "did you mean --policy?" },
                { STEPS("run", "--policy"), "--policy needs a value" },
                { STEPS("run", "--line-limit", "1GB", "--policy", "x"), "--line-limit takes a size" },
                { STEPS("run", "-x"), "there is no option -x" },
                { STEPS("tools", "--json=1"), "--json takes no value" },
                { STEPS("help", "rnu"), "did you mean \"run\"?" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                expect_failure(&(struct rig_options){ .raw = rows[i].raw }, NULL, 2, rows[i].part);
}

static void help_and_version_are_results(void)
{
        const struct {
                const char *const *raw;
                const char *part;
        } rows[] = {
                { STEPS("--help"), "Usage: leastwise VERB" },
                { STEPS("help", "run"), "Usage: leastwise run" },
                { STEPS("run", "--help"), "Usage: leastwise run" },
                { STEPS("tools", "--help"), "Usage: leastwise tools" },
                { STEPS("--version"), "2026-07-28" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct rig rig;

                rig_start(&rig, &(struct rig_options){ .raw = rows[i].raw }, NULL);
                rig_expect(&rig, rows[i].part);
                rig_close_in(&rig);
                CHECK(exited_with(rig_wait(&rig, 10000), 0));
                rig_finish(&rig);
        }
}

static void policy_errors_start_nothing(void)
{
        static const struct {
                const char *text;
                const char *part;
        } rows[] = {
                { "", "error" },
                { "leastwise: 1\nname: x\npurpose: y\ntolls: { allow: [a] }\n", "tools" },
                { "leastwise: 1\nname: x\nname: y\n", "name" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct rig rig;
                char *text;

                rig_start(&rig, &(struct rig_options){ .policy = rows[i].text, .own_stderr = true },
                        STEPS("report", "started", "serve"));
                text = take_stderr(&rig);
                CHECK(strstr(text, rows[i].part));
                CHECK(exited_with(rig_wait(&rig, 10000), 3));
                CHECK(access("started", F_OK) < 0);
                free(text);
                rig_finish(&rig);
        }
}

/* Where a client reads no stderr, or several servers share one that nobody reads. */
static void expect_unread(const struct rig_options *options, const char *const *server, bool closed, int status)
{
        static char filler[65536];
        int saved = dup(STDERR_FILENO), fds[2];
        struct rig rig;

        CHECK(saved >= 0 && pipe2(fds, O_CLOEXEC) == 0);
        CHECK(fcntl(fds[1], F_SETPIPE_SZ, (int)sizeof(filler)) == (int)sizeof(filler));
        CHECK(write(fds[1], filler, sizeof(filler)) == (ssize_t)sizeof(filler));
        if (closed)
                close(fds[0]);
        dup2(fds[1], STDERR_FILENO);
        rig_start(&rig, options, server);
        dup2(saved, STDERR_FILENO);
        close(saved);
        close(fds[1]);
        CHECK(exited_with(rig_wait(&rig, 1000 + 1500), status));
        rig_finish(&rig);
        if (!closed)
                close(fds[0]);
}

static void nobody_reads_why(void)
{
        const struct rig_options mistake = { .policy = "leastwise: 1\ntolls: x\n" }, few = { .open_limit = 31 };
        const struct rig_options usage = { .arguments = STEPS("--no-such-option") };
        const struct rig_options no_path = { .arguments = STEPS("--", "/no/such/program") };

        for (int closed = 0; closed < 2; closed++) {
                expect_unread(&mistake, STEPS("serve"), closed, 3);
                expect_unread(&usage, STEPS("serve"), closed, 2);
                expect_unread(&few, STEPS("serve"), closed, 125);
                expect_unread(&no_path, NULL, closed, 127);
        }
}

static void commands_that_cannot_run(void)
{
        const struct rig_options nothing = { .arguments = STEPS("--", "no-such-program"),
                .env = STEPS("PATH=/nowhere:/usr/bin") };
        const struct rig_options no_path = { .arguments = STEPS("--", "/no/such/program") };
        const struct rig_options not_executable = { .arguments = STEPS("--", "/etc/passwd") };
        const struct rig_options folder = { .arguments = STEPS("--", "/etc") };

        expect_failure(&nothing, NULL, 127, "no-such-program: command not found in PATH=");
        expect_failure(&no_path, NULL, 127, "/no/such/program");
        expect_failure(&not_executable, NULL, 126, "/etc/passwd: Permission denied");
        expect_failure(&folder, NULL, 126, "/etc");
}

static void no_audit_no_start(void)
{
        struct rig_options o = { .env = STEPS("XDG_STATE_HOME=/proc/nowhere") };

        expect_failure(&o, STEPS("report", "started", "serve"), 125, "nothing is started");
        CHECK(access("started", F_OK) < 0);
}

static void too_few_files_may_be_open(void)
{
        const struct rig_options none = { .open_limit = 4 }, few = { .open_limit = 31 }, enough = { .open_limit = 32 };

        expect_failure(&none, STEPS("report", "started", "serve"), 125, "ulimit -n");
        expect_failure(&few, STEPS("report", "started", "serve"), 125, "ulimit -n");
        CHECK(access("started", F_OK) < 0);
        expect_failure(&enough, STEPS("exit", "7"), 7, "");
}

#define WITH_CREDENTIAL                                                                                     \
        "leastwise: 1\nname: c\npurpose: Hold one credential.\ntools: { allow: [\"**\"] }\n"                 \
        "methods: { allow: [\"**\"] }\n"                                                                     \
        "server: { env: { PLAIN: value }, inherit: [LANG, NOT_SET] }\n"                                      \
        "credentials:\n  TOKEN: { from: env, name: SOURCE_OF_TOKEN }\n"

static void missing_credential(void)
{
        const struct rig_options o = { .policy = WITH_CREDENTIAL };

        expect_failure(&o, STEPS("serve"), 6, "TOKEN");
}

static void a_credential_in_path(void)
{
        const struct rig_options o = {
                .policy = "leastwise: 1\nname: c\npurpose: Hold one credential.\ntools: { allow: [\"**\"] }\n"
                          "server: { command: [no-such-program], env: { PATH: \"/opt/{{TOKEN}}/bin\" } }\n"
                          "credentials:\n  TOKEN: { from: env, name: SOURCE_OF_TOKEN }\n",
                .env = STEPS("SOURCE_OF_TOKEN=s3cret-token-value"),
        };

        expect_failure(&o, NULL, 127, "no-such-program: command not found in PATH=[redacted:PATH]");
}

/* The whole report but for the order of the environment. */
static void surroundings_are_exact(void)
{
        const struct rig_options o = {
                .policy = WITH_CREDENTIAL,
                .env = STEPS("SOURCE_OF_TOKEN=s3cret-token-value", "LANG=C.UTF-8", "SSH_AUTH_SOCK=/tmp/agent", "TERM=dumb",
                        "SHELL=() { :; }", "USER=someone", "LOGNAME=someone"),
        };
        char report[128], home[160], path[5000], cwd[4200], here[4096];
        const char *const wanted[] = { "fd 0 pipe blocking", "fd 1 pipe blocking", "fd 2 pipe blocking", "death 9", "leader 1",
                "core 0", "umask 27", cwd, home, path, "env TERM=dumb", "env USER=someone", "env LOGNAME=someone",
                "env LANG=C.UTF-8", "env PLAIN=value", "env TOKEN=s3cret-token-value" };
        struct rig rig;
        size_t lines = 0;
        char *text;

        /* The folder is the test's own. */
        snprintf(report, sizeof(report), "/tmp/leastwise-report.%d", getpid());
        umask(027);
        CHECK(open("/dev/null", O_RDONLY) >= 0);
        rig_start(&rig, &o, STEPS("report", report, "serve"));
        snprintf(home, sizeof(home), "env HOME=%s", rig.dir);
        snprintf(path, sizeof(path), "env PATH=%s", getenv("PATH"));
        snprintf(cwd, sizeof(cwd), "cwd %s", getcwd(here, sizeof(here)));
        rig_send(&rig, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
        rig_expect(&rig, "\"id\":1");
        text = rig_read_file(report);
        for (char *p = text; (p = strchr(p, '\n')); p++)
                lines++;
        for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
                if (!strstr(text, wanted[i]))
                        FAIL("\"%s\" is not in:\n%s", wanted[i], text);
        }
        if (lines != sizeof(wanted) / sizeof(wanted[0]))
                FAIL("%zu lines, not %zu:\n%s", lines, sizeof(wanted) / sizeof(wanted[0]), text);
        unlink(report);
        free(text);
        rig_close_in(&rig);
        CHECK(exited_with(rig_wait(&rig, 5000), 0));
        text = rig_audit(&rig);
        CHECK(!strstr(text, "s3cret-token-value"));
        free(text);
        rig_finish(&rig);
}

/* What the server says of its credential reaches neither the client nor stderr. */
static void credential_does_not_leave(void)
{
        const struct rig_options o = { .policy = WITH_CREDENTIAL, .env = STEPS("SOURCE_OF_TOKEN=s3cret-token-value"),
                .own_stderr = true };
        struct rig rig;
        const char *line;
        char *text;

        rig_start(&rig, &o, STEPS("receive", "mutter", "the token is s3cret-token-value!", "mutter", "czNjcmV0LXRva2VuLXZhbHVl",
                "send", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"s3cret-token-value\"}]}}",
                "exit", "0"));
        rig_send(&rig, CALL_GOOD(1));
        line = rig_expect(&rig, "\"id\":1");
        CHECK(!strstr(line, "s3cret"));
        CHECK(strstr(line, "[redacted:TOKEN]"));
        text = take_stderr(&rig);
        CHECK(strstr(text, "the token is [redacted:TOKEN]!"));
        CHECK(!strstr(text, "s3cret"));
        CHECK(!strstr(text, "czNjcmV0LXRva2VuLXZhbHVl"));
        free(text);
        CHECK(exited_with(rig_wait(&rig, 5000), 0));
        rig_finish(&rig);
}

static void policy_says_the_command(void)
{
        static char policy[1024];
        const struct rig_options o = { .policy = policy };
        struct rig rig;

        snprintf(policy, sizeof(policy),
                "leastwise: 1\nname: c\npurpose: Name the server.\ntools: { allow: [good] }\n"
                "server: { command: [\"%s\", serve] }\n", getenv("FAKE_SERVER"));
        rig_start(&rig, &o, NULL);
        rig_handshake(&rig);
        rig_close_in(&rig);
        CHECK(exited_with(rig_wait(&rig, 5000), 0));
        rig_finish(&rig);
}

/* execvp() gives such a file to the shell; so do clients without us. */
static void script_without_interpreter_line(void)
{
        char script[64];
        struct rig rig;
        int fd;

        snprintf(script, sizeof(script), "/tmp/leastwise-script.%d", getpid());
        fd = open(script, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
        CHECK(write(fd, "exit 23\n", 8) == 8);
        close(fd);
        rig_start(&rig, &(struct rig_options){ .arguments = STEPS("--", script) }, NULL);
        CHECK(exited_with(rig_wait(&rig, 5000), 23));
        unlink(script);
        rig_finish(&rig);
}

/* Clients start servers as probes: such a start leaves no trace. */
static void a_silent_start_leaves_no_record(void)
{
        struct rig rig;

        rig_start(&rig, NULL, STEPS("serve"));
        rig_close_in(&rig);
        CHECK(exited_with(rig_wait(&rig, 5000), 0));
        rig_finish(&rig);
}

static const struct rig_case cases[] = {
        { "usage errors exit with 2 and a hint", usage_errors },
        { "help and version go to stdout", help_and_version_are_results },
        { "policy errors exit with 3, nothing started", policy_errors_start_nothing },
        { "the same where nobody reads why", nobody_reads_why },
        { "commands that cannot run: 126 and 127", commands_that_cannot_run },
        { "without a place for records: 125, nothing started", no_audit_no_start },
        { "fewer open files than it takes: 125, nothing started", too_few_files_may_be_open },
        { "a missing credential: 6", missing_credential },
                { "a credential in PATH: [redacted:NAME]", a_credential_in_path },
        { "descriptors, environment, limits, directory are exact", surroundings_are_exact },
        { "a credential reaches neither client nor stderr", credential_does_not_leave },
        { "the policy's server.command is started", policy_says_the_command },
        { "a script without #! is the shell's", script_without_interpreter_line },
        { "a start without a message leaves no record", a_silent_start_leaves_no_record },
};

int main(void)
{
        char folder[] = "/tmp/leastwise-cwd.XXXXXX";
        int status;

        /* Relative paths of reports must not land in the build tree. */
        if (!mkdtemp(folder) || chdir(folder) < 0)
                return 99;
        status = rig_main(cases, sizeof(cases) / sizeof(cases[0]));
        return rmdir(folder) < 0 ? 1 : status;
}
