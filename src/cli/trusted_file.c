/* SPDX-License-Identifier: Apache-2.0 */
#include "trusted_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "codes.h"
#include "shown.h"

#define OTHERS_CAN_WRITE (S_IWGRP | S_IWOTH)

/* As many as the kernel follows. */
#define LINKS_FOLLOWED 40U

/* What is looked at, and by which measure. */
struct looked_at {
        const char *path;
        const struct trusted_kind *kind;
        struct diagnostics *diags;
};

static int refuse(const struct looked_at *l, const char *code, const char *help, const char *what)
{
        struct diagnostic_place whole = { .path = str_from(l->path) };

        diagnostics_add(l->diags, SEVERITY_ERROR, code, whole, help, "%s", what);
        return -EINVAL;
}

/* A command to paste into a shell, with the path in single quotes; none for a path that a terminal would not show as
 * it is. */
static const char *command(char *out, size_t size, const char *what, const char *path)
{
        size_t n = (size_t)snprintf(out, size, "%s '", what);

        for (; *path; ++path) {
                if (n + 8 > size || (unsigned char)*path < 0x20 || (unsigned char)*path >= 0x7F)
                        return NULL;
                n += (size_t)snprintf(out + n, size - n, *path == '\'' ? "'\\''" : "%c", *path);
        }
        snprintf(out + n, size - n, "'");
        return out;
}

static bool owner_is_trusted(const struct looked_at *l, const struct stat *st)
{
        return st->st_uid == 0 || st->st_uid == (l->kind->administrators ? l->kind->owner : geteuid());
}

/* One directory. In a sticky one (/tmp) others cannot replace our files. */
static int check_directory(const struct looked_at *l, const char *dir)
{
        char help[PATH_MAX + 32], what[256];
        struct stat st;

        if (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode)) {
                snprintf(what, sizeof(what), "its directory %s cannot be examined", show(str_from(dir)).text);
                return refuse(l, P_FILE_UNREADABLE, NULL, what);
        }
        if (!owner_is_trusted(l, &st)) {
                snprintf(what, sizeof(what), "its directory %s belongs to another user, who could replace the file",
                        show(str_from(dir)).text);
                return refuse(l, P_FILE_OWNER,
                        l->kind->administrators ? "only the administrator may write there" : "keep policies in a directory of your own",
                        what);
        }
        if ((st.st_mode & OTHERS_CAN_WRITE) && !(st.st_mode & S_ISVTX)) {
                snprintf(what, sizeof(what), "its directory %s can be written by others, who could replace the file",
                        show(str_from(dir)).text);
                return refuse(l, P_DIRECTORY_WRITABLE, command(help, sizeof(help), "chmod go-w", dir), what);
        }
        return 0;
}

/* The way that the kernel takes from the root to a file, one step after the other: who can change any directory or link on
 * it decides what the file's name means. */
struct way {
        char at[PATH_MAX];   /* how far we are, without links; "" is the root */
        char rest[PATH_MAX]; /* still to go */
        unsigned links;
};

static int way_begin(struct way *way, const char *path)
{
        char cwd[PATH_MAX] = "";

        *way = (struct way){ 0 };
        if (path[0] != '/' && !getcwd(cwd, sizeof(cwd)))
                return -errno;
        return (size_t)snprintf(way->rest, sizeof(way->rest), "%s/%s", cwd, path) < sizeof(way->rest) ? 0 : -ENAMETOOLONG;
}

/* Takes the next name off the rest: its length, 0 at the end. */
static size_t way_next(struct way *way, char name[static PATH_MAX])
{
        const char *start = way->rest + strspn(way->rest, "/");
        const size_t len = strcspn(start, "/");

        memcpy(name, start, len);
        name[len] = '\0';
        memmove(way->rest, start + len, strlen(start + len) + 1);
        return len;
}

/* Goes on with what the link at @link says. */
static int way_follow(struct way *way, const char *link)
{
        char target[PATH_MAX], rest[PATH_MAX];
        const ssize_t len = readlink(link, target, sizeof(target) - 1);
        int n;

        if (len < 0)
                return -errno;
        if (++way->links > LINKS_FOLLOWED)
                return -ELOOP;
        target[len] = '\0';
        n = snprintf(rest, sizeof(rest), "%s/%s", target, way->rest);
        if (n < 0 || (size_t)n >= sizeof(rest))
                return -ENAMETOOLONG;
        memcpy(way->rest, rest, (size_t)n + 1);
        if (target[0] == '/')
                way->at[0] = '\0';
        return 0;
}

static void way_up(struct way *way)
{
        char *slash = strrchr(way->at, '/');

        if (slash)
                *slash = '\0';
}

static int not_examined(const struct looked_at *l)
{
        return refuse(l, P_FILE_UNREADABLE, NULL, "the way to the file cannot be examined");
}

/* One step to @name: *ret_file is what was found there, if it is no link. */
static int check_step(const struct looked_at *l, struct way *way, const char *name, struct stat *ret_file)
{
        char next[PATH_MAX], what[256];
        const int n = snprintf(next, sizeof(next), "%s/%s", way->at, name);
        int r = check_directory(l, way->at[0] ? way->at : "/");

        if (r < 0)
                return r;
        if (n < 0 || (size_t)n >= sizeof(next) || lstat(next, ret_file) < 0)
                return not_examined(l);
        if (!S_ISLNK(ret_file->st_mode)) {
                memcpy(way->at, next, (size_t)n + 1);
                return 0;
        }
        /* Even a sticky directory lets its owner replace it. */
        if (!owner_is_trusted(l, ret_file)) {
                snprintf(what, sizeof(what), "the link %s on its way belongs to another user, who could turn it",
                        show(str_from(next)).text);
                return refuse(l, P_FILE_OWNER, "name the file itself, or make the link yourself", what);
        }
        return way_follow(way, next) < 0 ? not_examined(l) : 0;
}

static int check_place(const struct looked_at *l, const struct stat *opened)
{
        struct stat found = { 0 };
        char name[PATH_MAX];
        struct way way;

        if (way_begin(&way, l->path) < 0)
                return not_examined(l);
        while (way_next(&way, name) > 0) {
                int r = 0;

                if (strcmp(name, "..") == 0)
                        way_up(&way);
                else if (strcmp(name, ".") != 0)
                        r = check_step(l, &way, name, &found);
                if (r < 0)
                        return r;
        }
        if (found.st_dev != opened->st_dev || found.st_ino != opened->st_ino)
                return refuse(l, P_FILE_UNREADABLE, NULL, "the file was replaced while it was being opened");
        return 0;
}

static int refuse_kind(const struct looked_at *l, bool is_directory)
{
        char what[128];

        snprintf(what, sizeof(what),
                is_directory ? "this is a directory; a %s is a regular file" : "a %s must be a regular file", l->kind->noun);
        return refuse(l, P_FILE_KIND, NULL, what);
}

static int check_file(const struct looked_at *l, const struct stat *st)
{
        char help[PATH_MAX + 32], what[128];

        if (!S_ISREG(st->st_mode))
                return refuse_kind(l, S_ISDIR(st->st_mode));
        if (!owner_is_trusted(l, st))
                return refuse(l, P_FILE_OWNER,
                        command(help, sizeof(help), l->kind->administrators ? "sudo chown 0" : "sudo chown \"$(id -u)\"", l->path),
                        "the file belongs to another user");
        if (st->st_mode & OTHERS_CAN_WRITE)
                return refuse(l, P_FILE_WRITABLE, command(help, sizeof(help), "chmod go-w", l->path),
                        "the file can be written by others");
        if (st->st_size == 0) {
                snprintf(what, sizeof(what), "the %s is empty", l->kind->noun);
                return refuse(l, P_EMPTY, l->kind->empty_help, what);
        }
        if (st->st_size > (off_t)l->kind->limit) {
                snprintf(what, sizeof(what), "the file has more than %s", l->kind->limit_text);
                return refuse(l, P_TOO_LARGE, NULL, what);
        }
        return check_place(l, st);
}

/* All bytes of the descriptor, at most one past the limit: the file may have grown. */
static int read_all(int fd, struct buf *out)
{
        for (;;) {
                ssize_t n;
                int r = buf_reserve(out, 1);

                if (r < 0)
                        return r;
                n = read(fd, out->data + out->len, out->cap - out->len);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : 0;
                out->len += (size_t)n;
        }
}

static int not_opened(const struct looked_at *l, int error)
{
        char what[128];

        if (error == ENOENT || error == ENOTDIR)
                return refuse(l, P_FILE_MISSING, NULL, "there is no such file");
        snprintf(what, sizeof(what), "the file cannot be opened: %s", strerror(error));
        return refuse(l, P_FILE_UNREADABLE, NULL, what);
}

int trusted_file_read(const char *path, const struct trusted_kind *kind, struct str *ret, struct diagnostics *diags)
{
        const struct looked_at looked = { path, kind, diags };
        /* Not to wait for the writer of a FIFO. */
        AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        AUTO_BUF struct buf text = BUF_INIT(kind->limit + 1);
        struct stat st;
        int r;

        if (fd < 0)
                return not_opened(&looked, errno);
        if (fstat(fd, &st) < 0)
                return refuse(&looked, P_FILE_UNREADABLE, NULL, "the file cannot be examined");
        r = check_file(&looked, &st);
        if (r < 0)
                return r;
        r = read_all(fd, &text);
        if (r == -ENOMEM)
                return r;
        if (r < 0 || text.len == 0)
                return refuse(&looked, P_FILE_UNREADABLE, NULL, "the file cannot be read");
        *ret = buf_str(&text);
        text.data = NULL;
        return 0;
}

int trusted_directory_open(const char *path, const struct trusted_kind *kind, struct diagnostics *diags)
{
        const struct looked_at looked = { path, kind, diags };
        AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        char help[PATH_MAX + 32];
        struct stat st;
        int r;

        /* A link that leads nowhere was meant to lead somewhere. */
        if (fd < 0 && errno == ENOENT && lstat(path, &st) < 0)
                return -ENOENT;
        if (fd < 0)
                return errno == ENOTDIR ? refuse(&looked, P_FILE_KIND, NULL, "this must be a directory")
                                        : not_opened(&looked, errno);
        if (fstat(fd, &st) < 0)
                return refuse(&looked, P_FILE_UNREADABLE, NULL, "the directory cannot be examined");
        if (!owner_is_trusted(&looked, &st))
                return refuse(&looked, P_FILE_OWNER, command(help, sizeof(help), "sudo chown 0", path),
                        "the directory belongs to another user");
        if (st.st_mode & OTHERS_CAN_WRITE)
                return refuse(&looked, P_DIRECTORY_WRITABLE, command(help, sizeof(help), "sudo chmod go-w", path),
                        "the directory can be written by others");
        r = check_place(&looked, &st);
        if (r < 0)
                return r;
        r = fd;
        fd = -1;
        return r;
}
