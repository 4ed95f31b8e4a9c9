/* SPDX-License-Identifier: Apache-2.0 */
#include "proxy.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cleanup.h"
#include "clock.h"
#include "limit.h"
#include "path_resolver.h"
#include "proxy_state.h"
#include "start_error.h"

/* Before there is a loop; our stderr may be full, and then nobody reads why we end. */
static void say_early(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say_early(const char *format, ...)
{
        char line[2048];
        va_list args;
        int n;

        va_start(args, format);
        n = vsnprintf(line, sizeof(line) - 1, format, args);
        va_end(args);
        if (n < 0)
                return;
        if ((size_t)n > sizeof(line) - 2)
                n = (int)sizeof(line) - 2;
        line[n] = '\n';
        if (write(STDERR_FILENO, line, (size_t)n + 1) < 0)
                (void)errno;
}

static int open_session(struct proxy *p, bool durable)
{
        static const struct policy_host host = { .resolve = path_resolver_resolve };
        struct session_config config = {
                .host = &host,
                .policy = p->policy,
                .pins = p->pins,
                .reloads = p->config->reload != NULL,
                .audit = p->recorder.log,
                .redactor = p->redactor,
                .limits = &p->limits,
                .asking = &p->asking.asking,
                .line_limit = p->config->line_limit,
        };

        if (proxy_asking_open(p) < 0 || limit_files_new(&p->limit_files, p->config->state_dir, durable) < 0)
                return -ENOMEM;
        p->limits = limit_files_store(p->limit_files);
        if (getrandom(config.seed, sizeof(config.seed), 0) != (ssize_t)sizeof(config.seed))
                return -EIO;
        return session_new(&p->session, &config);
}

static int open_recorder(struct proxy *p, const struct policy_launch *policy)
{
        const struct recorder_facts facts = {
                .command = p->config->command,
                .agent = p->config->agent,
                .policy = p->config->policy,
                .line_limit = p->config->line_limit,
        };
        AUTO_FREE char *message = NULL;
        int r = recorder_open(&p->recorder, p->config->state_dir, policy, &facts, clock_now_ms(), &message);

        if (r < 0)
                say_early("leastwise: no audit records can be written, so nothing is started: %s",
                        message ? message : strerror(-r));
        return r;
}

/* Starts the main server: 0 or the exit status. */
static int start_server(struct proxy *p, const struct policy_launch *policy)
{
        AUTO_BUF struct buf message = BUF_INIT(4096);
        AUTO_CLOSE int hang_up = policy->credential_count ? own_stdio_hang_up() : -1;
        struct upstream *u;
        int status;

        if (redactor_new(&p->redactor, NULL, 0) < 0 || upstream_new(&u, p, SIDE_SERVER) < 0) {
                say_early("leastwise: out of memory");
                return EXIT_OWN_FAILURE;
        }
        p->peers[SIDE_SERVER].upstream = u;
        u->launch.redactor = p->redactor;
        u->launch.hang_up = hang_up < 0 ? 0 : hang_up;
        status = launch_start(&u->launch, policy, p->config->command, p->mask, &message);
        u->launch.hang_up = 0;
        if (status != 0)
                say_early("leastwise: %.*s", STR_FMT(buf_str(&message)));
        return status;
}

/* Everything up to the running server: 0 or the exit status. */
static int start(struct proxy *p)
{
        struct policy_launch policy;
        int status;

        policy_set_launch(p->config->policy, &policy);
        if (open_recorder(p, &policy) < 0)
                return EXIT_OWN_FAILURE;
        status = start_server(p, &policy);
        if (status != 0)
                return status;
        p->recorder.facts.redactor = p->redactor;
        if (proxy_life_watch(p) < 0 || open_session(p, policy.audit_durable) < 0) {
                say_early("leastwise: no session: out of memory");
                return EXIT_OWN_FAILURE;
        }
        return 0;
}

static void run_loop(struct proxy *p)
{
        struct upstream *server = p->peers[SIDE_SERVER].upstream;
        int r = stderr_gate_open(&p->gate, &p->loop);

        if (r == 0)
                r = upstream_open(server);
        if (r == 0)
                r = proxy_flow_open(p);
        if (r == 0)
                r = proxy_reload_open(p);
        if (r == 0)
                r = proxy_stops_open(p);
        if (r < 0) {
                say_early("leastwise: cannot watch the descriptors: %s", strerror(-r));
                p->broken = true;
                return;
        }
        proxy_flow_attach(p, server);
        proxy_renew_arm(server);
        proxy_life_check_exits(p);
        uv_run(&p->loop, UV_RUN_DEFAULT);
}

/* L10: first of all the end of every group, whatever else may fail. */
static void end_servers(struct proxy *p)
{
        for (unsigned side = SIDE_SERVER; side < SIDE_MAX_; side++) {
                if (p->peers[side].upstream)
                        upstream_end(p->peers[side].upstream);
        }
        /* While its programs have a guardian. */
        proxy_upstreams_close(p);
        if (p->peers[SIDE_SERVER].upstream)
                p->exit = p->peers[SIDE_SERVER].upstream->exit;
        child_release(&p->guard);
}

static void stop(struct proxy *p)
{
        struct recorder_end end = { .reason = p->reason ? p->reason : "failure", .status = -1 };
        const siginfo_t *ended = &p->exit;

        end_servers(p);
        end.dropped_stderr = p->dropped_stderr + p->gate.dropped;
        if (ended->si_pid != 0) {
                end.status = ended->si_status;
                end.by_signal = ended->si_code != CLD_EXITED;
        }
        if (end.dropped_stderr > 0)
                proxy_say(p, "%llu bytes of the server's stderr were dropped: nobody read them",
                        (unsigned long long)end.dropped_stderr);
        recorder_stop(&p->recorder, p->session, &end, clock_now_ms());
        (void)recorder_write(&p->recorder, clock_now_ms());
        if (p->recorder.error)
                proxy_say(p, "the last audit records could not be written: %s", strerror(-p->recorder.error));
}

/* What the client would see without us: the server's own end; a signal to us that it did not survive counts as ours. */
static int exit_status(const struct proxy *p, int *ret_signal)
{
        const siginfo_t *ended = &p->exit;

        *ret_signal = 0;
        /* When it is we who could not go on, its end was our doing. */
        if (p->broken || ended->si_pid == 0)
                return EXIT_OWN_FAILURE;
        if (ended->si_code == CLD_EXITED)
                return ended->si_status;
        *ret_signal = p->signal ? p->signal : ended->si_status;
        return 128 + *ret_signal;
}

static void die_of(int signal)
{
        const struct sigaction normal = { .sa_handler = SIG_DFL };
        sigset_t only;

        sigaction(signal, &normal, NULL);
        sigemptyset(&only);
        sigaddset(&only, signal);
        sigprocmask(SIG_UNBLOCK, &only, NULL);
        raise(signal);
}

static void close_all(struct proxy *p, bool watched)
{
        if (watched) {
                proxy_control_close(p);
                proxy_flow_close(p);
                stderr_gate_close(&p->gate);
        }
        for (unsigned side = SIDE_SERVER; side < SIDE_MAX_; side++) {
                upstream_release(p->peers[side].upstream);
                p->peers[side].upstream = NULL;
        }
        proxy_reload_close(p);
        proxy_stops_close(p);
        proxy_life_close(p);
        /* Something may have asked it to stop meanwhile. */
        while (uv_run(&p->loop, UV_RUN_DEFAULT) != 0)
                ;
        uv_loop_close(&p->loop);
        p->session = session_free(p->session);
        proxy_asking_close(p);
        proxy_stops_release(p);
        p->limit_files = limit_files_free(p->limit_files);
        recorder_close(&p->recorder);
        child_release(&p->guard);
        p->redactor = redactor_free(p->redactor);
        p->policy = policy_set_unref(p->policy);
        p->pins = pin_set_unref(p->pins);
        p->approvers = approvers_unref(p->approvers);
}

/* From a prepared process to the exit status. */
static int run(struct proxy *p, struct own_stdio *stdio, int *ret_signal)
{
        int status = start(p);
        const bool started = status == 0;

        *ret_signal = 0;
        if (started) {
                run_loop(p);
                stop(p);
                status = exit_status(p, ret_signal);
        }
        own_stdio_give_back(stdio);
        close_all(p, started);
        return status;
}

static bool enough_files_may_be_open(void)
{
        struct rlimit limit;

        return getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= LIMIT_OPEN_FILES_MIN;
}

static int prepare(struct proxy *p, struct own_stdio *stdio)
{
        /* In this order: what is said from here on waits for nobody. */
        int r = own_stdio_take(stdio);

        if (r == 0 && !enough_files_may_be_open()) {
                say_early("leastwise: cannot start: fewer than %u files may be open; raise the limit (ulimit -n)",
                        LIMIT_OPEN_FILES_MIN);
                return -EMFILE;
        }
        if (r == 0)
                r = launch_prepare(&p->guard, &p->mask);
        if (r == 0)
                r = uv_loop_init(&p->loop);
        if (r == 0)
                r = proxy_life_open(p);
        if (r < 0)
                say_early("leastwise: cannot start: %s", start_error(-r));
        return r;
}

static void take_guard(struct proxy *p, struct child *guard)
{
        if (!guard)
                return;
        p->guard = *guard;
        *guard = (struct child)CHILD_NONE;
}

int proxy_run(const struct proxy_config *config)
{
        AUTO_FREE struct proxy *p = mem_calloc(1, sizeof(*p));
        struct own_stdio stdio;
        int signal, status;

        if (!p)
                return EXIT_OWN_FAILURE;
        p->config = config;
        p->guard = (struct child)CHILD_NONE;
        take_guard(p, config->guard);
        if (prepare(p, &stdio) < 0) {
                own_stdio_give_back(&stdio);
                child_release(&p->guard);
                return EXIT_OWN_FAILURE;
        }
        p->policy = policy_set_ref(config->policy);
        p->pins = pin_set_ref(config->pins);
        p->approvers = approvers_ref(config->approvers);
        status = run(p, &stdio, &signal);
        if (signal)
                die_of(signal);
        return status;
}
