/* SPDX-License-Identifier: Apache-2.0 */
#include "launch.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "command.h"
#include "credential_source.h"
#include "environment.h"
#include "guardian.h"
#include "helper.h"
#include "hidden.h"
#include "life.h"
#include "limit.h"
#include "placeholder.h"
#include "start_error.h"

int launch_prepare(struct child *guard, mode_t *ret_umask)
{
        const struct sigaction ignore = { .sa_handler = SIG_IGN }, normal = { .sa_handler = SIG_DFL };
        const struct rlimit no_core = { 0, 0 };
        sigset_t none;

        *ret_umask = umask(077);
        /* Some starters leave signals blocked, or their children's ends ignored: we would see neither the server's end nor
         * that we are to end. */
        sigemptyset(&none);
        sigaction(SIGCHLD, &normal, NULL);
        sigprocmask(SIG_SETMASK, &none, NULL);
        sigaction(SIGPIPE, &ignore, NULL);
        sigaction(SIGXFSZ, &ignore, NULL);
        if (setrlimit(RLIMIT_CORE, &no_core) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
                return -errno;
        return guard->guardian > 0 ? 0 : child_guard(guard);
}

/* --- Credentials --- */

static_assert(HELPER_BEGINS == GUARDIAN_ALSO && HELPER_GONE == GUARDIAN_ENDED &&
                      sizeof(struct helper_news) == sizeof(struct guardian_group),
        "the guardian understands what programs that fetch credentials tell it");

void launch_secrets_wipe(struct launch_secrets *s)
{
        for (size_t i = 0; i < s->count; i++)
                secret_wipe(&s->list[i]);
        mem_free(s->list);
        *s = (struct launch_secrets){ 0 };
}

int launch_fetch(struct launch_secrets *ret, const struct policy_launch *policy, const struct launch_fetching *how,
        struct buf *message)
{
        const size_t count = policy->credential_count;
        AUTO_FREE struct secret_source *sources = NULL;
        AUTO_FREE char *why = NULL;

        if (count == 0)
                return 0;
        sources = mem_calloc(count, sizeof(*sources));
        ret->list = mem_calloc(count, sizeof(*ret->list));
        if (!ret->list || !sources)
                return EXIT_OWN_FAILURE;
        for (size_t i = 0; i < count; i++) {
                sources[i] = credential_source(&policy->credentials[i], how->watcher_fd);
                sources[i].cancel_fd = how->cancel_fd;
                sources[i].cancel_ms = how->cancel_ms;
        }
        if (secrets_get(ret->list, sources, count, &why) < 0) {
                buf_printf(message, "%s", why ? why : "a credential could not be fetched: out of memory");
                return EXIT_CREDENTIAL;
        }
        ret->count = count;
        return 0;
}

int launch_hide(struct redactor *redactor, const struct policy_launch *policy, const struct launch_secrets *secrets,
        struct buf *message)
{
        CLEANUP(hidden_deinit) struct hidden hidden = { 0 };
        const char *what = NULL;
        int r;

        if (secrets->count == 0)
                return 0;
        r = hidden_collect(&hidden, policy, secrets->list);
        if (r == -E2BIG)
                what = "they have too many lines";
        if (r == 0)
                r = redactor_add(redactor, hidden.list, hidden.count);
        if (r == 0)
                return 0;
        if (!what && r == -E2BIG)
                what = "the session has had as many as can be looked for; begin another session";
        buf_printf(message, "the credentials cannot be kept out of what the server says: %s", what ? what : strerror(-r));
        return r == -ENOMEM ? EXIT_OWN_FAILURE : EXIT_CREDENTIAL;
}

/* What the variable holds: the value, or the path of a file with it. */
static int deliver(struct launch *l, const struct policy_credential *c, const struct secret *secret, struct buf *path,
        struct str *ret, struct buf *message)
{
        int r;

        *ret = str_of(secret->value, secret->len);
        if (!c->as_file)
                return 0;
        r = secret_files_write(&l->files, &l->child, c->env_name, *ret, path);
        *ret = buf_str(path);
        if (r == 0)
                return 0;
        buf_printf(message, "credential %.*s: no file could be made for it: %s", STR_FMT(c->env_name),
                r == -ENOTSUP ? "neither XDG_RUNTIME_DIR, nor /run/user, nor /dev/shm is a directory in memory where we can "
                                "write; hand it over without \"as: file\""
                              : start_error(-r));
        return EXIT_CREDENTIAL;
}

static int build_environment(struct launch *l, struct environment *env, const struct policy_launch *policy,
        const struct launch_secrets *secrets, struct buf *message)
{
        AUTO_FREE struct environment_secret *list = mem_calloc(secrets->count + 1, sizeof(*list));
        AUTO_FREE struct buf *paths = mem_calloc(secrets->count + 1, sizeof(*paths));
        int status = 0, r = list && paths ? 0 : -ENOMEM;

        for (size_t i = 0; i < secrets->count && r == 0 && status == 0; i++) {
                list[i].name = policy->credentials[i].env_name;
                buf_init(&paths[i], LIMIT_PATH_BYTES);
                status = deliver(l, &policy->credentials[i], &secrets->list[i], &paths[i], &list[i].value, message);
        }
        if (r == 0 && status == 0)
                r = environment_build(env, policy, list, secrets->count, message);
        for (size_t i = 0; paths && i < secrets->count; i++)
                buf_deinit(&paths[i]);
        if (status == 0 && r < 0)
                status = r == -ENOENT ? EXIT_CREDENTIAL : EXIT_OWN_FAILURE;
        return status;
}

/* --- Pipes --- */

/* Real pipes, not socketpairs: a server may open /dev/stdin. Only our end does not block. */
static int open_pipe(int *ret_ours, int *ret_theirs, bool we_write)
{
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        *ret_ours = fds[we_write ? 1 : 0];
        *ret_theirs = fds[we_write ? 0 : 1];
        return fcntl(*ret_ours, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int exec_failure(int error, const char *name, const char *path, struct buf *message)
{
        if (error == -ENOENT && !strchr(name, '/')) {
                buf_printf(message, "%s: command not found in PATH=%s", name, path ? path : COMMAND_DEFAULT_PATH);
                return EXIT_NOT_FOUND;
        }
        buf_printf(message, "cannot run %s: %s", name, start_error(-error));
        if (error == -ENOENT || error == -ENOTDIR)
                return EXIT_NOT_FOUND;
        if (error == -EACCES || error == -ENOEXEC || error == -EPERM || error == -EISDIR || error == -ELOOP ||
                error == -ETXTBSY || error == -E2BIG || error == -ELIBBAD)
                return EXIT_NOT_RUNNABLE;
        return EXIT_OWN_FAILURE;
}

/* A const array of pointers to what execve() takes as pointers to char; it changes neither. */
static char *const *exec_vector(const char *const *vector)
{
        union {
                const char *const *from;
                char *const *to;
        } u = { .from = vector };

        return u.to;
}

/* A script without "#!" is the shell's, as execvp() has it and clients know it. */
static int start_script(struct launch *l, struct child_spec *spec)
{
        static const char shell[] = "/bin/sh";
        AUTO_FREE const char **argv = NULL;
        size_t count = 0;

        while (spec->argv[count])
                count++;
        argv = mem_calloc(count + 2, sizeof(*argv));
        if (!argv)
                return -ENOMEM;
        argv[0] = shell;
        argv[1] = spec->file;
        for (size_t i = 1; i < count; i++)
                argv[i + 1] = spec->argv[i];
        spec->argv = exec_vector(argv);
        spec->file = shell;
        return child_start(&l->child, spec);
}

static int run(struct launch *l, const char *const *command, const struct environment *env, mode_t mask,
        struct buf *message)
{
        AUTO_CLOSE int in = -1;
        AUTO_CLOSE int out = -1;
        AUTO_CLOSE int err = -1;
        AUTO_FREE char *file = NULL;
        struct child_spec spec = { .argv = exec_vector(command), .envp = env->entries, .umask = mask };
        const char *path = environment_get(env, "PATH");
        int r = command_resolve(&file, command[0], path);

        if (r < 0)
                return exec_failure(r, command[0], path, message);
        r = open_pipe(&l->to_server, &in, true);
        if (r == 0)
                r = open_pipe(&l->from_server, &out, false);
        if (r == 0)
                r = open_pipe(&l->errors, &err, false);
        if (r < 0) {
                buf_printf(message, "no pipes for the server: %s", strerror(-r));
                return EXIT_OWN_FAILURE;
        }
        spec.file = file;
        spec.stdin_fd = in;
        spec.stdout_fd = out;
        spec.stderr_fd = err;
        r = child_start(&l->child, &spec);
        if (r == -ENOEXEC)
                r = start_script(l, &spec);
        return r < 0 ? exec_failure(r, command[0], path, message) : 0;
}

/* Every user of the machine sees arguments. */
static int check_command(const struct policy_launch *policy, const char *const *command, struct buf *message)
{
        for (; *command; command++) {
                const struct str word = str_from(*command);
                struct placeholder p;

                for (size_t from = 0; placeholder_next(word, from, &p); from = p.end) {
                        for (size_t i = 0; i < policy->credential_count; i++) {
                                if (!p.name.len || !str_eq(policy->credentials[i].env_name, p.name))
                                        continue;
                                buf_printf(message,
                                        "an argument of the server's command holds {{%.*s}}: every user of the machine would see "
                                        "the credential there; put it into a variable (server.env in the policy)",
                                        STR_FMT(p.name));
                                return EXIT_CREDENTIAL;
                        }
                }
        }
        return 0;
}

/* The first that runs out. */
static uint64_t earliest_renewal(const struct launch_secrets *secrets)
{
        uint64_t first = 0;

        for (size_t i = 0; i < secrets->count; i++) {
                const uint64_t due = secrets->list[i].expires ? secrets->list[i].renew_ms : 0;

                if (due != 0 && (first == 0 || due < first))
                        first = due;
        }
        return first;
}

/* A variable that the message quotes, as PATH, may have been made of a credential. */
static void hide_in(const struct redactor *redactor, struct buf *message)
{
        AUTO_BUF struct buf clean = BUF_INIT(message->limit);

        if (!redactor_finds(redactor, buf_str(message)))
                return;
        if (redactor_apply(redactor, buf_str(message), &clean) < 0)
                buf_clear(&clean, 0);
        buf_clear(message, message->limit);
        buf_append_str(message, clean.len ? buf_str(&clean) : STR("the server cannot be started"));
}

int launch_run(struct launch *l, const struct policy_launch *policy, const struct launch_secrets *secrets,
        const struct launch_program *program, struct buf *message)
{
        CLEANUP(environment_wipe) struct environment env = { 0 };
        int status = check_command(policy, program->command, message);

        l->renew_ms = earliest_renewal(secrets);
        if (status == 0)
                status = build_environment(l, &env, policy, secrets, message);
        if (status == 0)
                status = run(l, program->command, &env, program->mask, message);
        if (status != 0)
                hide_in(l->redactor, message);
        return status;
}

static int start(struct launch *l, const struct policy_launch *policy, const struct launch_program *program,
        struct launch_secrets *secrets, struct buf *message)
{
        const struct launch_fetching how = { l->child.guardian_fd, l->hang_up, LIFE_CLOSING_MS };
        int status = check_command(policy, program->command, message);

        if (status == 0)
                status = launch_fetch(secrets, policy, &how, message);
        if (status != 0)
                return status;
        if (!l->redactor && redactor_new(&l->redactor, NULL, 0) < 0)
                return EXIT_OWN_FAILURE;
        status = launch_hide(l->redactor, policy, secrets, message);
        return status != 0 ? status : launch_run(l, policy, secrets, program, message);
}

int launch_start(struct launch *l, const struct policy_launch *policy, const char *const *command, mode_t mask,
        struct buf *message)
{
        CLEANUP(launch_secrets_wipe) struct launch_secrets secrets = { 0 };
        const struct launch_program program = { command, mask };
        const int status = start(l, policy, &program, &secrets, message);

        if (status != 0 && message->len == 0)
                buf_printf(message, "out of memory");
        return status;
}

void launch_close(struct launch *l)
{
        fd_closep(&l->to_server);
        fd_closep(&l->from_server);
        fd_closep(&l->errors);
}

void launch_end(struct launch *l)
{
        siginfo_t info;

        launch_close(l);
        child_end(&l->child, &info);
        secret_files_remove(&l->files, &l->child);
        child_release(&l->child);
        l->redactor = redactor_free(l->redactor);
}
