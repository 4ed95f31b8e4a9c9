/* SPDX-License-Identifier: Apache-2.0
 *
 * What a program prints: one that the policy names, or the keyring's.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "cleanup.h"
#include "helper.h"
#include "program.h"
#include "provider.h"
#include "start_error.h"

/* A question is written whole before the program runs: it must fit a pipe that nobody reads. */
#define QUESTION_BYTES 8192U

struct command {
        struct str program;
        struct str front[2]; /* behind the program's name */
        size_t front_count;
        const struct str *words;
        size_t count;
};

static struct command command_of(const struct secret_source *source)
{
        if (source->from == SECRET_KEYRING)
                return (struct command){ STR("secret-tool"), { STR("lookup") }, 1, source->argv, source->argc };
        if (!source->argc)
                return (struct command){ .words = NULL };
        return (struct command){ .program = source->argv[0], .words = source->argv + 1, .count = source->argc - 1 };
}

static void free_argv(char **argv)
{
        for (size_t i = 0; argv && argv[i]; i++)
                mem_free(argv[i]);
        mem_free(argv);
}

static char **copy_argv(const struct command *c)
{
        const size_t count = 1 + c->front_count + c->count;
        char **argv = mem_calloc(count + 1, sizeof(*argv));

        for (size_t i = 0; argv && i < count; i++) {
                argv[i] = str_dup(i == 0                 ? c->program
                                  : i <= c->front_count ? c->front[i - 1]
                                                        : c->words[i - 1 - c->front_count]);
                if (!argv[i]) {
                        free_argv(argv);
                        return NULL;
                }
        }
        return argv;
}

/* secret-tool says nothing of why, and ends with 1. */
static int explain_keyring(const struct secret_source *source, int status, struct buf *why)
{
        provider_describe(why, source);
        buf_printf(why, " could not be had: secret-tool ended with exit status %d; either there is no such entry, or no keyring is open; try by hand: "
                        "secret-tool lookup",
                status);
        for (size_t i = 0; i < source->argc; i++) {
                buf_append_char(why, ' ');
                provider_show_word(why, source->argv[i]);
        }
        return -EIO;
}

static int explain_end(const struct secret_source *source, struct str program, int end, int status, struct buf *why)
{
        if (end == HELPER_EXITED && status == 0)
                return 0;
        if (end == HELPER_EXITED && source->from == SECRET_KEYRING)
                return explain_keyring(source, status, why);
        buf_append_str(why, STR("the program "));
        provider_show(why, program);
        switch (end) {
        case HELPER_EXITED:
                buf_printf(why, " ended with exit status %d; run it by hand to see why: here it gets no terminal to ask at", status);
                return -EIO;
        case HELPER_KILLED:
                buf_printf(why, " was ended by signal %d; run it by hand to see why", status);
                return -EIO;
        case HELPER_TIMED_OUT:
                buf_printf(why, " did not end within %u ms and was killed; unlock what it waits for, or raise its time limit",
                        source->timeout_ms);
                return -ETIMEDOUT;
        case HELPER_CANCELLED:
                buf_append_str(why, STR(" was killed: the session ends"));
                return -ECANCELED;
        case HELPER_TOO_LONG:
                buf_printf(why, " printed more than %u bytes and was killed; it must print the credential and nothing else",
                        LIMIT_CREDENTIAL_BYTES);
                return -EMSGSIZE;
        default:
                buf_printf(why, " could not be watched: %s", strerror(-end));
                return end;
        }
}

/* The end of a pipe that what the program is asked has been written to; *ret_fd is -1 when it is asked nothing. */
static int ask(const struct secret_source *source, int *ret_fd, struct buf *why)
{
        AUTO_BUF struct buf question = BUF_INIT(QUESTION_BYTES);
        AUTO_CLOSE int write_end = -1;
        int ends[2], r;

        r = protocol_input(source->protocol, source->url, &question, why);
        if (r < 0 || question.len == 0)
                return r;
        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        *ret_fd = ends[0];
        write_end = ends[1];
        return write(write_end, question.data, question.len) == (ssize_t)question.len ? 0 : -EIO;
}

static int run(const struct secret_source *source, const struct command *command, const char *file, char *space,
        size_t *ret_len, struct buf *why)
{
        const struct helper_limits limits = { source->timeout_ms, source->cancel_fd, source->cancel_ms };
        struct program_environment env;
        AUTO_CLOSE int input = -1;
        char **argv;
        struct helper helper;
        int r = ask(source, &input, why), status = 0;

        if (r < 0)
                return r;
        argv = copy_argv(command);
        if (!argv)
                return -ENOMEM;
        program_environment(&env, source);
        r = helper_start(&helper, file, argv, env.entries, input < 0 ? 0 : input, source->watcher_fd);
        free_argv(argv);
        if (r < 0) {
                buf_append_str(why, STR("the program "));
                provider_show(why, str_from(file));
                buf_printf(why, " cannot be run: %s", start_error(-r));
                if (r == -ENOENT || r == -EACCES || r == -ENOEXEC || r == -ENOTDIR)
                        buf_append_str(why, STR("; check its path and its permissions"));
                return r;
        }
        r = helper_finish(&helper, &limits, space, LIMIT_CREDENTIAL_BYTES + 1U, ret_len, &status);
        return explain_end(source, command->program, r, status, why);
}

int provider_exec(const struct secret_source *source, char *space, size_t *ret_len, struct buf *why)
{
        const struct command command = command_of(source);
        AUTO_FREE char *file = NULL;
        int r = program_find(command.program, &file, why);

        return r < 0 ? r : run(source, &command, file, space, ret_len, why);
}
