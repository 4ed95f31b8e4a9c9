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

        /* Of the processor: others at work on the machine do not count. */
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
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
        printf("%-54s %6.2f GB/s\n", what, (double)text.len / times[ROUNDS / 2] / 1e9);
}

#define KINDS 6

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Three bytes as four characters. */
static void put_base64(char *out, const char *bytes)
{
        const unsigned char *b = (const unsigned char *)bytes;

        out[0] = letters[b[0] >> 2];
        out[1] = letters[(b[0] & 3) << 4 | b[1] >> 4];
        out[2] = letters[(b[1] & 15) << 2 | b[2] >> 6];
        out[3] = letters[b[2] & 63];
}

static void make_texts(char *texts[KINDS])
{
        static const char sentence[] = "{\"type\":\"text\",\"text\":\"The file was read; line 1204 of it says: if (x < 0) return -1;\"},";
        static const char source[] = "static int relay(struct side *s)\n{\n        if (s->count % 2 && s->open)\n                return 0;\n}\n\n";
        uint64_t seed = 3;

        for (size_t i = 0; i < TEXT_BYTES; i++) {
                texts[0][i] = letters[random_below(&seed, 64)];
                texts[1][i] = sentence[i % (sizeof(sentence) - 1)];
                texts[2][i] = i % 77 == 76 ? '\n' : letters[random_below(&seed, 64)];
                texts[3][i] = "0123456789abcdef"[random_below(&seed, 16)];
        }
        for (size_t i = 0; i + 4 <= TEXT_BYTES; i += 4) {
                char three[3], more[3];

                for (size_t k = 0; k < 3; k++) {
                        three[k] = sentence[(i / 4 * 3 + k) % (sizeof(sentence) - 1)];
                        more[k] = source[(i / 4 * 3 + k) % (sizeof(source) - 1)];
                }
                put_base64(texts[4] + i, three);
                put_base64(texts[5] + i, more);
        }
}

int main(void)
{
        static const struct {
                size_t secrets, length;
        } rows[] = { { 1, 40 }, { 10, 40 }, { 1, 16 }, { 10, 16 }, { 1, 8 }, { 10, 8 } };
        static const char *const kinds[KINDS] = { "base64", "JSON", "base64 in lines", "hex", "base64 of JSON", "base64 of source" };
        char *texts[KINDS];
        uint64_t seed = 4;

        for (size_t k = 0; k < KINDS; k++) {
                texts[k] = malloc(TEXT_BYTES);
                if (!texts[k])
                        return 1;
        }
        make_texts(texts);
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct redact_secret secrets[16];
                char space[16][40], what[80];
                struct redactor *r;

                for (size_t k = 0; k < rows[i].secrets; k++) {
                        for (size_t c = 0; c < rows[i].length; c++)
                                space[k][c] = letters[random_below(&seed, 64)];
                        secrets[k] = (struct redact_secret){ STR("S"), str_of(space[k], rows[i].length) };
                }
                if (redactor_new(&r, secrets, rows[i].secrets) < 0)
                        return 1;
                for (size_t k = 0; k < KINDS; k++) {
                        snprintf(what, sizeof(what), "%2zu secrets of %2zu bytes, 10 MiB of %s", rows[i].secrets, rows[i].length, kinds[k]);
                        measure(what, r, str_of(texts[k], TEXT_BYTES));
                }
                redactor_free(r);
        }
        for (size_t k = 0; k < KINDS; k++)
                free(texts[k]);
        return 0;
}
