/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ARGUMENTS_MAX 128U
#define CASE_SKIPPED 77 /* the exit status */

static const char allow_all[] =
        "leastwise: 1\n"
        "name: all\n"
        "purpose: Let everything through.\n"
        "tools: { allow: [\"**\"] }\n"
        "resources: { allow: [\"**\"] }\n"
        "prompts: { allow: [\"**\"] }\n"
        "server_requests: { sampling: allow, elicitation: allow, roots: allow }\n"
        "methods: { allow: [\"**\"] }\n";

_Noreturn void rig_fail(const char *file, int line, const char *format, ...)
{
        va_list args;

        fflush(stdout);
        fprintf(stderr, "# %s:%d: ", file, line);
        va_start(args, format);
        vfprintf(stderr, format, args);
        va_end(args);
        fputc('\n', stderr);
        _exit(1);
}

_Noreturn void rig_skip(const char *reason)
{
        printf("# skipped: %s\n", reason);
        fflush(stdout);
        _exit(CASE_SKIPPED);
}

uint64_t rig_now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000U + (uint64_t)t.tv_nsec / 1000000U;
}

/* --- Cases --- */

static void kill_adopted(void)
{
        /* A failed case may leave processes; none may survive the test. They are all our descendants. */
        char command[64];
        FILE *list;
        int pid;

        snprintf(command, sizeof(command), "/proc/self/task/%d/children", getpid());
        do {
                list = fopen(command, "re");
                pid = 0;
                if (list && fscanf(list, "%d", &pid) == 1)
                        kill(pid, SIGKILL);
                if (list)
                        fclose(list);
        } while (pid > 0 && (waitpid(pid, NULL, 0) == pid || errno == EINTR));
}

static void run_case(const struct rig_case *c)
{
        signal(SIGPIPE, SIG_IGN);
        alarm(RIG_CASE_SECONDS);
        c->run();
        _exit(0);
}

int rig_main(const struct rig_case *cases, size_t count)
{
        int failed = 0;

        printf("1..%zu\n", count);
        prctl(PR_SET_CHILD_SUBREAPER, 1);
        for (size_t i = 0; i < count; i++) {
                pid_t pid;
                int status;
                bool good;

                fflush(stdout);
                pid = fork();
                if (pid == 0) {
                        prctl(PR_SET_CHILD_SUBREAPER, 1);
                        prctl(PR_SET_PDEATHSIG, SIGKILL);
                        run_case(&cases[i]);
                }
                while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                        ;
                kill_adopted();
                good = status == 0 || exited_with(status, CASE_SKIPPED);
                failed += !good;
                printf("%sok %zu - %s%s\n", good ? "" : "not ", i + 1, cases[i].name,
                        exited_with(status, CASE_SKIPPED) ? " # SKIP for the reason above" :
                        died_of(status, SIGALRM)          ? " # took too long" : "");
        }
        fflush(stdout);
        return failed ? 1 : 0;
}

/* --- Starting --- */

const char *rig_path(struct rig *rig, const char *name)
{
        static char path[256];

        snprintf(path, sizeof(path), "%s/%s", rig->dir, name);
        return path;
}

static void write_policy(struct rig *rig, const char *text)
{
        FILE *file = fopen(rig_path(rig, "policy.yaml"), "we");

        CHECK(file);
        fchmod(fileno(file), 0600);
        fputs(text, file);
        CHECK(fclose(file) == 0);
}

static const char *setting(const char *name)
{
        const char *value = getenv(name);

        if (!value)
                FAIL("%s is not set: run by meson test", name);
        return value;
}

static void make_ends(enum rig_stdio kind, int *ret_read, int *ret_write)
{
        int fds[2];

        if (kind == RIG_SOCKETS)
                CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
        else
                CHECK(pipe2(fds, O_CLOEXEC) == 0);
        *ret_read = fds[0];
        *ret_write = fds[1];
}

static size_t add(const char **argv, size_t count, const char *const *more)
{
        for (; more && *more; more++) {
                CHECK(count + 1 < ARGUMENTS_MAX);
                argv[count++] = *more;
        }
        argv[count] = NULL;
        return count;
}

static size_t build_arguments(struct rig *rig, const struct rig_options *o, const char *const *server, const char **argv)
{
        static char policy[256];
        size_t count = add(argv, 0, STEPS("leastwise"));

        if (o->raw)
                return add(argv, count, o->raw);
        snprintf(policy, sizeof(policy), "%s", rig_path(rig, "policy.yaml"));
        count = add(argv, count, STEPS(o->verb ? o->verb : "run", "--policy", policy));
        count = add(argv, count, o->arguments);
        if (server) {
                count = add(argv, count, STEPS("--", setting("FAKE_SERVER")));
                count = add(argv, count, server);
        }
        return count;
}

static void build_environment(struct rig *rig, const struct rig_options *o, const char **envp)
{
        static const char *const kept[] = { "PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS" };
        static char home[128], state[128], passed[4][4096];
        size_t count = 0;

        snprintf(home, sizeof(home), "HOME=%s", rig->dir);
        snprintf(state, sizeof(state), "XDG_STATE_HOME=%s/state", rig->dir);
        /* The first of a name counts: a case may replace what is set here. */
        count = add(envp, count, o->env);
        count = add(envp, count, STEPS(home, state));
        for (size_t i = 0; i < 4; i++) {
                if (!getenv(kept[i]))
                        continue;
                snprintf(passed[i], sizeof(passed[i]), "%s=%s", kept[i], getenv(kept[i]));
                count = add(envp, count, STEPS(passed[i]));
        }
}

static _Noreturn void become(const struct rig_options *o, const int fds[3], const char **argv, const char **envp)
{
        union {
                const char **from;
                char *const *to;
        } args = { .from = argv }, env = { .from = envp };
        const struct rlimit limit = { o->file_limit, o->file_limit };
        const struct rlimit open_limit = { o->open_limit, o->open_limit };

        for (int i = 0; i < 3; i++) {
                if (fds[i] >= 0 && dup2(fds[i], i) < 0)
                        _exit(98);
        }
        if (o->file_limit)
                setrlimit(RLIMIT_FSIZE, &limit);
        if (o->open_limit)
                setrlimit(RLIMIT_NOFILE, &open_limit);
        signal(SIGPIPE, SIG_DFL);
        signal(SIGHUP, o->ignore_hangup ? SIG_IGN : SIG_DFL);
        alarm(0);
        execve(setting("LEASTWISE"), args.to, env.to);
        _exit(97);
}

void rig_start(struct rig *rig, const struct rig_options *options, const char *const *server)
{
        static const struct rig_options plain = { 0 };
        const struct rig_options *o = options ? options : &plain;
        const char *argv[ARGUMENTS_MAX], *envp[ARGUMENTS_MAX];
        int in = -1, out, err = -1;

        *rig = (struct rig){ .in = -1, .out = -1, .err = -1 };
        snprintf(rig->dir, sizeof(rig->dir), "/tmp/leastwise-e2e.XXXXXX");
        CHECK(mkdtemp(rig->dir));
        write_policy(rig, o->policy ? o->policy : allow_all);
        build_arguments(rig, o, server, argv);
        build_environment(rig, o, envp);
        if (o->stdin_fd)
                in = o->stdin_fd;
        else
                make_ends(o->stdio, &in, &rig->in);
        make_ends(o->stdio, &rig->out, &out);
        if (o->own_stderr)
                make_ends(RIG_PIPES, &rig->err, &err);
        rig->pid = fork();
        CHECK(rig->pid >= 0);
        if (rig->pid == 0)
                become(o, (const int[]){ in, out, err }, argv, envp);
        close(in);
        close(out);
        if (err >= 0)
                close(err);
}

/* --- Talking --- */

void rig_send_bytes(struct rig *rig, const char *bytes, size_t len)
{
        while (len > 0) {
                ssize_t n = write(rig->in, bytes, len);

                if (n < 0)
                        FAIL("cannot send: %s", strerror(errno));
                bytes += n;
                len -= (size_t)n;
        }
}

void rig_send(struct rig *rig, const char *line)
{
        size_t len = strlen(line);
        char *copy = malloc(len + 1);

        memcpy(copy, line, len);
        copy[len] = '\n';
        rig->started_session = true;
        rig_send_bytes(rig, copy, len + 1);
        free(copy);
}

/* More bytes, or false at the end of file. */
static bool fill(struct rig *rig)
{
        struct pollfd p = { .fd = rig->out, .events = POLLIN };
        ssize_t n;

        if (rig->room - rig->len < 65536) {
                rig->room = rig->room ? rig->room * 2 : 262144;
                rig->text = realloc(rig->text, rig->room);
        }
        if (poll(&p, 1, RIG_WAIT_MS) != 1)
                FAIL("nothing comes; so far: %.*s", (int)(rig->len < 300 ? rig->len : 300), rig->text);
        n = read(rig->out, rig->text + rig->len, rig->room - rig->len);
        if (n > 0)
                rig->len += (size_t)n;
        return n > 0;
}

/* The line handed out last stays at the front of the text, as a NUL-terminated string, until the next call. */
static size_t handed_out(const struct rig *rig)
{
        const char *nul = rig->len ? memchr(rig->text, '\0', rig->len) : NULL;

        return nul ? (size_t)(nul - rig->text) + 1 : 0;
}

const char *rig_line(struct rig *rig)
{
        const size_t used = handed_out(rig);
        size_t looked = 0;

        if (used) {
                memmove(rig->text, rig->text + used, rig->len - used);
                rig->len -= used;
        }
        for (;;) {
                char *end = rig->len > looked ? memchr(rig->text + looked, '\n', rig->len - looked) : NULL;

                if (end) {
                        *end = '\0';
                        return rig->text;
                }
                looked = rig->len;
                if (!fill(rig)) {
                        CHECK(rig->len == 0);
                        return NULL;
                }
        }
}

const char *rig_expect(struct rig *rig, const char *part)
{
        const char *line;

        while ((line = rig_line(rig))) {
                if (strstr(line, part))
                        return line;
        }
        FAIL("the output ended without %s", part);
}

void rig_handshake(struct rig *rig)
{
        rig_send(rig, "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
                      "\"capabilities\":{},\"clientInfo\":{\"name\":\"rig\",\"version\":\"1\"}}}");
        rig_expect(rig, "\"protocolVersion\"");
        rig_send(rig, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
}

static void shut(int *fd)
{
        if (*fd >= 0)
                close(*fd);
        *fd = -1;
}

void rig_close_in(struct rig *rig)
{
        shut(&rig->in);
}

void rig_close_out(struct rig *rig)
{
        shut(&rig->out);
}

/* --- Ending --- */

static bool wait_until(pid_t pid, int *ret_status, uint64_t deadline)
{
        const struct timespec pause = { .tv_nsec = 1000000 };

        for (;;) {
                pid_t got = waitpid(pid, ret_status, WNOHANG);

                if (got > 0 || (got < 0 && errno == ECHILD))
                        return true;
                if (rig_now_ms() > deadline)
                        return false;
                nanosleep(&pause, NULL);
        }
}

int rig_wait(struct rig *rig, uint64_t within_ms)
{
        const uint64_t start = rig_now_ms();
        int status = 0;

        if (!wait_until(rig->pid, &status, start + within_ms))
                FAIL("the program is still there after %lu ms", (unsigned long)within_ms);
        return status;
}

/* Orphans are adopted by this process: as long as there is one, waitpid() finds it. */
static void check_nobody_left(void)
{
        const uint64_t deadline = rig_now_ms() + 2000;
        int status;

        for (;;) {
                if (!wait_until(-1, &status, deadline))
                        FAIL("a process is left behind");
                if (waitpid(-1, &status, WNOHANG) < 0 && errno == ECHILD)
                        return;
        }
}

static void remove_all(const char *path)
{
        DIR *dir = opendir(path);
        struct dirent *entry;

        while (dir && (entry = readdir(dir))) {
                char below[1024];

                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
                if (unlink(below) < 0)
                        remove_all(below);
        }
        if (dir)
                closedir(dir);
        rmdir(path);
}

/* Names in a folder of the state directory; NULL-safe count, with the first that ends in @suffix copied. */
static size_t count_files(const char *path, const char *suffix, char *ret_first, size_t size)
{
        DIR *dir = opendir(path);
        struct dirent *entry;
        size_t count = 0;

        while (dir && (entry = readdir(dir))) {
                const size_t len = strlen(entry->d_name), end = strlen(suffix);

                if (entry->d_name[0] == '.')
                        continue;
                count++;
                if (len >= end && strcmp(entry->d_name + len - end, suffix) == 0 && ret_first)
                        snprintf(ret_first, size, "%s/%s", path, entry->d_name);
        }
        if (dir)
                closedir(dir);
        return count;
}

static void check_files(struct rig *rig)
{
        char state[512], audit[600], file[1024] = "";
        size_t top, records;

        snprintf(state, sizeof(state), "%s/state/leastwise", rig->dir);
        /* The directory of control sockets may stay, when nothing is in it. */
        snprintf(audit, sizeof(audit), "%s/control", state);
        if (rmdir(audit) < 0 && errno != ENOENT)
                FAIL("control/ is not empty: %s", strerror(errno));
        snprintf(audit, sizeof(audit), "%s/audit", state);
        top = count_files(state, "audit.key", NULL, 0);
        records = count_files(audit, ".jsonl", file, sizeof(file));
        if (top > 2)
                FAIL("%zu entries in the state directory, not the key and audit/ alone", top);
        if (rig->started_session ? records != 1 || !*file : records != 0)
                FAIL("%zu files in audit/", records);
}

char *rig_read_file(const char *path)
{
        FILE *file = fopen(path, "re");
        char *text = calloc(1, 32U << 20);

        if (file) {
                size_t n = fread(text, 1, (32U << 20) - 1, file);

                text[n] = '\0';
                fclose(file);
        }
        return text;
}

char *rig_audit_path(struct rig *rig)
{
        char audit[600], file[1024] = "";

        snprintf(audit, sizeof(audit), "%s/state/leastwise/audit", rig->dir);
        count_files(audit, ".jsonl", file, sizeof(file));
        return strdup(file);
}

char *rig_audit(struct rig *rig)
{
        char *path = rig_audit_path(rig), *text = rig_read_file(path);

        free(path);
        return text;
}

void rig_finish(struct rig *rig)
{
        shut(&rig->in);
        shut(&rig->out);
        shut(&rig->err);
        check_nobody_left();
        check_files(rig);
        remove_all(rig->dir);
        free(rig->text);
}

void rig_expect_said(struct rig *rig, const char *part)
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
