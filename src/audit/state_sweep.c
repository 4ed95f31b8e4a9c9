/* SPDX-License-Identifier: Apache-2.0 */
#include "state_sweep.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A file that took longer to write has come to nothing. */
#define AGE_SECONDS 3600

static bool may_go(int dir_fd, const char *name, time_t now)
{
        struct stat st;

        return strncmp(name, STATE_TEMPORARY, strlen(STATE_TEMPORARY)) == 0 &&
               fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
               st.st_mtime < now - AGE_SECONDS;
}

unsigned state_sweep(int dir_fd)
{
        int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        const struct dirent *entry;
        struct timespec now = { 0 };
        unsigned removed = 0;

        if (!dir) {
                if (fd >= 0)
                        close(fd);
                return 0;
        }
        clock_gettime(CLOCK_REALTIME, &now);
        while ((entry = readdir(dir))) {
                if (may_go(dir_fd, entry->d_name, now.tv_sec))
                        removed += unlinkat(dir_fd, entry->d_name, 0) == 0;
        }
        closedir(dir);
        return removed;
}
