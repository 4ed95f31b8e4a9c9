/* SPDX-License-Identifier: Apache-2.0 */
#include "state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "cleanup.h"

void state_dir_message(char **ret_message, const char *format, ...)
{
        char text[PATH_MAX * 2 + 512];
        va_list args;

        if (!ret_message)
                return;
        va_start(args, format);
        vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        *ret_message = str_dup(str_from(text));
}

/* Takes @fd: gives it back when the directory is safe to keep files in. */
static int check_directory(int fd, const char *path, char **ret_message)
{
        AUTO_CLOSE int owned = fd;
        struct stat st;

        if (fstat(fd, &st) < 0) {
                int error = errno;

                state_dir_message(ret_message, "%s: cannot be examined: %s", path, strerror(error));
                return -error;
        }
        if (st.st_uid != geteuid()) {
                state_dir_message(ret_message, "%s: belongs to the user with id %u, not to you (%u); mend it with: chown %u %s",
                        path, st.st_uid, geteuid(), geteuid(), path);
                return -EPERM;
        }
        if (st.st_mode & (S_IWGRP | S_IWOTH)) {
                state_dir_message(ret_message, "%s: others may write to it; mend it with: chmod go-w %s", path, path);
                return -EPERM;
        }
        owned = -1;
        return fd;
}

static int make_parents(const char *path)
{
        char part[PATH_MAX];
        size_t len = strlen(path);

        if (len >= sizeof(part))
                return -ENAMETOOLONG;
        memcpy(part, path, len + 1);
        for (size_t i = 1; i <= len; i++) {
                if (path[i] != '/' && path[i] != '\0')
                        continue;
                part[i] = '\0';
                if (mkdir(part, 0700) < 0 && errno != EEXIST) {
                        /* A read-only or foreign parent is no obstacle while the rest exists. */
                        int error = errno;

                        if (access(part, F_OK) < 0)
                                return -error;
                }
                part[i] = path[i];
        }
        return 0;
}

int state_dir_open(const char *path, char **ret_message)
{
        int fd, r;

        if (path[0] != '/') {
                state_dir_message(ret_message, "%s: the state directory's path must begin with /", path);
                return -EINVAL;
        }
        /* It is there already but for the first time. */
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT) {
                r = make_parents(path);
                if (r < 0) {
                        state_dir_message(ret_message, "%s: cannot be made: %s", path, strerror(-r));
                        return r;
                }
                fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        }
        if (fd < 0) {
                r = -errno;
                state_dir_message(ret_message, "%s: cannot be opened as a directory: %s", path, strerror(-r));
                return r;
        }
        return check_directory(fd, path, ret_message);
}

int state_dir_open_at(int parent_fd, const char *name, const char *path, char **ret_message)
{
        const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        int fd = openat(parent_fd, name, flags), r;

        if (fd < 0 && errno == ENOENT) {
                if (mkdirat(parent_fd, name, 0700) < 0 && errno != EEXIST) {
                        r = -errno;
                        state_dir_message(ret_message, "%s: cannot be made: %s", path, strerror(-r));
                        return r;
                }
                fd = openat(parent_fd, name, flags);
        }
        if (fd < 0) {
                r = -errno;
                state_dir_message(ret_message, "%s: cannot be opened as a directory: %s", path, strerror(-r));
                return r;
        }
        return check_directory(fd, path, ret_message);
}
