/* SPDX-License-Identifier: Apache-2.0
 *
 * How fast text without a secret passes: the cost that every line pays.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "random.h"
#include "redact.h"

#define TEXT_BYTES (10U << 20)
#define ROUNDS 9

static double seconds(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return x < y ? -1 : x > y;
}

static void measure(const char *what, const struct redactor *r, struct str text)
{
        double times[ROUNDS];

        for (int i = 0; i < ROUNDS; i++) {
                double begin = seconds();

                if (redactor_finds(r, text))
                        abort();
                times[i] = seconds() - begin;
        }
        qsort(times, ROUNDS, sizeof(times[0]), by_value);
        printf("%-44s %6.2f GB/s\n", what, (double)text.len / times[ROUNDS / 2] / 1e9);
}

int main(void)
{
        static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        static const struct {
                size_t secrets, length;
        } rows[] = { { 1, 40 }, { 10, 40 }, { 1, 16 }, { 10, 16 }, { 1, 8 }, { 10, 8 } };
        static const char sentence[] = "{\"type\":\"text\",\"text\":\"The file was read; line 1204 of it says: if (x < 0) return -1;\"},";
        char *base64 = malloc(TEXT_BYTES), *prose = malloc(TEXT_BYTES);
        uint64_t seed = 3;

        if (!base64 || !prose)
                return 1;
        for (size_t i = 0; i < TEXT_BYTES; i++) {
                base64[i] = letters[random_below(&seed, 64)];
                prose[i] = sentence[i % (sizeof(sentence) - 1)];
        }
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct redact_secret secrets[16];
                char space[16][40], what[64];
                struct redactor *r;

                for (size_t k = 0; k < rows[i].secrets; k++) {
                        for (size_t c = 0; c < rows[i].length; c++)
                                space[k][c] = letters[random_below(&seed, 64)];
                        secrets[k] = (struct redact_secret){ STR("S"), str_of(space[k], rows[i].length) };
                }
                if (redactor_new(&r, secrets, rows[i].secrets) < 0)
                        return 1;
                snprintf(what, sizeof(what), "%2zu secrets of %2zu bytes, 10 MiB of base64", rows[i].secrets, rows[i].length);
                measure(what, r, str_of(base64, TEXT_BYTES));
                snprintf(what, sizeof(what), "%2zu secrets of %2zu bytes, 10 MiB of JSON", rows[i].secrets, rows[i].length);
                measure(what, r, str_of(prose, TEXT_BYTES));
                redactor_free(r);
        }
        free(base64);
        free(prose);
        return 0;
}
