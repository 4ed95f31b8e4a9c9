/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>

#include "driver.h"
#include "internal.h"

#define X37 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X185 X37 X37 X37 X37 X37
#define POLICY "leastwise: 1\nname: t\npurpose: p\ntools: { allow: [echo] }\n"

Test(gate, nothing_is_written_without_a_live_permit)
{
        struct driver d;
        struct permit forged = { .number = 1, .to = SIDE_SERVER }, good;

        driver_start(&d, STR(POLICY), NULL);
        cr_expect_eq(gate_forward(d.session, SIDE_CLIENT, &forged, STR("{}\n"), false), -EPERM, "before any was issued");
        good = permit_for_answer(d.session, SIDE_SERVER);
        cr_expect_eq(gate_forward(d.session, SIDE_CLIENT, &good, STR("{}\n"), false), 0);
        cr_expect_eq(gate_forward(d.session, SIDE_CLIENT, &good, STR("{}\n"), false), -EPERM, "used up");
        good = permit_for_answer(d.session, SIDE_SERVER);
        permit_for_answer(d.session, SIDE_CLIENT);
        cr_expect_eq(gate_forward(d.session, SIDE_CLIENT, &good, STR("{}\n"), false), -EPERM, "superseded");
        cr_expect_eq(d.session->flows[SIDE_CLIENT].out[SIDE_SERVER].count, 1U);
        driver_stop(&d);
}

Test(gate, a_secret_does_not_reach_the_client_in_any_line)
{
        static const char secret[] = "s3cr3t\"/value";
        static const char *const lines[] = {
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"a s3cr3t\\\"/value b\"}]}}\n",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"s3cr3t\\u0022\\/value\":1}}\n",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":1,\"message\":\"s3cr3t\\\"\\/value\"}}\n",
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"data\":\"{\\\"k\\\":\\\"s3cr3t\\\\\\\"/value\\\"}\"}}\n",
        };

        for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
                struct driver d;

                driver_start(&d, STR(POLICY), secret);
                driver_feed(&d, SIDE_CLIENT, STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\"}}\n"));
                driver_feed(&d, SIDE_SERVER, str_from(lines[i]));
                cr_expect_gt(d.to[SIDE_CLIENT].len, 0U, "line %zu", i);
                cr_expect_null(memmem(d.to[SIDE_CLIENT].data, d.to[SIDE_CLIENT].len, "s3cr3t", 6), "line %zu: %.*s", i,
                        STR_FMT(buf_str(&d.to[SIDE_CLIENT])));
                cr_expect_not_null(memmem(d.to[SIDE_CLIENT].data, d.to[SIDE_CLIENT].len, "[redacted:TOKEN]", 16));
                driver_stop(&d);
        }
}

/* What a person reads at the proxy's stderr; long names are cut there, and no half of a secret may be left. */
Test(gate, a_secret_does_not_reach_a_notice)
{
        static const char *const lines[] = {
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"do_s3cr3t/valu\u00e9\"}}\n",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"" X185 "s3cr3t/valu\u00e9\"}}\n",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"s3cr3t/valu\u00e9\":1}}}\n",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"s3cr3t/valu\u00e9\":1}}\n",
        };

        for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
                struct driver d;
                struct str notice;

                driver_start(&d, STR("leastwise: 1\nname: t\npurpose: p\ntools: { allow: [{ tool: echo, when: { a: { is: 1 } } }] }\n"),
                        "s3cr3t/valu\u00e9");
                driver_feed(&d, SIDE_CLIENT, str_from(lines[i]));
                while (session_take_notice(d.session, &notice))
                        cr_expect_null(memmem(notice.ptr, notice.len, "s3c", 3), "line %zu: %.*s", i, STR_FMT(notice));
                cr_expect_gt(d.to[SIDE_CLIENT].len, 0U, "line %zu", i);
                cr_expect_null(memmem(d.to[SIDE_CLIENT].data, d.to[SIDE_CLIENT].len, "s3c", 3), "line %zu: %.*s", i,
                        STR_FMT(buf_str(&d.to[SIDE_CLIENT])));
                driver_stop(&d);
        }
}

Test(gate, a_secret_that_is_a_number_stays_a_number)
{
        struct driver d;

        driver_start(&d, STR(POLICY), "1234567890");
        driver_feed(&d, SIDE_CLIENT, STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}\n"));
        driver_feed(&d, SIDE_SERVER, STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[],\"_meta\":{\"n\":1234567890}}}\n"));
        cr_expect(str_eq(buf_str(&d.to[SIDE_CLIENT]),
                          STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[],\"_meta\":{\"n\":0}}}\n")),
                "%.*s", STR_FMT(buf_str(&d.to[SIDE_CLIENT])));
        driver_stop(&d);
}

Test(gate, a_secret_across_values_withholds_the_answer)
{
        struct driver d;

        driver_start(&d, STR(POLICY), "{\"k\":\"value-1\"}");
        driver_feed(&d, SIDE_CLIENT, STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}\n"));
        driver_feed(&d, SIDE_SERVER, STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[],\"_meta\":{\"k\":\"value-1\"}}}\n"));
        cr_expect_null(memmem(d.to[SIDE_CLIENT].data, d.to[SIDE_CLIENT].len, "value-1", 7));
        cr_expect_not_null(memmem(d.to[SIDE_CLIENT].data, d.to[SIDE_CLIENT].len, "\"error\"", 7), "the client is answered");
        driver_stop(&d);
}
