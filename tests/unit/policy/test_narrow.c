/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "alloc.h"
#include "arguments.h"
#include "leaks.h"

static const struct {
        const char *rules; /* under tools: */
        const char *arguments;
        enum policy_narrowing expected;
        const char *narrowed;
} cases[] = {
        { "allow: [t]", "{\"a\":1}", NARROW_NONE },
        { "allow: [{ tool: t, narrow: { a: { at_most: 50 } }, free: [b] }]", "{\"b\":1,\"a\":80}", NARROW_DONE, "{\"b\":1,\"a\":50}" },
        { "allow: [{ tool: t, narrow: { a: { at_most: 50 } } }]", "{\"a\":50.0}", NARROW_NONE },
        { "allow: [{ tool: t, narrow: { a: { at_most: 50 } } }]", "{\"a\":50.000000000000000000001}", NARROW_DONE, "{\"a\":50}" },
        { "allow: [{ tool: t, narrow: { a: { at_most: 50 } } }]", "{}", NARROW_NONE },
        { "allow: [{ tool: t, narrow: { a: { at_most: 50 } } }]", NULL, NARROW_NONE },
        { "allow: [{ tool: t, narrow: { a: { at_least: 5 } } }]", "{\"a\":-1}", NARROW_DONE, "{\"a\":5}" },
        { "allow: [{ tool: t, narrow: { a: { default: 20, at_most: 50 } } }]", NULL, NARROW_DONE, "{\"a\":20}" },
        { "allow: [{ tool: t, narrow: { a: { set: x } }, free: [b, c] }]", "{ \"b\" : \"\\u0062\", \"a\":1,\"c\":[ ]}", NARROW_DONE,
                "{\"b\":\"b\",\"a\":\"x\",\"c\":[]}" },
        { "allow: [{ tool: t, narrow: { a: { set: x } } }]", "{\"a\":\"x\"}", NARROW_NONE },
        { "allow: [{ tool: t, narrow: { a: { set: { k: [1, true, null] } } } }]", "{}", NARROW_DONE, "{\"a\":{\"k\":[1,true,null]}}" },
        { "allow: [{ tool: t, narrow: { a: { remove: true } }, free: [b] }]", "{\"a\":1,\"b\":2}", NARROW_DONE, "{\"b\":2}" },
        { "allow: [{ tool: t, narrow: { a: { remove: true } } }]", "{\"\\u0061\":1}", NARROW_DONE, "{}" },
        /* Within objects */
        { "allow: [{ tool: t, narrow: { a.b: { at_most: 5 } }, free: [a.c] }]", "{\"a\":{\"c\":1,\"b\":9}}", NARROW_DONE,
                "{\"a\":{\"c\":1,\"b\":5}}" },
        { "allow: [{ tool: t, narrow: { a.b: { set: 1 }, a.c: { default: 2 }, d.e: { at_most: 1 }, f.g: { remove: true } } }]", "{}",
                NARROW_DONE, "{\"a\":{\"b\":1,\"c\":2}}" },
        { "allow: [{ tool: t, open: true, narrow: { a.b: { set: 1 } } }]", "{\"a\":[1]}", NARROW_CONFLICT },
        { "allow: [{ tool: t, open: true, narrow: { a: { set: 5 } } }]", "{\"A\":9}", NARROW_CONFLICT },
        { "allow: [{ tool: t, open: true, narrow: { a.b: { remove: true } } }]", "{\"a\":{\"B\":1}}", NARROW_CONFLICT },
        { "allow: [{ tool: t, narrow: { '\"x y\"': { set: 1 } } }]", "{}", NARROW_DONE, "{\"x y\":1}" },
        /* Several rules */
        { "allow: [{ tool: t, open: true, narrow: { a: { at_most: 50 } } }, { tool: \"t*\", open: true, narrow: { a: { at_most: 40, at_least: 3 } } }]",
                "{\"a\":80}", NARROW_DONE, "{\"a\":40}" },
        { "allow: [{ tool: t, open: true, narrow: { a: { at_most: 5 } } }, { tool: \"t*\", open: true, narrow: { a: { at_least: 6 } } }]",
                "{\"a\":1}", NARROW_CONFLICT },
        { "allow: [{ tool: t, open: true, narrow: { a: { set: 1 } } }, { tool: \"t*\", open: true, narrow: { a: { set: 2 } } }]", "{}",
                NARROW_CONFLICT },
        { "allow: [{ tool: t, open: true, narrow: { a: { set: 1 } } }, { tool: \"t*\", open: true, narrow: { a: { remove: true } } }]", "{}",
                NARROW_CONFLICT },
        { "allow: [{ tool: t, open: true, narrow: { a: { set: 9 } } }, { tool: \"t*\", open: true, narrow: { a: { at_most: 5 } } }]", "{}",
                NARROW_CONFLICT },
        { "allow: [{ tool: t, open: true, narrow: { a: { set: 9 } } }, { tool: \"t*\", open: true, narrow: { a: { at_most: 5 } } }]", "{\"a\":9}",
                NARROW_CONFLICT },
        { "allow: [{ tool: t, open: true, narrow: { a: { set: 9 } } }, { tool: \"t*\", open: true, narrow: { a: { at_most: 5 } } }]", "{\"a\":\"x\"}",
                NARROW_CONFLICT },
        { "allow: [{ tool: t, open: true, narrow: { a: { default: 9 } } }, { tool: \"t*\", open: true, narrow: { a: { at_most: 5 } } }]", "{}",
                NARROW_DONE, "{\"a\":5}" },
        { "allow: [{ tool: t, open: true, narrow: { a: { default: 1 } } }, { tool: \"t*\", open: true, narrow: { a: { default: 2 } } }]", "{}",
                NARROW_CONFLICT },
        { "allow: [{ tool: t, open: true, narrow: { a: { default: 1 } } }, { tool: \"t*\", open: true, narrow: { a: { default: 2 } } }]",
                "{\"a\":3}", NARROW_NONE },
        { "allow: [{ tool: t, open: true, narrow: { a: { default: 1 } } }, { tool: \"t*\", open: true, narrow: { a: { remove: true } } }]",
                "{\"a\":3}", NARROW_CONFLICT },
        { "allow: [{ tool: t, open: true, narrow: { a: { set: {} } } }, { tool: \"t*\", open: true, narrow: { a.b: { set: 2 } } }]", "{}",
                NARROW_CONFLICT },
        { "allow: [{ tool: t, open: true, narrow: { a.b: { set: 2 } } }, { tool: \"t*\", open: true, narrow: { a: { remove: true } } }]", "{}",
                NARROW_CONFLICT },
        { "approve: [{ tool: t, narrow: { a: { set: 1 } } }]", "{}", NARROW_DONE, "{\"a\":1}" },
        { "allow: [{ tool: t, when: { a: 2 }, open: true, narrow: { b: { set: 1 } } }, t]", "{\"a\":1}", NARROW_NONE },
        /* A narrowed call that further rules match */
        { "allow: [{ tool: t, narrow: { a: { at_most: 5 } } }, { tool: t, open: true, when: { a: 5 }, narrow: { b: { set: 1 } } }]", "{\"a\":9}",
                NARROW_DONE, "{\"a\":5,\"b\":1}" },
        { "allow: [{ tool: t, when: { a: 1 }, narrow: { a: { set: 2 } } }, { tool: t, when: { a: 2 }, narrow: { a: { set: 1 } } }]", "{\"a\":1}",
                NARROW_CONFLICT },
};

Test(narrow, changes_what_the_rules_say)
{
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                char policy[1024];
                AUTO_BUF struct buf out = BUF_INIT(LIMIT_LINE_BYTES);
                AUTO_BUF struct buf again = BUF_INIT(LIMIT_LINE_BYTES);
                enum policy_narrowing narrowing;
                struct call call;

                snprintf(policy, sizeof(policy), HEAD "tools: { %s }\n", cases[i].rules);
                call = call_of(policy, "t", cases[i].arguments);
                call.request.doc = &call.doc;
                narrowing = policy_set_narrow(call.w.set, &call.request, &out);
                cr_expect_eq(narrowing, cases[i].expected, "case %zu: %d", i, narrowing);
                if (narrowing != NARROW_DONE) {
                        cr_expect_eq(out.len, 0, "case %zu", i);
                        call_end(&call);
                        continue;
                }
                cr_expect(str_eq(buf_str(&out), str_from(cases[i].narrowed)), "case %zu: %.*s", i, STR_FMT(buf_str(&out)));
                cr_expect(call.decision.narrows, "case %zu", i);
                buf_append_char(&out, '\0');
                call_arguments(&call, out.data);
                cr_expect_eq(policy_set_narrow(call.w.set, &call.request, &again), NARROW_NONE, "case %zu: again", i);
                call_end(&call);
        }
        CHECK_NO_LEAKS();
}

/* The narrowing of all policies is applied. */
Test(narrow, of_several_policies)
{
        static const char *const texts[] = { HEAD "tools: { allow: [{ tool: t, narrow: { a: { at_most: 9 } } }] }\n",
                HEAD "tools: { allow: [\"**\"] }\n", HEAD "tools: { allow: [{ tool: t, narrow: { a: { at_most: 4 } } }] }\n" };
        AUTO_BUF struct buf out = BUF_INIT(LIMIT_LINE_BYTES);
        struct call call = call_start(world_of(texts, 3, NULL), "t");

        call_arguments(&call, "{\"a\":7}");
        cr_expect(call.decision.narrows);
        cr_expect_eq(policy_set_narrow(call.w.set, &call.request, &out), NARROW_DONE);
        cr_expect(str_eq(buf_str(&out), STR("{\"a\":4}")));
        call_end(&call);
}

/* Each rule hands the call to the next: so many rounds are made, and none more. */
Test(narrow, rounds_have_a_limit)
{
        for (size_t more = 0; more < 2; ++more) {
                AUTO_BUF struct buf policy = BUF_INIT(65536);
                AUTO_BUF struct buf out = BUF_INIT(LIMIT_LINE_BYTES);
                /* The last round sees that nothing changes. */
                size_t steps = LIMIT_NARROW_ROUNDS - 1 + more;
                struct call call;

                buf_printf(&policy, HEAD "tools:\n  allow:\n");
                for (size_t i = 0; i < steps; ++i)
                        buf_printf(&policy, "    - { tool: t, when: { a: %zu }, narrow: { a: { set: %zu } } }\n", i, i + 1);
                buf_append_char(&policy, '\0');
                call = call_of(policy.data, "t", "{\"a\":0}");
                call.request.doc = &call.doc;
                cr_expect_eq(policy_set_narrow(call.w.set, &call.request, &out), more ? NARROW_CONFLICT : NARROW_DONE);
                call_end(&call);
        }
}

static size_t left;

static void *failing_resize(void *userdata, void *ptr, size_t size)
{
        if (left == 0)
                return NULL;
        --left;
        return realloc(ptr, size);
}

static void failing_release(void *userdata, void *ptr)
{
        free(ptr);
}

/* Without memory the call is denied, never passed on as it was. */
Test(narrow, without_memory_it_is_a_conflict)
{
        const struct allocator failing = { failing_resize, failing_release, NULL };
        enum policy_narrowing narrowing = NARROW_CONFLICT;
        size_t n = 0;

        mem_set_allocator(&failing);
        left = SIZE_MAX;
        {
                struct call call = call_of(HEAD "tools: { allow: [{ tool: t, narrow: { a: { at_most: 5 } } }] }\n", "t", "{\"a\":9}");

                call.request.doc = &call.doc;
                for (; narrowing != NARROW_DONE && n < 100; ++n) {
                        struct buf out = BUF_INIT(LIMIT_LINE_BYTES);

                        left = n;
                        narrowing = policy_set_narrow(call.w.set, &call.request, &out);
                        cr_expect_neq(narrowing, NARROW_NONE, "allocation %zu", n);
                        buf_deinit(&out);
                }
                cr_expect_gt(n, 3);
                cr_expect_lt(n, 100);
                left = SIZE_MAX;
                call_end(&call);
        }
        mem_set_allocator(NULL);
        CHECK_NO_LEAKS();
}
