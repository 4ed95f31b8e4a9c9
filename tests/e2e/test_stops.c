/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person stops: how soon that holds in a session that runs, that it holds in those that come later, and that
 * what cannot be read stops everything.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "rig.h"

/* docs/approvals.md. */
#define PROMISED_MS 100U
#define ROUNDS 21U

static const char *folder(struct rig *rig)
{
        return rig_path(rig, "state/leastwise/stops");
}

static void remove_all(const char *path)
{
        char command[512];

        snprintf(command, sizeof(command), "rm -rf '%s'", path);
        CHECK(system(command) == 0);
}

static void write_text(const char *path, const char *text)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
        close(fd);
}

#define STOP(scope) \
        "{\"version\":1,\"scope\":{" scope \
        "},\"because\":\"incident 42\",\"by\":\"alice\",\"at\":\"2026-11-21T17:00:00.000Z\"}"

/* In force from the rename on, whose time is returned. */
static uint64_t put(const char *dir, const char *id, const char *text)
{
        char name[256], temporary[256];
        uint64_t at;

        CHECK(mkdir(dir, 0700) == 0 || access(dir, W_OK) == 0);
        snprintf(name, sizeof(name), "%s/%s.json", dir, id);
        snprintf(temporary, sizeof(temporary), "%s/.%s", dir, id);
        write_text(temporary, text);
        at = rig_now_ms();
        CHECK(rename(temporary, name) == 0);
        return at;
}

static uint64_t take(const char *dir, const char *id)
{
        char name[256];
        const uint64_t at = rig_now_ms();

        snprintf(name, sizeof(name), "%s/%s.json", dir, id);
        CHECK(unlink(name) == 0);
        return at;
}

/* The answer to a call of the tool. */
static const char *call(struct rig *rig, const char *tool)
{
        static int id = 1000;
        char line[256], part[32];

        snprintf(line, sizeof(line),
                "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/"
                "call\",\"params\":{\"name\":\"%s\",\"arguments\":{}}}",
                ++id, tool);
        snprintf(part, sizeof(part), "\"id\":%d", id);
        rig_send(rig, line);
        return rig_expect(rig, part);
}

static bool is_stopped(struct rig *rig, const char *tool)
{
        const char *answer = call(rig, tool);

        if (!strstr(answer, "isError"))
                return false;
        CHECK(strstr(answer, "stopped by a person (because: incident 42; stop ") ||
                strstr(answer, "it cannot be read what a person has stopped"));
        return true;
}

/* Calls until it is so; the milliseconds since @since of the last call before. */
static uint64_t until(struct rig *rig, const char *tool, bool stopped, uint64_t since)
{
        const struct timespec pause = { .tv_nsec = 500000 };
        uint64_t sent = since, limit = since + 10000;

        for (;;) {
                const uint64_t now = rig_now_ms();

                if (is_stopped(rig, tool) == stopped)
                        return sent - since;
                if (now > limit)
                        FAIL("still %sstopped after 10 s", stopped ? "not " : "");
                sent = now;
                nanosleep(&pause, NULL);
        }
}

static void start(struct rig *rig, const char *const *env, const char *const *arguments)
{
        rig_start(rig, &(struct rig_options){ .env = env, .arguments = arguments, .own_stderr = true }, STEPS("serve"));
        rig_handshake(rig);
}

static char said[1U << 18];
static size_t said_len;

/* Reads more of what the proxy says; false at the end. */
static bool hear(struct rig *rig)
{
        const ssize_t n =
                said_len < sizeof(said) - 1 ? read(rig->err, said + said_len, sizeof(said) - 1 - said_len) : 0;

        said_len += n > 0 ? (size_t)n : 0;
        said[said_len] = '\0';
        return n > 0;
}

/* Everything that was said. */
static const char *finish(struct rig *rig)
{
        rig_close_in(rig);
        CHECK(exited_with(rig_wait(rig, 10000), 0));
        while (hear(rig))
                ;
        remove_all(folder(rig));
        (void)rmdir(rig_path(rig, "state/leastwise/control"));
        rig_finish(rig);
        return said;
}

static int by_size(const void *a, const void *b)
{
        const uint64_t *x = a, *y = b;

        return *x < *y ? -1 : *x > *y;
}

static void report(const char *what, uint64_t *ms)
{
        qsort(ms, ROUNDS, sizeof(*ms), by_size);
        printf("# %s: median %lu ms, longest %lu ms of %u\n", what, (unsigned long)ms[ROUNDS / 2],
                (unsigned long)ms[ROUNDS - 1], ROUNDS);
        fflush(stdout);
        CHECK(ms[ROUNDS / 2] <= PROMISED_MS);
}

static void in_force_within_100_ms(void)
{
        uint64_t stop[ROUNDS], resume[ROUNDS];
        char *audit;
        struct rig rig;

        start(&rig, NULL, NULL);
        CHECK(!is_stopped(&rig, "good"));
        /* The first time there is not even the directory. */
        for (unsigned i = 0; i < ROUNDS; i++) {
                stop[i] = until(&rig, "good", true, put(folder(&rig), "7F3K2Q", STOP("\"all\":true")));
                resume[i] = until(&rig, "good", false, take(folder(&rig), "7F3K2Q"));
        }
        report("stopped in a session that runs", stop);
        report("resumed", resume);
        audit = rig_audit(&rig);
        CHECK(strstr(audit, "\"kind\":\"stops\",\"from\":\"proxy\",\"reason\":\"stopped\",\"detail\":\"everything by "
                            "alice: incident 42\",\"rule\":\"7F3K2Q\"}"));
        CHECK(strstr(audit, "\"kind\":\"stops\",\"from\":\"proxy\",\"reason\":\"resumed\",\"detail\":\"everything by "
                            "alice: incident 42\",\"rule\":\"7F3K2Q\"}"));
        CHECK(strstr(audit, "\"name\":\"good\",\"verdict\":\"deny\",\"reason\":\"stopped\",\"detail\":\"Not run: "
                            "stopped by a person (because: incident 42; stop 7F3K2Q)."));
        free(audit);
        finish(&rig);
        CHECK(strstr(said, "leastwise: STOPPED everything by alice: incident 42; this lasts until a person says: "
                           "leastwise resume 7F3K2Q\n"));
        CHECK(strstr(said, "leastwise: resumed: stop 7F3K2Q of everything is no longer in force\n"));
}

/* By the verb, whose file must be one that is understood. */
static void the_verb_stops(void)
{
        struct rig rig;
        char command[1024];
        uint64_t at;

        start(&rig, NULL, NULL);
        snprintf(command, sizeof(command),
                "XDG_STATE_HOME='%s/state' '%s' stop --tool 'go*' --because 'incident 42' >/dev/null", rig.dir,
                getenv("LEASTWISE"));
        CHECK(system(command) == 0);
        at = rig_now_ms();
        printf("# behind the verb's end: %lu ms\n", (unsigned long)until(&rig, "good", true, at));
        fflush(stdout);
        CHECK(!is_stopped(&rig, "bad"));
        rig_send(&rig, "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\"}");
        CHECK(strstr(rig_expect(&rig, "\"id\":7"), "\"good\""));
        finish(&rig);
}

/* The machine's, and a session that is started later. */
static void in_force_from_the_start(void)
{
        char dir[] = "/tmp/leastwise-stops.XXXXXX", variable[128], stops[128];
        struct rig rig;
        char *audit;

        CHECK(mkdtemp(dir));
        snprintf(variable, sizeof(variable), "LEASTWISE_TEST_STOPS=%s/etc/stops", dir);
        snprintf(stops, sizeof(stops), "%s/etc", dir);
        CHECK(mkdir(stops, 0755) == 0);
        snprintf(stops, sizeof(stops), "%s/etc/stops", dir);
        put(stops, "ABCDEF", STOP("\"tool\":\"good\""));
        start(&rig, STEPS(variable), NULL);
        CHECK(is_stopped(&rig, "good") && !is_stopped(&rig, "bad"));
        until(&rig, "good", false, take(stops, "ABCDEF"));
        /* The directory goes and comes. */
        CHECK(rmdir(stops) == 0);
        CHECK(!is_stopped(&rig, "good"));
        until(&rig, "good", true, put(stops, "ABCDEG", STOP("\"tool\":\"good\"")));
        until(&rig, "bad", true, put(stops, "ABCDEH", STOP("\"all\":true")));
        /* The start comes first, then what was stopped before it. */
        audit = rig_audit(&rig);
        CHECK(strstr(audit, "\"kind\":\"start\"") < strstr(audit, "\"kind\":\"stops\""));
        CHECK(strstr(audit,
                "\"detail\":\"the tools \\\"good\\\" by the administrator alice: incident 42\",\"rule\":\"ABCDEF\""));
        free(audit);
        CHECK(strstr(finish(&rig), "leastwise resume --system ABCDEF"));
        remove_all(dir);
}

static void of_servers_and_agents(void)
{
        struct rig rig;

        start(&rig, NULL, STEPS("--agent", "nightly"));
        put(folder(&rig), "AGENTX", STOP("\"agent\":\"daily\""));
        put(folder(&rig), "SERVEX", STOP("\"server\":\"npx *\""));
        until(&rig, "good", true, put(folder(&rig), "AGENTY", STOP("\"agent\":\"nightly\"")));
        until(&rig, "good", false, take(folder(&rig), "AGENTY"));
        until(&rig, "good", true, put(folder(&rig), "SERVER", STOP("\"server\":\"*fake_server serve\"")));
        until(&rig, "good", false, take(folder(&rig), "SERVER"));
        /* The policy's name. */
        until(&rig, "good", true, put(folder(&rig), "SERVES", STOP("\"server\":\"all\"")));
        until(&rig, "good", false, take(folder(&rig), "SERVES"));
        CHECK(strstr(rig_audit(&rig), "\"rule\":\"SERVER\""));
        /* Those of others are not told of. */
        CHECK(!strstr(rig_audit(&rig), "SERVEX") && !strstr(rig_audit(&rig), "AGENTX"));
        finish(&rig);
}

static void what_cannot_be_read_stops_everything(void)
{
        struct rig rig;
        char dir[256], other[300], *audit;

        start(&rig, NULL, NULL);
        snprintf(dir, sizeof(dir), "%s", folder(&rig));
        snprintf(other, sizeof(other), "%s/README", dir);
        /* A file that is no stop. */
        until(&rig, "good", true, put(dir, "7F3K2Q", "{\"version\":2}"));
        CHECK(strstr(call(&rig, "good"), "tell the user: leastwise says on its standard error what to do"));
        until(&rig, "good", false, take(dir, "7F3K2Q"));
        /* A name that is none. */
        write_text(other, STOP("\"tool\":\"x\""));
        until(&rig, "good", true, rig_now_ms());
        CHECK(unlink(other) == 0);
        until(&rig, "good", false, rig_now_ms());
        /* A directory in the place of a file. */
        snprintf(other, sizeof(other), "%s/ABCDEF.json", dir);
        CHECK(mkdir(other, 0700) == 0);
        until(&rig, "good", true, rig_now_ms());
        CHECK(rmdir(other) == 0);
        until(&rig, "good", false, rig_now_ms());
        /* A link. */
        CHECK(symlink("/dev/null", other) == 0);
        until(&rig, "good", true, rig_now_ms());
        CHECK(unlink(other) == 0);
        until(&rig, "good", false, rig_now_ms());
        /* A file that others can write. */
        put(dir, "ABCDEF", STOP("\"tool\":\"x\""));
        CHECK(chmod(other, 0666) == 0);
        until(&rig, "good", true, rig_now_ms());
        CHECK(unlink(other) == 0);
        until(&rig, "good", false, rig_now_ms());
        /* A directory that others can write. */
        CHECK(chmod(dir, 0777) == 0);
        until(&rig, "good", true, rig_now_ms());
        CHECK(chmod(dir, 0700) == 0);
        until(&rig, "good", false, rig_now_ms());
        /* No directory at all, but something. */
        CHECK(rmdir(dir) == 0);
        write_text(dir, "");
        until(&rig, "good", true, rig_now_ms());
        CHECK(unlink(dir) == 0);
        until(&rig, "good", false, rig_now_ms());
        audit = rig_audit(&rig);
        CHECK(strstr(audit, "\"kind\":\"stops\",\"from\":\"proxy\",\"reason\":\"stops-unreadable\",\"detail\":\""));
        CHECK(strstr(audit, "\"kind\":\"stops\",\"from\":\"proxy\",\"reason\":\"stops-readable\""));
        free(audit);
        finish(&rig);
        CHECK(strstr(said, "leastwise: STOPPED everything: /"));
        CHECK(strstr(said, "/stops/7F3K2Q.json: its version is not 1; mend it or remove it\n"));
        CHECK(strstr(said, "/stops/README: it is no file of a stop; mend it or remove it\n"));
        CHECK(strstr(said, "/stops/ABCDEF.json: others could have written it; mend it or remove it\n"));
        CHECK(strstr(said, "could be written by others; mend it with: chmod go-w "));
        CHECK(strstr(said, "leastwise: it can be read again what is stopped\n"));
}

/* More than the calls fill that are made until the stop is in force. */
#define AUDIT_BYTES (1 << 20)

/* Law L6: until it can be said on record that something goes on, it does not. */
static void nothing_is_resumed_unrecorded(void)
{
        char *path, *audit;
        struct rig rig;
        int fd;

        rig_start(&rig, &(struct rig_options){ .own_stderr = true, .file_limit = AUDIT_BYTES }, STEPS("serve"));
        rig_handshake(&rig);
        until(&rig, "good", true, put(folder(&rig), "7F3K2Q", STOP("\"tool\":\"good\"")));
        /* Somebody else fills the file up to where the proxy may not write. */
        path = rig_audit_path(&rig);
        fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
        CHECK(fd >= 0 && ftruncate(fd, AUDIT_BYTES) == 0);
        close(fd);
        take(folder(&rig), "7F3K2Q");
        /* Another tool tells that it has been noticed. */
        while (!strstr(call(&rig, "bad"), "it cannot be read what a person has stopped"))
                ;
        CHECK(is_stopped(&rig, "good"));
        CHECK(unlink(path) == 0);
        free(path);
        while (!strstr(said, "resumed: stop 7F3K2Q"))
                CHECK(hear(&rig));
        CHECK(!is_stopped(&rig, "good"));
        audit = rig_audit(&rig);
        CHECK(strstr(audit, "\"kind\":\"stops\",\"from\":\"proxy\",\"reason\":\"resumed\""));
        free(audit);
        finish(&rig);
        CHECK(strstr(said,
                "leastwise: STOPPED everything: the audit log cannot be written, and nothing is resumed unrecorded\n"));
}

/* A call that waits for a person is answered, and does not come back with the resumption. */
static void calls_that_wait(void)
{
        static const char policy[] = "leastwise: 1\nname: ask\npurpose: p\napproval: { hold: 60s }\ntools: { allow: "
                                     "[good], approve: [bad, \"ba*\"] }\n";
        struct rig rig;
        uint64_t at;
        char *audit;

        rig_start(&rig, &(struct rig_options){ .policy = policy, .own_stderr = true }, STEPS("serve"));
        rig_handshake(&rig);
        rig_send(&rig, CALL_BAD(7));
        CHECK(!is_stopped(&rig, "good"));
        at = put(folder(&rig), "7F3K2Q", STOP("\"tool\":\"bad\""));
        CHECK(strstr(rig_expect(&rig, "\"id\":7"), "Not run: stopped by a person while it waited for an approval."));
        printf("# a call that waits is answered within %lu ms\n", (unsigned long)(rig_now_ms() - at));
        fflush(stdout);
        take(folder(&rig), "7F3K2Q");
        CHECK(!is_stopped(&rig, "good"));
        audit = rig_audit(&rig);
        CHECK(strstr(audit, "\"kind\":\"approval\",\"from\":\"proxy\""));
        CHECK(!strstr(audit, "\"name\":\"bad\",\"verdict\":\"allow\""));
        free(audit);
        finish(&rig);
}

/* This process is the client of the session: what it starts is not the person. */
static void what_the_client_starts_resumes_nothing(void)
{
        struct rig rig;
        char command[1024];

        start(&rig, NULL, NULL);
        until(&rig, "good", true, put(folder(&rig), "7F3K2Q", STOP("\"all\":true")));
        snprintf(command, sizeof(command),
                "XDG_STATE_HOME='%s/state' setsid '%s' resume --all 2>&1 | grep -q 'you were started by the client of "
                "a session'",
                rig.dir, getenv("LEASTWISE"));
        CHECK(system(command) == 0);
        CHECK(is_stopped(&rig, "good"));
        finish(&rig);
}

int main(void)
{
        static const struct rig_case cases[] = {
                { "in_force_within_100_ms", in_force_within_100_ms },
                { "the_verb_stops", the_verb_stops },
                { "in_force_from_the_start", in_force_from_the_start },
                { "of_servers_and_agents", of_servers_and_agents },
                { "what_cannot_be_read_stops_everything", what_cannot_be_read_stops_everything },
                { "nothing_is_resumed_unrecorded", nothing_is_resumed_unrecorded },
                { "calls_that_wait", calls_that_wait },
                { "what_the_client_starts_resumes_nothing", what_the_client_starts_resumes_nothing },
        };

        return rig_main(cases, sizeof(cases) / sizeof(cases[0]));
}
