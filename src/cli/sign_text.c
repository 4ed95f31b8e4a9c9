/* SPDX-License-Identifier: Apache-2.0 */
#include "sign_text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"

extern char **environ;

#define PATH_BYTES 4096U

/* Both ends close on exec; the child gets its own by dup2. */
struct ends {
        int in[2], out[2];
};

static void ends_close(struct ends *e)
{
        fd_closep(&e->in[0]);
        fd_closep(&e->in[1]);
        fd_closep(&e->out[0]);
        fd_closep(&e->out[1]);
}

static int spawn(struct ends *e, const char *const *argv, pid_t *ret)
{
        posix_spawn_file_actions_t actions;
        int r = posix_spawn_file_actions_init(&actions);

        if (r != 0)
                return -r;
        r = posix_spawn_file_actions_adddup2(&actions, e->in[0], STDIN_FILENO);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(&actions, e->out[1], STDOUT_FILENO);
        if (r == 0)
                r = posix_spawnp(ret, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
        posix_spawn_file_actions_destroy(&actions);
        fd_closep(&e->in[0]);
        fd_closep(&e->out[1]);
        return -r;
}

/* What is signed is less than a pipe holds, so that writing it first blocks nobody. */
static int talk(struct ends *e, struct str text, struct buf *signature)
{
        ssize_t n = write(e->in[1], text.ptr, text.len);

        fd_closep(&e->in[1]);
        if (n < 0 && errno != EPIPE)
                return -errno;
        for (;;) {
                char bytes[1024];
                int r;

                n = read(e->out[0], bytes, sizeof(bytes));
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : 0;
                r = buf_append(signature, bytes, (size_t)n);
                if (r < 0)
                        return r;
        }
}

static int wait_for(pid_t pid)
{
        int status;

        while (waitpid(pid, &status, 0) < 0) {
                if (errno != EINTR)
                        return -errno;
        }
        return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPERM;
}

int sign_text(struct buf *signature, struct str text, const char *name_space, const char *key)
{
        const char *const argv[] = { "ssh-keygen", "-q", "-Y", "sign", "-n", name_space, "-f", key, NULL };
        struct ends ends = { { -1, -1 }, { -1, -1 } };
        struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
        const size_t had = signature->len;
        pid_t pid = 0;
        int r, ended;

        if (pipe2(ends.in, O_CLOEXEC) < 0 || pipe2(ends.out, O_CLOEXEC) < 0) {
                r = -errno;
                ends_close(&ends);
                return r;
        }
        r = spawn(&ends, argv, &pid);
        if (r == 0) {
                /* It may end without having read. The child does not inherit this: it has been started. */
                sigaction(SIGPIPE, &ignore, &before);
                r = talk(&ends, text, signature);
                ends_close(&ends);
                ended = wait_for(pid);
                sigaction(SIGPIPE, &before, NULL);
                r = ended < 0 ? ended : r;
        }
        ends_close(&ends);
        if (r < 0)
                signature->len = had;
        return r;
}

char *sign_default_key(void)
{
        static const char *const names[] = { "id_ed25519_sk", "id_ed25519" };
        const char *home = getenv("HOME");

        for (size_t i = 0; home && home[0] == '/' && i < sizeof(names) / sizeof(names[0]); i++) {
                AUTO_BUF struct buf path = BUF_INIT(PATH_BYTES);

                buf_printf(&path, "%s/.ssh/%s", home, names[i]);
                buf_append_char(&path, '\0');
                if (!path.failed && access(path.data, R_OK) == 0)
                        return str_dup(str_from(path.data));
        }
        return NULL;
}
