/* SPDX-License-Identifier: Apache-2.0 */
#include "vault_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "limit.h"
#include "provider.h"
#include "vault_place.h"

#define OTHERS_CAN_WRITE (S_IWGRP | S_IWOTH)
#define LOCK_TICK_MS 10U

/* The file with the new contents, while the lock is held; one that is there was left behind by somebody who was killed. */
#define NEW_SUFFIX ".new"
#define LOCK_SUFFIX ".lock"

static int fail(struct buf *why, const char *path, int error, const char *reason)
{
        return provider_fail(why, "", str_from(path), error, reason);
}

static int fail_errno(struct buf *why, const char *path, int error, const char *reason)
{
        return provider_fail_errno(why, "", str_from(path), error, reason);
}

static int fail_missing(struct buf *why, const char *path)
{
        fail(why, path, -ENOENT, "is not there; make a vault with:");
        vault_command(why, path, "secret init");
        return -ENOENT;
}

static bool owner_is_trusted(const struct stat *st)
{
        return st->st_uid == geteuid() || st->st_uid == 0;
}

/* In a sticky directory (/tmp) others cannot replace our files. */
static int check_directory(int fd, const char *path, struct buf *why)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return fail_errno(why, path, -errno, "is in a directory that cannot be examined");
        if (!owner_is_trusted(&st))
                return fail(why, path, -EPERM, "is in a directory of another user, who could replace it; keep vaults in one of your own");
        if ((st.st_mode & OTHERS_CAN_WRITE) && !(st.st_mode & S_ISVTX))
                return fail(why, path, -EPERM,
                        "is in a directory that others can write to, who could replace it; take that from them: chmod go-w on the directory");
        return 0;
}

static int check_file(int fd, const char *path, struct buf *why, struct stat *st)
{
        if (fstat(fd, st) < 0)
                return fail_errno(why, path, -errno, "cannot be examined");
        if (!S_ISREG(st->st_mode))
                return fail(why, path, -EINVAL, "is not a regular file; name the vault's file");
        if (!owner_is_trusted(st))
                return fail(why, path, -EPERM, "belongs to another user; use a vault of your own, or of root's");
        if (st->st_mode & OTHERS_CAN_WRITE) {
                fail(why, path, -EPERM, "can be written by others; mend it with: chmod go-w ");
                provider_show_word(why, str_from(path));
                return -EPERM;
        }
        if (st->st_size > (off_t)LIMIT_VAULT_BYTES)
                return fail(why, path, -EMSGSIZE, "is larger than any vault (8 MiB); name the right file");
        return 0;
}

/* Splits what @path leads to, through links at its end; a file that is not there yet has its name as it is. */
static int split(const char *path, char directory[static PATH_MAX], char name[static 256])
{
        char target[PATH_MAX];
        const char *slash;
        size_t len;

        if (!realpath(path, target)) {
                if (errno != ENOENT || strlen(path) >= sizeof(target))
                        return errno == ENOENT ? -ENAMETOOLONG : -errno;
                memcpy(target, path, strlen(path) + 1);
        }
        slash = strrchr(target, '/');
        if (!slash || strlen(slash + 1) == 0 || strlen(slash + 1) > 240)
                return -EINVAL;
        len = slash == target ? 1 : (size_t)(slash - target);
        memcpy(directory, target, len);
        directory[len] = '\0';
        memcpy(name, slash + 1, strlen(slash + 1) + 1);
        return 0;
}

/* The descriptor of its directory, or -errno with the reason. */
static int open_directory(const char *path, char name[static 256], bool make, struct buf *why)
{
        char directory[PATH_MAX];
        int fd, r = path[0] == '/' ? split(path, directory, name) : -EINVAL;

        if (r == -EINVAL)
                return fail(why, path, r, "must be the path of a file that begins with /");
        if (r < 0)
                return fail_errno(why, path, r, "cannot be reached");
        if (make && mkdir(directory, 0700) < 0 && errno != EEXIST)
                return fail_errno(why, path, -errno, "is in a directory that is not there and cannot be made");
        fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? fail_missing(why, path)
                                       : fail_errno(why, path, -errno, "is in a directory that cannot be opened");
        r = check_directory(fd, path, why);
        if (r < 0) {
                close(fd);
                return r;
        }
        return fd;
}

static int read_all(int fd, struct buf *image)
{
        for (;;) {
                ssize_t n;
                int r = buf_reserve(image, 1);

                if (r < 0)
                        return r;
                n = read(fd, image->data + image->len, image->cap - image->len);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : 0;
                image->len += (size_t)n;
        }
}

int vault_file_read(const char *path, struct buf *image, struct buf *why)
{
        AUTO_CLOSE int dir_fd = -1;
        AUTO_CLOSE int fd = -1;
        char name[256];
        struct stat st;
        int r;

        dir_fd = open_directory(path, name, false, why);
        if (dir_fd < 0)
                return dir_fd;
        /* A pipe in its place must not block. */
        fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? fail_missing(why, path)
                                       : fail_errno(why, path, -errno, "cannot be opened");
        r = check_file(fd, path, why, &st);
        if (r < 0)
                return r;
        r = read_all(fd, image);
        return r < 0 ? fail_errno(why, path, r, "cannot be read") : 0;
}

/* --- changing it --- */

static int wait_for_lock(int fd)
{
        const struct timespec tick = { 0, LOCK_TICK_MS * 1000000L };

        for (unsigned waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += LOCK_TICK_MS) {
                if (errno != EWOULDBLOCK && errno != EINTR)
                        return -errno;
                if (waited >= LIMIT_VAULT_LOCK_MS)
                        return -ETIMEDOUT;
                nanosleep(&tick, NULL);
        }
        return 0;
}

static int open_lock(const struct vault_lock *l)
{
        char lock_name[sizeof(l->name) + sizeof("." LOCK_SUFFIX)];
        int fd;

        snprintf(lock_name, sizeof(lock_name), ".%s" LOCK_SUFFIX, l->name);
        fd = openat(l->dir_fd, lock_name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
        return fd < 0 ? -errno : fd;
}

/* What is to be replaced is looked at as what is read. */
static int look_at_old(struct vault_lock *l, const char *path, struct buf *why)
{
        AUTO_CLOSE int fd = openat(l->dir_fd, l->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        struct stat st;
        int r;

        l->mode = 0600;
        if (fd < 0)
                return errno == ENOENT ? 0 : fail_errno(why, path, -errno, "cannot be opened");
        r = check_file(fd, path, why, &st);
        l->exists = true;
        if (r == 0)
                l->mode = st.st_mode & 0644;
        return r;
}

int vault_lock(struct vault_lock *ret, const char *path, struct buf *why)
{
        CLEANUP(vault_unlock) struct vault_lock l = VAULT_LOCK_NONE;
        int r;

        l.dir_fd = open_directory(path, l.name, true, why);
        if (l.dir_fd < 0)
                return l.dir_fd;
        l.lock_fd = open_lock(&l);
        if (l.lock_fd < 0)
                return fail_errno(why, path, l.lock_fd, "cannot be locked for a change");
        r = wait_for_lock(l.lock_fd);
        if (r == -ETIMEDOUT)
                return fail(why, path, r, "is being changed by another program; try again when it has ended");
        if (r < 0)
                return fail_errno(why, path, r, "cannot be locked for a change");
        r = look_at_old(&l, path, why);
        if (r < 0)
                return r;
        *ret = l;
        l = (struct vault_lock)VAULT_LOCK_NONE;
        return 0;
}

void vault_unlock(struct vault_lock *lock)
{
        fd_closep(&lock->lock_fd);
        fd_closep(&lock->dir_fd);
}

static int fill(int fd, struct str image, mode_t mode)
{
        while (image.len > 0) {
                const ssize_t n = write(fd, image.ptr, image.len);

                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n > 0)
                        image = str_skip(image, (size_t)n);
        }
        if (fchmod(fd, mode) < 0 || fsync(fd) < 0)
                return -errno;
        return 0;
}

int vault_replace(struct vault_lock *l, struct str image)
{
        char new_name[sizeof(l->name) + sizeof("." NEW_SUFFIX)];
        AUTO_CLOSE int fd = -1;
        int r;

        snprintf(new_name, sizeof(new_name), ".%s" NEW_SUFFIX, l->name);
        if (unlinkat(l->dir_fd, new_name, 0) < 0 && errno != ENOENT)
                return -errno;
        fd = openat(l->dir_fd, new_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        r = fill(fd, image, l->mode);
        if (r == 0 && renameat(l->dir_fd, new_name, l->dir_fd, l->name) < 0)
                r = -errno;
        if (r < 0) {
                unlinkat(l->dir_fd, new_name, 0);
                return r;
        }
        /* Not all file systems know that of directories. */
        return fsync(l->dir_fd) == 0 || errno == EINVAL || errno == ENOSYS ? 0 : errno;
}
