/* SPDX-License-Identifier: Apache-2.0 */
#include "approval_rig.h"

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

char approval_runtime[64], approval_variable[128], approval_kept[128];

void approval_make_runtime(void)
{
        snprintf(approval_runtime, sizeof(approval_runtime), "/tmp/leastwise-run.XXXXXX");
        CHECK(mkdtemp(approval_runtime));
        snprintf(approval_variable, sizeof(approval_variable), "XDG_RUNTIME_DIR=%s", approval_runtime);
        snprintf(approval_kept, sizeof(approval_kept), "%s/server-got", approval_runtime);
}

void approval_start(struct rig *rig, const char *policy)
{
        approval_make_runtime();
        rig_start(rig, &(struct rig_options){ .policy = policy, .env = STEPS(approval_variable), .own_stderr = true },
                STEPS("serve-into", approval_kept));
        rig_handshake(rig);
}

const char *approval_socket_path(void)
{
        static char path[512];
        char dir_path[128];
        struct dirent *entry;
        DIR *dir;

        path[0] = '\0';
        snprintf(dir_path, sizeof(dir_path), "%s/leastwise", approval_runtime);
        dir = opendir(dir_path);
        while (dir && (entry = readdir(dir))) {
                if (entry->d_name[0] != '.')
                        snprintf(path, sizeof(path), "%s/%s", dir_path, entry->d_name);
        }
        if (dir)
                closedir(dir);
        return path;
}

void approval_clear_runtime(void)
{
        char path[128];

        if (*approval_socket_path())
                FAIL("%s is left behind", approval_socket_path());
        snprintf(path, sizeof(path), "%s/leastwise", approval_runtime);
        (void)rmdir(path);
        (void)unlink(approval_kept);
        CHECK(rmdir(approval_runtime) == 0);
}

void approval_finish(struct rig *rig)
{
        rig_close_in(rig);
        CHECK(exited_with(rig_wait(rig, 10000), 0));
        rig_finish(rig);
        approval_clear_runtime();
}

/* --- persons --- */

struct outside_request approval_request(struct rig *rig, enum outside_kind kind, const char *verb, const char *argument)
{
        struct outside_request q = { .kind = kind };

        snprintf(q.verb, sizeof(q.verb), "%s", verb);
        snprintf(q.argument, sizeof(q.argument), "%s", argument ? argument : "");
        snprintf(q.runtime, sizeof(q.runtime), "%s", approval_runtime);
        snprintf(q.state, sizeof(q.state), "%s/state", rig->dir);
        return q;
}

const struct outside_reply *approval_outside(
        struct rig *rig, enum outside_kind kind, const char *verb, const char *argument)
{
        struct outside_request q = approval_request(rig, kind, verb, argument);

        return outside_do(&q);
}

const struct outside_reply *approval_approve(struct rig *rig, const char *id, const char *typed)
{
        struct outside_request q = approval_request(rig, OUTSIDE_TERMINAL, "approve", id);

        snprintf(q.typed, sizeof(q.typed), "%s", typed);
        return outside_do(&q);
}

/* The value of the first member @name in the JSON text, in a static buffer. */
static const char *value_of(const char *text, const char *name)
{
        static char value[256];
        char member[64];
        const char *at;

        snprintf(member, sizeof(member), "\"%s\":\"", name);
        at = strstr(text, member);
        if (!at)
                FAIL("no %s in %s", name, text);
        at += strlen(member);
        snprintf(value, sizeof(value), "%.*s", (int)strcspn(at, "\""), at);
        return value;
}

const char *approval_hold(struct rig *rig, int id, const char *arguments)
{
        static char card[256];
        char line[512];
        const uint64_t deadline = rig_now_ms() + RIG_WAIT_MS;

        snprintf(line, sizeof(line),
                "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/"
                "call\",\"params\":{\"name\":\"bad\",\"arguments\":%s}}",
                id, arguments);
        rig_send(rig, line);
        for (;;) {
                const struct outside_reply *reply = approval_outside(rig, OUTSIDE_PLAIN, "pending", "--json");

                CHECK(exited_with(reply->status, 0));
                if (strstr(reply->output, "\"id\":")) {
                        snprintf(card, sizeof(card), "%s", value_of(reply->output, "id"));
                        return card;
                }
                CHECK(rig_now_ms() < deadline);
        }
}

size_t approval_calls_that_ran(const char *name)
{
        char *text = rig_read_file(approval_kept), part[64];
        size_t count = 0;

        snprintf(part, sizeof(part), "\"name\":\"%s\"", name);
        for (const char *at = text; (at = strstr(at, part)); at++)
                count++;
        free(text);
        return count;
}

/* --- raw connections --- */

int approval_dial(void)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        CHECK(strlen(approval_socket_path()) < sizeof(address.sun_path));
        memcpy(address.sun_path, approval_socket_path(), strlen(approval_socket_path()));
        CHECK(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
        return fd;
}

const char *approval_hear(int fd)
{
        static char text[65536];
        size_t len = 0;

        while (len < sizeof(text) - 1) {
                struct pollfd p = { .fd = fd, .events = POLLIN };

                if (poll(&p, 1, RIG_WAIT_MS) != 1)
                        FAIL("nothing is heard");
                if (read(fd, text + len, 1) != 1 || text[len] == '\n')
                        break;
                len++;
        }
        text[len] = '\0';
        return text;
}

const char *approval_ask(int fd, const char *line)
{
        CHECK(write(fd, line, strlen(line)) == (ssize_t)strlen(line) && write(fd, "\n", 1) == 1);
        return approval_hear(fd);
}

const char *approval_hear_news(int fd)
{
        const char *heard;

        do {
                heard = approval_hear(fd);
        } while (strstr(heard, "session/notice"));
        return heard;
}
