/* SPDX-License-Identifier: Apache-2.0
 *
 * How fast the reader and the writer are, as a table. `meson test --benchmark json`.
 */
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "json.h"
#include "limit.h"

#define ROUNDS 7
#define BIG (10U << 20)

static const char call[] =
        "{\"jsonrpc\":\"2.0\",\"id\":12345,\"method\":\"tools/call\",\"params\":{\"name\":\"search_code\",\"arguments\":"
        "{\"query\":\"static inline bool json_type_is in:file language:c\",\"owner\":\"leastwise\",\"repo\":\"proxy\","
        "\"page\":1,\"perPage\":30,\"order\":\"desc\",\"filters\":[\"open\",\"merged\"]},\"_meta\":{\"progressToken\":12345}}}";

static double now_ns(void)
{
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* Repeats @unit, whose %u counts up, between @open and @close until the text is @size long. */
static struct buf repeat(const char *open, const char *unit, const char *close, size_t size)
{
        struct buf b = BUF_INIT(2 * BIG);

        buf_printf(&b, "%s", open);
        for (unsigned n = 0; b.len < size; n++) {
                char piece[512];
                int len = 0;

                for (const char *p = unit; *p; p++) {
                        if (*p == '#')
                                len += snprintf(piece + len, sizeof(piece) - (size_t)len, "%u", n % 10000);
                        else
                                piece[len++] = *p;
                }
                if (n)
                        buf_append_char(&b, ',');
                buf_append(&b, piece, (size_t)len);
        }
        buf_printf(&b, "%s", close);
        return b;
}

static struct buf long_string(char fill, size_t size)
{
        struct buf b = BUF_INIT(2 * BIG);

        buf_append_char(&b, '"');
        buf_reserve(&b, size + 1);
        memset(b.data + b.len, fill, size);
        b.len += size;
        buf_append_char(&b, '"');
        return b;
}

/* Objects of as many members as one may have, their names at their longest for the text's size. */
static struct buf full_objects(bool escaped)
{
        struct buf b = BUF_INIT(2 * BIG);

        buf_append_char(&b, '[');
        while (b.len < BIG - 400000) {
                buf_append_str(&b, b.len > 1 ? STR(",{") : STR("{"));
                for (unsigned i = 0; i < LIMIT_JSON_MEMBERS; i++)
                        buf_printf(&b, "%s\"%sname%05u\":0", i ? "," : "", escaped ? "\\u0041" : "A", i);
                buf_append_char(&b, '}');
        }
        buf_append_char(&b, ']');
        return b;
}

static struct buf deep(void)
{
        struct buf b = BUF_INIT(2 * BIG);

        buf_append_char(&b, '[');
        while (b.len < BIG / 2) {
                if (b.len > 1)
                        buf_append_char(&b, ',');
                for (unsigned i = 0; i < LIMIT_JSON_DEPTH - 1; i++)
                        buf_append_str(&b, STR("{\"a\":"));
                buf_append_char(&b, '0');
                for (unsigned i = 0; i < LIMIT_JSON_DEPTH - 1; i++)
                        buf_append_char(&b, '}');
        }
        buf_append_char(&b, ']');
        return b;
}

static int compare(const void *a, const void *b)
{
        const double *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

/* Median time of one read, and of one writing of what was read (from token to token, not copied). */
static void measure(const char *name, struct str text, unsigned repeats)
{
        static const uint64_t seed[2] = { 1, 2 };
        double read[ROUNDS], written[ROUNDS];
        struct buf out = BUF_INIT(SIZE_MAX);
        struct json_doc doc;
        enum json_error error = JSON_OK;

        json_doc_init(&doc, seed);
        for (unsigned round = 0; round < ROUNDS; round++) {
                double start = now_ns();

                for (unsigned i = 0; i < repeats; i++)
                        error |= json_read(&doc, text);
                read[round] = (now_ns() - start) / repeats;
                doc.canonical = false;
                start = now_ns();
                for (unsigned i = 0; i < repeats; i++) {
                        buf_clear(&out, SIZE_MAX);
                        json_write(&out, &doc, 0);
                }
                written[round] = (now_ns() - start) / repeats;
        }
        qsort(read, ROUNDS, sizeof(*read), compare);
        qsort(written, ROUNDS, sizeof(*written), compare);
        printf("%-34s %9zu bytes %8u tokens  read %12.0f ns %6.2f GB/s  rewrite %12.0f ns %6.2f GB/s  %s\n", name,
               text.len, doc.count, read[ROUNDS / 2], (double)text.len / read[ROUNDS / 2], written[ROUNDS / 2],
               (double)text.len / written[ROUNDS / 2], error ? json_error_text(doc.count ? JSON_OK : error) : "");
        buf_deinit(&out);
        json_doc_deinit(&doc);
}

static void measure_and_free(const char *name, struct buf b)
{
        measure(name, buf_str(&b), 1);
        buf_deinit(&b);
}

int main(void)
{
        cpu_set_t one;

        /* Moving between cores would be measured too. */
        CPU_ZERO(&one);
        CPU_SET(1, &one);
        sched_setaffinity(0, sizeof(one), &one);

        measure("a tools/call line", str_of(call, sizeof(call) - 1), 20000);
        measure_and_free("base64, one string", long_string('Q', BIG));
        measure_and_free("objects",
                         repeat("[",
                                "{\"id\":#,\"name\":\"user#\",\"email\":\"user#@example.org\",\"tags\":[\"a\",\"bc\",\"def\"],"
                                "\"score\":#.5,\"active\":true,\"bio\":\"A line of text that says something of user #.\"}",
                                "]", BIG));
        measure_and_free("text with escapes and UTF-8",
                         repeat("[", "\"Zeile #\\nmit \xC3\xA4\xC3\xB6\xC3\xBC und \\\"Zitat\\\" \xE6\xBC\xA2\xE5\xAD\x97\"", "]", BIG));
        measure_and_free("numbers", repeat("[", "#,-#.#,#e2", "]", BIG / 2));
        measure_and_free("worst: full objects", full_objects(false));
        measure_and_free("worst: full objects, escaped", full_objects(true));
        measure_and_free("worst: nested to the limit", deep());
        measure_and_free("worst: 16 names of one length",
                         repeat("[",
                                "{\"aa\":0,\"ab\":0,\"ac\":0,\"ad\":0,\"ae\":0,\"af\":0,\"ag\":0,\"ah\":0,"
                                "\"ai\":0,\"aj\":0,\"ak\":0,\"al\":0,\"am\":0,\"an\":0,\"ao\":0,\"ap\":0}",
                                "]", BIG));
        measure_and_free("worst: 2 escaped names", repeat("[", "{\"\\u0061\":0,\"\\u0062\":0}", "]", BIG));
        measure_and_free("worst: escapes", repeat("[", "\"\\n\\u0001\\/\\ud83d\\ude00\\t\\t\\n\"", "]", BIG));
        return 0;
}
