/* SPDX-License-Identifier: Apache-2.0
 *
 * One value a round, and what the rounds say together.
 */
#pragma once

#include <stddef.h>

#define SERIES_MAX 64U

struct series {
        double values[SERIES_MAX];
        size_t count;
};

void series_add(struct series *s, double value); /* past SERIES_MAX nothing is added */

/* @q in 0..1; sorts @values. 0 when there are none. */
double series_quantile(double *values, size_t count, double q);

double series_median(const struct series *s);

/* Half of the rounds lie within this fraction of the median, up or down: (p75 - p25) / 2 / p50. */
double series_spread(const struct series *s);

/* Two standard errors of the median, as a fraction of it: how far another run of as many rounds may well end up. */
double series_error(const struct series *s);
