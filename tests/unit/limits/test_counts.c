/* SPDX-License-Identifier: Apache-2.0
 *
 * A session's use of its limits: what is reserved, refused, settled and given back.
 */
#include "leaks.h"
#include "limit.h"
#include "limit_counts.h"
#include "policy/world.h"

#define NOW 1750000000000ULL
#define HOUR 3600000ULL

struct rig {
        struct world w;
        struct limit_memory *memory;
        struct limit_store store;
        struct limits *l;
        struct json_doc doc;
        struct limit_refusal refusal;
        struct buf text, report; /* for the client; for a person */
        uint64_t now_ms, mono_ms;
};

static struct rig rig_of(const char *limits)
{
        static const uint64_t seed[2] = { 1, 2 };
        static char text[2000];
        struct rig r = { .memory = limit_memory_new(),
                .text = BUF_INIT(10000),
                .report = BUF_INIT(10000),
                .now_ms = NOW,
                .mono_ms = 5000 };

        snprintf(text, sizeof(text), HEAD "limits:\n%s\n", limits);
        r.w = world_good(text);
        r.store = limit_memory_store(r.memory);
        json_doc_init(&r.doc, seed);
        return r;
}

static void rig_start(struct rig *r)
{
        cr_assert_eq(limits_new(&r->l, r->w.set, &r->store), 0);
}

static void rig_end(struct rig *r)
{
        limits_free(r->l);
        limit_memory_free(r->memory);
        json_doc_deinit(&r->doc);
        buf_deinit(&r->text);
        buf_deinit(&r->report);
        world_end(&r->w);
}

static bool call(struct rig *r, const char *tool, const char *arguments, struct limit_ticket **ret)
{
        struct limit_call c = { .is_tool = true, .name = str_from(tool), .doc = &r->doc, .now_ms = r->now_ms, .mono_ms = r->mono_ms };

        if (arguments) {
                char message[1000];

                snprintf(message, sizeof(message), "{\"arguments\":%s}", arguments);
                cr_assert_eq(json_read(&r->doc, str_from(message)), JSON_OK, "%s", arguments);
                c.arguments = json_member(&r->doc, 0, STR("arguments"));
                /* The document borrows the text. */
                if (limits_reserve(r->l, &c, ret, &r->refusal))
                        return true;
                goto refused;
        }
        if (limits_reserve(r->l, &c, ret, &r->refusal))
                return true;
refused:
        buf_clear(&r->text, 10000);
        limits_answer(&r->refusal, &r->text);
        buf_clear(&r->report, 10000);
        limits_report(&r->refusal, &r->report);
        return false;
}

/* Called and answered. */
static bool done(struct rig *r, const char *tool, const char *arguments)
{
        struct limit_ticket *ticket;

        if (!call(r, tool, arguments, &ticket))
                return false;
        limits_settle(r->l, ticket);
        return true;
}

static bool holds(const struct buf *text, const char *words)
{
        return memmem(text->data, text->len, words, strlen(words)) != NULL;
}

static bool says(const struct rig *r, const char *words)
{
        return holds(&r->text, words);
}

Test(counts, calls_of_a_session)
{
        struct rig r = rig_of("  session: { calls: 2 }");
        struct limit_ticket *ticket;

        rig_start(&r);
        cr_assert(done(&r, "a", NULL));
        cr_assert(call(&r, "b", NULL, &ticket));
        cr_expect_not(done(&r, "a", NULL));
        cr_expect_eq(r.refusal.reason, LIMIT_EXHAUSTED);
        cr_expect(says(&r, "limits.session.calls of policy \"test\" is used up: 2 of 2 per session"), "%s", r.text.data);
        limits_give_back(r.l, ticket);
        cr_expect(done(&r, "a", NULL));
        cr_expect_not(done(&r, "a", NULL));
        rig_end(&r);
        CHECK_NO_LEAKS();
}

Test(counts, in_flight)
{
        struct rig r = rig_of("  call: { in_flight: 2 }");
        struct limit_ticket *a, *b;

        rig_start(&r);
        cr_assert(call(&r, "a", NULL, &a));
        cr_assert(call(&r, "a", NULL, &b));
        cr_expect_not(done(&r, "a", NULL));
        cr_expect_eq(r.refusal.reason, LIMIT_BUSY);
        cr_expect(says(&r, "wait for one of them"));
        limits_settle(r.l, a);
        cr_expect(done(&r, "a", NULL));
        limits_settle(r.l, b);
        rig_end(&r);
}

Test(counts, the_circuit_opens_for_good)
{
        struct rig r = rig_of("  session: { denials: 3 }");

        rig_start(&r);
        limits_denied(r.l);
        limits_denied(r.l);
        cr_expect(done(&r, "a", NULL));
        limits_denied(r.l);
        for (int i = 0; i < 3; i++) {
                cr_expect_not(done(&r, "a", NULL));
                cr_expect_eq(r.refusal.reason, LIMIT_CIRCUIT_OPEN);
                r.now_ms += 1000 * HOUR;
                r.mono_ms += 1000 * HOUR;
        }
        cr_expect(says(&r, "3 requests of this session were denied"));
        cr_expect_not(says(&r, "anew"), "how to begin again is for the person to know");
        cr_expect(holds(&r.report, "until the server is started anew"));
        rig_end(&r);
}

Test(counts, time_of_a_session)
{
        struct rig r = rig_of("  session: { time: 4h }");

        rig_start(&r);
        limits_begin(r.l, r.mono_ms);
        r.mono_ms += 4 * HOUR - 1;
        cr_expect(done(&r, "a", NULL));
        r.mono_ms += 1;
        cr_expect_not(done(&r, "a", NULL));
        cr_expect_eq(r.refusal.reason, LIMIT_SESSION_OVER);
        cr_expect(says(&r, "the session has lasted 4h"));
        rig_end(&r);
}

Test(counts, bytes)
{
        struct rig r = rig_of("  session: { result_bytes: 100 }\n  call: { result_bytes: 60 }");

        rig_start(&r);
        cr_expect_eq(limits_result(r.l, 61)->kind, POLICY_LIMIT_CALL_RESULT_BYTES);
        cr_expect_null(limits_result(r.l, 60));
        cr_expect(done(&r, "a", NULL));
        cr_expect_eq(limits_result(r.l, 41)->kind, POLICY_LIMIT_SESSION_RESULT_BYTES);
        cr_expect_eq(limits_result(r.l, 1)->kind, POLICY_LIMIT_SESSION_RESULT_BYTES, "used up is used up");
        cr_expect_not(done(&r, "a", NULL));
        cr_expect_eq(r.refusal.reason, LIMIT_BYTES_USED);
        rig_end(&r);
}

Test(counts, bytes_to_the_last)
{
        struct rig r = rig_of("  session: { result_bytes: 100 }");

        rig_start(&r);
        cr_expect_null(limits_result(r.l, 100));
        cr_expect_not(done(&r, "a", NULL));
        cr_expect_eq(limits_result(r.l, UINT64_MAX)->kind, POLICY_LIMIT_SESSION_RESULT_BYTES);
        rig_end(&r);
}

Test(counts, a_tools_window)
{
        struct rig r = rig_of("  tools: [{ tool: \"send_*\", calls: 2 per hour }]");
        struct limit_ticket *ticket;

        rig_start(&r);
        cr_assert(done(&r, "send_a", NULL));
        cr_assert(call(&r, "send_b", NULL, &ticket));
        cr_expect(done(&r, "other", NULL));
        cr_expect_not(done(&r, "send_a", NULL));
        cr_expect(says(&r, "limits.tools[0].calls of policy \"test\" is used up: 2 of 2 per hour. There is room again at 2025-06-15T1"),
                "%s", r.text.data);
        limits_give_back(r.l, ticket);
        cr_expect(done(&r, "send_a", NULL));
        cr_expect_not(done(&r, "send_a", NULL));
        r.now_ms = r.refusal.frees_at_ms - 1;
        cr_expect_not(done(&r, "send_a", NULL));
        r.now_ms++;
        cr_expect(done(&r, "send_a", NULL));
        rig_end(&r);
        CHECK_NO_LEAKS();
}

Test(counts, nothing_lowers_a_sum)
{
        static const char *const bad[] = { "{}", "{\"amount\":null}", "{\"amount\":\"5\"}", "{\"amount\":-5}", "{\"amount\":-0.0}",
                "{\"amount\":[5]}", "{\"amount\":{\"v\":5}}", "{\"amount\":true}", "{\"amount\":1e300}", "{\"amount\":1e-300}",
                "{\"Amount\":5}", "{\"amount\":1,\"Amount\":400}", "{\"AMOUNT\":400,\"amount\":1}", "{\"amount\":0.00000000000000000001}", NULL };
        struct rig r = rig_of("  tools: [{ tool: pay, sum: { amount: 500, per: day } }]");

        rig_start(&r);
        cr_assert(done(&r, "pay", "{\"amount\":499.99}"));
        for (size_t i = 0; bad[i]; i++) {
                cr_expect_not(done(&r, "pay", bad[i]), "%s", bad[i]);
                cr_expect_eq(r.refusal.reason, LIMIT_BAD_AMOUNT, "%s", bad[i]);
        }
        cr_expect_not(done(&r, "pay", NULL));
        cr_expect_eq(r.refusal.reason, LIMIT_BAD_AMOUNT);
        cr_expect(says(&r, "the argument \"amount\" is missing"));
        cr_expect_not(done(&r, "pay", "{\"amount\":0.02}"));
        cr_expect_eq(r.refusal.reason, LIMIT_EXHAUSTED);
        cr_expect(says(&r, "499.99 of 500 per day, and this call needs 0.02"), "%s", r.text.data);
        cr_expect_not(done(&r, "pay", "{\"amount\":501}"));
        cr_expect(says(&r, "more than the limit as a whole"));
        cr_expect(done(&r, "pay", "{\"amount\":1e-2}"));
        cr_expect_not(done(&r, "pay", "{\"amount\":0.000000000000000001}"));
        cr_expect(done(&r, "pay", "{\"amount\":0}"));
        rig_end(&r);
}

Test(counts, sums_of_items)
{
        struct rig r = rig_of("  tools: [{ tool: pay, sum: { \"order.items[].price\": 10 } }]");

        rig_start(&r);
        cr_expect(done(&r, "pay", "{\"order\":{\"items\":[{\"price\":1.5},{\"price\":2.5}]}}"));
        cr_expect_not(done(&r, "pay", "{\"order\":{\"items\":[]}}"));
        cr_expect_not(done(&r, "pay", "{\"order\":{\"items\":[{\"price\":1},{}]}}"));
        cr_expect_not(done(&r, "pay", "{\"order\":{\"items\":{\"price\":1}}}"));
        cr_expect_not(done(&r, "pay", "{\"order\":[{\"items\":[{\"price\":1}]}]}"));
        cr_expect_not(done(&r, "pay", "{\"order\":{\"items\":[{\"price\":6.1}]}}"));
        cr_expect(done(&r, "pay", "{\"order\":{\"items\":[{\"price\":6}]}}"));
        rig_end(&r);
}

/* The paths of conditions, all of them. */
Test(counts, sums_of_odd_names)
{
        struct rig r = rig_of("  tools: [{ tool: pay, sum: { '\"per\"': 10, '\"a.b\"[][].\"the price\"': 10 } }]");

        rig_start(&r);
        cr_expect(done(&r, "pay", "{\"per\":5,\"a.b\":[[{\"the price\":1},{\"the price\":2}],[{\"the price\":3}]]}"));
        cr_expect_not(done(&r, "pay", "{\"per\":0,\"a.b\":[[{\"the price\":4.1}]]}"));
        cr_expect_not(done(&r, "pay", "{\"per\":0,\"a\":{\"b\":[[{\"the price\":1}]]}}"));
        cr_expect_not(done(&r, "pay", "{\"per\":0,\"a.b\":[{\"the price\":1}]}"));
        cr_expect_not(done(&r, "pay", "{\"per\":5.1,\"a.b\":[[{\"the price\":0}]]}"));
        cr_expect(done(&r, "pay", "{\"per\":5,\"a.b\":[[{\"the price\":4}]]}"));
        rig_end(&r);
}

/* A refused call has taken nothing from anything. */
Test(counts, all_or_nothing)
{
        struct rig r = rig_of("  session: { calls: 100 }\n"
                              "  tools:\n"
                              "    - { tool: a, calls: 5 per day }\n"
                              "    - { tool: a, calls: 5 }\n"
                              "    - { tool: [a], calls: 2 per hour }\n");

        rig_start(&r);
        cr_assert(done(&r, "a", NULL) && done(&r, "a", NULL));
        for (int i = 0; i < 50; i++)
                cr_expect_not(done(&r, "a", NULL));
        r.now_ms += 2 * HOUR;
        cr_expect(done(&r, "a", NULL) && done(&r, "a", NULL));
        r.now_ms += 2 * HOUR;
        cr_expect(done(&r, "a", NULL));
        cr_expect_not(done(&r, "a", NULL));
        rig_end(&r);
}

Test(counts, without_a_store_a_window_refuses)
{
        struct rig r = rig_of("  tools: [{ tool: a, calls: 5 per day }]");

        cr_assert_eq(limits_new(&r.l, r.w.set, NULL), 0);
        cr_expect_not(done(&r, "a", NULL));
        cr_expect_eq(r.refusal.reason, LIMIT_UNCOUNTED);
        cr_expect(says(&r, "nothing runs uncounted. Tell the user: "));
        cr_expect_not(says(&r, "no place to keep it"));
        cr_expect(holds(&r.report, "cannot be counted (there is no place to keep it), and nothing runs uncounted."));
        cr_expect(done(&r, "b", NULL));
        rig_end(&r);
}

Test(counts, two_sessions_share_a_window_and_nothing_else)
{
        struct rig r = rig_of("  session: { calls: 3 }\n  tools: [{ tool: a, calls: 4 per day }]");
        struct limits *first;

        rig_start(&r);
        first = r.l;
        cr_assert(done(&r, "a", NULL) && done(&r, "a", NULL) && done(&r, "a", NULL));
        rig_start(&r);
        cr_expect(done(&r, "a", NULL));
        cr_expect_not(done(&r, "a", NULL));
        cr_expect(done(&r, "b", NULL));
        limits_free(first);
        rig_end(&r);
}

Test(counts, a_policy_read_anew_frees_nothing)
{
        static const char *const after = HEAD "limits: { session: { calls: 4 }, tools: [{ tool: x, calls: 1 }, { tool: a, calls: 4 }] }\n";
        struct rig r = rig_of("  session: { calls: 3 }\n  tools: [{ tool: a, calls: 2 }]");
        struct world other = world_good(after);
        struct limit_ticket *ticket;

        rig_start(&r);
        cr_assert(call(&r, "a", NULL, &ticket));
        cr_assert(done(&r, "a", NULL));
        cr_expect_not(done(&r, "a", NULL));
        cr_assert_eq(limits_set_policy(r.l, other.set), 0);
        world_end(&other);
        cr_expect(done(&r, "a", NULL));
        limits_give_back(r.l, ticket);
        cr_expect(done(&r, "a", NULL));
        cr_expect(done(&r, "a", NULL));
        cr_expect_not(done(&r, "a", NULL), "four of the tool, four of the session");
        rig_end(&r);
        CHECK_NO_LEAKS();
}

static void set_limits(struct rig *r, const char *limits)
{
        char text[2000];
        struct world w;

        snprintf(text, sizeof(text), HEAD "limits:\n%s\n", limits);
        w = world_good(text);
        cr_assert_eq(limits_set_policy(r->l, w.set), 0);
        world_end(&w);
}

Test(counts, a_limit_that_comes_back_goes_on_counting)
{
        struct rig r = rig_of("  tools: [{ tool: a, id: x, calls: 2 }]");
        struct limit_ticket *ticket;

        rig_start(&r);
        cr_assert(done(&r, "a", NULL));
        cr_assert(call(&r, "a", NULL, &ticket));
        set_limits(&r, "  session: { calls: 1000 }");
        cr_expect_eq(limits_counters(r.l), 1U);
        cr_expect(done(&r, "a", NULL));
        set_limits(&r, "  tools: [{ tool: a, id: x, calls: 2 }]");
        cr_expect_not(done(&r, "a", NULL));
        set_limits(&r, "  session: { calls: 1000 }");
        limits_give_back(r.l, ticket);
        set_limits(&r, "  tools: [{ tool: a, id: x, calls: 2 }]");
        cr_expect(done(&r, "a", NULL));
        cr_expect_not(done(&r, "a", NULL));
        rig_end(&r);
        CHECK_NO_LEAKS();
}

/* What was never used, and what the store has, is dropped; the rest is bounded, and nothing begins anew by being
 * forgotten. */
Test(counts, limits_that_are_gone_take_bounded_memory, .timeout = 300)
{
        struct rig r = rig_of("  tools: [{ tool: a, id: x, calls: 7 }]");
        struct world other = world_good(
                HEAD "limits: { tools: [{ tool: b, id: y, calls: 1 }, { tool: a, id: z, calls: 9 per day }] }\n");
        char limits[200];

        rig_start(&r);
        for (int i = 0; i < 7; i++)
                cr_assert(done(&r, "a", NULL));
        for (int i = 0; i < 100000; i++) {
                cr_assert_eq(limits_set_policy(r.l, i % 2 ? r.w.set : other.set), 0);
                cr_assert_leq(limits_counters(r.l), 3U);
        }
        cr_expect_not(done(&r, "a", NULL));
        for (int i = 0; i < 3000; i++) {
                snprintf(limits, sizeof(limits), "  tools: [{ tool: a, id: n%d, calls: 7 }]", i);
                set_limits(&r, limits);
                (void)done(&r, "a", NULL);
                cr_assert_leq(limits_counters(r.l), LIMIT_COUNTERS_KEPT + 1U);
        }
        cr_assert_eq(limits_set_policy(r.l, r.w.set), 0);
        cr_expect_not(done(&r, "a", NULL));
        world_end(&other);
        rig_end(&r);
        CHECK_NO_LEAKS();
}

Test(counts, of_policies_the_strictest)
{
        const char *texts[] = { HEAD "limits: { session: { calls: 9 }, tools: [{ tool: a, id: x, calls: 3 per day }] }\n",
                HEAD "limits: { session: { calls: 5 }, tools: [{ tool: \"*\", id: x, calls: 2 per day }] }\n" };
        struct rig r = rig_of("  session: { calls: 1 }");

        world_end(&r.w);
        r.w = world_of(texts, 2, NULL);
        cr_assert_eq(r.w.r, 0);
        rig_start(&r);
        cr_expect(done(&r, "a", NULL) && done(&r, "a", NULL));
        cr_expect_not(done(&r, "a", NULL));
        cr_expect(str_eq(r.refusal.limit->file, STR("b.yaml")));
        rig_end(&r);
}
