/* SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "leaks.h"

#define ALLOW(tool) "leastwise: 1\nname: p\npurpose: x\ntools: { allow: [" tool "] }\n"

/* A set of the texts, each under its own path. */
static struct policy_set *load(const char *const *paths, const char *const *texts, size_t count)
{
        struct policy_input inputs[4];
        struct diagnostics *diags = calloc(1, sizeof(*diags));
        const struct policy_options options = { .any_agent = true };
        struct policy_set *set = NULL;

        for (size_t i = 0; i < count; i++)
                inputs[i] = (struct policy_input){ str_from(paths[i]), str_from(texts[i]) };
        cr_assert_eq(policy_set_new(&set, inputs, count, &options, diags), 0, "%s%s", texts[0], diags->count ? diags->items[0].message : "");
        diagnostics_deinit(diags);
        free(diags);
        return set;
}

Test(compare, further_policies_narrow_and_all_else_may_widen)
{
        static const struct {
                const char *name;
                const char *paths[2][3], *texts[2][3];
                size_t counts[2];
                enum policy_change change;
        } rows[] = {
                { "the same", { { "a" }, { "a" } }, { { ALLOW("x") }, { ALLOW("x") } }, { 1, 1 }, POLICY_SAME },
                { "other bytes", { { "a" }, { "a" } }, { { ALLOW("x") }, { ALLOW("y") } }, { 1, 1 }, POLICY_BOTH },
                { "a comment", { { "a" }, { "a" } }, { { ALLOW("x") }, { ALLOW("x") "# less\n" } }, { 1, 1 }, POLICY_NARROWER },
                { "another path", { { "a" }, { "b" } }, { { ALLOW("x") }, { ALLOW("x") } }, { 1, 1 }, POLICY_NARROWER },
                { "one in front", { { "a" }, { "l", "a" } }, { { ALLOW("x") }, { ALLOW("y"), ALLOW("x") } }, { 1, 2 }, POLICY_NARROWER },
                { "one behind", { { "a" }, { "a", "l" } }, { { ALLOW("x") }, { ALLOW("x"), ALLOW("y") } }, { 1, 2 }, POLICY_NARROWER },
                { "one less", { { "l", "a" }, { "a" } }, { { ALLOW("y"), ALLOW("x") }, { ALLOW("x") } }, { 2, 1 }, POLICY_WIDER },
                { "one for another", { { "l", "a" }, { "m", "a" } }, { { ALLOW("y"), ALLOW("x") }, { ALLOW("z"), ALLOW("x") } }, { 2, 2 }, POLICY_BOTH },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct policy_set *before = load(rows[i].paths[0], rows[i].texts[0], rows[i].counts[0]);
                struct policy_set *after = load(rows[i].paths[1], rows[i].texts[1], rows[i].counts[1]);

                cr_expect_eq(policy_set_compare(before, after), rows[i].change, "%s", rows[i].name);
                policy_set_unref(before);
                policy_set_unref(after);
        }
        CHECK_NO_LEAKS();
}

Test(compare, what_counts_at_the_start)
{
        static const char *const texts[] = {
                ALLOW("x"), ALLOW("x") "server: { command: [a] }\n", ALLOW("x") "server: { env: { A: b } }\n",
                ALLOW("x") "server: { env: { A: c } }\n", ALLOW("x") "server: { inherit: [LANG] }\n",
                ALLOW("x") "credentials: { TOKEN: { from: env, name: A } }\n", ALLOW("x") "credentials: { TOKEN: { from: env, name: B } }\n",
                ALLOW("x") "audit: { durable: true }\n", ALLOW("x") "audit: { arguments: redacted }\n",
        };
        const size_t count = sizeof(texts) / sizeof(texts[0]);
        const char *path = "p";

        for (size_t i = 0; i < count; i++) {
                for (size_t j = 0; j < count; j++) {
                        struct policy_set *a = load(&path, &texts[i], 1), *b = load(&path, &texts[j], 1);

                        cr_expect_eq(policy_set_starts_alike(a, b), i == j, "%zu and %zu", i, j);
                        policy_set_unref(a);
                        policy_set_unref(b);
                }
        }
}

/* --- policy against policy --- */

#define RULES(tools) "leastwise: 1\nname: p\npurpose: x\ntools: " tools "\n"
#define ALLOWS(rule) RULES("{ allow: [" rule "] }")
#define WHEN(condition) ALLOWS("{ tool: t, when: { x: " condition " }, free: [z] }")
#define POLICY(rest) "leastwise: 1\nname: p\npurpose: x\n" rest "\n"

static const struct {
        const char *before, *after;
        enum policy_change there, back;
} pairs[] = {
        /* words */
        { ALLOWS("a"), ALLOWS("{ tool: a, id: b, because: c }"), POLICY_SAME, POLICY_SAME },
        { ALLOWS("a, b"), ALLOWS("b, a"), POLICY_SAME, POLICY_SAME },
        /* names */
        { ALLOWS("\"a*\""), ALLOWS("ab, \"ac*\", \"a?d\""), POLICY_NARROWER, POLICY_WIDER },
        { ALLOWS("\"**\""), ALLOWS("\"*\""), POLICY_NARROWER, POLICY_WIDER },
        { ALLOWS("\"[a-c]x\""), ALLOWS("\"[!d-z]x\""), POLICY_WIDER, POLICY_NARROWER },
        { ALLOWS("\"*a*\""), ALLOWS("\"*ab*\""), POLICY_NARROWER, POLICY_WIDER },
        { ALLOWS("a"), ALLOWS("b"), POLICY_BOTH, POLICY_BOTH },
        /* verdicts */
        { ALLOWS("a"), RULES("{ approve: [a] }"), POLICY_NARROWER, POLICY_WIDER },
        { ALLOWS("a"), RULES("{ allow: [a], approve: [a] }"), POLICY_NARROWER, POLICY_WIDER },
        { ALLOWS("\"*\""), RULES("{ allow: [\"*\"], deny: [a] }"), POLICY_NARROWER, POLICY_WIDER },
        { RULES("{ allow: [\"a*\"], deny: [\"*b\"] }"), RULES("{ allow: [\"a*\"], deny: [\"a*b\"] }"), POLICY_SAME, POLICY_SAME },
        { RULES("{ allow: [a], deny: [b] }"), ALLOWS("a"), POLICY_SAME, POLICY_SAME },
        { RULES("{ approve: [{ tool: a, by: 2 }] }"), RULES("{ approve: [{ tool: a, by: 3 }] }"), POLICY_NARROWER, POLICY_WIDER },
        { RULES("{ approve: [{ tool: a, say: b }] }"), RULES("{ approve: [{ tool: a, say: c }] }"), POLICY_BOTH, POLICY_BOTH },
        { RULES("{ allow: [a], deny: [{ tool: a, when: { x: 1 } }] }"), RULES("{ allow: [a], deny: [a] }"), POLICY_NARROWER, POLICY_WIDER },
        { RULES("{ allow: [a], deny: [{ tool: a, when: { x: { above: 5 } } }] }"),
                RULES("{ allow: [a], deny: [{ tool: a, when: { x: { above: 4 } } }] }"), POLICY_NARROWER, POLICY_WIDER },
        /* arguments */
        { ALLOWS("t"), ALLOWS("{ tool: t, free: [x] }"), POLICY_NARROWER, POLICY_WIDER },
        { ALLOWS("{ tool: t, free: [x, y.a] }"), ALLOWS("{ tool: t, free: [y.a] }"), POLICY_NARROWER, POLICY_WIDER },
        { ALLOWS("{ tool: t, free: [y] }"), ALLOWS("{ tool: t, free: [\"y[].a\"] }"), POLICY_NARROWER, POLICY_WIDER },
        { ALLOWS("{ tool: t, when: { x: { at_most: 3, optional: true } }, free: [z] }"), ALLOWS("{ tool: t, free: [z] }"), POLICY_NARROWER,
                POLICY_WIDER },
        { WHEN("{ at_most: 3, optional: true }"), WHEN("{ at_most: 3 }"), POLICY_NARROWER, POLICY_WIDER },
        { WHEN("{ at_most: 3 }"), WHEN("{ below: 3.0 }"), POLICY_NARROWER, POLICY_WIDER },
        { WHEN("{ at_most: 3 }"), WHEN("{ at_most: 30e-1 }"), POLICY_SAME, POLICY_SAME },
        { WHEN("{ at_most: 3 }"), WHEN("[1, 2, 3]"), POLICY_NARROWER, POLICY_WIDER },
        { WHEN("[a, b]"), WHEN("b"), POLICY_NARROWER, POLICY_WIDER },
        { WHEN("{ none_of: [a] }"), WHEN("{ none_of: [a, b] }"), POLICY_NARROWER, POLICY_WIDER },
        { WHEN("{ none_of: [a] }"), WHEN("{ none_of: [a, 1] }"), POLICY_BOTH, POLICY_BOTH },
        { WHEN("{ like: \"a*\" }"), WHEN("{ like: [\"a?\", ab] }"), POLICY_NARROWER, POLICY_WIDER },
        { WHEN("{ starts_with: a }"), WHEN("{ starts_with: [ab, ac] }"), POLICY_NARROWER, POLICY_WIDER },
        { WHEN("{ contains: b }"), WHEN("{ like: \"a*b\" }"), POLICY_NARROWER, POLICY_WIDER },
        { WHEN("{ matches: \"a+\" }"), WHEN("aa"), POLICY_NARROWER, POLICY_WIDER },
        { WHEN("{ length: { at_most: 5 } }"), WHEN("{ length: 5 }"), POLICY_NARROWER, POLICY_WIDER },
        { WHEN("{ each: { like: \"a*\" } }"), WHEN("{ each: [a, ab] }"), POLICY_NARROWER, POLICY_WIDER },
        { WHEN("{ any: [a, b] }"), WHEN("{ each: a }"), POLICY_NARROWER, POLICY_WIDER },
        { WHEN("{ type: number }"), WHEN("{ type: integer }"), POLICY_NARROWER, POLICY_WIDER },
        { WHEN("{ present: true }"), WHEN("{ type: [string, number] }"), POLICY_NARROWER, POLICY_WIDER },
        { WHEN("{ within: [/a, /b] }"), WHEN("{ within: /a }"), POLICY_NARROWER, POLICY_WIDER },
        /* /a/b may be a link to somewhere else */
        { WHEN("{ within: /a }"), WHEN("{ within: /a/b }"), POLICY_BOTH, POLICY_BOTH },
        { WHEN("{ mail: \"*.a.example\" }"), WHEN("{ mail: b.a.example }"), POLICY_NARROWER, POLICY_WIDER },
        { WHEN("{ url: { host: [a.example, \"*.b.example\"] } }"), WHEN("{ url: { host: c.b.example, path: \"/x/**\" } }"), POLICY_NARROWER,
                POLICY_WIDER },
        { WHEN("{ url: { host: \"*\" } }"), WHEN("{ url: { host: public } }"), POLICY_NARROWER, POLICY_WIDER },
        { WHEN("{ url: { host: public } }"), WHEN("{ url: { host: a.example } }"), POLICY_BOTH, POLICY_BOTH },
        { WHEN("{ command: [ls, \"cat *\"] }"), WHEN("{ command: ls }"), POLICY_NARROWER, POLICY_WIDER },
        { WHEN("{ sql: read }"), WHEN("{ sql: read, contains: a }"), POLICY_NARROWER, POLICY_WIDER },
        /* narrowing */
        { ALLOWS("{ tool: t, free: [x] }"), ALLOWS("{ tool: t, narrow: { x: { remove: true } } }"), POLICY_NARROWER, POLICY_WIDER },
        { ALLOWS("{ tool: t, narrow: { x: { at_most: 5 } } }"), ALLOWS("{ tool: t, narrow: { x: { at_most: 4 } } }"), POLICY_NARROWER,
                POLICY_WIDER },
        /* 5 is refused, not cut */
        { ALLOWS("{ tool: t, narrow: { x: { at_most: 5 } } }"), ALLOWS("{ tool: t, when: { x: { at_most: 5 } } }"), POLICY_NARROWER,
                POLICY_WIDER },
        { ALLOWS("{ tool: t, narrow: { x: { set: 1 } } }"), ALLOWS("{ tool: t, narrow: { x: { set: 2 } } }"), POLICY_BOTH, POLICY_BOTH },
        { ALLOWS("{ tool: t, narrow: { x: { set: a } } }"), ALLOWS("{ tool: t, narrow: { x: { set: a } }, because: b }"), POLICY_SAME, POLICY_SAME },
        { ALLOWS("t, { tool: t, narrow: { x: { default: a } } }"), ALLOWS("{ tool: t, narrow: { x: { default: a } } }, t"), POLICY_SAME,
                POLICY_SAME },
        /* other subjects */
        { POLICY("resources: { allow: [\"n://a/**\"] }"), POLICY("resources: { allow: [\"n://a/*\"] }"), POLICY_NARROWER, POLICY_WIDER },
        { POLICY("resources: { allow: [\"n://a/**\"], deny: [\"n://a/b\"] }"), POLICY("resources: { allow: [\"n://a/**\"] }"), POLICY_WIDER,
                POLICY_NARROWER },
        { POLICY("prompts: { allow: [a, b] }"), POLICY("prompts: { allow: [a] }"), POLICY_NARROWER, POLICY_WIDER },
        { POLICY("methods: { allow: [\"x/*\"] }"), POLICY("methods: { allow: [x/y] }"), POLICY_NARROWER, POLICY_WIDER },
        { POLICY("server_requests: { sampling: allow }"), POLICY("server_requests: { sampling: deny }"), POLICY_NARROWER, POLICY_WIDER },
        { POLICY("server_requests: { roots: [/a] }"), POLICY("server_requests: { roots: [/a/b] }"), POLICY_NARROWER, POLICY_WIDER },
        { POLICY("server_requests: { elicitation: { url: [\"https://a.example/**\"] } }"),
                POLICY("server_requests: { elicitation: { url: [\"https://a.example/b/**\"] } }"), POLICY_NARROWER, POLICY_WIDER },
        /* the rest */
        { POLICY(""), POLICY("until: 2030-01-01"), POLICY_NARROWER, POLICY_WIDER },
        { POLICY("until: 2030-01-02"), POLICY("until: 2030-01-01"), POLICY_NARROWER, POLICY_WIDER },
        { POLICY(""), POLICY("agents: [a]"), POLICY_NARROWER, POLICY_WIDER },
        { POLICY(""), POLICY("pins: a.lock"), POLICY_NARROWER, POLICY_WIDER },
        { POLICY("pins: b.lock"), POLICY("pins: a.lock"), POLICY_BOTH, POLICY_BOTH },
        { POLICY(""), POLICY("approvers: local"), POLICY_SAME, POLICY_SAME },
        { POLICY(""), POLICY("approvers: { signers: a }"), POLICY_BOTH, POLICY_BOTH },
        { POLICY("approvers: { signers: a }"), POLICY("approvers: { signers: b }"), POLICY_BOTH, POLICY_BOTH },
        { POLICY("approvers: { signers: a }"), POLICY("approvers: { signers: a, revoked: b }"), POLICY_BOTH, POLICY_BOTH },
        { POLICY("approvers: { signers: a }"), POLICY("approvers: { revoked: b, signers: a }"), POLICY_BOTH, POLICY_BOTH },
        { POLICY("approvers: { signers: a, revoked: b }"), POLICY("approvers: { revoked: b, signers: a }"), POLICY_SAME, POLICY_SAME },
        { POLICY("server: { command: [a] }"), POLICY("server: { command: [a, b] }"), POLICY_WIDER, POLICY_WIDER },
        { POLICY("server: { env: { A: b } }"), POLICY(""), POLICY_WIDER, POLICY_WIDER },
        { POLICY("credentials: { A: { from: env, name: B } }"), POLICY("credentials: { A: { from: env, name: C } }"), POLICY_WIDER,
                POLICY_WIDER },
        { POLICY(""), POLICY("limits: { session: { calls: 5 } }"), POLICY_NARROWER, POLICY_WIDER },
        { POLICY("limits: { call: { time: 5s } }"), POLICY("limits: { call: { time: 4s } }"), POLICY_NARROWER, POLICY_WIDER },
        { POLICY("limits: { tools: [{ tool: a, calls: 5 per hour }] }"), POLICY("limits: { tools: [{ tool: a, calls: 5 per day }] }"),
                POLICY_BOTH, POLICY_BOTH },
        { POLICY("limits: { tools: [{ tool: a, sum: { x: 9.5 } }] }"), POLICY("limits: { tools: [{ tool: a, sum: { x: 9.05 } }] }"),
                POLICY_NARROWER, POLICY_WIDER },
        { POLICY("flow: { marks: { m: { resource: \"file:///a/**\" }, n: { prompt: p } }, rules: [{ after: m, on: n, then: deny }] }"),
                POLICY("flow: { marks: { m: [{ resource: \"file:///**\" }], n: [a, { prompt: \"p*\" }] }, "
                       "rules: [{ after: m, on: n, then: deny }] }"),
                POLICY_NARROWER, POLICY_WIDER },
        { POLICY("flow: { marks: { m: [a], n: [b] }, rules: [{ after: m, on: n, then: deny }] }"),
                POLICY("flow: { marks: { m: [a], n: [{ prompt: b }] }, rules: [{ after: m, on: n, then: deny }] }"), POLICY_BOTH, POLICY_BOTH },
        { POLICY("flow: { marks: { m: [a], n: [b] }, rules: [{ after: m, on: n, then: approve }] }"),
                POLICY("flow: { marks: { m: [\"a*\"], n: [b, c] }, rules: [{ after: m, on: n, then: deny }] }"), POLICY_NARROWER, POLICY_WIDER },
        { POLICY(""), POLICY("results: { strip: [terminal-escapes] }"), POLICY_NARROWER, POLICY_WIDER },
        { POLICY(""), POLICY("tests: [{ call: a, expect: deny }]"), POLICY_SAME, POLICY_SAME },
};

static enum policy_change change_of(const char *before, const char *after)
{
        static const char *const path = "p.yaml";
        struct policy_set *sets[2] = { load(&path, &before, 1), load(&path, &after, 1) };
        struct policy_comparison comparison;
        enum policy_change change;

        cr_assert_eq(policy_compare(&comparison, sets[0], sets[1], true), 0);
        change = comparison.change;
        for (size_t i = 0; i < comparison.count; i++)
                cr_expect_str_neq(comparison.items[i].text.ptr, "the two policies decide differently", "%s%s", before, after);
        policy_comparison_deinit(&comparison);
        policy_set_unref(sets[0]);
        policy_set_unref(sets[1]);
        return change;
}

Test(compare, changes_of_all_kinds)
{
        for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
                cr_expect_eq(change_of(pairs[i].before, pairs[i].after), pairs[i].there, "%s%s", pairs[i].before, pairs[i].after);
                cr_expect_eq(change_of(pairs[i].after, pairs[i].before), pairs[i].back, "back: %s%s", pairs[i].before, pairs[i].after);
                cr_expect_eq(change_of(pairs[i].before, pairs[i].before), POLICY_SAME);
        }
        CHECK_NO_LEAKS();
}
