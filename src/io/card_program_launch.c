/* SPDX-License-Identifier: Apache-2.0 */
#include "card_program_launch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cleanup.h"
#include "command.h"
#include "environment.h"
#include "limit.h"
#include "policy.h"

/* What programs of a desktop find it by; no secrets. */
static const struct str desktop[] = {
        STR_INIT("DBUS_SESSION_BUS_ADDRESS"),
        STR_INIT("DISPLAY"),
        STR_INIT("LANG"),
        STR_INIT("WAYLAND_DISPLAY"),
        STR_INIT("XAUTHORITY"),
        STR_INIT("XDG_RUNTIME_DIR"),
};

static int card_file(const struct card *card)
{
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_CONTROL_OUT_BYTES);
        AUTO_CLOSE int fd = memfd_create("leastwise-card", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        struct str rest;
        int owned;

        if (fd < 0)
                return -errno;
        if (card_write_json(card, &text) < 0 || buf_append_char(&text, '\n') < 0)
                return -ENOMEM;
        for (rest = buf_str(&text); rest.len > 0;) {
                const ssize_t n = write(fd, rest.ptr, rest.len);

                if (n <= 0)
                        return -errno;
                rest = str_skip(rest, (size_t)n);
        }
        if (lseek(fd, 0, SEEK_SET) < 0 ||
                fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
                return -errno;
        owned = fd;
        fd = -1;
        return owned;
}

struct arguments {
        char **list;
        size_t count;
};

static void arguments_deinit(struct arguments *a)
{
        for (size_t i = 0; i < a->count; i++)
                mem_free(a->list[i]);
        mem_free(a->list);
}

static int arguments_copy(struct arguments *a, const struct card_program_spec *spec)
{
        a->list = mem_calloc(spec->argc + 1, sizeof(*a->list));
        for (size_t i = 0; a->list && i < spec->argc; i++) {
                a->list[i] = str_dup(spec->argv[i]);
                if (!a->list[i])
                        return -ENOMEM;
                a->count++;
        }
        return a->list ? 0 : -ENOMEM;
}

int card_program_launch(const struct child *guarded, const struct card_program_spec *spec, const struct card *card,
        pid_t *ret_pid, int *ret_output)
{
        const struct policy_launch nothing = { .inherit = desktop,
                .inherit_count = sizeof(desktop) / sizeof(desktop[0]) };
        CLEANUP(arguments_deinit) struct arguments arguments = { 0 };
        CLEANUP(environment_wipe) struct environment env = { 0 };
        AUTO_CLOSE int in = card_file(card);
        AUTO_CLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        AUTO_CLOSE int ours = -1;
        AUTO_CLOSE int theirs = -1;
        AUTO_FREE char *file = NULL;
        AUTO_BUF struct buf why = BUF_INIT(1024);
        struct child_spec start = { .umask = 077 };
        int r, fds[2];

        if (in < 0)
                return in;
        if (null < 0)
                return -errno;
        r = arguments_copy(&arguments, spec);
        if (r == 0)
                r = environment_build(&env, &nothing, NULL, 0, &why);
        if (r == 0)
                r = command_resolve(&file, arguments.list[0], environment_get(&env, "PATH"));
        if (r < 0)
                return r;
        if (spec->kind == CARD_PROGRAM_ASK) {
                if (pipe2(fds, O_CLOEXEC) < 0)
                        return -errno;
                ours = fds[0];
                theirs = fds[1];
                if (fcntl(ours, F_SETFL, O_NONBLOCK) < 0)
                        return -errno;
        }
        start.file = file;
        start.argv = arguments.list;
        start.envp = env.entries;
        start.stdin_fd = in;
        start.stdout_fd = theirs >= 0 ? theirs : null;
        start.stderr_fd = null;
        r = child_start_also(guarded, &start, ret_pid);
        if (r < 0)
                return r;
        *ret_output = ours;
        ours = -1;
        return 0;
}
