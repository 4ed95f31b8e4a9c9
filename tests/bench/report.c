/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <errno.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char *const compare_signs[] = {
        [COMPARE_RATIO_AT_MOST] = "x",
        [COMPARE_RATIO_AT_LEAST] = "x",
        [COMPARE_DIFFERENCE_AT_MOST] = "ms more",
        [COMPARE_VALUE_AT_MOST] = "",
};

static const char *const compare_names[] = {
        [COMPARE_RATIO_AT_MOST] = "ratio-at-most",
        [COMPARE_RATIO_AT_LEAST] = "ratio-at-least",
        [COMPARE_DIFFERENCE_AT_MOST] = "difference-at-most",
        [COMPARE_VALUE_AT_MOST] = "value-at-most",
};

static void cell(char *out, size_t size, double value, const char *unit)
{
        int digits = value >= 1000 ? 0 : value >= 100 ? 1 : 2;

        snprintf(out, size, "%.*f%s%s", digits, value, *unit ? " " : "", unit);
}

static const char *value_unit(const struct figure *f)
{
        if (f->compare != COMPARE_VALUE_AT_MOST)
                return compare_signs[f->compare];
        return f->scale_unit ? f->scale_unit : f->unit;
}

static void table_row(FILE *out, const struct figure *f, const struct outcome *o)
{
        enum outcome_verdict verdict = outcome_judge(f, o);
        const char *sign = f->compare == COMPARE_RATIO_AT_LEAST ? ">=" : "<=";
        char relay[32] = "-", leastwise[32] = "-", value[32] = "-", must[32], aim[32], noise[32] = "-";

        if (verdict != OUTCOME_NOT_MEASURED) {
                cell(relay, sizeof(relay), series_median(&o->relay), f->unit);
                cell(leastwise, sizeof(leastwise), series_median(&o->leastwise), f->unit);
                cell(value, sizeof(value), outcome_value(f, o), value_unit(f));
                if (o->relay.count > 1)
                        snprintf(noise, sizeof(noise), "%.1f %%", 100 * series_spread(&o->relay));
        }
        snprintf(must, sizeof(must), "%s %g", sign, f->must);
        snprintf(aim, sizeof(aim), "%s %g", sign, f->aim);
        fprintf(out, "%-37s %15s %15s %14s %7s %8s %8s  %s%s%s\n", f->title, relay, leastwise, value, noise, must, aim,
                outcome_verdict_text(verdict), o->note[0] ? ": " : "", o->note);
}

void report_table(FILE *out, const struct report_facts *facts, const struct outcome *outcomes)
{
        fprintf(out, "medians of %u interleaved rounds, the whole chain pinned to core %u, audit on; %.0f s\n\n",
                facts->rounds, facts->core, facts->seconds);
        fprintf(out, "%-37s %15s %15s %14s %7s %8s %8s  %s\n", "figure", "relay", "leastwise", "compared", "noise",
                "must", "aim", "verdict");
        for (unsigned i = 0; i < FIGURE_MAX_; i++) {
                if (outcomes[i].attempts > 0)
                        table_row(out, &figures[i], &outcomes[i]);
        }
        fputs("\nnoise: half of the relay's rounds lie within this much of their median.\n", out);
}

static void json_row(FILE *out, const struct figure *f, const struct outcome *o, bool first)
{
        enum outcome_verdict verdict = outcome_judge(f, o);

        fprintf(out, "%s\n    {\"figure\":\"%s\",\"title\":\"%s\",\"unit\":\"%s\",", first ? "" : ",", f->name,
                f->title, f->unit);
        fprintf(out, "\"compare\":\"%s\",\"must\":%g,\"aim\":%g,", compare_names[f->compare], f->must, f->aim);
        if (verdict != OUTCOME_NOT_MEASURED)
                fprintf(out,
                        "\"relay\":%.6g,\"leastwise\":%.6g,\"value\":%.6g,\"relay_spread\":%.4f,"
                        "\"leastwise_spread\":%.4f,\"median_error\":%.4f,",
                        series_median(&o->relay), series_median(&o->leastwise), outcome_value(f, o),
                        series_spread(&o->relay), series_spread(&o->leastwise),
                        series_error(&o->relay) + series_error(&o->leastwise));
        fprintf(out, "\"attempts\":%u,\"verdict\":\"%s\",\"note\":\"%s\"}", o->attempts, outcome_verdict_text(verdict),
                o->note);
}

int report_json(const char *path, const struct report_facts *facts, const struct outcome *outcomes)
{
        struct utsname machine = { 0 };
        bool first = true;
        FILE *out = fopen(path, "we");

        if (!out)
                return -errno;
        (void)uname(&machine);
        fprintf(out, "{\n  \"version\":1,\n  \"kernel\":\"%s %s\",\n  \"machine\":\"%s\",\n", machine.sysname,
                machine.release, machine.machine);
        fprintf(out, "  \"cores\":%ld,\n  \"core\":%u,\n  \"rounds\":%u,\n  \"seconds\":%.1f,\n  \"figures\":[",
                sysconf(_SC_NPROCESSORS_ONLN), facts->core, facts->rounds, facts->seconds);
        for (unsigned i = 0; i < FIGURE_MAX_; i++) {
                if (outcomes[i].attempts == 0)
                        continue;
                json_row(out, &figures[i], &outcomes[i], first);
                first = false;
        }
        fputs("\n  ]\n}\n", out);
        return fclose(out) == 0 ? 0 : -errno;
}
