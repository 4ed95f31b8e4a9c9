/* SPDX-License-Identifier: Apache-2.0 */
#include "stop_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "cleanup.h"
#include "limit.h"
#include "printable.h"
#include "state_dir.h"

#define FOLDER "stops"
#define SUFFIX ".json"

int stop_place_own(struct stop_place *ret, const char *state_dir, char **ret_path)
{
        AUTO_BUF struct buf path = BUF_INIT(PATH_MAX);

        buf_printf(&path, "%s/" FOLDER, state_dir);
        *ret_path = path.failed ? NULL : str_dup(buf_str(&path));
        *ret = (struct stop_place){ .path = *ret_path, .owner = geteuid() };
        return *ret_path ? 0 : -ENOMEM;
}

/* --- reading --- */

static bool others_can_write(const struct stat *st, uid_t owner)
{
        return (st->st_uid != owner && st->st_uid != 0) || (st->st_mode & (S_IWGRP | S_IWOTH));
}

/* The name as it can be shown: it may be anything. */
static void fail_file(struct stop_list *list, const struct stop_place *place, const char *name, const char *why)
{
        AUTO_BUF struct buf shown = BUF_INIT(NAME_MAX * 8);

        (void)printable_append(&shown, str_from(name), 80);
        stop_list_fail(list, "%s/%.*s: %s; mend it or remove it", place->path, STR_FMT(buf_str(&shown)), why);
}

/* Reads all of the file, whose size is looked at first: -EFBIG when it is larger than a stop can be. */
static ssize_t read_whole(int fd, char *text, size_t room)
{
        size_t len = 0;
        ssize_t n;

        while ((n = read(fd, text + len, room - len)) > 0)
                len += (size_t)n;
        if (n < 0)
                return -errno;
        return len == room ? -EFBIG : (ssize_t)len;
}

static void read_file(int dir, const char *name, const struct stop_place *place, struct stop_list *list)
{
        char text[LIMIT_STOP_BYTES + 1];
        AUTO_CLOSE int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        const size_t len = strlen(name), end = strlen(SUFFIX);
        struct stop stop;
        const char *why = NULL;
        struct stat st;
        ssize_t n;

        /* It has been removed since it was listed. */
        if (fd < 0 && errno == ENOENT)
                return;
        if (fd < 0 || fstat(fd, &st) < 0) {
                fail_file(list, place, name, strerror(errno));
                return;
        }
        if (!S_ISREG(st.st_mode) || len <= end || strcmp(name + len - end, SUFFIX) != 0) {
                fail_file(list, place, name, "it is no file of a stop");
                return;
        }
        if (others_can_write(&st, place->owner)) {
                fail_file(list, place, name, "others could have written it");
                return;
        }
        n = read_whole(fd, text, sizeof(text));
        if (n < 0) {
                fail_file(list, place, name, n == -EFBIG ? "it is too large" : strerror((int)-n));
                return;
        }
        if (stop_read_json(str_of(text, (size_t)n), str_of(name, len - end), &stop, &why) < 0) {
                fail_file(list, place, name, why ? why : "out of memory");
                return;
        }
        stop.system = place->system;
        stop_list_take(list, &stop);
}

static int by_id(const void *a, const void *b)
{
        return strcmp(((const struct stop *)a)->id, ((const struct stop *)b)->id);
}

/* Takes @fd. */
static void read_all(int fd, const struct stop_place *place, struct stop_list *list)
{
        const size_t first = list->count;
        DIR *dir = fdopendir(fd);
        struct dirent *entry;

        if (!dir) {
                stop_list_fail(list, "%s: %s", place->path, strerror(errno));
                close(fd);
                return;
        }
        for (;;) {
                errno = 0;
                entry = readdir(dir);
                if (!entry)
                        break;
                /* What is being written has a name that begins so. */
                if (entry->d_name[0] != '.')
                        read_file(fd, entry->d_name, place, list);
        }
        if (errno)
                stop_list_fail(list, "%s: %s", place->path, strerror(errno));
        closedir(dir);
        if (list->count > first)
                qsort(list->stops + first, list->count - first, sizeof(*list->stops), by_id);
}

void stop_files_read(const struct stop_place *place, struct stop_list *list)
{
        int fd = open(place->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        struct stat st;

        if (fd < 0 && errno == ENOENT)
                return;
        if (fd < 0 || fstat(fd, &st) < 0) {
                stop_list_fail(list, "%s, where stops are, cannot be read: %s; mend it or remove it", place->path,
                        strerror(errno));
        } else if (others_can_write(&st, place->owner)) {
                stop_list_fail(list, "%s, where stops are, could be written by others; mend it with: chmod go-w %s",
                        place->path, place->path);
        } else {
                read_all(fd, place, list);
                return;
        }
        if (fd >= 0)
                close(fd);
}

/* --- writing --- */

static int open_folder(const struct stop_place *place, char **ret_message)
{
        /* Everybody's sessions read the machine's. */
        if (place->system && mkdir(place->path, 0755) == 0 && chmod(place->path, 0755) < 0)
                return -errno;
        return state_dir_open(place->path, ret_message);
}

static int write_file(int dir, const char *temporary, const char *name, struct str text, mode_t mode)
{
        AUTO_CLOSE int fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        int r = 0;

        if (fd < 0)
                return -errno;
        /* A write that is cut short says nothing; a disk that is full does it. */
        errno = ENOSPC;
        if (write(fd, text.ptr, text.len) != (ssize_t)text.len || fchmod(fd, mode) < 0 || fsync(fd) < 0 ||
                renameat(dir, temporary, dir, name) < 0 || fsync(dir) < 0)
                r = -errno;
        if (r < 0)
                (void)unlinkat(dir, temporary, 0);
        return r;
}

int stop_files_add(const struct stop_place *place, const struct stop *stop, char **ret_message)
{
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_STOP_BYTES);
        AUTO_CLOSE int dir = -1;
        char name[32], temporary[64];
        int r;

        *ret_message = NULL;
        if (stop_write_json(stop, &text) < 0)
                return -ENOMEM;
        dir = open_folder(place, ret_message);
        if (dir < 0)
                return dir;
        snprintf(name, sizeof(name), "%s" SUFFIX, stop->id);
        snprintf(temporary, sizeof(temporary), ".%s.%ld", stop->id, (long)getpid());
        r = write_file(dir, temporary, name, buf_str(&text), place->system ? 0644 : 0600);
        if (r < 0)
                state_dir_message(ret_message, "%s: cannot be written: %s", place->path, strerror(-r));
        return r;
}

int stop_files_remove(const struct stop_place *place, const char *id, char **ret_message)
{
        AUTO_CLOSE int dir = open(place->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        char name[32];
        int r = 0;

        *ret_message = NULL;
        snprintf(name, sizeof(name), "%s" SUFFIX, id);
        if (dir < 0 || unlinkat(dir, name, 0) < 0)
                r = -errno;
        else
                (void)fsync(dir);
        if (r < 0 && r != -ENOENT)
                state_dir_message(ret_message, "%s: cannot be changed: %s", place->path, strerror(-r));
        return r;
}
