/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "state_dir.h"
#include "timestamp.h"

/* Names tried at once for a file that must not exist yet. */
#define NAMES_TRIED 100U

struct audit_file {
        char *state_dir;
        char *audit_dir;
        char *base;     /* the file's path without its number and .jsonl */
        char *path;
        unsigned number; /* of the file's name; 1 is not shown */
        int dir_fd;
        int fd;         /* -1 until the first record */
        off_t size;     /* of the whole records in it */
        bool durable;
        bool torn;      /* the file ends in part of a record */
        time_t checked; /* when the file was last seen to be in its place (coarse monotonic seconds) */
};

static char *print(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *print(const char *format, ...)
{
        char text[PATH_MAX];
        va_list args;
        int n;

        va_start(args, format);
        n = vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        return n < 0 || (size_t)n >= sizeof(text) ? NULL : str_dup(str_from(text));
}

struct audit_file *audit_file_free(struct audit_file *file)
{
        if (!file)
                return NULL;
        fd_closep(&file->fd);
        fd_closep(&file->dir_fd);
        mem_free(file->state_dir);
        mem_free(file->audit_dir);
        mem_free(file->base);
        mem_free(file->path);
        mem_free(file);
        return NULL;
}

static int open_directories(struct audit_file *file, char **ret_message)
{
        AUTO_CLOSE int state_fd = state_dir_open(file->state_dir, ret_message);
        int dir_fd;

        if (state_fd < 0)
                return state_fd;
        dir_fd = state_dir_open_at(state_fd, "audit", file->audit_dir, ret_message);
        if (dir_fd < 0)
                return dir_fd;
        fd_closep(&file->dir_fd);
        file->dir_fd = dir_fd;
        return 0;
}

static int name_file(struct audit_file *file)
{
        char *path = file->number > 1 ? print("%s-%u.jsonl", file->base, file->number) : print("%s.jsonl", file->base);

        if (!path)
                return -ENOMEM;
        mem_free(file->path);
        file->path = path;
        return 0;
}

static int make_names(struct audit_file *file, const char *state_dir, struct str session)
{
        struct timestamp_cache cache = { .second = 0 };
        const char *now;

        if (strlen(state_dir) + session.len + 64 > PATH_MAX)
                return -ENAMETOOLONG;
        /* strftime() would read the time zone's file. */
        now = timestamp_text(&cache, (uint64_t)time(NULL) * 1000).ptr;
        file->number = 1;
        file->state_dir = str_dup(str_from(state_dir));
        file->audit_dir = print("%s/audit", state_dir);
        /* 20261120T114442Z: the digits of 2026-11-20T11:44:42.000Z. */
        file->base = print("%s/audit/%.4s%.2s%.5s%.2s%.2sZ-%.*s", state_dir, now, now + 5, now + 8, now + 14, now + 17,
                STR_FMT(session));
        if (!file->state_dir || !file->audit_dir || !file->base)
                return -ENOMEM;
        return name_file(file);
}

static bool is_file_name(struct str s)
{
        for (size_t i = 0; i < s.len; i++) {
                if (s.ptr[i] == '/' || s.ptr[i] == '\0')
                        return false;
        }
        return s.len > 0;
}

int audit_file_new(struct audit_file **ret, const char *state_dir, struct str session, bool durable, char **ret_message)
{
        struct audit_file *file;
        int r;

        *ret_message = NULL;
        if (!is_file_name(session))
                return -EINVAL;
        file = mem_calloc(1, sizeof(*file));
        if (!file)
                return -ENOMEM;
        file->fd = file->dir_fd = -1;
        file->durable = durable;
        r = make_names(file, state_dir, session);
        if (r == 0)
                r = open_directories(file, ret_message);
        if (r < 0) {
                if (!*ret_message)
                        state_dir_message(ret_message, "%s: no audit records can be kept there: %s", state_dir, strerror(-r));
                audit_file_free(file);
                return r;
        }
        *ret = file;
        return 0;
}

const char *audit_file_path(const struct audit_file *file)
{
        return file->path;
}

/* --- Opening --- */

static int create_file(struct audit_file *file)
{
        for (unsigned i = 0; i < NAMES_TRIED; i++) {
                const char *name = file->path + strlen(file->audit_dir) + 1;
                int r;

                file->fd = openat(file->dir_fd, name,
                        O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, 0600);
                if (file->fd >= 0)
                        return 0;
                if (errno != EEXIST)
                        return -errno;
                file->number++;
                r = name_file(file);
                if (r < 0)
                        return r;
        }
        return -EEXIST;
}

static int open_file(struct audit_file *file)
{
        int r;

        /* The directories are opened anew: they may have been removed, or made unsafe, since. */
        r = open_directories(file, NULL);
        if (r == 0)
                r = create_file(file);
        if (r == 0 && file->durable && fsync(file->dir_fd) < 0) {
                r = -errno;
                fd_closep(&file->fd);
        }
        file->size = 0;
        file->torn = false;
        return r;
}

static time_t coarse_seconds(void)
{
        struct timespec now = { 0 };

        clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
        return now.tv_sec;
}

/* Has the file lost its name? Looked at once a second, since it costs a system call. */
static void check_presence(struct audit_file *file)
{
        time_t now = coarse_seconds();
        struct stat st;

        if (file->fd < 0 || file->checked == now)
                return;
        file->checked = now;
        if (fstat(file->fd, &st) == 0 && st.st_nlink > 0)
                return;
        /* The next file has a number of its own even where the first one's name is free again: one name, one content. */
        fd_closep(&file->fd);
        file->number++;
}

/* --- Writing --- */

static int write_all(int fd, struct str bytes, size_t *ret_written)
{
        *ret_written = 0;
        while (*ret_written < bytes.len) {
                ssize_t n = write(fd, bytes.ptr + *ret_written, bytes.len - *ret_written);

                if (n > 0)
                        *ret_written += (size_t)n;
                else if (n == 0)
                        return -EIO;
                else if (errno != EINTR)
                        return -errno;
        }
        return 0;
}

/* Takes @written bytes off the file's end; where that cannot be done, or somebody else has written, says that it is torn. */
static void cut_off(struct audit_file *file, size_t written)
{
        struct stat st = { .st_size = file->size + (off_t)written };

        file->checked = -1;
        if (written == 0)
                return;
        if (fstat(file->fd, &st) == 0 && st.st_size == file->size + (off_t)written &&
                ftruncate(file->fd, file->size) == 0)
                return;
        file->size = st.st_size;
        file->torn = true;
}

static int append(struct audit_file *file, struct str bytes)
{
        size_t written;
        int r = write_all(file->fd, bytes, &written);

        if (r == 0 && file->durable && fdatasync(file->fd) < 0)
                r = -errno;
        if (r < 0)
                cut_off(file, written);
        else
                file->size += (off_t)written;
        return r;
}

int audit_file_write(struct audit_file *file, struct str lines)
{
        int r;

        if (lines.len == 0)
                return 0;
        check_presence(file);
        if (file->fd < 0) {
                r = name_file(file);
                if (r == 0)
                        r = open_file(file);
                if (r < 0)
                        return r;
                file->checked = coarse_seconds();
        }
        if (file->torn) {
                r = append(file, STR("\n"));
                if (r < 0)
                        return r;
                file->torn = false;
        }
        return append(file, lines);
}
