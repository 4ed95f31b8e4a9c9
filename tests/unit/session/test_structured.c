/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "driver.h"
#include "internal.h"

#define POLICY "leastwise: 1\nname: t\npurpose: p\ntools: { allow: [slow, quick] }\n"
#define SECRET "hunter2-hunter2"
#define PATTERNS 100

static bool says(const struct driver *d, const char *text)
{
        return d->to[SIDE_CLIENT].len && memmem(d->to[SIDE_CLIENT].data, d->to[SIDE_CLIENT].len, text, strlen(text));
}

static void feed(struct driver *d, enum side from, const char *line)
{
        d->to[SIDE_CLIENT].len = 0;
        driver_feed(d, from, str_from(line));
}

/* A tool whose schema takes all steps of a check, and one whose schema takes none; a task of each. */
static void begin(struct driver *d)
{
        struct buf list = BUF_INIT(1U << 16);

        driver_start(d, STR(POLICY), SECRET);
        buf_printf(&list, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":\"quick\",\"inputSchema\":{},\"outputSchema\":{\"type\":\"object\"}},"
                          "{\"name\":\"slow\",\"inputSchema\":{},\"outputSchema\":{\"patternProperties\":{");
        for (int i = 0; i < PATTERNS; i++)
                buf_printf(&list, "%s\"%d((a|b)*c|x){1,9}\":{}", i ? "," : "", i);
        buf_printf(&list, "}}}]}}\n");
        feed(d, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}\n");
        buf_append_char(&list, '\0');
        feed(d, SIDE_SERVER, list.data);
        feed(d, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"slow\"}}\n"
                             "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tools/call\",\"params\":{\"name\":\"quick\"}}\n");
        feed(d, SIDE_SERVER, "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"resultType\":\"task\",\"taskId\":\"s\",\"status\":\"working\"}}\n"
                             "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"resultType\":\"task\",\"taskId\":\"q\",\"status\":\"working\"}}\n");
        buf_deinit(&list);
}

static void tell(struct driver *d, char task)
{
        char line[256];

        snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tasks\",\"params\":{\"taskId\":\"%c\",\"status\":\"completed\","
                                     "\"result\":{\"content\":[],\"structuredContent\":{\"k\":\"" SECRET "\"}}}}\n", task);
        feed(d, SIDE_SERVER, line);
}

/* Reading takes time as well: of a long schema, and of long content under a schema that looks at nothing. */
Test(structured, what_is_read_is_counted)
{
        enum { LONG = 120000 };
        struct buf text = BUF_INIT(1U << 20);
        uint64_t before;
        struct driver d;

        begin(&d);
        tell(&d, 'q');
        before = d.session->output_steps;
        buf_printf(&text, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tasks\",\"params\":{\"taskId\":\"q\",\"status\":\"completed\",\"result\":{\"content\":[],"
                          "\"structuredContent\":{\"k\":\"" SECRET "%0*d\"}}}}\n", LONG, 0);
        driver_feed(&d, SIDE_SERVER, buf_str(&text));
        cr_expect_gt(d.session->output_steps - before, LONG / 10, "%llu", (unsigned long long)(d.session->output_steps - before));
        buf_clear(&text, SIZE_MAX);
        buf_printf(&text, "{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":{\"tools\":[{\"name\":\"quick\",\"inputSchema\":{},\"outputSchema\":{\"description\":\"%0*d\"}}]}}\n",
                LONG, 0);
        feed(&d, SIDE_CLIENT, "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"tools/list\"}\n");
        driver_feed(&d, SIDE_SERVER, buf_str(&text));
        before = d.session->output_steps;
        tell(&d, 'q');
        cr_expect(says(&d, "\"structuredContent\":{\"k\":\"[redacted:TOKEN]\"}"));
        cr_expect_gt(d.session->output_steps - before, LONG / 10, "%llu", (unsigned long long)(d.session->output_steps - before));
        buf_deinit(&text);
        driver_stop(&d);
}

/* Nobody asks for these, and each can take as long as the longest check: a server could keep the proxy from all else. */
Test(structured, a_server_cannot_have_schemas_checked_without_end)
{
        struct driver d;
        struct str notice;
        unsigned most = LIMIT_OUTPUT_SCHEMA_STEPS / LIMIT_SCHEMA_STEPS + 1;

        begin(&d);
        tell(&d, 'q');
        cr_expect(says(&d, "\"structuredContent\":{\"k\":\"[redacted:TOKEN]\"}"), "%.*s", STR_FMT(buf_str(&d.to[SIDE_CLIENT])));
        for (unsigned i = 0; i < most; i++) {
                tell(&d, 's');
                cr_expect(says(&d, "what is left may not fit"), "%.*s", STR_FMT(buf_str(&d.to[SIDE_CLIENT])));
        }
        /* What surely fits is left out as well, for nobody has looked. */
        tell(&d, 'q');
        cr_expect(says(&d, "more was checked than") && !says(&d, "structuredContent\""), "%.*s", STR_FMT(buf_str(&d.to[SIDE_CLIENT])));
        driver_wait(&d, LIMIT_OUTPUT_SCHEMA_STEPS / LIMIT_OUTPUT_SCHEMA_STEPS_PER_MS);
        tell(&d, 'q');
        cr_expect(says(&d, "\"structuredContent\":{\"k\":\"[redacted:TOKEN]\"}"), "%.*s", STR_FMT(buf_str(&d.to[SIDE_CLIENT])));
        cr_expect_not(session_take_notice(d.session, &notice), "a server that speaks unasked does not fill the screen");
        driver_stop(&d);
}
