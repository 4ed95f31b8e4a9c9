/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "helper.h"
#include "provider.h"

/* What a password manager's command line needs to find its user's files. No more: a helper is told nothing of our
 * environment, other credentials in it least of all. */
static const char *const passed_on[] = { "HOME", "PATH", "USER", "LOGNAME", "LANG" };

#define PASSED_ON (sizeof(passed_on) / sizeof(passed_on[0]))

static const char default_path[] = "/usr/local/bin:/usr/bin:/bin";

static void scrub_environment(char *envp[static PASSED_ON + 1])
{
        size_t count = 0;

        for (size_t i = 0; i < PASSED_ON; i++) {
                size_t len = strlen(passed_on[i]);

                for (char **entry = environ; entry && *entry; entry++) {
                        if (strncmp(*entry, passed_on[i], len) == 0 && (*entry)[len] == '=') {
                                envp[count++] = *entry;
                                break;
                        }
                }
        }
        envp[count] = NULL;
}

static bool is_executable(const char *path)
{
        struct stat st;

        return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* The first program of that name in PATH's absolute directories: a relative one would mean whatever directory the client
 * happened to start us in. 0 with *ret_file (freed by the caller), -ENOENT or -ENOMEM. */
static int search_path(struct str name, const char *path, char **ret_file)
{
        while (*path) {
                const char *end = strchrnul(path, ':');
                AUTO_BUF struct buf file = BUF_INIT(8192);

                buf_append(&file, path, (size_t)(end - path));
                buf_append_char(&file, '/');
                buf_append_str(&file, name);
                if (buf_append_char(&file, '\0') == -ENOMEM)
                        return -ENOMEM;
                if (!file.failed && path[0] == '/' && is_executable(file.data)) {
                        *ret_file = str_dup(str_from(file.data));
                        return *ret_file ? 0 : -ENOMEM;
                }
                path = *end ? end + 1 : end;
        }
        return -ENOENT;
}

static int resolve(struct str program, char **ret_file, struct buf *why)
{
        const char *path = getenv("PATH");
        int r;

        if (!path || !*path)
                path = default_path;
        if (!program.len || memchr(program.ptr, '\0', program.len)) {
                buf_append_str(why, STR("its \"exec\" names no program"));
                return -EINVAL;
        }
        if (program.ptr[0] == '/') {
                *ret_file = str_dup(program);
                return *ret_file ? 0 : -ENOMEM;
        }
        if (memchr(program.ptr, '/', program.len)) {
                buf_append_str(why, STR("the program "));
                provider_show(why, program);
                buf_append_str(why, STR(" must be named by a path that begins with /, or by a bare name"));
                return -EINVAL;
        }
        r = search_path(program, path, ret_file);
        if (r == -ENOENT) {
                buf_append_str(why, STR("the program "));
                provider_show(why, program);
                buf_append_str(why, STR(" is not in PATH ("));
                provider_show(why, str_from(path));
                buf_append_str(why, STR("); install it, or name it by its whole path"));
        }
        return r;
}

static void free_argv(char **argv)
{
        for (size_t i = 0; argv && argv[i]; i++)
                mem_free(argv[i]);
        mem_free(argv);
}

static char **copy_argv(const struct secret_source *source)
{
        char **argv = mem_calloc(source->argc + 1, sizeof(*argv));

        for (size_t i = 0; argv && i < source->argc; i++) {
                argv[i] = str_dup(source->argv[i]);
                if (!argv[i]) {
                        free_argv(argv);
                        return NULL;
                }
        }
        return argv;
}

static int explain_end(const struct secret_source *source, int end, int status, struct buf *why)
{
        if (end == HELPER_EXITED && status == 0)
                return 0;
        buf_append_str(why, STR("the program "));
        provider_show(why, source->argv[0]);
        switch (end) {
        case HELPER_EXITED:
                buf_printf(why, " ended with exit status %d; run it by hand to see why", status);
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
                buf_printf(why, " printed more than %u bytes and was killed; it must print the bare value on one line",
                        LIMIT_CREDENTIAL_BYTES);
                return -EMSGSIZE;
        default:
                buf_printf(why, " could not be watched: %s", strerror(-end));
                return end;
        }
}

static int run(const struct secret_source *source, const char *file, char *space, size_t *ret_len, struct buf *why)
{
        char *envp[PASSED_ON + 1];
        char **argv = copy_argv(source);
        struct helper helper;
        int r, status = 0;

        if (!argv)
                return -ENOMEM;
        scrub_environment(envp);
        r = helper_start(&helper, file, argv, envp, source->watcher_fd);
        free_argv(argv);
        if (r < 0) {
                buf_append_str(why, STR("the program "));
                provider_show(why, str_from(file));
                buf_printf(why, " cannot be run: %s; check its path and its permissions", strerror(-r));
                return r;
        }
        r = helper_finish(&helper, source->timeout_ms, source->cancel_fd, space, LIMIT_CREDENTIAL_BYTES + 1U, ret_len, &status);
        return explain_end(source, r, status, why);
}

int provider_exec(const struct secret_source *source, char *space, size_t *ret_len, struct buf *why)
{
        AUTO_FREE char *file = NULL;
        const char *newline;
        int r;

        r = resolve(source->argc ? source->argv[0] : (struct str){ 0 }, &file, why);
        if (r == 0)
                r = run(source, file, space, ret_len, why);
        if (r < 0)
                return r;
        newline = memchr(space, '\n', *ret_len);
        if (newline)
                *ret_len = (size_t)(newline - space);
        return 0;
}
