/* SPDX-License-Identifier: Apache-2.0
 *
 * What calls that wait for a person cost the others: 1,000 of them on 32 cards, all with progress tokens, while 10,000 other calls and their
 * answers pass over 15 seconds of the session's time. Rounds with and without alternate; the figure is the median of their p99.
 *
 * usage: bench_held [--strict]
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "driver.h"
#include "now.h"

#define ROUNDS 15U
#define CALLS 10000U
#define HELD 1000U
#define MOST_RATIO 1.2

static size_t in_use;

static void *resize(void *userdata, void *ptr, size_t size)
{
        const size_t before = ptr ? malloc_usable_size(ptr) : 0;
        void *bigger = realloc(ptr, size);

        (void)userdata;
        if (bigger)
                in_use += malloc_usable_size(bigger) - before;
        return bigger;
}

static void release(void *userdata, void *ptr)
{
        (void)userdata;
        in_use -= ptr ? malloc_usable_size(ptr) : 0;
        free(ptr);
}

static const struct allocator counting = { resize, release, NULL };

static const char policy_text[] = "leastwise: 1\nname: p\npurpose: p\n"
                                  "tools:\n"
                                  "  allow: [\"get_*\", { tool: list_issues, when: { owner: acme, perPage: { at_most: 100 } }, free: [repo] }]\n"
                                  "  approve: [{ tool: write_file, hold: 10m, say: \"Write {path}: {text}\" }]\n"
                                  "approval: { expires: 1h }\n";
static const struct str argv[] = { STR_INIT("server") };
static const struct session_asking asking = { .session = STR_INIT("01TESTTESTTESTTESTTESTTEST"), .argv = argv, .argc = 1, .server = STR_INIT("server") };

static void feed(struct driver *d, enum side side, const char *line)
{
        driver_feed(d, side, str_from(line));
}

static void hold_calls(struct driver *d)
{
        char line[1024];

        for (unsigned i = 0; i < HELD; i++) {
                snprintf(line, sizeof(line),
                        "{\"jsonrpc\":\"2.0\",\"id\":\"h%u\",\"method\":\"tools/call\",\"params\":{\"name\":\"write_file\",\"arguments\":{\"path\":\"/srv/%u\","
                        "\"text\":\"Some text that is to be written to the file, as long as a line may be.\"},\"_meta\":{\"progressToken\":%u}}}\n",
                        i, i % LIMIT_OPEN_CARDS, i);
                feed(d, SIDE_CLIENT, line);
        }
}

static int compare(const void *a, const void *b)
{
        const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

        return x < y ? -1 : x > y;
}

static size_t count_cards(struct driver *d)
{
        size_t count = 0, at = 0;

        while (session_card(d->session, &at))
                count++;
        return count;
}

/* p99 in nanoseconds of one call and its answer, with whatever time brings about before it. */
static uint64_t run(struct policy_set *policy, bool held, size_t *ret_memory)
{
        static uint64_t took[CALLS];
        struct driver d;
        size_t before;

        driver_start_asking(&d, policy, NULL, false, NULL, held ? &asking : NULL);
        before = in_use;
        if (held)
                hold_calls(&d);
        if (held && count_cards(&d) != LIMIT_OPEN_CARDS) {
                fprintf(stderr, "the calls are not held\n");
                exit(1);
        }
        /* What the driver has collected is none of the session's. */
        *ret_memory = in_use - before - d.to[SIDE_CLIENT].cap - d.to[SIDE_SERVER].cap - d.records.cap;
        for (unsigned i = 0; i < CALLS; i++) {
                char call[512], answer[512];
                uint64_t start;

                snprintf(call, sizeof(call),
                        "{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":\"tools/call\",\"params\":{\"name\":\"list_issues\",\"arguments\":{\"owner\":\"acme\",\"repo\":"
                        "\"web\",\"perPage\":50}}}\n",
                        i);
                snprintf(answer, sizeof(answer), "{\"jsonrpc\":\"2.0\",\"id\":%u,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"an answer\"}]}}\n", i);
                for (int side = 0; side < SIDE_MAX_; side++)
                        buf_clear(&d.to[side], SIZE_MAX);
                buf_clear(&d.records, SIZE_MAX);
                start = now_ns();
                if (i % 2)
                        driver_wait(&d, 3);
                feed(&d, SIDE_CLIENT, call);
                feed(&d, SIDE_SERVER, answer);
                took[i] = now_ns() - start;
        }
        driver_stop(&d);
        qsort(took, CALLS, sizeof(took[0]), compare);
        return took[CALLS - CALLS / 100];
}

int main(int argc, char **argv_)
{
        const bool strict = argc > 1 && strcmp(argv_[1], "--strict") == 0;
        uint64_t with[ROUNDS], without[ROUNDS];
        struct policy_set *policy;
        size_t memory = 0, none;
        double ratio;

        mem_set_allocator(&counting);
        policy = driver_policy(str_from(policy_text));
        run(policy, true, &memory);
        for (unsigned i = 0; i < ROUNDS; i++) {
                without[i] = run(policy, false, &none);
                with[i] = run(policy, true, &memory);
        }
        policy_set_unref(policy);
        qsort(with, ROUNDS, sizeof(with[0]), compare);
        qsort(without, ROUNDS, sizeof(without[0]), compare);
        ratio = (double)with[ROUNDS / 2] / (double)without[ROUNDS / 2];
        printf("p99 of 10,000 calls: %.1f us with 1,000 calls held on 32 cards, %.1f us without: %.2f times (must be %.1f)\n",
                (double)with[ROUNDS / 2] / 1000, (double)without[ROUNDS / 2] / 1000, ratio, MOST_RATIO);
        printf("memory of 1,000 held calls and 32 cards: %zu KiB\n", memory / 1024);
        return strict && ratio > MOST_RATIO;
}
