/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "driver.h"
#include "internal.h"

#define POLICY "leastwise: 1\nname: t\npurpose: p\ntools: { allow: [{ tool: echo, narrow: { a: { set: 12345678 } } }] }\n"
#define CAME "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"a\":1}}}\n"
#define SENT "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"a\":12345678}}}\n"

static bool has(const struct buf *b, const char *text)
{
        return b->len && memmem(b->data, b->len, text, strlen(text));
}

Test(narrow, what_is_written_anew_keeps_to_the_limit_of_a_line)
{
        const size_t limit = sizeof(SENT) - 2;

        for (size_t less = 0; less < 2; less++) {
                struct driver d;

                driver_start(&d, STR(POLICY), NULL);
                d.session->line_limit = limit - less;
                driver_feed(&d, SIDE_CLIENT, STR(CAME));
                cr_expect_eq(str_eq(buf_str(&d.to[SIDE_SERVER]), STR(SENT)), less == 0);
                cr_expect_eq(has(&d.records, "\"verdict\":\"deny\",\"reason\":\"too-long\""), less == 1);
                cr_expect_eq(has(&d.to[SIDE_CLIENT], "grows past the size limit"), less == 1);
                driver_stop(&d);
        }
}

/* The second decision is of the message that the gate gets; that policy would narrow it again is a denial, not a third. */
Test(narrow, a_second_narrowing_is_none)
{
        struct driver d;
        struct ruling r = { .action = ACTION_FORWARD, .decision = { .verdict = VERDICT_ALLOW, .narrows = true } };
        struct policy_request request = { .subject = POLICY_TOOL, .name = STR("echo") };

        driver_start(&d, STR(POLICY), NULL);
        cr_assert_eq(json_read(&d.session->doc, STR("[{\"a\":1}]")), JSON_OK);
        request.doc = &d.session->doc;
        request.arguments = 1;
        judge_narrowing(d.session, &r, &request);
        cr_expect_eq(r.action, ACTION_NARROW);
        r.action = ACTION_FORWARD;
        d.session->narrowed.done = true;
        judge_narrowing(d.session, &r, &request);
        cr_expect_eq(r.action, ACTION_FORWARD);
        cr_expect_eq(r.decision.verdict, VERDICT_DENY);
        cr_expect_eq(r.decision.reason, POLICY_NARROW_CONFLICT);
        driver_stop(&d);
}
