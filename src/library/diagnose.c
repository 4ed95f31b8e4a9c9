/* SPDX-License-Identifier: Apache-2.0 */
#include "diagnose.h"

#include "codes.h"
#include "policy_limits.h"
#include "policy_results.h"

static const char help[] = "the program must say that it sees to this itself; `leastwise run` does";

static void refuse_limits(const struct policy_set *set, struct diagnostics *diags)
{
        const size_t count = policy_set_limit_count(set);

        for (size_t i = 0; i < count; i++) {
                const struct policy_limit *limit = policy_set_limit(set, i);
                const struct diagnostic_place at = { limit->file, limit->line, limit->column, 1 };

                diagnostics_add(diags, SEVERITY_ERROR, P_NOT_ENFORCED, at, help,
                        "`%.*s` is a limit, and the program that reads this policy does not count calls", STR_FMT(limit->id));
        }
}

static void refuse_pins(const struct policy_set *set, struct diagnostics *diags)
{
        for (size_t i = 0; i < policy_set_count(set); i++) {
                struct policy_pins pins;

                if (!policy_set_pins(set, i, &pins))
                        continue;
                diagnostics_add(diags, SEVERITY_ERROR, P_NOT_ENFORCED,
                        (struct diagnostic_place){ policy_set_path(set, i), pins.line, pins.column, pins.length }, help,
                        "`pins` is set, and the program that reads this policy does not compare tools with a lock");
        }
}

static void refuse_approvers(const struct policy_set *set, struct diagnostics *diags)
{
        for (size_t i = 0; i < policy_set_count(set); i++) {
                struct policy_approvers approvers;

                if (!policy_set_approvers(set, i, &approvers))
                        continue;
                diagnostics_add(diags, SEVERITY_ERROR, P_NOT_ENFORCED,
                        (struct diagnostic_place){ policy_set_path(set, i), approvers.line, approvers.column, 1 }, help,
                        "`approvers` is set, and the program that reads this policy does not verify who approves");
        }
}

/* It is not known of which layer, let alone of which line. */
static void refuse_whole(const struct policy_set *set, struct diagnostics *diags, const char *what)
{
        const struct diagnostic_place at = { .path = policy_set_path(set, 0) };

        diagnostics_add(diags, SEVERITY_ERROR, P_NOT_ENFORCED, at, help, "%s", what);
}

bool diagnose_not_enforced(const struct policy_set *set, uint32_t enforces, struct diagnostics *diags)
{
        const size_t before = diags->errors;

        if (!(enforces & LEASTWISE_ENFORCES_LIMITS))
                refuse_limits(set, diags);
        if (!(enforces & LEASTWISE_ENFORCES_PINS))
                refuse_pins(set, diags);
        if (!(enforces & LEASTWISE_ENFORCES_APPROVERS))
                refuse_approvers(set, diags);
        if (!(enforces & LEASTWISE_ENFORCES_LANES) && policy_set_has_lanes(set))
                refuse_whole(set, diags, "there are `lanes`, and the program that reads this policy starts no servers for them");
        if (!(enforces & LEASTWISE_ENFORCES_RESULTS) && policy_set_filters_results(set))
                refuse_whole(set, diags, "there are `results`, and the program that reads this policy does not change what servers say");
        diagnostics_sort(diags);
        return diags->errors > before;
}

int diagnose_all(const struct diagnostics *diags, leastwise_diagnostic_fn diagnose, void *userdata)
{
        for (size_t i = 0; diagnose && i < diags->count; i++) {
                const struct diagnostic *d = &diags->items[i];
                AUTO_FREE char *source = NULL;
                int r = text_copy(&source, d->path);

                if (r < 0)
                        return r;
                diagnose(&(struct leastwise_diagnostic){ .size = sizeof(struct leastwise_diagnostic),
                                 .severity = d->severity == SEVERITY_ERROR ? LEASTWISE_SEVERITY_ERROR : LEASTWISE_SEVERITY_WARNING,
                                 .code = d->code,
                                 .source = source ? source : "",
                                 .line = d->line,
                                 .column = d->column,
                                 .length = d->length,
                                 .message = d->message,
                                 .help = d->help },
                        userdata);
        }
        return 0;
}
