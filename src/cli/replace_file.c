/* SPDX-License-Identifier: Apache-2.0 */
#include "replace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "write_all.h"

static int fill(int fd, struct str text, mode_t mode)
{
        int r = write_all(fd, text);

        if (r == 0 && fchmod(fd, mode) < 0)
                r = -errno;
        if (r == 0 && fsync(fd) < 0)
                r = -errno;
        return r;
}

/* The rename itself must survive a crash too. */
static int sync_directory(const char *file)
{
        char dir[PATH_MAX];
        const char *slash = strrchr(file, '/');
        AUTO_CLOSE int fd = -1;

        if (!slash)
                snprintf(dir, sizeof(dir), ".");
        else
                snprintf(dir, sizeof(dir), "%.*s", slash == file ? 1 : (int)(slash - file), file);
        fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || fsync(fd) < 0)
                return -errno;
        return 0;
}

/* Writes @text beside @target, under the name that is left in @temporary. */
static int write_beside(const char *target, struct str text, mode_t mode, char temporary[static PATH_MAX])
{
        AUTO_CLOSE int fd = -1;
        int n, r;

        n = snprintf(temporary, PATH_MAX, "%s.XXXXXX", target);
        if (n < 0 || n >= PATH_MAX)
                return -ENAMETOOLONG;
        fd = mkostemp(temporary, O_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = fill(fd, text, mode);
        if (r < 0)
                unlink(temporary);
        return r;
}

int replace_file(const char *path, struct str text, mode_t mode)
{
        char target[PATH_MAX], temporary[PATH_MAX];
        int r;

        if (!realpath(path, target))
                snprintf(target, sizeof(target), "%s", path);
        r = write_beside(target, text, mode, temporary);
        if (r < 0)
                return r;
        if (rename(temporary, target) < 0) {
                r = -errno;
                unlink(temporary);
                return r;
        }
        return sync_directory(target);
}

int create_file(const char *path, struct str text, mode_t mode)
{
        char temporary[PATH_MAX];
        int r = write_beside(path, text, mode, temporary);

        if (r < 0)
                return r;
        if (link(temporary, path) < 0)
                r = -errno;
        unlink(temporary);
        return r < 0 ? r : sync_directory(path);
}
