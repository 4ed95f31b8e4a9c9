/* SPDX-License-Identifier: Apache-2.0
 *
 * Lanes beside what the golden sessions show: the gate, limits on what waits, a full disk, stops, and what runs out of memory.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "driver.h"
#include "internal.h"
#include "leaks.h"

#define HEAD "leastwise: 1\nname: t\npurpose: p\nschema: off\nlanes: { a: {}, b: { live: call } }\n"
#define POLICY HEAD "tools: { allow: [read, { tool: write, lane: a }, { tool: fire, lane: b }] }\n"

static void call(struct driver *d, const char *tool, unsigned id)
{
        char line[256];

        snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\"}}\n", id, tool);
        driver_feed(d, SIDE_CLIENT, str_from(line));
}

static unsigned count_of(const struct buf *b, const char *what)
{
        unsigned n = 0;

        for (size_t at = 0; at + strlen(what) <= b->len; at++)
                n += memcmp(b->data + at, what, strlen(what)) == 0;
        return n;
}

/* A permit names its side: what is for one lane gets to no other place, and to none at all without a process. */
Test(lanes, a_permit_is_for_one_side)
{
        struct permit permit;
        struct driver d;

        driver_start(&d, STR(POLICY), NULL);
        permit = permit_for_answer(d.session, SIDE_LANE);
        cr_expect_eq(gate_forward(d.session, SIDE_CLIENT, &permit, STR("{}\n"), false), -EPERM, "it does not run");
        call(&d, "write", 1);
        permit = permit_for_waiting(d.session, pending_any(&d.session->pending[SIDE_CLIENT]));
        cr_expect_eq(permit.to, SIDE_LANE);
        cr_expect_eq(gate_forward(d.session, SIDE_CLIENT, &permit, STR("{}\n"), false), -EPERM, "it has not been started yet");
        cr_assert_eq(driver_upstream_started(&d, SIDE_LANE), 0);
        cr_expect_eq(count_of(&d.to[SIDE_LANE], "tools/call"), 1);
        cr_expect_eq(count_of(&d.to[SIDE_SERVER], "tools/call"), 0);
        permit = permit_for_waiting(d.session, pending_any(&d.session->pending[SIDE_CLIENT]));
        cr_expect_eq(gate_forward(d.session, SIDE_CLIENT, &permit, STR("{}\n"), false), -EPERM, "what was sent does not wait any more");
        cr_expect_eq(driver_upstream_started(&d, SIDE_LANE), -EINVAL);
        cr_expect_eq(driver_upstream_started(&d, SIDE_LANE + 1), -EINVAL);
        call(&d, "fire", 2);
        cr_expect_eq(driver_upstream_started(&d, SIDE_LANE + 1), 0);
        for (int side = 0; side < SIDE_MAX_; side++)
                cr_expect_eq(count_of(&d.to[side], "\"fire\""), side == SIDE_LANE + 1, "side %d", side);
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

/* An answer counts only from where the call was sent. */
Test(lanes, an_answer_of_another_server_is_none)
{
        static const struct str forged = STR_INIT("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[]}}\n");
        static const struct str broken = STR_INIT("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[]},\"x\":1}\n{\"id\":1,\"result\":{},}\n");
        struct driver d;

        driver_start(&d, STR(POLICY), NULL);
        call(&d, "write", 1);
        driver_feed(&d, SIDE_SERVER, forged);
        driver_feed(&d, SIDE_SERVER, broken);
        driver_upstream_started(&d, SIDE_LANE);
        driver_feed(&d, SIDE_SERVER, forged);
        driver_feed(&d, SIDE_SERVER, broken);
        call(&d, "fire", 2);
        driver_upstream_started(&d, SIDE_LANE + 1);
        driver_feed(&d, SIDE_LANE + 1, forged);
        cr_expect_eq(count_of(&d.to[SIDE_CLIENT], "\"id\":1,"), 0);
        driver_feed(&d, SIDE_LANE, forged);
        cr_expect_eq(count_of(&d.to[SIDE_CLIENT], "\"id\":1,"), 1);
        driver_stop(&d);
}

Test(lanes, what_waits_is_bounded)
{
        struct driver d;

        driver_start(&d, STR(POLICY), NULL);
        for (unsigned id = 1; id <= LIMIT_WAITING_CALLS; id++)
                call(&d, id % 2 ? "write" : "fire", id);
        cr_expect_eq(d.to[SIDE_CLIENT].len, 0U);
        call(&d, "write", LIMIT_WAITING_CALLS + 1);
        cr_expect_eq(count_of(&d.to[SIDE_CLIENT], "too many calls wait"), 1);
        driver_feed(&d, SIDE_CLIENT, STR("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}\n"));
        call(&d, "write", LIMIT_WAITING_CALLS + 2);
        cr_expect_eq(count_of(&d.to[SIDE_CLIENT], "\n"), 1);
        call(&d, "read", LIMIT_WAITING_CALLS + 3);
        cr_expect_eq(count_of(&d.to[SIDE_SERVER], "tools/call"), 1, "others pass");
        driver_upstream_started(&d, SIDE_LANE);
        cr_expect_eq(count_of(&d.to[SIDE_LANE], "tools/call"), LIMIT_WAITING_CALLS / 2);
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

Test(lanes, what_waits_is_bounded_in_bytes)
{
        struct buf line = BUF_INIT(16U << 20);
        const size_t text = 2U << 20;
        unsigned waiting = 0;
        struct driver d;

        driver_start(&d, STR(POLICY), NULL);
        for (unsigned id = 1; id <= 16; id++) {
                buf_clear(&line, SIZE_MAX);
                buf_printf(&line, "{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":\"tools/call\",\"params\":{\"name\":\"write\",\"arguments\":{\"x\":\"", id);
                for (size_t i = 0; i < text; i++)
                        buf_append_char(&line, 'x');
                buf_append_str(&line, STR("\"}}}\n"));
                driver_feed(&d, SIDE_CLIENT, buf_str(&line));
        }
        waiting = 16 - count_of(&d.to[SIDE_CLIENT], "too many calls wait");
        cr_expect_eq(waiting, (LIMIT_LINE_BYTES + LIMIT_WAITING_BYTES) / text - 1, "%u wait", waiting);
        driver_upstream_started(&d, SIDE_LANE);
        cr_expect_eq(count_of(&d.to[SIDE_LANE], "tools/call"), waiting, "and all of it can be sent at once");
        cr_expect_eq(count_of(&d.to[SIDE_CLIENT], "\n"), 16 - waiting);
        buf_deinit(&line);
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

/* What is not on record starts nothing. */
Test(lanes, unrecorded_calls_start_nothing)
{
        struct driver d;

        driver_start(&d, STR(POLICY), NULL);
        d.disk_full = true;
        call(&d, "write", 1);
        cr_expect_eq(d.asked.len, 0U);
        cr_expect_eq(count_of(&d.to[SIDE_CLIENT], "could not be written"), 1);
        d.disk_full = false;
        call(&d, "write", 2);
        cr_expect_eq(count_of(&d.asked, "start 0 a\n"), 1);
        d.disk_full = true;
        call(&d, "write", 3);
        driver_upstream_started(&d, SIDE_LANE);
        cr_expect_eq(count_of(&d.to[SIDE_LANE], "tools/call"), 1);
        cr_expect_eq(count_of(&d.to[SIDE_LANE], "\"id\":2,"), 1);
        driver_stop(&d);
}

Test(lanes, a_stop_ends_the_wait)
{
        struct stop stop = { .id = "7F3K2Q", .scope = STOP_TOOL, .pattern = STR_INIT("write"), .because = STR_INIT("incident 42") };
        struct stop_list list = { .stops = &stop, .count = 1 };
        struct driver d;

        driver_start(&d, STR(POLICY), NULL);
        call(&d, "write", 1);
        call(&d, "fire", 2);
        driver_set_stops(&d, &list);
        cr_expect_eq(count_of(&d.to[SIDE_CLIENT], "stopped by a person"), 1);
        cr_expect_eq(count_of(&d.asked, "stop 0 a\n"), 1, "nobody needs it");
        driver_upstream_started(&d, SIDE_LANE);
        driver_upstream_started(&d, SIDE_LANE + 1);
        cr_expect_eq(d.to[SIDE_LANE].len, 0U);
        cr_expect_eq(count_of(&d.to[SIDE_LANE + 1], "tools/call"), 1);
        driver_set_stops(&d, NULL);
        driver_stop(&d);
}

/* Where everything is stopped, no process keeps a lane's credentials for calls that cannot come. */
Test(lanes, a_stop_of_everything_ends_lanes)
{
        struct stop stop = { .id = "7F3K2Q", .scope = STOP_TOOL, .pattern = STR_INIT("write"), .because = STR_INIT("incident 42") };
        struct stop_list list = { .stops = &stop, .count = 1 };
        struct driver d;

        driver_start(&d, STR(POLICY), NULL);
        call(&d, "write", 1);
        driver_upstream_started(&d, SIDE_LANE);
        driver_feed(&d, SIDE_LANE, STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[]}}\n"));
        call(&d, "fire", 2);
        driver_upstream_started(&d, SIDE_LANE + 1);
        driver_set_stops(&d, &list);
        cr_expect_eq(count_of(&d.asked, "stop"), 0, "another tool may go there");
        stop.scope = STOP_ALL;
        stop.pattern = STR("");
        driver_set_stops(&d, &list);
        cr_expect_eq(count_of(&d.asked, "stop 0 a\n"), 1);
        cr_expect_eq(count_of(&d.asked, "stop 1"), 0, "what is under way may end");
        driver_end(&d, SIDE_LANE);
        driver_set_stops(&d, NULL);
        call(&d, "write", 3);
        cr_expect_eq(count_of(&d.asked, "start 0 a\n"), 2);
        driver_feed(&d, SIDE_LANE + 1, STR("{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"content\":[]}}\n"));
        cr_expect_eq(count_of(&d.asked, "stop 1 b\n"), 1);
        cr_expect_eq(count_of(&d.records, "a person has stopped everything"), 2);
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

/* At once, though the client has said nothing and is told nothing. */
Test(lanes, other_policies_end_an_idle_lane)
{
        struct policy_set *other = driver_policy(STR(POLICY));
        struct driver d;

        driver_start(&d, STR(POLICY), NULL);
        call(&d, "write", 1);
        driver_upstream_started(&d, SIDE_LANE);
        driver_feed(&d, SIDE_LANE, STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[]}}\n"));
        driver_set_policy(&d, other, NULL);
        cr_expect_eq(count_of(&d.asked, "stop 0 a\n"), 1);
        cr_expect_eq(count_of(&d.records, "other policies are in force"), 1);
        driver_stop(&d);
        policy_set_unref(other);
        CHECK_NO_LEAKS();
}

/* Limits are about calls that run: one that never went is given back. */
Test(lanes, a_call_that_was_not_sent_is_given_back)
{
        struct driver d;

        driver_start(&d, STR(POLICY "limits: { session: { calls: 2 }, call: { in_flight: 1 } }\n"), NULL);
        call(&d, "write", 1);
        call(&d, "read", 2);
        cr_expect_eq(count_of(&d.to[SIDE_CLIENT], "\"id\":2,"), 1, "one that waits is in flight");
        driver_upstream_failed(&d, SIDE_LANE, "no");
        call(&d, "write", 3);
        driver_upstream_started(&d, SIDE_LANE);
        driver_feed(&d, SIDE_LANE, STR("{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"content\":[]}}\n"));
        call(&d, "write", 4);
        cr_expect_eq(count_of(&d.to[SIDE_LANE], "tools/call"), 2, "the first was not counted");
        driver_stop(&d);
}

/* What a lane asks, and what the client answers, is on record before it goes on. */
Test(lanes, what_a_lane_asks_is_recorded_first)
{
        static const struct str ask = STR_INIT("{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"roots/list\"}\n");
        static const struct str answer = STR_INIT("{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:2\",\"result\":{\"roots\":[]}}\n");
        struct driver d;

        driver_start(&d, STR(POLICY "server_requests: { roots: [/srv] }\n"), NULL);
        call(&d, "write", 1);
        driver_upstream_started(&d, SIDE_LANE);
        d.disk_full = true;
        driver_feed(&d, SIDE_LANE, ask);
        cr_expect_eq(count_of(&d.to[SIDE_CLIENT], "roots/list"), 0);
        cr_expect_eq(count_of(&d.to[SIDE_LANE], "\"id\":\"a\",\"error\""), 1);
        d.disk_full = false;
        driver_feed(&d, SIDE_LANE, ask);
        cr_expect_eq(count_of(&d.to[SIDE_CLIENT], "\"id\":\"leastwise:2\",\"method\":\"roots/list\""), 1);
        d.disk_full = true;
        driver_feed(&d, SIDE_CLIENT, answer);
        cr_expect_eq(count_of(&d.to[SIDE_LANE], "\"result\""), 0);
        cr_expect_eq(count_of(&d.to[SIDE_LANE], "\"id\":\"a\",\"error\""), 2, "it does not wait for ever");
        d.disk_full = false;
        driver_feed(&d, SIDE_CLIENT, answer);
        cr_expect_eq(count_of(&d.to[SIDE_LANE], "\"id\":\"a\""), 2, "one answer each");
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

Test(lanes, what_lanes_ask_is_bounded)
{
        struct driver d;
        char line[128];

        driver_start(&d, STR(POLICY "server_requests: { roots: [/srv] }\n"), NULL);
        call(&d, "write", 1);
        driver_upstream_started(&d, SIDE_LANE);
        for (unsigned id = 1; id <= LIMIT_IN_FLIGHT + 1; id++) {
                snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":\"roots/list\"}\n", id);
                driver_feed(&d, SIDE_LANE, str_from(line));
        }
        cr_expect_eq(count_of(&d.to[SIDE_CLIENT], "roots/list"), LIMIT_IN_FLIGHT);
        cr_expect_eq(count_of(&d.to[SIDE_LANE], "too many requests are unanswered"), 1);
        driver_end(&d, SIDE_LANE);
        cr_expect_eq(count_of(&d.to[SIDE_CLIENT], "notifications/cancelled"), LIMIT_IN_FLIGHT);
        driver_stop(&d);
        CHECK_NO_LEAKS();
}

/* --- memory --- */

static unsigned long countdown; /* of requests for memory until one is refused; 0: none is */
static bool failed;

static void *resize(void *userdata, void *ptr, size_t size)
{
        (void)userdata;
        if (countdown && --countdown == 0) {
                failed = true;
                return NULL;
        }
        return realloc(ptr, size);
}

static void release(void *userdata, void *ptr)
{
        (void)userdata;
        free(ptr);
}

static const struct allocator failing = { resize, release, NULL };

/* The policies that sent a call to a lane are gone, and perhaps the lane with them: a server that does not answer keeps it for a minute. */
Test(lanes, other_policies_end_a_lane_that_does_not_answer)
{
        struct policy_set *other = driver_policy(STR(POLICY));
        struct driver d;

        driver_start(&d, STR(POLICY), NULL);
        call(&d, "write", 1);
        driver_upstream_started(&d, SIDE_LANE);
        driver_wait(&d, 10U * 60 * 1000);
        cr_expect_eq(count_of(&d.asked, "stop 0"), 0, "a call may take its time");
        driver_set_policy(&d, other, NULL);
        call(&d, "write", 2);
        driver_wait(&d, 59000);
        call(&d, "read", 3);
        cr_expect_eq(count_of(&d.asked, "stop 0"), 0, "what is under way may end");
        driver_wait(&d, 1001);
        cr_expect_eq(count_of(&d.asked, "stop 0"), 1);
        cr_expect_eq(count_of(&d.to[SIDE_CLIENT], "ended before it answered"), 0);
        driver_end(&d, SIDE_LANE);
        cr_expect_eq(count_of(&d.to[SIDE_CLIENT], "ended before it answered"), 1);
        cr_assert_eq(driver_upstream_started(&d, SIDE_LANE), 0);
        cr_expect_eq(count_of(&d.to[SIDE_LANE], "\"id\":2,"), 1);
        cr_expect_eq(count_of(&d.to[SIDE_LANE], "\"id\":1,"), 1, "once, by the one before");
        driver_stop(&d);
        policy_set_unref(other);
        CHECK_NO_LEAKS();
}

Test(lanes, without_memory)
{
        unsigned long n = 1;

        mem_set_allocator(&failing);
        do {
                unsigned answers, ran;
                struct driver d;

                countdown = 0;
                failed = false;
                driver_start(&d, STR(POLICY), NULL);
                driver_feed(&d, SIDE_CLIENT, STR("{\"jsonrpc\":\"2.0\",\"id\":\"i\",\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{}}}\n"));
                driver_feed(&d, SIDE_SERVER, STR("{\"jsonrpc\":\"2.0\",\"id\":\"i\",\"result\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{\"tools\":{}}}}\n"));
                for (int side = 0; side < SIDE_MAX_; side++) {
                        buf_clear(&d.to[side], SIZE_MAX);
                        buf_reserve(&d.to[side], 1U << 20);
                }
                buf_reserve(&d.records, 1U << 20);
                buf_reserve(&d.asked, 4096);
                countdown = n++;
                driver_feed(&d, SIDE_CLIENT,
                        STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"write\",\"_meta\":{\"progressToken\":\"t\"}}}\n"));
                if (!d.over && count_of(&d.asked, "start 0"))
                        driver_upstream_started(&d, SIDE_LANE);
                if (!d.over && d.to[SIDE_LANE].len)
                        driver_feed(&d, SIDE_LANE, STR("{\"jsonrpc\":\"2.0\",\"id\":\"leastwise:1\",\"result\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{\"tools\":{}}}}\n"));
                if (!d.over && count_of(&d.to[SIDE_LANE], "tools/call"))
                        driver_end(&d, SIDE_LANE);
                if (!d.over)
                        driver_wait(&d, 700000);
                countdown = 0;
                answers = count_of(&d.to[SIDE_CLIENT], "\n");
                ran = count_of(&d.to[SIDE_LANE], "tools/call");
                cr_expect_leq(ran, 1);
                cr_expect(d.over ? answers <= 1 : answers == 1, "request %lu: %u answers", n - 1, answers);
                cr_expect_eq(count_of(&d.to[SIDE_SERVER], "tools/call"), 0);
                driver_stop(&d);
        } while (failed);
        cr_expect_gt(n, 10);
        mem_set_allocator(NULL);
        CHECK_NO_LEAKS();
}
