/* SPDX-License-Identifier: Apache-2.0
 *
 * Measures leastwise against a relay that only copies bytes, on one core and in one run, and compares with what
 * docs/performance.md promises. Exit status: 0 measured; 1 with --strict, a figure that must be met was missed by more
 * than the noise each of three times; 2 a chain failed; 64 usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "now.h"
#include "numbers.h"
#include "report.h"
#include "scenarios.h"

#define EXIT_CHAIN 2
#define POLICY_PATH_BYTES 4096
#define SECRETS 10 /* as many as bench-secrets.yaml names */
#define EXIT_USAGE 64
#define STRICT_ATTEMPTS 3U

struct arguments {
        struct bench bench;
        const char *json;
        const char *only;
        unsigned core;
        bool has_core;
        bool strict;
        unsigned drive; /* calls; 0 = measure */
        char **drive_command;
};

static const char usage[] =
        "usage: bench --relay R --leastwise L --server S --policy P --secrets-policy P --counter C [option...]\n"
        "       bench --drive N -- COMMAND [ARG...]\n"
        "\n"
        "  --json FILE       write the figures there, too\n"
        "  --rounds N        interleaved rounds of each chain (15 to 60; 41)\n"
        "  --only SCENARIO   of those that are listed while it runs\n"
        "  --core N          pin everything there (the last one allowed)\n"
        "  --strict          fail if a figure that must be met is missed three times by more than the noise\n"
        "  --plain           start L as R is started: with R in L's place, what remains is the noise\n"
        "  --drive N         only make N calls one after the other, for a profiler in front of the proxy\n";

enum option_id {
        O_RELAY = 1,
        O_LEASTWISE,
        O_SERVER,
        O_POLICY,
        O_SECRETS_POLICY,
        O_COUNTER,
        O_JSON,
        O_ROUNDS,
        O_ONLY,
        O_CORE,
        O_STRICT,
        O_PLAIN,
        O_DRIVE,
};

static const struct option options[] = {
        { "relay", required_argument, NULL, O_RELAY },
        { "leastwise", required_argument, NULL, O_LEASTWISE },
        { "server", required_argument, NULL, O_SERVER },
        { "policy", required_argument, NULL, O_POLICY },
        { "secrets-policy", required_argument, NULL, O_SECRETS_POLICY },
        { "counter", required_argument, NULL, O_COUNTER },
        { "json", required_argument, NULL, O_JSON },
        { "rounds", required_argument, NULL, O_ROUNDS },
        { "only", required_argument, NULL, O_ONLY },
        { "core", required_argument, NULL, O_CORE },
        { "strict", no_argument, NULL, O_STRICT },
        { "plain", no_argument, NULL, O_PLAIN },
        { "drive", required_argument, NULL, O_DRIVE },
        { NULL, 0, NULL, 0 },
};

static bool take_option(struct arguments *a, int id, const char *value)
{
        switch (id) {
        case O_RELAY:
                a->bench.relay = value;
                return true;
        case O_LEASTWISE:
                a->bench.leastwise = value;
                return true;
        case O_SERVER:
                a->bench.server = value;
                return true;
        case O_POLICY:
                a->bench.policy = value;
                return true;
        case O_SECRETS_POLICY:
                a->bench.secrets_policy = value;
                return true;
        case O_COUNTER:
                a->bench.counter = value;
                return true;
        case O_JSON:
                a->json = value;
                return true;
        case O_ROUNDS:
                return number_parse(value, 60, &a->bench.rounds) && a->bench.rounds >= 15;
        case O_ONLY:
                a->only = value;
                return true;
        case O_CORE:
                return a->has_core = number_parse(value, CPU_SETSIZE - 1, &a->core);
        case O_STRICT:
                return a->strict = true;
        case O_PLAIN:
                return a->bench.plain = true;
        case O_DRIVE:
                return number_parse(value, 10000000, &a->drive);
        default:
                return false;
        }
}

static bool parse_arguments(struct arguments *a, int argc, char **argv)
{
        const struct bench *b = &a->bench;
        int c;

        while ((c = getopt_long(argc, argv, "+", options, NULL)) >= 0) {
                if (!take_option(a, c, optarg))
                        return false;
        }
        a->drive_command = argv + optind;
        if (a->drive > 0)
                return optind < argc;
        return optind == argc && b->relay && b->leastwise && b->server && b->policy && b->secrets_policy && b->counter;
}

/* All children inherit it: of two processes that talk, only one ever runs, on whichever machine. */
static int pin(struct arguments *a)
{
        cpu_set_t set;

        if (sched_getaffinity(0, sizeof(set), &set) < 0)
                return -errno;
        for (unsigned i = 0; !a->has_core && i < CPU_SETSIZE; i++) {
                if (CPU_ISSET(i, &set))
                        a->core = i;
        }
        CPU_ZERO(&set);
        CPU_SET(a->core, &set);
        return sched_setaffinity(0, sizeof(set), &set) < 0 ? -errno : 0;
}

/* Where it is allowed (root), so that other work on the machine disturbs less; all of both chains inherit it. Linux
 * shares the processor between sessions first: it is the session's weight that counts, and it is raised where the
 * session is, or may become, our own. One with a terminal stays as it is, for its Ctrl-C. */
static void raise_priority(void)
{
        int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC), fd = -1;
        ssize_t n;

        (void)setpriority(PRIO_PROCESS, 0, -20);
        if (terminal >= 0)
                close(terminal);
        else if (setsid() > 0 || getsid(0) == getpid())
                fd = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                return;
        n = write(fd, "-20", 3);
        (void)n; /* without the right to it the figures are noisier, and say so */
        close(fd);
}

static void on_alarm(int signal_number)
{
        /* Being interrupted is all that the waiting read() needs. */
        (void)signal_number;
}

static void set_signals(void)
{
        struct sigaction alarm_action = { .sa_handler = on_alarm };

        sigaction(SIGALRM, &alarm_action, NULL);
        signal(SIGPIPE, SIG_IGN);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        return remove(path);
}

static int copy_file(const char *from, const char *to)
{
        char bytes[65536];
        ssize_t n, written = -1;
        int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

        n = in < 0 ? -1 : read(in, bytes, sizeof(bytes));
        if (n >= 0 && out >= 0)
                written = write(out, bytes, (size_t)n);
        if (in >= 0)
                close(in);
        if (out >= 0)
                close(out);
        return n >= 0 && written == n ? 0 : -EIO;
}

/* What the SDKs' clients hand to a server: what is missing costs a look into the password file. */
static void set_surroundings(void)
{
        static const char *const names[][2] = { { "HOME", "/" }, { "LOGNAME", "bench" }, { "SHELL", "/bin/sh" }, { "USER", "bench" } };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                setenv(names[i][0], names[i][1], 0);
}

/* The proxy's files go to @temp, and its policy stands there with the modes that it asks for. */
static int prepare(struct bench *b, const char *temp, char policies[static 2][POLICY_PATH_BYTES])
{
        char path[4096];

        b->temp = temp;
        set_surroundings();
        unsetenv("SUDO_UID");
        setenv("XDG_STATE_HOME", temp, 1);
        setenv("XDG_CONFIG_HOME", temp, 1);
        setenv("XDG_RUNTIME_DIR", temp, 1);
        setenv("LC_ALL", "C", 1);
        for (int i = 0; i < SECRETS; i++) {
                char name[32], value[64];

                /* As long as a token of a code host, and random enough. */
                snprintf(name, sizeof(name), "BENCH_SECRET_%d", i);
                snprintf(value, sizeof(value), "ghp_%08x%08x%08x%08x%04x", 0x9E3779B9U * (unsigned)(i + 1), 0x85EBCA6BU * (unsigned)(i + 2),
                        0xC2B2AE35U * (unsigned)(i + 3), 0x27D4EB2FU * (unsigned)(i + 4), 0x1656U * (unsigned)(i + 1));
                setenv(name, value, 1);
        }
        snprintf(policies[0], POLICY_PATH_BYTES, "%s/bench.yaml", temp);
        snprintf(policies[1], POLICY_PATH_BYTES, "%s/bench-secrets.yaml", temp);
        snprintf(path, sizeof(path), "%s/stderr", temp);
        b->stderr_fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (b->stderr_fd < 0)
                return -errno;
        if (copy_file(b->policy, policies[0]) < 0 || copy_file(b->secrets_policy, policies[1]) < 0)
                return -EIO;
        b->policy = policies[0];
        b->secrets_policy = policies[1];
        return 0;
}

/* What the proxies last said, where one has failed. */
static void show_stderr(const struct bench *b)
{
        char text[2048];
        off_t size = lseek(b->stderr_fd, 0, SEEK_END);
        off_t from = size > (off_t)sizeof(text) ? size - (off_t)sizeof(text) : 0;
        ssize_t n = pread(b->stderr_fd, text, sizeof(text), from);

        if (n > 0)
                fprintf(stderr, "--- stderr of the chains, its end ---\n%.*s", (int)n, text);
}

static bool is_missed(const struct scenario *s, const struct outcome *outcomes)
{
        for (unsigned f = s->first; f <= s->last; f++) {
                if (outcome_judge(&figures[f], &outcomes[f]) == OUTCOME_MISSED)
                        return true;
        }
        return false;
}

static int measure_all(const struct arguments *a, struct outcome *outcomes, bool *ret_missed)
{
        for (size_t i = 0; i < scenarios_count; i++) {
                const struct scenario *s = &scenarios[i];
                bool missed = true;

                if (a->only && strcmp(a->only, s->name) != 0)
                        continue;
                for (unsigned attempt = 0; missed && attempt < (a->strict ? STRICT_ATTEMPTS : 1); attempt++) {
                        int r;

                        fprintf(stderr, "%s%s ...\n", s->name, attempt ? " (again)" : "");
                        r = scenario_measure(&a->bench, s, outcomes);
                        if (r < 0) {
                                fprintf(stderr, "bench: %s: a chain failed: %s\n", s->name, strerror(-r));
                                show_stderr(&a->bench);
                                return r;
                        }
                        missed = is_missed(s, outcomes);
                }
                *ret_missed |= missed;
        }
        return 0;
}

static int measure(struct arguments *a)
{
        static struct outcome outcomes[FIGURE_MAX_];
        struct report_facts facts = { .rounds = a->bench.rounds, .core = a->core };
        uint64_t start = now_ns();
        bool missed = false;
        int r = measure_all(a, outcomes, &missed);

        if (r < 0)
                return EXIT_CHAIN;
        facts.seconds = (double)(now_ns() - start) / 1e9;
        report_table(stdout, &facts, outcomes);
        r = a->json ? report_json(a->json, &facts, outcomes) : 0;
        if (r < 0) {
                fprintf(stderr, "bench: %s: %s\n", a->json, strerror(-r));
                return EXIT_CHAIN;
        }
        return missed && a->strict ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* One chain, one load, one line about it: what a profiler wants. */
static int drive(const struct arguments *a)
{
        struct load load = { .kind = LOAD_CALLS, .repeats = a->drive };
        struct load_result result = { 0 };
        struct chain c;
        int r = chain_start(&c, a->drive_command, STDERR_FILENO, false);

        if (r == 0)
                r = chain_handshake(&c);
        if (r == 0)
                r = load_run(&c, &load, &result);
        (void)chain_stop(&c);
        if (r < 0) {
                fprintf(stderr, "bench: %s: %s\n", a->drive_command[0], strerror(-r));
                return EXIT_CHAIN;
        }
        printf("%u calls: p50 %.2f us, p99 %.2f us\n", a->drive, result.p50 / 1e3, result.p99 / 1e3);
        return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
        struct arguments a = { .bench = { .rounds = 41, .calls = 1000, .stderr_fd = -1 } };
        char temp[POLICY_PATH_BYTES / 2], policies[2][POLICY_PATH_BYTES];
        const char *place = getenv("TMPDIR");
        int r;

        if (!parse_arguments(&a, argc, argv)) {
                fputs(usage, stderr);
                return EXIT_USAGE;
        }
        set_signals();
        raise_priority();
        r = pin(&a);
        if (r < 0)
                fprintf(stderr, "bench: cannot pin to core %u: %s\n", a.core, strerror(-r));
        if (r < 0)
                return EXIT_CHAIN;
        if (a.drive > 0)
                return drive(&a);
        if (snprintf(temp, sizeof(temp), "%s/leastwise-bench-XXXXXX", place && place[0] == '/' ? place : "/tmp") >= (int)sizeof(temp)) {
                fputs("bench: TMPDIR is too long\n", stderr);
                return EXIT_CHAIN;
        }
        if (!mkdtemp(temp)) {
                perror(temp);
                return EXIT_CHAIN;
        }
        r = prepare(&a.bench, temp, policies);
        if (r < 0)
                fprintf(stderr, "bench: %s: %s\n", temp, strerror(-r));
        else
                r = measure(&a);
        (void)nftw(temp, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
        return r < 0 ? EXIT_CHAIN : r;
}
