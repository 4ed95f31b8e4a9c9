/* SPDX-License-Identifier: Apache-2.0
 *
 * Law L11: recorded traffic of real clients and servers, under policies/allow-all.yaml, comes out as its canonical self:
 * nothing lost, doubled or reordered. Lines on a server's stdout that are no message are what is dropped.
 * Usage: transcripts POLICY FILE...
 */
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "driver.h"

struct replay {
        struct driver driver;
        struct json_doc record, message;
        struct buf expected[SIDE_MAX_], line;
        size_t junk;
};

static void expect(struct replay *r, enum side from, struct str line)
{
        enum side to = from == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;

        if (json_read(&r->message, line) != JSON_OK) {
                r->junk++;
                return;
        }
        json_write(&r->expected[to], &r->message, 0);
        buf_append_char(&r->expected[to], '\n');
}

static void play_line(struct replay *r, struct str record, bool bytewise)
{
        enum side from;
        struct str text;

        if (json_read(&r->record, record) != JSON_OK)
                abort();
        from = json_string_is(&r->record, json_member(&r->record, 0, STR("dir")), STR("c2s")) ? SIDE_CLIENT : SIDE_SERVER;
        buf_clear(&r->line, SIZE_MAX);
        if (json_string_get(&r->record, json_member(&r->record, 0, STR("msg")), &r->line, &text) < 0)
                abort();
        if (text.ptr != r->line.data)
                buf_append_str(&r->line, text);
        expect(r, from, buf_str(&r->line));
        buf_append_char(&r->line, '\n');
        if (!bytewise)
                driver_feed(&r->driver, from, buf_str(&r->line));
        for (size_t i = 0; bytewise && i < r->line.len; i++)
                driver_feed(&r->driver, from, str_of(r->line.data + i, 1));
}

static bool play(const char *path, struct str policy, bool bytewise)
{
        static const uint64_t seed[2] = { 3, 4 };
        struct replay r = { .line = BUF_INIT(16U << 20) };
        struct str text = driver_read_file(path), rest = text;
        bool ok = true;

        driver_start(&r.driver, policy, NULL);
        json_doc_init(&r.record, seed);
        json_doc_init(&r.message, seed);
        for (int side = 0; side < SIDE_LANE; side++)
                buf_init(&r.expected[side], 64U << 20);
        while (rest.len) {
                const char *lf = memchr(rest.ptr, '\n', rest.len);
                size_t n = lf ? (size_t)(lf - rest.ptr) : rest.len;

                play_line(&r, str_of(rest.ptr, n), bytewise);
                rest = str_skip(rest, n + 1);
        }
        for (int side = 0; side < SIDE_LANE; side++) {
                if (str_eq(buf_str(&r.expected[side]), buf_str(&r.driver.to[side])))
                        continue;
                ok = false;
                printf("# %s: what the %s gets differs\n# --- expected\n%.*s# --- got\n%.*s", path, side ? "server" : "client",
                        STR_FMT(buf_str(&r.expected[side])), STR_FMT(buf_str(&r.driver.to[side])));
        }
        ok = ok && r.junk == session_stats_get(r.driver.session)->junk_lines;
        for (int side = 0; side < SIDE_LANE; side++)
                buf_deinit(&r.expected[side]);
        buf_deinit(&r.line);
        json_doc_deinit(&r.record);
        json_doc_deinit(&r.message);
        driver_stop(&r.driver);
        mem_free((void *)(uintptr_t)text.ptr);
        return ok;
}

int main(int argc, char **argv)
{
        struct str policy = driver_read_file(argv[1]);
        int failed = 0;

        printf("1..%d\n", argc - 2);
        for (int i = 2; i < argc; i++) {
                bool ok = play(argv[i], policy, false) && play(argv[i], policy, true);

                printf("%sok %d - %s\n", ok ? "" : "not ", i - 1, argv[i]);
                failed += !ok;
        }
        mem_free((void *)(uintptr_t)policy.ptr);
        return failed != 0;
}
