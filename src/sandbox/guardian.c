/* SPDX-License-Identifier: Apache-2.0 */
#include "guardian.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

/* A member of the group may fork while it is being killed; a few rounds catch what the first one missed. */
#define KILL_ROUNDS 10
#define KILL_PAUSE_NS 5000000L

/* Nothing of the client's may stay open through us: a pipe that the guardian held would never show its end. */
static int keep_only(int fd)
{
        if (fd != 0) {
                if (dup2(fd, 0) < 0)
                        return -errno;
        }
        return close_range(1, ~0U, 0) < 0 ? -errno : 0;
}

static void kill_group(pid_t group)
{
        const struct timespec pause = { .tv_nsec = KILL_PAUSE_NS };

        /* Its leader, in whatever group it is now. */
        kill(group, SIGKILL);
        for (int round = 0; round < KILL_ROUNDS; round++) {
                if (kill(-group, SIGKILL) < 0 && errno == ESRCH)
                        return;
                nanosleep(&pause, NULL);
        }
}

static ssize_t read_some(int fd, void *out, size_t len)
{
        ssize_t n;

        do {
                n = read(fd, out, len);
        } while (n < 0 && errno == EINTR);
        return n;
}

/* What we know of. The memory is our own copy: nobody else's. */
struct watched {
        pid_t group; /* 0: none */
        pid_t also[GUARDIAN_GROUPS];
        struct guardian_file file;
        char directories[GUARDIAN_DIRECTORIES][GUARDIAN_PATH_BYTES];
};

/* The rest of a structure whose kind has been read. */
static bool read_rest(void *structure, size_t size)
{
        const ssize_t rest = (ssize_t)(size - sizeof(pid_t));

        return read_some(0, (char *)structure + sizeof(pid_t), (size_t)rest) == rest;
}

static void put(struct watched *w, pid_t from, pid_t to)
{
        for (size_t i = 0; i < GUARDIAN_GROUPS; i++) {
                if (w->also[i] == from) {
                        w->also[i] = to;
                        return;
                }
        }
}

/* Puts the path @to in the place of the path @from; "" is an empty place. */
static void put_directory(struct watched *w, const char *from, const char *to)
{
        for (size_t i = 0; i < GUARDIAN_DIRECTORIES; i++) {
                if (strcmp(w->directories[i], from) == 0) {
                        memcpy(w->directories[i], to, strlen(to) + 1);
                        return;
                }
        }
}

static bool take_directory(struct watched *w, pid_t kind)
{
        struct guardian_file directory;

        if (!read_rest(&directory, sizeof(directory)))
                return false;
        directory.path[GUARDIAN_PATH_BYTES - 1] = '\0';
        if (kind == GUARDIAN_DIRECTORY)
                put_directory(w, "", directory.path);
        else
                put_directory(w, directory.path, "");
        return true;
}

static bool take(struct watched *w, pid_t kind)
{
        struct guardian_group g;

        if (kind == GUARDIAN_FILE)
                return read_rest(&w->file, sizeof(w->file));
        if (kind == GUARDIAN_DIRECTORY || kind == GUARDIAN_FORGET)
                return take_directory(w, kind);
        if (kind != GUARDIAN_ALSO && kind != GUARDIAN_ENDED) {
                w->group = kind;
                return true;
        }
        if (!read_rest(&g, sizeof(g)))
                return false;
        if (g.pid > 1 && kind == GUARDIAN_ALSO)
                put(w, 0, g.pid);
        else if (g.pid > 1)
                put(w, g.pid, 0);
        return true;
}

static void remove_directory(const char *path)
{
        const int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *list = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        while (list && (entry = readdir(list)))
                unlinkat(fd, entry->d_name, 0); /* "." and ".." are no files */
        if (list)
                closedir(list);
        rmdir(path);
}

static void end_all(struct watched *w)
{
        w->file.path[GUARDIAN_PATH_BYTES - 1] = '\0';
        if (w->file.path[0] == '/')
                unlink(w->file.path);
        if (w->group > 1)
                kill_group(w->group);
        for (size_t i = 0; i < GUARDIAN_GROUPS; i++) {
                if (w->also[i] > 1)
                        kill_group(w->also[i]);
        }
        /* When nobody is left who could put something there. */
        for (size_t i = 0; i < GUARDIAN_DIRECTORIES; i++) {
                if (w->directories[i][0] == '/')
                        remove_directory(w->directories[i]);
        }
}

_Noreturn void guardian_main(int fd)
{
        struct watched watched = { 0 };
        pid_t sent;
        ssize_t n;

        /* Signals are held back since before the fork, and stay so: only SIGKILL ends us. */
        setsid();
        /* Not to keep a file system from being unmounted. */
        if (chdir("/") < 0 || keep_only(fd) < 0)
                _exit(1);
        /* Whoever has stopped us holds up nothing but that. */
        prctl(PR_SET_PDEATHSIG, SIGCONT);
        prctl(PR_SET_NAME, "leastwise-guard");
        /* Writes this small are atomic: each comes whole or not at all. There is one main program at a time: the
         * upstream, or a second one after one whose exec failed or that has ended. */
        while ((n = read_some(0, &sent, sizeof(sent))) == (ssize_t)sizeof(sent)) {
                if (!take(&watched, sent))
                        break;
        }
        if (n == 0)
                end_all(&watched);
        _exit(0);
}
