/* SPDX-License-Identifier: Apache-2.0
 *
 * The figures that the project promises, and what was measured for each. A scenario measures one or more figures;
 * the table in figures.c says which, and what they must and should be.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "series.h"

enum compare {
        COMPARE_RATIO_AT_MOST,      /* leastwise / relay */
        COMPARE_RATIO_AT_LEAST,     /* leastwise / relay */
        COMPARE_DIFFERENCE_AT_MOST, /* leastwise - relay */
        COMPARE_VALUE_AT_MOST,      /* leastwise / scale */
};

enum figure_id {
        FIGURE_CALL_P50,
        FIGURE_CALL_P99,
        FIGURE_SECRETS,
        FIGURE_PIPELINED,
        FIGURE_REFUSED,
        FIGURE_START,
        FIGURE_LIST_60,
        FIGURE_LIST_1000,
        FIGURE_LIST_1000_OPEN,
        FIGURE_RESULT_1M,
        FIGURE_RESULT_10M,
        FIGURE_ARGUMENT_1M,
        FIGURE_MEMORY_CALLS,
        FIGURE_MEMORY_PEAK,
        FIGURE_ALLOCATIONS,
        FIGURE_SYSCALLS,
        FIGURE_MAX_,
};

struct figure {
        const char *name; /* stable, for the JSON */
        const char *title;
        const char *unit; /* of what was measured */
        enum compare compare;
        double must, aim;
        double scale; /* VALUE_AT_MOST: the value is counted in these; 0 means 1 */
        const char *scale_unit;
};

extern const struct figure figures[FIGURE_MAX_];

/* What a figure's rounds gave. Without rounds @note says why it could not be measured. */
struct outcome {
        struct series relay, leastwise;
        char note[160];
        unsigned attempts;
};

enum outcome_verdict {
        OUTCOME_NOT_MEASURED,
        OUTCOME_AIM,    /* as good as it should be */
        OUTCOME_MUST,   /* as good as it must be */
        OUTCOME_NOISE,  /* missed by less than the noise of this run */
        OUTCOME_MISSED,
};

double outcome_value(const struct figure *f, const struct outcome *o);
enum outcome_verdict outcome_judge(const struct figure *f, const struct outcome *o);
const char *outcome_verdict_text(enum outcome_verdict verdict);
