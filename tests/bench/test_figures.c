/* SPDX-License-Identifier: Apache-2.0
 *
 * The benchmark's own arithmetic: a yardstick that bends would let any figure pass.
 */
#include <criterion/criterion.h>
#include <math.h>

#include "figures.h"

static void fill(struct series *s, double middle, double spread)
{
        s->count = 0;
        for (int i = -10; i <= 10; i++)
                series_add(s, middle + spread * i / 10);
}

Test(series, quantiles_interpolate)
{
        double values[] = { 4, 1, 3, 2 };

        cr_expect(fabs(series_quantile(values, 4, 0.5) - 2.5) < 1e-9);
        cr_expect(fabs(series_quantile(values, 4, 0.99) - 3.97) < 1e-9);
        cr_expect(fabs(series_quantile(values, 4, 1) - 4) < 1e-9);
        cr_expect(fabs(series_quantile(values, 1, 0.5) - 1) < 1e-9);
        cr_expect(fabs(series_quantile(values, 0, 0.5)) < 1e-9);
}

Test(series, spread_and_error_follow_the_rounds)
{
        struct series s;

        fill(&s, 10, 2);
        cr_expect(fabs(series_median(&s) - 10) < 1e-9);
        cr_expect(fabs(series_spread(&s) - 0.1) < 1e-9, "%f", series_spread(&s));
        cr_expect(series_error(&s) > 0.05 && series_error(&s) < 0.15, "%f", series_error(&s));
        fill(&s, 10, 0);
        cr_expect(series_error(&s) < 1e-9);
}

Test(series, holds_no_more_than_it_has_room_for)
{
        struct series s = { 0 };

        for (unsigned i = 0; i <= SERIES_MAX; i++)
                series_add(&s, 1);
        cr_expect_eq(s.count, SERIES_MAX);
}

/* Numbers that are exact in binary: the rows stand at the border itself. */
#define RATIO { .compare = COMPARE_RATIO_AT_MOST, .must = 1.5, .aim = 1.25 }
#define RATE { .compare = COMPARE_RATIO_AT_LEAST, .must = 0.25, .aim = 0.5 }
#define DIFFERENCE { .compare = COMPARE_DIFFERENCE_AT_MOST, .must = 1.5, .aim = 0.75 }
#define COUNT { .compare = COMPARE_VALUE_AT_MOST, .must = 0, .aim = 0 }
#define MESSAGES { .compare = COMPARE_VALUE_AT_MOST, .must = 3, .aim = 2, .scale = 10 }

Test(figures, verdicts)
{
        static const struct {
                const char *name;
                struct figure figure;
                double relay, leastwise, spread;
                enum outcome_verdict expected;
        } rows[] = {
                { "ratio at its aim", RATIO, 8, 10, 0, OUTCOME_AIM },
                { "ratio past its aim", RATIO, 8, 10.1, 0, OUTCOME_MUST },
                { "ratio at its must", RATIO, 8, 12, 0, OUTCOME_MUST },
                { "ratio past its must", RATIO, 8, 12.1, 0, OUTCOME_MISSED },
                { "ratio past it within noise", RATIO, 8, 12.1, 1, OUTCOME_NOISE },
                { "ratio far past it with noise", RATIO, 8, 16, 1, OUTCOME_MISSED },
                { "rate high enough", RATE, 100, 50, 0, OUTCOME_AIM },
                { "rate between", RATE, 100, 30, 0, OUTCOME_MUST },
                { "rate too low", RATE, 100, 24, 0, OUTCOME_MISSED },
                { "difference between", DIFFERENCE, 2, 3, 0, OUTCOME_MUST },
                { "difference too large", DIFFERENCE, 2, 4, 0, OUTCOME_MISSED },
                { "count of none", COUNT, 0, 0.004, 0, OUTCOME_AIM },
                { "count of one", COUNT, 0, 1, 0, OUTCOME_MISSED },
                { "scaled", MESSAGES, 1, 25, 0, OUTCOME_MUST },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct outcome o = { 0 };

                fill(&o.relay, rows[i].relay, rows[i].spread);
                fill(&o.leastwise, rows[i].leastwise, rows[i].spread);
                cr_expect_eq(outcome_judge(&rows[i].figure, &o), rows[i].expected, "row %s: %s", rows[i].name,
                        outcome_verdict_text(outcome_judge(&rows[i].figure, &o)));
        }
}

Test(figures, without_rounds_nothing_is_met)
{
        struct outcome o = { 0 };

        for (size_t i = 0; i < FIGURE_MAX_; i++)
                cr_expect_eq(outcome_judge(&figures[i], &o), OUTCOME_NOT_MEASURED, "row %s", figures[i].name);
}

Test(figures, every_row_is_complete)
{
        for (size_t i = 0; i < FIGURE_MAX_; i++) {
                cr_assert_not_null(figures[i].name, "row %zu", i);
                if (figures[i].compare == COMPARE_RATIO_AT_LEAST)
                        cr_expect_geq(figures[i].aim, figures[i].must, "row %s", figures[i].name);
                else
                        cr_expect_leq(figures[i].aim, figures[i].must, "row %s", figures[i].name);
        }
}
