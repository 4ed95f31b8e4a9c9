/* SPDX-License-Identifier: Apache-2.0
 *
 * Policies that change under a proxy that runs: what comes into force, what does not, who is told, and that no call is lost over it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rig.h"

#define POLICY(name, allowed, denied)                                                                            \
        "leastwise: 1\nname: " name "\npurpose: Allow " allowed ".\ntools: { allow: [" allowed "], deny: [{ tool: " denied \
        ", because: By " name ". }] }\n"
#define GOOD_ONLY POLICY("ant", "good", "bad")
#define BAD_ONLY POLICY("bee", "bad", "good")
#define COMPANY "leastwise: 1\nname: company\npurpose: Nothing at all.\n"

#define RELOADS 1000U

static const char *layers_variable; /* "LEASTWISE_TEST_LAYERS=..." of the case's own folder */
static char layers[64];

static void make_layers(void)
{
        static char variable[128];

        snprintf(layers, sizeof(layers), "/tmp/leastwise-layers.XXXXXX");
        CHECK(mkdtemp(layers));
        snprintf(variable, sizeof(variable), "LEASTWISE_TEST_LAYERS=%s", layers);
        layers_variable = variable;
}

static void write_at(const char *path, const char *text)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
        close(fd);
}

/* As editors do it. */
static void replace(struct rig *rig, const char *text)
{
        char temporary[256];

        snprintf(temporary, sizeof(temporary), "%s", rig_path(rig, "policy.yaml.new"));
        write_at(temporary, text);
        CHECK(rename(temporary, rig_path(rig, "policy.yaml")) == 0);
}

static void start(struct rig *rig, const char *policy, const char *const *arguments)
{
        rig_start(rig, &(struct rig_options){ .policy = policy, .arguments = arguments, .env = STEPS(layers_variable), .own_stderr = true },
                STEPS("serve"));
        rig_handshake(rig);
}

static void finish(struct rig *rig)
{
        rig_close_in(rig);
        CHECK(exited_with(rig_wait(rig, 10000), 0));
        rig_finish(rig);
        CHECK(rmdir(layers) == 0);
}

#define CHANGED "notifications/tools/list_changed"

static bool is_allowed(struct rig *rig, const char *tool)
{
        static int id = 1000;
        char line[256], part[32];

        snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\",\"arguments\":{}}}", ++id, tool);
        snprintf(part, sizeof(part), "\"id\":%d", id);
        rig_send(rig, line);
        return !strstr(rig_expect(rig, part), "isError");
}

/* Runs `trust` or `untrust` on the rig's policy, with its state. */
static int say(struct rig *rig, const char *verb)
{
        char command[1024];

        snprintf(command, sizeof(command), "d='%s'; XDG_STATE_HOME=\"$d/state\" '%s' %s \"$d/policy.yaml\" >/dev/null", rig->dir, getenv("LEASTWISE"), verb);
        return system(command);
}

static void remove_trust(struct rig *rig)
{
        char command[256];

        snprintf(command, sizeof(command), "rm -rf '%s/state/leastwise/trust'", rig->dir);
        CHECK(system(command) == 0);
}

static void what_allows_more_needs_trust(void)
{
        struct rig rig;
        char *audit;

        make_layers();
        start(&rig, GOOD_ONLY, NULL);
        CHECK(is_allowed(&rig, "good"));
        replace(&rig, BAD_ONLY);
        rig_expect_said(&rig, "has changed and may allow more; what was in force stays until you say: leastwise trust ");
        CHECK(is_allowed(&rig, "good") && !is_allowed(&rig, "bad"));
        /* Another content than the one on disk does not help. */
        CHECK(say(&rig, "trust") == 0);
        rig_expect(&rig, CHANGED);
        rig_expect_said(&rig, "changed policies are in force: bee");
        CHECK(!is_allowed(&rig, "good") && is_allowed(&rig, "bad"));
        /* What was trusted is not what stands there now. */
        replace(&rig, GOOD_ONLY);
        rig_expect_said(&rig, "leastwise trust ");
        CHECK(!is_allowed(&rig, "good"));
        CHECK(say(&rig, "untrust") == 0);
        replace(&rig, BAD_ONLY);
        rig_expect_said(&rig, "the policies are as they are in force");
        audit = rig_audit(&rig);
        CHECK(strstr(audit, "\"kind\":\"policy\",\"from\":\"proxy\",\"reason\":\"reload-untrusted\""));
        CHECK(strstr(audit, "\"reason\":\"reloaded\",\"detail\":\"changed policies are in force: bee\",\"policies\":[{\"name\":\"bee\",\"path\":"));
        free(audit);
        remove_trust(&rig);
        finish(&rig);
}

static void reload_any_needs_none(void)
{
        struct rig rig;

        make_layers();
        start(&rig, GOOD_ONLY, STEPS("--reload", "any"));
        replace(&rig, BAD_ONLY);
        rig_expect(&rig, CHANGED);
        CHECK(is_allowed(&rig, "bad") && !is_allowed(&rig, "good"));
        /* In place, as some editors and `>` do it. */
        write_at(rig_path(&rig, "policy.yaml"), GOOD_ONLY);
        rig_expect(&rig, CHANGED);
        CHECK(!is_allowed(&rig, "bad") && is_allowed(&rig, "good"));
        finish(&rig);
}

static void what_narrows_does_at_once(void)
{
        struct rig rig;
        char path[128];

        make_layers();
        start(&rig, GOOD_ONLY, NULL);
        CHECK(is_allowed(&rig, "good"));
        snprintf(path, sizeof(path), "%s/10-company.yaml", layers);
        write_at(path, COMPANY);
        rig_expect(&rig, CHANGED);
        CHECK(!is_allowed(&rig, "good"));
        /* The administrator takes it back: that needs nobody's trust either. */
        CHECK(unlink(path) == 0);
        rig_expect(&rig, CHANGED);
        CHECK(is_allowed(&rig, "good"));
        finish(&rig);
}

static void a_mistake_leaves_the_old_policy(void)
{
        struct rig rig;

        make_layers();
        start(&rig, GOOD_ONLY, STEPS("--reload", "any"));
        replace(&rig, "leastwise: 1\nname: broken\npurpose: None.\ntols: {}\nx: 1\n");
        rig_expect_said(&rig, "changed policies are not in force, what was stays: ");
        rig_expect_said(&rig, ":4:1: error[P101]: a policy has no key `tols` (and 1 more; see leastwise check)");
        CHECK(is_allowed(&rig, "good") && !is_allowed(&rig, "bad"));
        CHECK(unlink(rig_path(&rig, "policy.yaml")) == 0);
        rig_expect_said(&rig, "error[P020]: there is no such file");
        CHECK(is_allowed(&rig, "good"));
        replace(&rig, BAD_ONLY);
        rig_expect(&rig, CHANGED);
        CHECK(is_allowed(&rig, "bad"));
        CHECK(chmod(rig_path(&rig, "policy.yaml"), 0666) == 0);
        rig_expect_said(&rig, "error[P023]");
        CHECK(is_allowed(&rig, "bad"));
        CHECK(chmod(rig_path(&rig, "policy.yaml"), 0600) == 0);
        finish(&rig);
}

/* The folder is of no file that was named at the start. */
static void a_lock_that_a_changed_policy_names_is_watched(void)
{
        char folder[256], lock[280];
        struct rig rig;

        make_layers();
        start(&rig, GOOD_ONLY, STEPS("--reload", "any"));
        snprintf(folder, sizeof(folder), "%s", rig_path(&rig, "locks"));
        snprintf(lock, sizeof(lock), "%s/tools.lock", folder);
        CHECK(mkdir(folder, 0700) == 0);
        replace(&rig, GOOD_ONLY "pins: locks/tools.lock\n");
        rig_expect_said(&rig, "changed policies are not in force, what was stays: ");
        CHECK(is_allowed(&rig, "good"));
        write_at(lock, "{}\n");
        rig_expect_said(&rig, "error[P420]");
        CHECK(is_allowed(&rig, "good"));
        write_at(lock, "{\"leastwise_pins\":1,\"tools\":[]}\n");
        rig_expect_said(&rig, "changed policies are in force: ant");
        CHECK(!is_allowed(&rig, "good"));
        /* And it stays watched once it is in force. */
        write_at(lock, "{}\n");
        rig_expect_said(&rig, "error[P420]");
        CHECK(unlink(lock) == 0 && rmdir(folder) == 0);
        finish(&rig);
}

static void hangup_asks(void)
{
        struct rig rig;

        make_layers();
        start(&rig, GOOD_ONLY, NULL);
        CHECK(is_allowed(&rig, "good"));
        kill(rig.pid, SIGHUP);
        rig_expect_said(&rig, "the policies are as they are in force");
        CHECK(is_allowed(&rig, "good"));
        kill(rig.pid, SIGHUP);
        rig_expect_said(&rig, "the policies are as they are in force");
        finish(&rig);
}

static void what_concerns_the_start_waits_for_it(void)
{
        struct rig rig;

        make_layers();
        start(&rig, GOOD_ONLY, STEPS("--reload", "any"));
        replace(&rig, GOOD_ONLY "server: { env: { A: b } }\n");
        rig_expect_said(&rig, "counts from the next start");
        finish(&rig);
}

static void before_the_first_message(void)
{
        struct rig rig;
        char *audit;

        make_layers();
        rig_start(&rig, &(struct rig_options){ .policy = GOOD_ONLY, .arguments = STEPS("--reload", "any"), .env = STEPS(layers_variable),
                .own_stderr = true }, STEPS("mutter", "up", "serve"));
        rig_expect_said(&rig, "up");
        replace(&rig, BAD_ONLY);
        rig_expect_said(&rig, "changed policies are in force: bee");
        rig_handshake(&rig);
        CHECK(is_allowed(&rig, "bad"));
        audit = rig_audit(&rig);
        CHECK(strstr(audit, "\"kind\":\"start\"") && strstr(audit, "\"policies\":[{\"name\":\"bee\""));
        free(audit);
        finish(&rig);
}

static long resident_kib(pid_t pid)
{
        char path[64], line[256];
        long kib = -1;
        FILE *f;

        snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
        f = fopen(path, "re");
        while (f && fgets(line, sizeof(line), f)) {
                if (strncmp(line, "VmRSS:", 6) == 0)
                        kib = strtol(line + 6, NULL, 10);
        }
        if (f)
                fclose(f);
        return kib;
}

/* One policy allows what the other denies, and says who it is: a decision by half of each would show. */
static void check_answer(const char *line)
{
        const bool good = strstr(line, "\"id\":\"good") != NULL;

        CHECK(good || strstr(line, "\"id\":\"bad"));
        if (!strstr(line, "isError"))
                return;
        if (!strstr(line, good ? "Denied by policy \\\"bee\\\"" : "Denied by policy \\\"ant\\\"") || !strstr(line, good ? "By bee." : "By ant."))
                FAIL("half a policy: %s", line);
}

static void send_calls(struct rig *rig, unsigned round)
{
        char line[256];

        for (unsigned i = 0; i < 4; i++) {
                const char *tool = i % 2 ? "bad" : "good";

                snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":\"%s-%u-%u\",\"method\":\"tools/call\",\"params\":{\"name\":\"%s\",\"arguments\":{}}}",
                        tool, round, i, tool);
                rig_send(rig, line);
        }
}

static void a_thousand_times_under_traffic(void)
{
        unsigned answers = 0, changes = 0;
        long early = 0, late;
        struct rig rig;

        make_layers();
        rig_start(&rig, &(struct rig_options){ .policy = GOOD_ONLY, .arguments = STEPS("--reload", "any"), .env = STEPS(layers_variable) },
                STEPS("serve"));
        rig_handshake(&rig);
        for (unsigned round = 0; round < RELOADS; round++) {
                send_calls(&rig, round);
                replace(&rig, round % 2 ? GOOD_ONLY : BAD_ONLY);
                kill(rig.pid, SIGHUP);
                send_calls(&rig, round + RELOADS);
                while (answers < 8 * (round + 1) || changes < round + 1) {
                        const char *line = rig_line(&rig);

                        CHECK(line);
                        if (strstr(line, CHANGED)) {
                                changes++;
                        } else {
                                check_answer(line);
                                answers++;
                        }
                }
                if (round == RELOADS / 5)
                        early = resident_kib(rig.pid);
        }
        late = resident_kib(rig.pid);
        CHECK(answers == 8 * RELOADS && changes == RELOADS);
        /* A sanitizer keeps what has been freed. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
        if (late > early + 256)
                FAIL("%ld KiB after a fifth, %ld KiB at the end", early, late);
#endif
        (void)early;
        (void)late;
        finish(&rig);
}

static const struct rig_case cases[] = {
        { "what allows more needs trust", what_allows_more_needs_trust },
        { "--reload any needs none", reload_any_needs_none },
        { "what narrows does at once", what_narrows_does_at_once },
        { "a mistake, a missing file, an open one: the old policy stays", a_mistake_leaves_the_old_policy },
        { "a lock that a changed policy names is watched", a_lock_that_a_changed_policy_names_is_watched },
        { "SIGHUP asks, and is answered", hangup_asks },
        { "what concerns the server's start waits for it", what_concerns_the_start_waits_for_it },
        { "before the first message", before_the_first_message },
        { "a thousand times under traffic", a_thousand_times_under_traffic },
};

int main(void)
{
        return rig_main(cases, sizeof(cases) / sizeof(cases[0]));
}
