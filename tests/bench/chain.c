/* SPDX-License-Identifier: Apache-2.0 */
#include "chain.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "messages.h"

#define LINE_MAX_BYTES ((size_t)32 << 20)
#define READ_BYTES ((size_t)1 << 18)

extern char **environ;

/* The child gets the descriptors, and SIGPIPE as a shell would leave it. */
static int spawn(pid_t *ret, char *const *argv, int in, int out, int err)
{
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t defaults;
        int r;

        sigemptyset(&defaults);
        sigaddset(&defaults, SIGPIPE);
        if (posix_spawn_file_actions_init(&actions) != 0)
                return -ENOMEM;
        if (posix_spawnattr_init(&attributes) != 0) {
                posix_spawn_file_actions_destroy(&actions);
                return -ENOMEM;
        }
        r = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
        if (r == 0)
                r = posix_spawnattr_setsigdefault(&attributes, &defaults);
        if (r == 0)
                r = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
        if (r == 0)
                r = posix_spawnp(ret, argv[0], &actions, &attributes, argv, environ);
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
        return -r;
}

int chain_start(struct chain *c, char *const *argv, int stderr_fd, bool polices)
{
        AUTO_CLOSE int child_in = -1, child_out = -1;
        int up[2], down[2], r;

        *c = (struct chain){ .to = -1, .from = -1, .polices = polices, .next_id = 1 };
        buf_init(&c->in, LINE_MAX_BYTES);
        buf_init(&c->out, LINE_MAX_BYTES);
        alarm(CHAIN_PATIENCE_S);
        if (pipe2(up, O_CLOEXEC) < 0)
                return -errno;
        child_in = up[0];
        c->to = up[1];
        if (pipe2(down, O_CLOEXEC) < 0) {
                r = -errno;
                fd_closep(&c->to);
                return r;
        }
        c->from = down[0];
        child_out = down[1];
        r = spawn(&c->pid, argv, child_in, child_out, stderr_fd);
        if (r < 0) {
                c->pid = 0;
                fd_closep(&c->to);
                fd_closep(&c->from);
        }
        return r;
}

int chain_stop(struct chain *c)
{
        int status = 0, r = 0;

        fd_closep(&c->to);
        fd_closep(&c->from);
        if (c->pid > 0) {
                alarm(CHAIN_PATIENCE_S / 4);
                r = waitpid(c->pid, &status, 0);
                if (r < 0 && errno == EINTR) {
                        kill(c->pid, SIGKILL);
                        r = waitpid(c->pid, &status, 0);
                }
                r = r < 0 ? -errno : status;
                c->pid = 0;
        }
        buf_deinit(&c->in);
        buf_deinit(&c->out);
        return r;
}

static int error_of_io(void)
{
        return errno == EINTR ? -ETIMEDOUT : -errno;
}

int chain_write(struct chain *c, const char *ptr, size_t len)
{
        while (len > 0) {
                ssize_t n = write(c->to, ptr, len);

                if (n < 0)
                        return error_of_io();
                ptr += n;
                len -= (size_t)n;
        }
        return 0;
}

static int fill(struct chain *c)
{
        ssize_t n;
        int r;

        /* What has been taken makes room: nothing is moved while whole lines are waiting. */
        if (c->start > 0) {
                buf_consume(&c->in, c->start);
                c->scanned -= c->start;
                c->start = 0;
        }
        r = buf_reserve(&c->in, READ_BYTES);
        if (r < 0)
                return r;
        n = read(c->from, c->in.data + c->in.len, c->in.cap - c->in.len);
        if (n < 0)
                return error_of_io();
        if (n == 0)
                return -EPIPE;
        c->in.len += (size_t)n;
        return 0;
}

bool chain_has_line(struct chain *c)
{
        const char *end = c->in.len > c->scanned ? memchr(c->in.data + c->scanned, '\n', c->in.len - c->scanned) : NULL;

        c->scanned = end ? (size_t)(end - c->in.data) : c->in.len;
        return end != NULL;
}

int chain_read_line(struct chain *c, struct str *ret)
{
        while (!chain_has_line(c)) {
                int r = fill(c);

                if (r < 0)
                        return r;
        }
        *ret = str_of(c->in.data + c->start, c->scanned - c->start);
        c->start = ++c->scanned;
        return 0;
}

int chain_handshake(struct chain *c)
{
        struct str answer;
        int r;

        buf_clear(&c->out, LINE_MAX_BYTES);
        message_add_initialize(&c->out);
        r = c->out.failed ? -ENOMEM : chain_write(c, c->out.data, c->out.len);
        if (r == 0)
                r = chain_read_line(c, &answer);
        if (r == 0 && !memmem(answer.ptr, answer.len, "\"serverInfo\"", 12))
                r = -EBADMSG;
        buf_clear(&c->out, LINE_MAX_BYTES);
        message_add_initialized(&c->out);
        return r < 0 ? r : chain_write(c, c->out.data, c->out.len);
}
