/* SPDX-License-Identifier: Apache-2.0 */
#include "client_kin.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "peer_process.h"

/* Proxies on one machine; of more the rest is not looked at. */
#define ORIGINS_MAX 1024U

/* What takes in the processes whose parent has gone, and so is an ancestor of everybody. */
static const char *const keepers[] = { "init", "systemd" };

/* The beginning of the process's file in /proc: how much there is, 0 when it has gone. */
static size_t read_of(pid_t pid, const char *name, char *text, size_t room)
{
        char path[64];
        AUTO_CLOSE int fd = -1;
        ssize_t n;

        snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        n = fd < 0 ? -1 : read(fd, text, room);
        return n > 0 ? (size_t)n : 0;
}

static bool look_at(pid_t pid, char *room, size_t size, struct process_stat *ret)
{
        const size_t n = read_of(pid, "stat", room, size);

        return n > 0 && process_stat_read(str_of(room, n), ret);
}

static bool is_keeper(pid_t pid)
{
        char text[1024];
        struct process_stat stat;

        if (pid <= 1 || !look_at(pid, text, sizeof(text), &stat))
                return true;
        for (size_t i = 0; i < sizeof(keepers) / sizeof(keepers[0]); i++) {
                if (str_eq(stat.name, str_from(keepers[i])))
                        return true;
        }
        return false;
}

/* Has it been started as `leastwise run`? */
static bool runs(pid_t pid)
{
        char text[8192];
        const size_t n = read_of(pid, "cmdline", text, sizeof(text));
        const char *second = n ? memchr(text, '\0', n) : NULL;

        return second && n - (size_t)(second - text) >= 5 && memcmp(second, "\0run", 5) == 0;
}

static size_t clients_of(pid_t parent, pid_t *ret, size_t room)
{
        const size_t count = peer_process_clients(parent, ret, room);
        size_t kept = 0;

        for (size_t i = 0; i < count; i++) {
                if (!is_keeper(ret[i]))
                        ret[kept++] = ret[i];
        }
        return kept;
}

const char *client_kin_refusal(void)
{
        pid_t origins[ORIGINS_MAX];
        char own_text[1024], text[1024];
        struct process_stat own, stat;
        size_t count = 0;
        DIR *dir = opendir("/proc");
        const struct dirent *entry;

        if (!dir)
                return NULL;
        if (!look_at(getpid(), own_text, sizeof(own_text), &own))
                own.name = STR("");
        while ((entry = readdir(dir)) && count < ORIGINS_MAX) {
                const pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

                if (pid > 0 && pid != getpid() && look_at(pid, text, sizeof(text), &stat) &&
                        str_eq(stat.name, own.name) && runs(pid))
                        count += clients_of(stat.parent, origins + count, ORIGINS_MAX - count);
        }
        closedir(dir);
        return peer_process_descends(getpid(), origins, count) > 0
                       ? "you were started by the client of a session that runs, or by its server; resume in a "
                         "terminal that the client has not opened"
                       : NULL;
}
