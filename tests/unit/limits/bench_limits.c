/* SPDX-License-Identifier: Apache-2.0
 *
 * What a reservation in a file costs: one window, and three at once. In time of the processor, so that whatever else
 * the machine does is not counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "limits_file.h"

static double now_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void measure(struct limit_store *store, size_t count, int times)
{
        struct buf problem = BUF_INIT(10000);
        double began = now_us();

        for (int i = 0; i < times; i++) {
                struct limit_use uses[3];
                size_t at;

                for (size_t j = 0; j < count; j++)
                        uses[j] = (struct limit_use){ .state = j == 0   ? STR("a.0000000000000000")
                                                               : j == 1 ? STR("b.0000000000000000")
                                                                        : STR("c.0000000000000000"),
                                .span_ms = 3600000,
                                .most = amount_of(1U << 30),
                                .add = amount_of(1) };
                if (store->reserve(store->userdata, uses, count, 1750000000000ULL + (uint64_t)i, &at, &problem) != LIMIT_STORE_RESERVED)
                        exit(1);
        }
        printf("%zu window(s): %.1f us a reservation\n", count, (now_us() - began) / times);
        buf_deinit(&problem);
}

int main(void)
{
        char dir[] = "/tmp/leastwise-bench-XXXXXX", state[64], command[96];
        struct limit_files *files = NULL;
        struct limit_store store;

        if (!mkdtemp(dir))
                return 1;
        snprintf(state, sizeof(state), "%s/leastwise", dir);
        if (limit_files_new(&files, state, false) < 0)
                return 1;
        store = limit_files_store(files);
        measure(&store, 1, 100);
        measure(&store, 1, 100000);
        measure(&store, 3, 30000);
        limit_files_free(files);
        snprintf(command, sizeof(command), "rm -r %s", dir);
        return system(command) != 0;
}
