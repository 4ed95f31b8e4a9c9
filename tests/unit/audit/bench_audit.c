/* SPDX-License-Identifier: Apache-2.0
 *
 * What the record of a decision costs, without writing it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "audit.h"

#define RECORDS 100000
#define ROUNDS 7

static double seconds(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void measure(const char *what, size_t arguments, unsigned records)
{
        struct audit_config config = { .session = STR("01JD4RXZ7Q8WYTCAVK2M3N5P6R") };
        struct audit_event event = { AUDIT_DECISION, AUDIT_FROM_CLIENT, 1763639082123, STR("tools/call"), STR("12345"),
                STR("tool"), STR("read_text_file"), STR("allow"), STR("rule"), .policy = STR("demo"),
                .rule = STR("tools.allow[3]"), .rule_file = STR("/home/user/.config/leastwise/demo.yaml"),
                .rule_line = 12, .rule_column = 7, .has_arguments = true, .bytes = 200 };
        char *text = calloc(1, arguments + 1);
        struct audit_log *log = NULL;
        double best = 1e9;
        uint64_t seq;

        if (!text || audit_log_new(&log, &config) < 0)
                abort();
        event.arguments = str_of(text, arguments);
        for (int round = 0; round < ROUNDS; round++) {
                double begin = seconds(), took;

                for (unsigned i = 0; i < records; i++) {
                        event.time_ms++;
                        if (audit_log_add(log, &event, &seq) < 0)
                                abort();
                        audit_log_written(log);
                }
                took = (seconds() - begin) / records;
                if (took < best)
                        best = took;
        }
        printf("%-40s %10.3f us\n", what, best * 1e6);
        audit_log_free(log);
        free(text);
}

int main(void)
{
        measure("decision, 100 bytes of arguments", 100, RECORDS);
        measure("decision, 1 KiB of arguments", 1024, RECORDS / 4);
        measure("decision, 64 KiB of arguments", 65536, RECORDS / 200);
        measure("decision, 1 MiB of arguments", 1U << 20, RECORDS / 1000);
        return 0;
}
