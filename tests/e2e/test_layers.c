/* SPDX-License-Identifier: Apache-2.0
 *
 * The administrator's layers are in force in every verb, whatever the command line says.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rig.h"

#define OPEN "leastwise: 1\nname: mine\npurpose: Allow it all.\ntools: { allow: [\"**\"] }\n"
#define NARROW                                                                                      \
        "leastwise: 1\nname: company\npurpose: What nobody here may do.\n"                         \
        "tools: { allow: [\"**\"], deny: [{ tool: bad, because: Not in this company. }] }\n"

static char folder[64];

static void write_text(const char *name, const char *text, mode_t mode)
{
        char path[128];
        int fd;

        snprintf(path, sizeof(path), "%s/%s", folder, name);
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && fchmod(fd, mode) == 0);
        close(fd);
}

static const char *make_layers(const char *text, mode_t mode)
{
        static char variable[128];

        snprintf(folder, sizeof(folder), "/tmp/leastwise-layers.XXXXXX");
        CHECK(mkdtemp(folder));
        write_text("10-company.yaml", text, mode);
        write_text("mine.txt", OPEN, 0600);
        snprintf(variable, sizeof(variable), "LEASTWISE_TEST_LAYERS=%s", folder);
        return variable;
}

static void remove_layers(void)
{
        char command[128];

        snprintf(command, sizeof(command), "rm -rf '%s'", folder);
        CHECK(system(command) == 0);
}

static const char *mine(void)
{
        static char path[128];

        snprintf(path, sizeof(path), "%s/mine.txt", folder);
        return path;
}

static void run_is_held_by_them(void)
{
        struct rig rig;

        rig_start(&rig, &(struct rig_options){ .policy = OPEN, .env = STEPS(make_layers(NARROW, 0644)) }, STEPS("serve"));
        rig_handshake(&rig);
        rig_send(&rig, CALL_BAD(7));
        CHECK(strstr(rig_expect(&rig, "\"id\":7"), "Not in this company."));
        rig_send(&rig, CALL_GOOD(8));
        CHECK(!strstr(rig_expect(&rig, "\"id\":8"), "isError"));
        rig_close_in(&rig);
        CHECK(exited_with(rig_wait(&rig, 10000), 0));
        CHECK(strstr(rig_audit(&rig), "{\"name\":\"company\",\"path\":"));
        rig_finish(&rig);
        remove_layers();
}

/* Starts a verb that needs no server, and looks for @part in what it prints. */
static int ask(const char *const *raw, const char *variable, const char *part)
{
        struct rig rig;
        int status;

        rig_start(&rig, &(struct rig_options){ .raw = raw, .env = STEPS(variable) }, NULL);
        rig_expect(&rig, part);
        status = rig_wait(&rig, 10000);
        rig_finish(&rig);
        return status;
}

static void check_explain_and_tools_see_them(void)
{
        const char *variable = make_layers(NARROW, 0644);
        struct rig rig;

        CHECK(exited_with(ask(STEPS("check", mine()), variable, "10-company.yaml: ok: company"), 0));
        CHECK(exited_with(ask(STEPS("explain", mine(), "--tool", "bad"), variable, "policy company: deny"), 1));
        CHECK(exited_with(ask(STEPS("explain", mine(), "--tool", "bad"), variable, "policy mine: allow"), 1));
        rig_start(&rig, &(struct rig_options){ .verb = "tools", .policy = OPEN, .env = STEPS(variable) }, STEPS("serve"));
        rig_expect(&rig, "bad   deny     tools.deny[0]");
        CHECK(exited_with(rig_wait(&rig, 10000), 0));
        rig_finish(&rig);
        remove_layers();
}

static int start(const char *text, mode_t mode)
{
        struct rig rig;
        int status;

        rig_start(&rig, &(struct rig_options){ .policy = OPEN, .env = STEPS(make_layers(text, mode)) }, STEPS("serve"));
        CHECK(!rig_line(&rig));
        status = rig_wait(&rig, 10000);
        rig_finish(&rig);
        remove_layers();
        return status;
}

static void a_bad_one_keeps_everything_from_starting(void)
{
        CHECK(exited_with(start("leastwise: 1\n", 0644), 3));
        CHECK(exited_with(start(NARROW, 0666), 3));
        CHECK(exited_with(start("", 0644), 3));
}

static const struct rig_case cases[] = {
        { "run is held by them", run_is_held_by_them },
        { "check, explain and tools see them", check_explain_and_tools_see_them },
        { "a bad one keeps everything from starting", a_bad_one_keeps_everything_from_starting },
};

int main(void)
{
        return rig_main(cases, sizeof(cases) / sizeof(cases[0]));
}
