/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios.h"

#include <errno.h>

#include "counts.h"
#include "now.h"

#define MIB ((size_t)1 << 20)
/* The largest result that still fits the proxy's limit on a line, with its envelope. */
#define TEN_MIB_LINE (10 * MIB - 1024)

int scenario_start_chain(const struct bench *b, struct chain *c, bool leastwise, const struct command *command)
{
        const char *argv[COMMAND_MAX];
        size_t n = 0;

        for (size_t i = 0; command->prefix[i]; i++)
                argv[n++] = command->prefix[i];
        argv[n++] = leastwise ? b->leastwise : b->relay;
        if (leastwise && !b->plain) {
                argv[n++] = "run";
                argv[n++] = "--policy";
                argv[n++] = command->secrets ? b->secrets_policy : b->policy;
                argv[n++] = "--";
        }
        argv[n++] = b->server;
        argv[n++] = "--tools";
        argv[n++] = command->tools;
        argv[n++] = "--hidden";
        argv[n++] = command->hidden;
        argv[n] = NULL;
        /* exec() does not write to them; its type is older than const. */
        return chain_start(c, (char *const *)(uintptr_t)argv, b->stderr_fd, leastwise && !b->plain);
}

static void note_result(const struct scenario *s, struct outcome *outcomes, bool leastwise,
        const struct load_result *result)
{
        struct outcome *first = &outcomes[s->first], *last = &outcomes[s->last];

        if (s->load.kind == LOAD_PIPELINED)
                series_add(leastwise ? &first->leastwise : &first->relay, result->per_second);
        else
                series_add(leastwise ? &first->leastwise : &first->relay, result->p50 / 1e3);
        if (last != first)
                series_add(leastwise ? &last->leastwise : &last->relay, result->p99 / 1e3);
}

/* Rounds of both chains by turns, and every other time in the other order; the first of each is for warming up. */
static int alternate(const struct bench *b, const struct scenario *s, struct chain *relay, struct chain *leastwise,
        struct outcome *outcomes)
{
        for (unsigned round = 0; round <= b->rounds; round++) {
                for (unsigned turn = 0; turn < 2; turn++) {
                        bool is_leastwise = (turn + round) % 2;
                        struct load_result result;
                        int r = load_run(is_leastwise ? leastwise : relay, &s->load, &result);

                        if (r < 0)
                                return r;
                        if (round > 0)
                                note_result(s, outcomes, is_leastwise, &result);
                }
        }
        return 0;
}

static int measure_against(const struct bench *b, const struct scenario *s, struct outcome *outcomes, bool against_relay)
{
        struct command command = s->command;
        struct chain relay, leastwise;
        int r;

        command.secrets = false;
        r = scenario_start_chain(b, &relay, !against_relay, &command);
        if (r < 0)
                return r;
        r = scenario_start_chain(b, &leastwise, true, &s->command);
        if (r < 0) {
                (void)chain_stop(&relay);
                return r;
        }
        r = chain_handshake(&relay);
        if (r == 0)
                r = chain_handshake(&leastwise);
        if (r == 0)
                r = alternate(b, s, &relay, &leastwise, outcomes);
        (void)chain_stop(&relay);
        (void)chain_stop(&leastwise);
        return r;
}

static int measure_load(const struct bench *b, const struct scenario *s, struct outcome *outcomes)
{
        return measure_against(b, s, outcomes, true);
}

/* In the relay's place: leastwise without credentials. */
static int measure_secrets(const struct bench *b, const struct scenario *s, struct outcome *outcomes)
{
        return measure_against(b, s, outcomes, false);
}

/* From before the proxy is started until the tools are known: what a person waits for. */
static int start_once(const struct bench *b, const struct scenario *s, bool is_leastwise, double *ret_ms)
{
        struct load_result result;
        struct chain c;
        uint64_t start = now_ns();
        int r = scenario_start_chain(b, &c, is_leastwise, &s->command);

        if (r < 0)
                return r;
        r = chain_handshake(&c);
        if (r == 0)
                r = load_run(&c, &s->load, &result);
        *ret_ms = (double)(now_ns() - start) / 1e6;
        (void)chain_stop(&c);
        return r;
}

static int measure_start(const struct bench *b, const struct scenario *s, struct outcome *outcomes)
{
        struct outcome *o = &outcomes[s->first];

        for (unsigned round = 0; round <= b->rounds; round++) {
                for (unsigned turn = 0; turn < 2; turn++) {
                        bool is_leastwise = (turn + round) % 2;
                        double ms;
                        int r = start_once(b, s, is_leastwise, &ms);

                        if (r < 0)
                                return r;
                        if (round > 0)
                                series_add(is_leastwise ? &o->leastwise : &o->relay, ms);
                }
        }
        return 0;
}

#define SIXTY { { NULL }, "60", "30", false }
#define SECRETS { { NULL }, "60", "30", true }
#define THOUSAND { { NULL }, "1000", "500", false }
#define THOUSAND_OPEN { { NULL }, "1000", "0", false }

const struct scenario scenarios[] = {
        { "calls", measure_load, FIGURE_CALL_P50, FIGURE_CALL_P99, SIXTY, { LOAD_CALLS, 2000 } },
        { "secrets", measure_secrets, FIGURE_SECRETS, FIGURE_SECRETS, SECRETS, { LOAD_CALLS, 2000 } },
        { "pipelined", measure_load, FIGURE_PIPELINED, FIGURE_PIPELINED, SIXTY, { LOAD_PIPELINED, 10000 } },
        { "refused", measure_load, FIGURE_REFUSED, FIGURE_REFUSED, SIXTY, { LOAD_REFUSED, 1000 } },
        { "start", measure_start, FIGURE_START, FIGURE_START, SIXTY, { LOAD_LIST, 1 } },
        { "list-60", measure_load, FIGURE_LIST_60, FIGURE_LIST_60, SIXTY, { LOAD_LIST, 200 } },
        { "list-1000", measure_load, FIGURE_LIST_1000, FIGURE_LIST_1000, THOUSAND, { LOAD_LIST, 15 } },
        { "list-1000-open", measure_load, FIGURE_LIST_1000_OPEN, FIGURE_LIST_1000_OPEN, THOUSAND_OPEN,
                { LOAD_LIST, 15 } },
        { "result-1m", measure_load, FIGURE_RESULT_1M, FIGURE_RESULT_1M, SIXTY, { LOAD_BLOB, 15, MIB } },
        { "result-10m", measure_load, FIGURE_RESULT_10M, FIGURE_RESULT_10M, SIXTY, { LOAD_BLOB, 5, TEN_MIB_LINE } },
        { "argument-1m", measure_load, FIGURE_ARGUMENT_1M, FIGURE_ARGUMENT_1M, SIXTY, { LOAD_ARGUMENT, 15, MIB } },
        { "memory-calls", count_memory_of_calls, FIGURE_MEMORY_CALLS, FIGURE_MEMORY_CALLS, SIXTY,
                { LOAD_PIPELINED, 100000 } },
        { "memory-peak", count_memory_peak, FIGURE_MEMORY_PEAK, FIGURE_MEMORY_PEAK, SIXTY,
                { LOAD_BLOB, 3, TEN_MIB_LINE } },
        { "allocations", count_allocations, FIGURE_ALLOCATIONS, FIGURE_ALLOCATIONS, SIXTY, { LOAD_CALLS } },
        { "syscalls", count_syscalls, FIGURE_SYSCALLS, FIGURE_SYSCALLS, SIXTY, { LOAD_CALLS } },
};

const size_t scenarios_count = sizeof(scenarios) / sizeof(scenarios[0]);

int scenario_measure(const struct bench *b, const struct scenario *s, struct outcome *outcomes)
{
        for (unsigned f = s->first; f <= s->last; f++)
                outcomes[f] = (struct outcome){ .attempts = outcomes[f].attempts + 1 };
        return s->measure(b, s, outcomes);
}
