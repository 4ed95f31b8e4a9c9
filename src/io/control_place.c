/* SPDX-License-Identifier: Apache-2.0 */
#include "control_place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "cleanup.h"

#define PATH_MAX_BYTES 4096U
/* A name before it listens: nobody takes that long for three system calls. */
#define UNFINISHED ".new"
#define UNFINISHED_SECONDS 60

/* To be let in: a proxy that does not come to it for so long serves nobody. */
#define CONNECT_SECONDS 5

/* More than wait at once: eight are served. */
#define BACKLOG 16

/* --- the directory --- */

char *control_place_path(size_t index, const char *state_dir)
{
        AUTO_BUF struct buf path = BUF_INIT(PATH_MAX_BYTES);
        const char *runtime = getenv("XDG_RUNTIME_DIR");

        if (index == 0 && runtime && runtime[0] == '/')
                buf_printf(&path, "%s/leastwise", runtime);
        else if (index == 1)
                buf_printf(&path, "/run/user/%lu/leastwise", (unsigned long)geteuid());
        else if (index == 2 && state_dir)
                buf_printf(&path, "%s/control", state_dir);
        return path.failed || path.len == 0 ? NULL : str_dup(buf_str(&path));
}

int control_place_open(const char *path, bool make)
{
        AUTO_CLOSE int fd = -1;
        struct stat st;
        int owned;

        if (make && mkdir(path, 0700) < 0 && errno != EEXIST)
                return -errno;
        fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (st.st_uid != geteuid())
                return -EPERM;
        if ((st.st_mode & 07777) != 0700 && fchmod(fd, 0700) < 0)
                return -errno;
        owned = fd;
        fd = -1;
        return owned;
}

/* --- names --- */

void control_place_name(char out[static CONTROL_NAME_BYTES], const char *session)
{
        snprintf(out, CONTROL_NAME_BYTES, "%.*s.sock", (int)SESSION_ID_LEN, session);
}

bool control_place_is_name(const char *name)
{
        return strlen(name) == CONTROL_NAME_BYTES - 1 &&
               strspn(name, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == SESSION_ID_LEN &&
               strcmp(name + SESSION_ID_LEN, ".sock") == 0;
}

/* Through the descriptor: an address holds 107 bytes, which a path may exceed, and no other directory of that name can
 * come between. */
static int address_of(struct sockaddr_un *ret, int dir, const char *name)
{
        const int size = (int)sizeof(ret->sun_path);

        *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
        return snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d/%s", dir, name) < size ? 0
                                                                                                       : -ENAMETOOLONG;
}

/* --- sockets --- */

static int bind_at(int socket_fd, int dir, const char *name)
{
        struct sockaddr_un address;
        int r = address_of(&address, dir, name);

        if (r < 0)
                return r;
        if (bind(socket_fd, (struct sockaddr *)&address, sizeof(address)) < 0)
                return -errno;
        if (fchmodat(dir, name, 0600, 0) < 0 || listen(socket_fd, BACKLOG) < 0)
                return -errno;
        return 0;
}

int control_place_listen(int dir, const char *name)
{
        AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        char unfinished[64];
        int r, owned;

        if (fd < 0)
                return -errno;
        snprintf(unfinished, sizeof(unfinished), "%s" UNFINISHED, name);
        r = bind_at(fd, dir, unfinished);
        if (r == 0 && renameat(dir, unfinished, dir, name) < 0)
                r = -errno;
        if (r < 0) {
                (void)unlinkat(dir, unfinished, 0);
                return r;
        }
        owned = fd;
        fd = -1;
        return owned;
}

static int connect_at(int dir, const char *name, int flags)
{
        AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
        const struct timeval patience = { .tv_sec = CONNECT_SECONDS };
        struct sockaddr_un address;
        int r, owned;

        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0)
                return -errno;
        r = address_of(&address, dir, name);
        if (r == 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
                r = -errno;
        if (r < 0)
                return r;
        owned = fd;
        fd = -1;
        return owned;
}

int control_place_connect(int dir, const char *name)
{
        return connect_at(dir, name, 0);
}

/* --- sweeping --- */

/* An unfinished name that is as old as this belongs to nobody. */
static bool is_old(int dir, const char *name)
{
        struct stat st;

        return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && time(NULL) - st.st_mtime > UNFINISHED_SECONDS;
}

static bool is_left(int dir, const char *name)
{
        const size_t len = strlen(name), end = strlen(UNFINISHED);
        int fd;

        if (len > end && strcmp(name + len - end, UNFINISHED) == 0) {
                if (!is_old(dir, name))
                        return false;
        } else if (!control_place_is_name(name)) {
                return false;
        }
        fd = connect_at(dir, name, SOCK_NONBLOCK);
        if (fd >= 0)
                close(fd);
        return fd == -ECONNREFUSED;
}

void control_place_sweep(int dir)
{
        const int own = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *list = own < 0 ? NULL : fdopendir(own);
        struct dirent *entry;

        if (!list) {
                if (own >= 0)
                        close(own);
                return;
        }
        while ((entry = readdir(list))) {
                if (is_left(dir, entry->d_name))
                        (void)unlinkat(dir, entry->d_name, 0);
        }
        closedir(list);
}
