/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of the real program: a budget that proxies share and that outlives them, and calls that take too long.
 */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rig.h"

static const char three[] =
        "leastwise: 1\nname: three\npurpose: Three calls an hour.\n"
        "tools: { allow: [good] }\n"
        "limits: { tools: [{ tool: good, calls: 3 per hour }] }\n";

/* A state directory for several proxies of one case. */
struct home {
        char dir[64], env[96];
};

static void home_make(struct home *home)
{
        strcpy(home->dir, "/tmp/leastwise-limits-XXXXXX");
        CHECK(mkdtemp(home->dir));
        snprintf(home->env, sizeof(home->env), "XDG_STATE_HOME=%s", home->dir);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
        return remove(path);
}

static void home_remove(struct home *home)
{
        nftw(home->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The only window's file. */
static const char *window_path(const struct home *home)
{
        static char path[600];
        char dir[200];
        struct dirent *entry;
        DIR *folder;

        snprintf(dir, sizeof(dir), "%s/leastwise/limits", home->dir);
        folder = opendir(dir);
        CHECK(folder);
        path[0] = '\0';
        while ((entry = readdir(folder))) {
                if (entry->d_name[0] == '.')
                        continue;
                CHECK(!path[0]);
                snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
        }
        closedir(folder);
        CHECK(path[0]);
        return path;
}

/* The records of its only session so far. */
static char *home_audit(const struct home *home)
{
        char pattern[200], *text;
        glob_t found;

        snprintf(pattern, sizeof(pattern), "%s/leastwise/audit/*.jsonl", home->dir);
        CHECK(glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc == 1);
        text = rig_read_file(found.gl_pathv[0]);
        globfree(&found);
        return text;
}

static void start(struct rig *rig, const struct home *home, const char *const *server)
{
        rig_start(rig, &(struct rig_options){ .policy = three, .env = STEPS(home->env), .own_stderr = true }, server);
}

/* Calls, and says whether it ran. */
static bool call(struct rig *rig, int id, const char *refusal)
{
        char line[200], part[32];
        const char *answer;

        snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/call\",\"params\":{\"name\":\"good\"}}", id);
        snprintf(part, sizeof(part), "\"id\":%d,", id);
        rig_send(rig, line);
        answer = rig_expect(rig, part);
        if (strstr(answer, "\"length "))
                return true;
        if (!strstr(answer, refusal))
                FAIL("not \"%s\": %s", refusal, answer);
        return false;
}

/* Its records are in the shared directory. */
static void finish(struct rig *rig)
{
        rig->started_session = false;
        rig_finish(rig);
}

/* Whether its standard error said all of those. */
static bool end_well_saying(struct rig *rig, const char *const *words)
{
        char text[8192] = "";
        size_t len = 0;
        ssize_t n;
        bool all = true;

        rig_close_in(rig);
        while (len < sizeof(text) - 1 && (n = read(rig->err, text + len, sizeof(text) - 1 - len)) > 0)
                len += (size_t)n;
        CHECK(exited_with(rig_wait(rig, 5000), 0));
        for (size_t i = 0; words[i]; i++)
                all &= strstr(text, words[i]) != NULL;
        if (!all)
                fprintf(stderr, "# standard error: %s\n", text);
        return all;
}

static void end_well(struct rig *rig)
{
        CHECK(end_well_saying(rig, STEPS("")));
}

static void two_proxies_and_a_restart(void)
{
        struct rig first, second, third;
        struct home home;

        home_make(&home);
        start(&first, &home, STEPS("serve"));
        start(&second, &home, STEPS("serve"));
        CHECK(call(&first, 1, ""));
        CHECK(call(&second, 1, ""));
        CHECK(call(&first, 2, ""));
        CHECK(!call(&first, 3, "limits.tools[0].calls of policy \\\"three\\\" is used up: 3 of 3 per hour. There is room again at "));
        CHECK(!call(&second, 2, "is used up"));
        end_well(&first);
        end_well(&second);
        start(&third, &home, STEPS("serve"));
        CHECK(!call(&third, 1, "is used up"));
        end_well(&third);
        finish(&first);
        finish(&second);
        finish(&third);
        home_remove(&home);
}

static void what_a_killed_proxy_took_stays_taken(void)
{
        struct rig rig, next;
        struct home home;
        struct stat st;

        home_make(&home);
        start(&rig, &home, STEPS("receive", "receive", "receive", "send", "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\","
                "\"params\":{\"level\":\"info\",\"data\":\"all three\"}}", "pause"));
        rig_send(&rig, CALL_GOOD(1));
        rig_send(&rig, CALL_GOOD(1)); /* refused: an id in use takes nothing */
        rig_send(&rig, CALL_GOOD(2));
        rig_send(&rig, CALL_GOOD(3));
        rig_expect(&rig, "all three");
        kill(rig.pid, SIGKILL);
        CHECK(died_of(rig_wait(&rig, 5000), SIGKILL));
        CHECK(stat(window_path(&home), &st) == 0 && (st.st_mode & 07777) == 0600);
        start(&next, &home, STEPS("serve"));
        CHECK(!call(&next, 1, "3 of 3"));
        end_well(&next);
        finish(&rig);
        finish(&next);
        home_remove(&home);
}

static void a_damaged_file_denies_until_it_is_removed(void)
{
        char path[600], *audit;
        struct home home;
        struct rig rig;
        int fd;

        home_make(&home);
        start(&rig, &home, STEPS("serve"));
        CHECK(call(&rig, 1, ""));
        strcpy(path, window_path(&home));
        fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
        CHECK(fd >= 0);
        close(fd);
        /* The model learns neither where the count is kept nor how to be rid of it; the person learns both. */
        CHECK(!call(&rig, 2,
                "\"Not run: the limit limits.tools[0].calls of policy \\\"three\\\" cannot be counted, and nothing "
                "runs "
                "uncounted. Tell the user: leastwise says why on its standard error and in its audit log.\""));
        audit = home_audit(&home);
        CHECK(strstr(audit, path) && strstr(audit, "is damaged; remove it to begin counting anew"));
        free(audit);
        CHECK(unlink(path) == 0);
        CHECK(call(&rig, 3, "") && call(&rig, 4, ""));
        CHECK(!call(&rig, 5, "is used up"));
        CHECK(end_well_saying(&rig, STEPS(path, "is damaged; remove it to begin counting anew")));
        finish(&rig);
        home_remove(&home);
}

static void a_call_that_takes_too_long(void)
{
        static const char policy[] =
                "leastwise: 1\nname: short\npurpose: Calls do not last.\ntools: { allow: [good] }\n"
                "limits: { call: { time: 150ms } }\n";
        char kept[128], *text;
        struct rig rig;

        snprintf(kept, sizeof(kept), "/tmp/leastwise-kept.%d", getpid());
        rig_start(&rig, &(struct rig_options){ .policy = policy }, STEPS("receive", "keep", kept));
        rig_send(&rig, CALL_GOOD(7));
        CHECK(strstr(rig_expect(&rig, "\"id\":7"), "The call was not answered within 150ms"));
        rig_close_in(&rig);
        CHECK(exited_with(rig_wait(&rig, 5000), 0));
        text = rig_read_file(kept);
        CHECK(strcmp(text, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":7,\"reason\":\"timed "
                           "out\"}}\n") == 0);
        free(text);
        unlink(kept);
        text = rig_audit(&rig);
        CHECK(strstr(text, "\"from\":\"proxy\",\"id\":7,\"reason\":\"call-time\",\"policy\":\"short\",\"rule\":\"limits.call.time\""));
        free(text);
        rig_finish(&rig);
}

int main(void)
{
        static const struct rig_case cases[] = {
                { "two_proxies_and_a_restart", two_proxies_and_a_restart },
                { "what_a_killed_proxy_took_stays_taken", what_a_killed_proxy_took_stays_taken },
                { "a_damaged_file_denies_until_it_is_removed", a_damaged_file_denies_until_it_is_removed },
                { "a_call_that_takes_too_long", a_call_that_takes_too_long },
        };

        return rig_main(cases, sizeof(cases) / sizeof(cases[0]));
}
