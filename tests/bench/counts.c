/* SPDX-License-Identifier: Apache-2.0 */
#include "counts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "protocol.h"

#define PATH_BYTES 4096

/* The number behind @key in /proc/PID/status, which is in KiB, as MiB. */
static int memory_of(pid_t pid, struct str key, double *ret)
{
        char path[64], text[8192];
        const char *found;
        unsigned long kib;
        FILE *f;
        size_t n;

        snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
        f = fopen(path, "re");
        if (!f)
                return -errno;
        n = fread(text, 1, sizeof(text) - 1, f);
        fclose(f);
        text[n] = '\0';
        found = memmem(text, n, key.ptr, key.len);
        if (!found || sscanf(found + key.len, "%lu", &kib) != 1)
                return -ENOENT;
        *ret = (double)kib / 1024;
        return 0;
}

typedef int (*counting_run)(const struct bench *b, const struct scenario *s, bool leastwise, struct outcome *o,
        double *ret);

/* Counting is no matter of luck: one round of each. What a run could not count it says in the outcome's note. */
static int count_both(const struct bench *b, const struct scenario *s, struct outcome *outcomes, counting_run run)
{
        struct outcome *o = &outcomes[s->first];

        for (unsigned turn = 0; turn < 2; turn++) {
                double value = 0;
                int r = run(b, s, turn == 1, o, &value);

                if (r < 0)
                        return r;
                if (o->note[0] == '\0')
                        series_add(turn == 1 ? &o->leastwise : &o->relay, value);
        }
        return 0;
}

static int run_memory_of_calls(const struct bench *b, const struct scenario *s, bool leastwise,
        struct outcome *o, double *ret)
{
        struct load_result result;
        struct chain c;
        int r = scenario_start_chain(b, &c, leastwise, &s->command);

        if (r < 0)
                return r;
        r = chain_handshake(&c);
        if (r == 0)
                r = load_run(&c, &s->load, &result);
        if (r == 0)
                r = memory_of(c.pid, STR("VmRSS:"), ret);
        (void)chain_stop(&c);
        return r;
}

int count_memory_of_calls(const struct bench *b, const struct scenario *s, struct outcome *outcomes)
{
        return count_both(b, s, outcomes, run_memory_of_calls);
}

/* Results first, then arguments of the same size: both directions of one session. */
static int run_memory_peak(const struct bench *b, const struct scenario *s, bool leastwise,
        struct outcome *o, double *ret)
{
        struct load arguments = s->load;
        struct load_result result;
        struct chain c;
        int r = scenario_start_chain(b, &c, leastwise, &s->command);

        if (r < 0)
                return r;
        arguments.kind = LOAD_ARGUMENT;
        r = chain_handshake(&c);
        if (r == 0)
                r = load_run(&c, &s->load, &result);
        if (r == 0)
                r = load_run(&c, &arguments, &result);
        if (r == 0)
                r = memory_of(c.pid, STR("VmHWM:"), ret);
        (void)chain_stop(&c);
        return r;
}

int count_memory_peak(const struct bench *b, const struct scenario *s, struct outcome *outcomes)
{
        return count_both(b, s, outcomes, run_memory_peak);
}

/* The counter that the preloaded library and this process share; NULL on failure. */
static atomic_ulong *map_counter(const char *path)
{
        atomic_ulong *counter = NULL;
        int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        if (fd < 0)
                return NULL;
        if (ftruncate(fd, sizeof(*counter)) == 0) {
                counter = mmap(NULL, sizeof(*counter), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
                if (counter == MAP_FAILED)
                        counter = NULL;
        }
        close(fd);
        return counter;
}

static int allocations_of_calls(const struct bench *b, struct chain *c, atomic_ulong *counter, struct outcome *o,
        double *ret)
{
        struct load load = { .kind = LOAD_CALLS, .repeats = b->calls };
        struct load_result result;
        unsigned long start;
        int r = chain_handshake(c);

        if (r == 0)
                r = load_run(c, &load, &result);
        start = atomic_load(counter);
        if (r == 0)
                r = load_run(c, &load, &result);
        if (start == 0)
                snprintf(o->note, sizeof(o->note), "none was ever seen: linked statically, or with a sanitizer?");
        *ret = (double)(atomic_load(counter) - start) / b->calls;
        return r;
}

static int run_allocations(const struct bench *b, const struct scenario *s, bool leastwise,
        struct outcome *o, double *ret)
{
        char path[PATH_BYTES];
        atomic_ulong *counter;
        struct chain c;
        int r;

        snprintf(path, sizeof(path), "%s/allocations", b->temp);
        counter = map_counter(path);
        if (!counter)
                return -errno;
        setenv("LD_PRELOAD", b->counter, 1);
        setenv("BENCH_ALLOCATIONS", path, 1);
        r = scenario_start_chain(b, &c, leastwise, &s->command);
        unsetenv("LD_PRELOAD");
        unsetenv("BENCH_ALLOCATIONS");
        if (r == 0) {
                r = allocations_of_calls(b, &c, counter, o, ret);
                (void)chain_stop(&c);
        }
        munmap(counter, sizeof(*counter));
        return r;
}

int count_allocations(const struct bench *b, const struct scenario *s, struct outcome *outcomes)
{
        return count_both(b, s, outcomes, run_allocations);
}

/* The calls column of the last line of what `strace -c` wrote. */
static int read_total(const char *path, double *ret)
{
        char line[512];
        bool found = false;
        FILE *f = fopen(path, "re");

        if (!f)
                return -errno;
        while (fgets(line, sizeof(line), f)) {
                if (strstr(line, " total") && sscanf(line, "%*s %*s %*s %lf", ret) == 1)
                        found = true;
        }
        fclose(f);
        return found ? 0 : -EBADMSG;
}

/* All system calls of a proxy's process in a session of @calls calls. */
static int syscalls_of_session(const struct bench *b, const struct scenario *s, bool leastwise, unsigned calls,
        double *ret)
{
        struct load load = { .kind = LOAD_CALLS, .repeats = calls };
        struct command command = s->command;
        struct load_result result;
        char path[PATH_BYTES];
        struct chain c;
        int r;

        snprintf(path, sizeof(path), "%s/strace", b->temp);
        command.prefix[0] = "strace";
        command.prefix[1] = "-qq";
        command.prefix[2] = "-c";
        command.prefix[3] = "-o";
        command.prefix[4] = path;
        command.prefix[5] = NULL;
        r = scenario_start_chain(b, &c, leastwise, &command);
        if (r < 0)
                return r;
        r = chain_handshake(&c);
        if (r == 0)
                r = load_run(&c, &load, &result);
        (void)chain_stop(&c);
        return r < 0 ? r : read_total(path, ret);
}

static int run_syscalls(const struct bench *b, const struct scenario *s, bool leastwise,
        struct outcome *o, double *ret)
{
        double once = 0, twice = 0;
        int r;

        if (system("strace -o /dev/null true 2>/dev/null") != 0) {
                snprintf(o->note, sizeof(o->note), "strace is missing, or may not trace here");
                return 0;
        }
        /* What the start and the end cost is the same in both, and goes. */
        r = syscalls_of_session(b, s, leastwise, b->calls, &once);
        if (r == 0)
                r = syscalls_of_session(b, s, leastwise, 2 * b->calls, &twice);
        *ret = (twice - once) / b->calls;
        return r;
}

int count_syscalls(const struct bench *b, const struct scenario *s, struct outcome *outcomes)
{
        return count_both(b, s, outcomes, run_syscalls);
}
