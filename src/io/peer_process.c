/* SPDX-License-Identifier: Apache-2.0 */
#include "peer_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5 */
#endif

/* Deeper than any terminal, multiplexer and shells within shells. */
#define ANCESTORS_MAX 64U

/* Shells that stand between a client and what it starts. */
static const char *const shells[] = { "sh", "bash", "dash", "zsh", "fish", "ksh", "mksh", "busybox" };

/* What starts a program as another user, and waits for its end. */
static const char *const changers[] = { "sudo", "doas", "su", "runuser" };

/* --- /proc/PID/stat --- */

/* The next number of @rest, which is separated by single spaces. */
static bool take_number(struct str *rest, int64_t *ret)
{
        bool negative = rest->len > 0 && rest->ptr[0] == '-';
        size_t i = negative ? 1 : 0, first = i;
        uint64_t value = 0;

        for (; i < rest->len && rest->ptr[i] >= '0' && rest->ptr[i] <= '9'; i++) {
                if (value > (UINT64_MAX >> 1) / 10 - 1)
                        return false;
                value = value * 10 + (uint64_t)(rest->ptr[i] - '0');
        }
        if (i == first || (i < rest->len && rest->ptr[i] != ' ' && rest->ptr[i] != '\n'))
                return false;
        *ret = negative ? -(int64_t)value : (int64_t)value;
        *rest = str_skip(*rest, i + 1);
        return true;
}

/* Fields behind the state: 4 (the parent) to 22 (the start). The unsigned ones between do not matter, but may be large.
 */
static bool skip_field(struct str *rest)
{
        const char *space = rest->len ? memchr(rest->ptr, ' ', rest->len) : NULL;

        if (!space)
                return false;
        *rest = str_skip(*rest, (size_t)(space - rest->ptr) + 1);
        return true;
}

bool process_stat_read(struct str line, struct process_stat *ret)
{
        const char *open = line.len ? memchr(line.ptr, '(', line.len) : NULL;
        /* The name may hold parentheses and spaces of its own: the last one ends it. */
        const char *close = line.len ? memrchr(line.ptr, ')', line.len) : NULL;
        int64_t parent, session, terminal, started;
        struct str rest;

        if (!open || !close || close < open)
                return false;
        ret->name = str_of(open + 1, (size_t)(close - open) - 1);
        rest = str_skip(line, (size_t)(close - line.ptr) + 1);
        /* " S " */
        if (rest.len < 3 || rest.ptr[0] != ' ' || rest.ptr[2] != ' ')
                return false;
        rest = str_skip(rest, 3);
        if (!take_number(&rest, &parent) || !skip_field(&rest) || !take_number(&rest, &session) ||
                !take_number(&rest, &terminal))
                return false;
        for (int field = 8; field < 22; field++) {
                if (!skip_field(&rest))
                        return false;
        }
        if (!take_number(&rest, &started) || parent < 0 || session < 0 || started < 0)
                return false;
        ret->parent = (pid_t)parent;
        ret->session = (pid_t)session;
        ret->terminal = (int)terminal;
        ret->started = (uint64_t)started;
        return true;
}

struct stat_line {
        char text[1024];
        struct process_stat stat;
};

/* Of the process @pid now. */
static bool look_at(pid_t pid, struct stat_line *ret)
{
        char path[64];
        AUTO_CLOSE int fd = -1;
        ssize_t n;

        snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return false;
        n = read(fd, ret->text, sizeof(ret->text));
        return n > 0 && process_stat_read(str_of(ret->text, (size_t)n), &ret->stat);
}

/* --- the peer --- */

static int open_pidfd(int socket, pid_t pid)
{
        socklen_t size = sizeof(int);
        int fd;

        /* That of the process that connected, whatever has become of its number. */
        if (getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &fd, &size) == 0)
                return fd;
        return pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
}

static bool has_ended(const struct peer_process *p)
{
        struct pollfd poll_fd = { .fd = p->pidfd, .events = POLLIN };

        return p->pidfd >= 0 && poll(&poll_fd, 1, 0) != 0;
}

int peer_process_open(struct peer_process *ret, int socket)
{
        struct ucred credentials;
        socklen_t size = sizeof(credentials);
        struct stat_line line;

        *ret = (struct peer_process)PEER_PROCESS_NONE;
        if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
                return -errno;
        ret->uid = credentials.uid;
        ret->pid = credentials.pid;
        ret->pidfd = open_pidfd(socket, credentials.pid);
        if (ret->pidfd >= 0)
                (void)fcntl(ret->pidfd, F_SETFD, FD_CLOEXEC);
        /* In this order: what is read is of the process that the descriptor stands for, as long as that lives. */
        if (ret->pid > 0 && look_at(ret->pid, &line) && !has_ended(ret))
                ret->started = line.stat.started;
        return 0;
}

void peer_process_close(struct peer_process *p)
{
        fd_closep(&p->pidfd);
}

/* --- may it approve? --- */

static bool is_named(struct str name, const char *const *list, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                if (str_eq(name, str_from(list[i])))
                        return true;
        }
        return false;
}

static bool changes_user(const struct process_stat *stat)
{
        return is_named(stat->name, changers, sizeof(changers) / sizeof(changers[0]));
}

/* The shell of a terminal leads its session: who works there is the client himself. */
static bool is_go_between(const struct process_stat *stat, pid_t pid)
{
        return changes_user(stat) ||
               (is_named(stat->name, shells, sizeof(shells) / sizeof(shells[0])) && stat->session != pid);
}

pid_t peer_process_asker(pid_t parent)
{
        struct stat_line line;

        for (unsigned i = 0; i < ANCESTORS_MAX; i++) {
                if (parent <= 1 || !look_at(parent, &line) || !changes_user(&line.stat) || line.stat.parent <= 1)
                        break;
                parent = line.stat.parent;
        }
        return parent;
}

size_t peer_process_clients(pid_t parent, pid_t *ret, size_t room)
{
        struct stat_line line;
        size_t count = 0;

        ret[count++] = parent;
        while (count < room && parent > 1 && look_at(parent, &line) && is_go_between(&line.stat, parent) &&
                line.stat.parent > 1) {
                parent = line.stat.parent;
                ret[count++] = parent;
        }
        return count;
}

static bool is_among(pid_t pid, const pid_t *list, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                if (list[i] > 0 && list[i] == pid)
                        return true;
        }
        return false;
}

int peer_process_descends(pid_t from, const pid_t *origins, size_t count)
{
        uint64_t youngest = UINT64_MAX;
        struct stat_line line;
        pid_t pid = from;

        for (unsigned i = 0; i < ANCESTORS_MAX; i++) {
                if (is_among(pid, origins, count))
                        return 1;
                /* A parent of another PID namespace has the number 0; process 1 has none. */
                if (pid <= 1)
                        return 0;
                /* A parent that is younger than its child is another process of the same number. */
                if (!look_at(pid, &line) || line.stat.started > youngest)
                        return -1;
                youngest = line.stat.started;
                pid = line.stat.parent;
        }
        return -1;
}

const char *peer_process_refusal(const struct peer_process *p, const pid_t *origins, size_t count)
{
        struct stat_line line;
        int above;

        if (p->uid != geteuid())
                return "you are another user than the proxy's";
        if (p->pid <= 0 || p->pidfd < 0 || p->started == 0)
                return "it cannot be told which process you are; approve outside of containers, on the machine that "
                       "the proxy runs on";
        above = peer_process_descends(p->pid, origins, count);
        if (above > 0)
                return "you were started by the client whose call waits, or by its server; approve in a terminal that "
                       "the client has not opened";
        if (above < 0 || !look_at(p->pid, &line) || line.stat.started != p->started)
                return "it cannot be told what started you; approve in a terminal of your own";
        if (line.stat.terminal == 0)
                return "you have no terminal; approve in a terminal, where a person is";
        /* Last: all that was read above was of this process. */
        return has_ended(p) ? "you have gone before your answer was read" : NULL;
}
