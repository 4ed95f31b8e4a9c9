/* SPDX-License-Identifier: Apache-2.0 */
#include "figures.h"

/* The comparisons, short enough for one row a figure. */
#define RATIO COMPARE_RATIO_AT_MOST
#define RATE COMPARE_RATIO_AT_LEAST
#define MORE COMPARE_DIFFERENCE_AT_MOST
#define VALUE COMPARE_VALUE_AT_MOST

const struct figure figures[FIGURE_MAX_] = {
        [FIGURE_CALL_P50] = { "call_p50", "tools/call, one after the other, p50", "us", RATIO, 1.35, 1.15 },
        [FIGURE_CALL_P99] = { "call_p99", "the same, p99", "us", RATIO, 1.6, 1.3 },
        [FIGURE_SECRETS] = { "secrets_10", "tools/call, 10 secrets against none", "us", RATIO, 1.05, 1.02 },
        [FIGURE_PIPELINED] = { "pipelined_64", "tools/call, 64 on their way", "calls/s", RATE, 0.20, 0.40 },
        [FIGURE_REFUSED] = { "refused", "a denied call, against a relayed one", "us", RATIO, 0.7, 0.5 },
        [FIGURE_START] = { "start", "start to the answer of tools/list", "ms", MORE, 1.5, 0.7 },
        [FIGURE_LIST_60] = { "list_60", "tools/list, 60 tools, 30 hidden", "us", RATIO, 2, 1.3 },
        [FIGURE_LIST_1000] = { "list_1000", "tools/list, 1,000 tools, 500 hidden", "us", RATIO, 3, 2 },
        [FIGURE_LIST_1000_OPEN] = { "list_1000_open", "tools/list, 1,000 tools, none hidden", "us", RATIO, 3, 2 },
        [FIGURE_RESULT_1M] = { "result_1m", "a result of 1 MiB", "us", RATIO, 1.6, 1.15 },
        [FIGURE_RESULT_10M] = { "result_10m", "a result of 10 MiB", "us", RATIO, 1.6, 1.15 },
        [FIGURE_ARGUMENT_1M] = { "argument_1m", "an argument of 1 MiB", "us", RATIO, 2, 1.3 },
        [FIGURE_MEMORY_CALLS] = { "memory_calls", "resident after 100,000 small calls", "MiB", VALUE, 5, 3 },
        [FIGURE_MEMORY_PEAK] = { "memory_peak", "peak with 10 MiB messages", "MiB", VALUE, 3, 2, 10, "messages" },
        [FIGURE_ALLOCATIONS] = { "allocations", "allocations a small call", "", VALUE, 0, 0 },
        [FIGURE_SYSCALLS] = { "syscalls", "system calls a round trip", "", VALUE, 10, 7 },
};

/* A count that a timer of the proxy's now and then adds to is not zero to the last digit. */
#define COUNT_TOLERANCE 0.01

double outcome_value(const struct figure *f, const struct outcome *o)
{
        double relay = series_median(&o->relay), leastwise = series_median(&o->leastwise);

        switch (f->compare) {
        case COMPARE_RATIO_AT_MOST:
        case COMPARE_RATIO_AT_LEAST:
                return relay > 0 ? leastwise / relay : 0;
        case COMPARE_DIFFERENCE_AT_MOST:
                return leastwise - relay;
        case COMPARE_VALUE_AT_MOST:
                return f->scale > 0 ? leastwise / f->scale : leastwise;
        }
        return 0;
}

/* In the unit of outcome_value(). */
static double noise_of(const struct figure *f, const struct outcome *o)
{
        double error = series_error(&o->relay) + series_error(&o->leastwise);

        switch (f->compare) {
        case COMPARE_RATIO_AT_MOST:
        case COMPARE_RATIO_AT_LEAST:
                return outcome_value(f, o) * error;
        case COMPARE_DIFFERENCE_AT_MOST:
                return error * series_median(&o->leastwise);
        case COMPARE_VALUE_AT_MOST:
                break;
        }
        return 0;
}

enum outcome_verdict outcome_judge(const struct figure *f, const struct outcome *o)
{
        double value = outcome_value(f, o), noise = noise_of(f, o);
        double tolerance = f->compare == COMPARE_VALUE_AT_MOST ? COUNT_TOLERANCE : 0;

        if (o->relay.count == 0 || o->leastwise.count == 0)
                return OUTCOME_NOT_MEASURED;
        if (f->compare == COMPARE_RATIO_AT_LEAST) {
                if (value >= f->must)
                        return value >= f->aim ? OUTCOME_AIM : OUTCOME_MUST;
                return value + noise >= f->must ? OUTCOME_NOISE : OUTCOME_MISSED;
        }
        if (value <= f->must + tolerance)
                return value <= f->aim + tolerance ? OUTCOME_AIM : OUTCOME_MUST;
        return value - noise <= f->must ? OUTCOME_NOISE : OUTCOME_MISSED;
}

const char *outcome_verdict_text(enum outcome_verdict verdict)
{
        switch (verdict) {
        case OUTCOME_NOT_MEASURED:
                return "not measured";
        case OUTCOME_AIM:
                return "aim met";
        case OUTCOME_MUST:
                return "must met";
        case OUTCOME_NOISE:
                return "missed within noise";
        case OUTCOME_MISSED:
                return "MISSED";
        }
        return "";
}
