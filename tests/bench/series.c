/* SPDX-License-Identifier: Apache-2.0 */
#include "series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
        const double *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

void series_add(struct series *s, double value)
{
        if (s->count < SERIES_MAX)
                s->values[s->count++] = value;
}

double series_quantile(double *values, size_t count, double q)
{
        double at = q * (double)(count - 1);
        size_t low = (size_t)at;

        if (count == 0)
                return 0;
        qsort(values, count, sizeof(*values), compare);
        if (low + 1 >= count)
                return values[count - 1];
        return values[low] + (values[low + 1] - values[low]) * (at - (double)low);
}

static double quantile_of(const struct series *s, double q)
{
        struct series copy = *s;

        return series_quantile(copy.values, copy.count, q);
}

double series_median(const struct series *s)
{
        return quantile_of(s, 0.5);
}

double series_spread(const struct series *s)
{
        double median = series_median(s);

        return median > 0 ? (quantile_of(s, 0.75) - quantile_of(s, 0.25)) / 2 / median : 0;
}

double series_error(const struct series *s)
{
        /* Of a normal distribution the standard deviation is (p75 - p25) / 1.349, and the median's standard error is
         * 1.2533 of the mean's. */
        return s->count > 0 ? 2 * 1.2533 * 2 * series_spread(s) / 1.349 / sqrt((double)s->count) : 0;
}
