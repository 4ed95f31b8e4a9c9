/* SPDX-License-Identifier: Apache-2.0 */
#include "own_stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"

int own_stdio_fill_gaps(void)
{
        int fd;

        do {
                fd = open("/dev/null", O_RDWR | O_NOCTTY);
                if (fd < 0)
                        return -errno;
        } while (fd <= STDERR_FILENO);
        close(fd);
        return 0;
}

static int open_anew(int fd)
{
        static const char *const paths[] = { "/proc/self/fd/0", "/proc/self/fd/1", "/proc/self/fd/2" };
        const int mode = fd == STDIN_FILENO ? O_RDONLY : O_WRONLY;
        AUTO_CLOSE int own = open(paths[fd], mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

        if (own < 0)
                return -errno;
        return dup2(own, fd) < 0 ? -errno : 0;
}

static int set_nonblocking(struct own_stdio *s, int fd)
{
        s->flags[fd] = fcntl(fd, F_GETFL);
        if (s->flags[fd] < 0)
                return -errno;
        if (s->flags[fd] & O_NONBLOCK)
                return 0;
        if (fcntl(fd, F_SETFL, s->flags[fd] | O_NONBLOCK) < 0)
                return -errno;
        s->changed[fd] = true;
        return 0;
}

int own_stdio_take(struct own_stdio *ret)
{
        int r = own_stdio_fill_gaps();

        *ret = (struct own_stdio){ 0 };
        for (int fd = 0; fd <= STDERR_FILENO && r == 0; fd++) {
                struct stat st;

                if (fstat(fd, &st) < 0)
                        return -errno;
                if (!S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode) && !(S_ISCHR(st.st_mode) && isatty(fd)))
                        continue;
                /* Fails for sockets, and for a pipe that another user made: then the shared one has to do. */
                if (open_anew(fd) < 0)
                        r = set_nonblocking(ret, fd);
        }
        return r;
}

int own_stdio_hang_up(void)
{
        struct epoll_event event = { .events = EPOLLRDHUP }; /* and EPOLLHUP, always */
        AUTO_CLOSE int fd = epoll_create1(EPOLL_CLOEXEC);
        int owned;

        if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, STDIN_FILENO, &event) < 0)
                return -1;
        owned = fd;
        fd = -1;
        return owned;
}

void own_stdio_give_back(struct own_stdio *s)
{
        /* Backwards: where two are one description, the first holds the original flags. */
        for (int fd = STDERR_FILENO; fd >= 0; fd--) {
                if (s->changed[fd])
                        fcntl(fd, F_SETFL, s->flags[fd]);
                s->changed[fd] = false;
        }
}
