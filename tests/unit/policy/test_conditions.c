/* SPDX-License-Identifier: Apache-2.0
 *
 * Conditions, each as an allow rule and as a deny rule has it: what is known to hold is allowed, what is known to fail is not
 * denied, and whatever else there is falls on the side of refusing.
 */
#include "arguments.h"
#include "leaks.h"

enum expected { HOLDS, FAILS, REFUSES /* false in an allow rule, true in a deny rule */ };

static const struct row {
        const char *when; /* of the argument x, or of several in braces */
        const char *arguments;
        enum expected expected;
        const char *keys; /* more of the rule's */
} rows[] = {
        /* Equality, by JSON type and value */
        { "x: acme", "{\"x\":\"acme\"}", HOLDS },
        { "x: acme", "{\"x\":\"ac\\u006de\"}", HOLDS },
        { "x: acme", "{\"x\":\"Acme\"}", FAILS },
        { "x: acme", "{\"x\":[\"acme\"]}", REFUSES },
        { "x: acme", "{\"x\":null}", REFUSES },
        { "x: acme", "{}", REFUSES },
        { "x: acme", "{\"y\":\"acme\"}", REFUSES },
        { "x: 5", "{\"x\":5}", HOLDS },
        { "x: 5", "{\"x\":5.0}", HOLDS },
        { "x: 5", "{\"x\":50e-1}", HOLDS },
        { "x: 5", "{\"x\":5.00000000000000000000000000000000001}", REFUSES },
        { "x: 5", "{\"x\":\"5\"}", REFUSES },
        { "x: \"5\"", "{\"x\":\"5\"}", HOLDS },
        { "x: \"5\"", "{\"x\":5}", REFUSES },
        { "x: true", "{\"x\":true}", HOLDS },
        { "x: true", "{\"x\":false}", FAILS },
        { "x: true", "{\"x\":\"true\"}", REFUSES },
        { "x: null", "{\"x\":null}", HOLDS },
        { "x: null", "{\"x\":0}", FAILS },
        { "x: { is_not: null }", "{\"x\":0}", HOLDS },
        { "x: { is_not: null }", "{\"x\":null}", FAILS },
        { "x: { is_not: null }", "{}", REFUSES },
        { "x: { is_not: main }", "{\"x\":\"dev\"}", HOLDS },
        { "x: { is_not: main }", "{\"x\":\"main\"}", FAILS },
        { "x: { is_not: main }", "{\"x\":[\"main\"]}", REFUSES },
        { "x: { is_not: main }", "{}", REFUSES },
        { "x: [a, 7, false]", "{\"x\":7.0}", HOLDS },
        { "x: [a, 7, false]", "{\"x\":\"b\"}", FAILS },
        { "x: [a, 7, false]", "{\"x\":null}", REFUSES },
        { "x: { none_of: [a, b] }", "{\"x\":\"c\"}", HOLDS },
        { "x: { none_of: [a, b] }", "{\"x\":\"b\"}", FAILS },
        { "x: { none_of: [a, b] }", "{\"x\":1}", REFUSES },
        { "x: { is: [1, a] }", "{\"x\":[1.0,\"a\"]}", HOLDS },
        { "x: { is: [1, a] }", "{\"x\":[\"a\",1]}", FAILS },
        { "x: { is: { a: 1, b: [] } }", "{\"x\":{\"b\":[],\"a\":1}}", HOLDS },
        { "x: { is: { a: 1, b: [] } }", "{\"x\":{\"a\":1}}", FAILS },
        { "x: 0.1", "{\"x\":1e-1000000000000000000000}", REFUSES },
        /* Numbers, exactly */
        { "x: { at_most: 100 }", "{\"x\":100}", HOLDS },
        { "x: { at_most: 100 }", "{\"x\":100.000000000000000000001}", REFUSES },
        { "x: { at_most: 9007199254740993 }", "{\"x\":9007199254740993}", HOLDS },
        { "x: { at_most: 9007199254740992 }", "{\"x\":9007199254740993}", REFUSES },
        { "x: { at_most: 100 }", "{\"x\":-1e300}", HOLDS },
        { "x: { at_most: 100 }", "{\"x\":\"7\"}", REFUSES },
        { "x: { at_most: 100 }", "{\"x\":true}", REFUSES },
        { "x: { at_most: 100 }", "{}", REFUSES },
        { "x: { at_least: 1, at_most: 10 }", "{\"x\":1}", HOLDS },
        { "x: { at_least: 1, at_most: 10 }", "{\"x\":0.999}", FAILS },
        { "x: { above: 1 }", "{\"x\":1}", FAILS },
        { "x: { above: 1 }", "{\"x\":1.1}", HOLDS },
        { "x: { below: 0 }", "{\"x\":-0.0}", FAILS },
        { "x: { below: 0 }", "{\"x\":-1e-300}", HOLDS },
        /* What a server that rounds takes for another number */
        { "x: 5", "{\"x\":5.000000000000001}", FAILS },
        { "x: 5", "{\"x\":4.99999999999999999999}", REFUSES },
        { "x: { is_not: 5 }", "{\"x\":5.00000000000000000001}", REFUSES },
        { "x: { none_of: [9007199254740992, 7] }", "{\"x\":9007199254740993}", REFUSES },
        { "x: { none_of: [9007199254740992, 7] }", "{\"x\":9007199254740994}", HOLDS },
        { "x: { is_not: 9007199254740993 }", "{\"x\":9007199254740993}", FAILS },
        { "x: { below: 100 }", "{\"x\":99.9999999999999999999}", REFUSES },
        { "x: { above: 0 }", "{\"x\":1e-400}", REFUSES },
        { "x: { above: 0 }", "{\"x\":1e-300}", HOLDS },
        { "x: { at_most: 100 }", "{\"x\":99.9999999999999999999}", HOLDS },
        { "x: { at_least: 1 }", "{\"x\":0.99999999999999999999}", REFUSES },
        { "x: 0", "{\"x\":-0.0}", HOLDS },
        /* Texts */
        { "x: { like: \"a*z\" }", "{\"x\":\"a and z\"}", HOLDS },
        { "x: { like: \"a*z\" }", "{\"x\":\"a\xC3\xA9z\"}", HOLDS },
        { "x: { like: \"a?z\" }", "{\"x\":\"a\xC3\xA9z\"}", HOLDS },
        { "x: { like: \"a*z\" }", "{\"x\":\"by\"}", FAILS },
        { "x: { like: [\"a*\", \"b*\"] }", "{\"x\":\"bz\"}", HOLDS },
        { "x: { like: \"a*\" }", "{\"x\":1}", REFUSES },
        { "x: { matches: '[a-z]+' }", "{\"x\":\"abc\"}", HOLDS },
        { "x: { matches: '[a-z]+' }", "{\"x\":\"abc1\"}", FAILS },
        { "x: { matches: '[a-z]+' }", "{\"x\":\"abc\\n\"}", FAILS },
        { "x: { matches: 'a|bc' }", "{\"x\":\"bcd\"}", FAILS },
        { "x: { matches: '.' }", "{\"x\":\"\xC3\xA9\"}", HOLDS },
        { "x: { search: '[0-9]' }", "{\"x\":\"abc1\"}", HOLDS },
        { "x: { search: '[0-9]' }", "{\"x\":\"abc\"}", FAILS },
        { "x: { search: '[0-9]' }", "{\"x\":12}", REFUSES },
        { "x: { search: '(a+)+$' }", "{\"x\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"}", REFUSES },
        { "x: { starts_with: ab }", "{\"x\":\"abc\"}", HOLDS },
        { "x: { starts_with: ab }", "{\"x\":\"a\"}", FAILS },
        { "x: { starts_with: [ab, cd] }", "{\"x\":\"cde\"}", HOLDS },
        { "x: { ends_with: .md }", "{\"x\":\"a.\\u006dd\"}", HOLDS },
        { "x: { ends_with: .md }", "{\"x\":\"a.mdx\"}", FAILS },
        { "x: { contains: b }", "{\"x\":\"abc\"}", HOLDS },
        { "x: { contains: b }", "{\"x\":\"\"}", FAILS },
        { "x: { contains: b }", "{\"x\":[\"b\"]}", REFUSES },
        /* Length: characters, or items */
        { "x: { length: { at_most: 3 } }", "{\"x\":\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"}", HOLDS },
        { "x: { length: { at_most: 3 } }", "{\"x\":\"\\u00e9\\ud83d\\ude00ab\"}", FAILS },
        { "x: { length: { at_most: 2 } }", "{\"x\":[1,[2,3,4]]}", HOLDS },
        { "x: { length: 2 }", "{\"x\":\"ab\"}", HOLDS },
        { "x: { length: 2 }", "{\"x\":\"abc\"}", FAILS },
        { "x: { length: { above: 0 } }", "{\"x\":{}}", REFUSES },
        { "x: { length: { above: 0 } }", "{\"x\":5}", REFUSES },
        /* Items */
        { "x: { each: [a, b] }", "{\"x\":[\"a\",\"b\",\"a\"]}", HOLDS },
        { "x: { each: [a, b] }", "{\"x\":[\"a\",\"c\"]}", FAILS },
        { "x: { each: [a, b] }", "{\"x\":[\"a\",1]}", REFUSES },
        { "x: { each: [a, b] }", "{\"x\":[]}", REFUSES },
        { "x: { each: [a, b], optional: true }", "{\"x\":\"a\"}", REFUSES },
        { "x: { any: a }", "{\"x\":[1,\"a\"]}", HOLDS },
        { "x: { any: a }", "{\"x\":[\"b\"]}", FAILS },
        { "x: { any: a }", "{\"x\":[]}", FAILS },
        { "x: { any: a }", "{\"x\":[\"b\",1]}", REFUSES },
        { "x: { each: { each: { above: 0 } } }", "{\"x\":[[1],[2,3]]}", HOLDS },
        /* Shape */
        { "x: { present: true }", "{\"x\":null}", HOLDS },
        { "x: { present: true }", "{}", FAILS },
        { "x: { absent: true }", "{}", HOLDS },
        { "x: { absent: true }", "{\"x\":null}", FAILS },
        { "x: { present: false }", "{}", HOLDS },
        { "x: { type: integer }", "{\"x\":1.0}", HOLDS },
        { "x: { type: integer }", "{\"x\":1.5}", FAILS },
        { "x: { type: [string, null] }", "{\"x\":null}", HOLDS },
        { "x: { type: object }", "{\"x\":[]}", FAILS },
        { "x: { type: object }", "{}", REFUSES },
        /* What other layers read */
        { "x: { within: [/srv/a, /srv/b] }", "{\"x\":\"/srv/b/./c\"}", HOLDS },
        { "x: { within: /srv/a }", "{\"x\":\"/srv/ab\"}", FAILS },
        { "x: { within: /srv/a }", "{\"x\":\"/srv/a/../b\"}", REFUSES },
        { "x: { within: /srv/a }", "{\"x\":\"c\"}", REFUSES },
        { "x: { within: /srv/a }", "{\"x\":\"c\"}", HOLDS, ", cwd: /srv/a" },
        { "x: { within: /srv/a }", "{\"x\":\"b/c\"}", FAILS, ", cwd: /srv" },
        { "x: { within: /srv/a }", "{\"x\":[\"/srv/a\"]}", REFUSES },
        { "x: { each: { within: /srv/a } }", "{\"x\":[\"/srv/a\",\"/srv/a/b\"]}", HOLDS },
        { "x: { url: { host: github.com } }", "{\"x\":\"https://github.com/a\"}", HOLDS },
        { "x: { url: { host: github.com } }", "{\"x\":\"https://evil.example/a\"}", FAILS },
        { "x: { url: { host: github.com } }", "{\"x\":\"https://github.com@evil.example/\"}", REFUSES },
        { "x: { url: { scheme: https, host: ['*.example.com', example.com], port: [443, 8443], path: '/docs/**' } }",
                "{\"x\":\"https://a.example.com:8443/docs/b/c\"}", HOLDS },
        { "x: { url: { host: example.com, path: '/docs/*' } }", "{\"x\":\"https://example.com/docs/b/c\"}", FAILS },
        { "x: { url: { host: example.com, port: 80 } }", "{\"x\":\"https://example.com:8080/\"}", FAILS },
        { "x: { url: { host: public } }", "{\"x\":\"http://8.8.8.8/\"}", HOLDS },
        { "x: { url: { host: '*' } }", "{\"x\":\"http://printer.local/\"}", HOLDS },
        { "x: { mail: acme.example }", "{\"x\":\"ann@acme.example\"}", HOLDS },
        { "x: { mail: acme.example }", "{\"x\":\"ann@evil.example\"}", FAILS },
        { "x: { mail: [acme.example, '*.acme.example'] }", "{\"x\":[\"ann@acme.example\",\"bo@mail.acme.example\"]}", HOLDS },
        { "x: { mail: acme.example }", "{\"x\":[\"ann@acme.example\",\"eve@evil.example\"]}", REFUSES },
        { "x: { mail: acme.example }", "{\"x\":[\"eve@evil.example\"]}", FAILS },
        { "x: { mail: acme.example }", "{\"x\":[]}", REFUSES },
        { "x: { command: 'git log **' }", "{\"x\":\"git log a b\"}", HOLDS },
        { "x: { command: ['git log **', 'git status'] }", "{\"x\":\"git push\"}", FAILS },
        { "x: { command: 'git log **' }", "{\"x\":\"git log; rm -rf /\"}", REFUSES },
        { "x: { sql: read }", "{\"x\":\"SELECT a FROM b WHERE c = 1\"}", HOLDS },
        { "x: { sql: read }", "{\"x\":\"DELETE FROM b\"}", REFUSES },
        { "x: { sql: read }", "{\"x\":7}", REFUSES },
        /* Paths */
        { "a.b: 1", "{\"a\":{\"b\":1}}", HOLDS },
        { "a.b: 1", "{\"a\":{\"b\":2}}", FAILS },
        { "a.b: 1", "{\"a\":{}}", REFUSES },
        { "a.b: 1", "{\"a\":[{\"b\":1}]}", REFUSES },
        { "a.b: { absent: true }", "{\"a\":7}", REFUSES },
        { "a.b: { absent: true }", "{}", HOLDS },
        { "'\"a.b\"': 1", "{\"a.b\":1}", HOLDS },
        { "'\"a.b\"': 1", "{\"a\":{\"b\":1}}", REFUSES },
        { "'\"\\\"\\\\\"': 1", "{\"\\\"\\\\\":1}", HOLDS },
        { "x: { at_most: 5 }", NULL, REFUSES },
        /* A server that folds case may take another argument for the one meant */
        { "x: 1", "{\"x\":1,\"y\":1}", HOLDS },
        { "x: 1", "{\"x\":1,\"X\":2}", REFUSES },
        { "x: 1", "{\"x\":2,\"X\":1}", REFUSES },
        { "x: 1", "{\"x\":2,\"\\u0058\":1}", REFUSES },
        { "x: 1", "{\"x\":2,\"xX\":1}", FAILS },
        { "x: { at_most: 1, optional: true }", "{\"X\":9}", REFUSES },
        { "x: { present: true }", "{\"X\":1}", REFUSES },
        { "x: { absent: true }", "{\"X\":1}", REFUSES },
        { "repo_path: a", "{\"repo_path\":\"b\",\"repoPath\":\"a\"}", REFUSES },
        { "task: a", "{\"task\":\"b\",\"ta\xC5\xBFk\":\"a\"}", REFUSES },
        { "a.b: 1", "{\"a\":{\"b\":2},\"A\":{\"b\":1}}", REFUSES },
        { "a.b: 1", "{\"a\":{\"b\":2,\"B\":1}}", REFUSES },
        { "'a[].b': 1", "{\"a\":[{\"b\":2,\"B\":1}]}", REFUSES },
};

/* Allowed by an allow rule, let go by a deny rule. */
Test(conditions, hold_fail_or_refuse)
{
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                const struct row *row = &rows[i];
                const char *keys = row->keys ? row->keys : "", *arguments = row->arguments ? row->arguments : "nothing";
                char allows[1024], denies[1024];
                bool allowed, let_go;

                snprintf(allows, sizeof(allows), HEAD "tools:\n  allow:\n    - { tool: t, open: true, when: { %s }%s }\n", row->when, keys);
                snprintf(denies, sizeof(denies), HEAD "tools:\n  allow: [t]\n  deny:\n    - { tool: t, when: { %s }%s }\n", row->when, keys);
                allowed = arguments_verdict(allows, "t", row->arguments) == VERDICT_ALLOW;
                let_go = arguments_verdict(denies, "t", row->arguments) == VERDICT_ALLOW;
                cr_expect_eq(allowed, row->expected == HOLDS, "row %zu: %s of %s: allowed %d", i, row->when, arguments, allowed);
                cr_expect_eq(let_go, row->expected == FAILS, "row %zu: %s of %s: let go %d", i, row->when, arguments, let_go);
        }
        CHECK_NO_LEAKS();
}

/* Over items an allow rule wants it of every one, a deny rule of any. */
Test(conditions, paths_over_items)
{
        static const struct {
                const char *arguments;
                bool allowed, let_go;
        } cases[] = {
                { "{\"a\":[{\"b\":1},{\"b\":1}]}", true, false },
                { "{\"a\":[{\"b\":1},{\"b\":2}]}", false, false },
                { "{\"a\":[{\"b\":2},{\"b\":2}]}", false, true },
                { "{\"a\":[{\"b\":2},{}]}", false, false },
                { "{\"a\":[{\"b\":2},7]}", false, false },
                { "{\"a\":[]}", false, false },
                { "{\"a\":{\"b\":1}}", false, false },
                { "{}", false, false },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                cr_expect_eq(arguments_verdict(HEAD "tools:\n  allow:\n    - { tool: t, when: { 'a[].b': 1 } }\n", "t",
                                     cases[i].arguments) == VERDICT_ALLOW,
                        cases[i].allowed, "case %zu", i);
                cr_expect_eq(arguments_verdict(HEAD "tools:\n  allow: [t]\n  deny:\n    - { tool: t, when: { 'a[].b': 1 } }\n", "t",
                                     cases[i].arguments) == VERDICT_ALLOW,
                        cases[i].let_go, "case %zu", i);
        }
        CHECK_NO_LEAKS();
}

/* A list without items is as if it were not there. */
Test(conditions, presence_of_items)
{
        static const struct {
                const char *when, *arguments;
                bool holds;
        } cases[] = {
                { "{ 'a[]': { present: true } }", "{\"a\":[null]}", true },
                { "{ 'a[]': { present: true } }", "{\"a\":[]}", false },
                { "{ 'a[]': { present: true } }", "{}", false },
                { "{ 'a[].b': { absent: true } }", "{\"a\":[{}]}", true },
                { "{ 'a[].b': { absent: true } }", "{\"a\":[]}", true },
                { "{ 'a[].b': { absent: true } }", "{}", true },
                { "{ 'a[].b': { absent: true } }", "{\"a\":[{\"b\":1}]}", false },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                char allows[512], denies[512];

                snprintf(allows, sizeof(allows), HEAD "tools:\n  allow:\n    - { tool: t, open: true, when: %s }\n", cases[i].when);
                snprintf(denies, sizeof(denies), HEAD "tools:\n  allow: [t]\n  deny:\n    - { tool: t, when: %s }\n", cases[i].when);
                cr_expect_eq(arguments_verdict(allows, "t", cases[i].arguments) == VERDICT_ALLOW, cases[i].holds, "case %zu", i);
                cr_expect_eq(arguments_verdict(denies, "t", cases[i].arguments) == VERDICT_DENY, cases[i].holds, "case %zu", i);
        }
        CHECK_NO_LEAKS();
}

Test(conditions, optional_lifts_missing_and_nothing_else)
{
        static const char *const rules[] = { "{ x: { at_most: 5, optional: true } }", "{ x: { at_most: 5 } }, optional: true" };

        for (size_t i = 0; i < 2; ++i) {
                char allows[512], denies[512];

                snprintf(allows, sizeof(allows), HEAD "tools:\n  allow:\n    - { tool: t, when: %s }\n", rules[i]);
                snprintf(denies, sizeof(denies), HEAD "tools:\n  allow: [t]\n  deny:\n    - { tool: t, when: %s }\n", rules[i]);
                cr_expect_eq(arguments_verdict(allows, "t", "{}"), VERDICT_ALLOW);
                cr_expect_eq(arguments_verdict(allows, "t", "{\"x\":null}"), VERDICT_DENY);
                cr_expect_eq(arguments_verdict(allows, "t", "{\"x\":6}"), VERDICT_DENY);
                cr_expect_eq(arguments_verdict(denies, "t", "{}"), VERDICT_ALLOW);
                cr_expect_eq(arguments_verdict(denies, "t", "{\"x\":null}"), VERDICT_DENY);
                cr_expect_eq(arguments_verdict(denies, "t", "{\"x\":6}"), VERDICT_ALLOW);
        }
        cr_expect_eq(arguments_verdict(HEAD "tools:\n  allow:\n    - { tool: t, when: { x: { each: a, optional: true } } }\n", "t",
                             "{\"x\":[]}"),
                VERDICT_ALLOW);
        CHECK_NO_LEAKS();
}

Test(conditions, only_named_arguments)
{
        static const char policy[] = HEAD "tools:\n  allow:\n"
                                          "    - { tool: a, when: { x: 1, p.q: 2 }, free: ['l[].m', f] }\n"
                                          "    - { tool: b, free: [] }\n"
                                          "    - { tool: c, when: { x: 1 }, open: true }\n"
                                          "    - { tool: d, narrow: { n: { at_most: 5 } } }\n"
                                          "    - { tool: e, when: { x: { type: object } }, free: [x.y] }\n"
                                          "    - { tool: g, when: { x: 1 }, free: [X] }\n"
                                          "  deny:\n    - { tool: f, when: { x: 1 } }\n";
        static const struct {
                const char *tool, *arguments;
                enum policy_reason reason;
                const char *name;
        } cases[] = {
                { "a", "{\"x\":1,\"p\":{\"q\":2}}", POLICY_BY_RULE },
                { "a", "{\"x\":1,\"p\":{\"q\":2},\"f\":{\"any\":[1]}}", POLICY_BY_RULE },
                { "a", "{\"x\":1,\"p\":{\"q\":2},\"g\":1}", POLICY_UNNAMED_ARGUMENT, "\"g\"" },
                { "a", "{\"x\":1,\"p\":{\"q\":2,\"r\":0}}", POLICY_UNNAMED_ARGUMENT, "\"r\"" },
                { "a", "{\"x\":1,\"p\":{\"q\":2},\"l\":[{\"m\":1},{}]}", POLICY_BY_RULE },
                { "a", "{\"x\":1,\"p\":{\"q\":2},\"l\":[{\"m\":1},{\"n\":1}]}", POLICY_UNNAMED_ARGUMENT, "\"n\"" },
                { "a", "{\"x\":1,\"p\":{\"q\":2},\"l\":{\"m\":1}}", POLICY_UNNAMED_ARGUMENT, "\"m\"" },
                { "a", "{\"x\":1,\"p\":{\"q\":2},\"l\":[7]}", POLICY_UNNAMED_ARGUMENT, "\"l\"" },
                { "a", "{\"x\":1,\"p\":{\"q\":2},\"l\":{}}", POLICY_UNNAMED_ARGUMENT, "\"l\"" },
                { "a", "{\"x\":1,\"p\":{\"q\":2},\"l\":[]}", POLICY_BY_RULE },
                { "a", "{\"x\":1,\"p\":{\"q\":2},\"l\":[[]]}", POLICY_UNNAMED_ARGUMENT, "\"l\"" },
                { "a", "{\"x\":1,\"p\":{\"q\":2},\"X\":1}", POLICY_UNNAMED_ARGUMENT, "\"X\"" },
                { "a", "{\"x\":2,\"p\":{\"q\":2},\"g\":1}", POLICY_CONDITION },
                { "g", "{\"x\":1,\"X\":2}", POLICY_BY_RULE },
                { "b", "{}", POLICY_BY_RULE },
                { "b", NULL, POLICY_BY_RULE },
                { "b", "{\"\":1}", POLICY_UNNAMED_ARGUMENT, "\"\"" },
                { "c", "{\"x\":1,\"z\":1}", POLICY_BY_RULE },
                { "d", "{\"n\":1}", POLICY_BY_RULE },
                { "d", "{}", POLICY_BY_RULE },
                { "d", "{\"n\":\"1\"}", POLICY_CONDITION },
                { "d", "{\"m\":1}", POLICY_UNNAMED_ARGUMENT, "\"m\"" },
                { "e", "{\"x\":{\"y\":1,\"z\":1}}", POLICY_BY_RULE },
                { "f", "{\"x\":1,\"z\":1}", POLICY_BY_RULE },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                struct call call = call_of(policy, cases[i].tool, cases[i].arguments);

                cr_expect_eq(call.decision.reason, cases[i].reason, "case %zu: %d", i, call.decision.reason);
                if (cases[i].name)
                        cr_expect(str_eq(json_text(&call.doc, call.decision.argument), str_from(cases[i].name)), "case %zu", i);
                call_end(&call);
        }
        CHECK_NO_LEAKS();
}

Test(conditions, tell_which_one)
{
        static const char policy[] = HEAD "tools:\n"
                                          "  allow:\n"
                                          "    - tool: a\n"
                                          "      id: mine\n"
                                          "      because: It is for small pages.\n"
                                          "      when:\n"
                                          "        owner: [acme, 7]\n"
                                          "        page: { at_least: 1, at_most: 10 }\n"
                                          "    - { tool: a, when: { owner: umbrella } }\n"
                                          "  deny:\n"
                                          "    - { tool: b, when: { path: { like: \"/etc/*\" } } }\n";
        struct call call = call_of(policy, "a", "{\"owner\":\"acme\",\"page\":11}");

        cr_expect_eq(call.decision.reason, POLICY_CONDITION);
        cr_expect(str_eq(call.decision.rule_id, STR("mine")));
        cr_expect(str_eq(call.decision.condition, STR("page: at most 10")), "%.*s", STR_FMT(call.decision.condition));
        cr_expect_eq(call.decision.line, 6);
        cr_expect_eq(call.decision.condition_line, 11);
        cr_expect_eq(call.decision.condition_column, 39);
        call_end(&call);

        call = call_of(policy, "a", "{\"owner\":\"evil\",\"page\":11}");
        cr_expect(str_eq(call.decision.condition, STR("owner: one of \"acme\", 7")), "%.*s", STR_FMT(call.decision.condition));
        call_end(&call);

        call = call_of(policy, "b", "{\"path\":\"/etc/passwd\"}");
        cr_expect_eq(call.decision.reason, POLICY_BY_RULE);
        cr_expect(str_eq(call.decision.condition, STR("path: like \"/etc/*\"")), "%.*s", STR_FMT(call.decision.condition));
        call_end(&call);
        CHECK_NO_LEAKS();
}

Test(conditions, bound_values)
{
        static const struct policy_pair bindings[] = { { STR_INIT("org"), STR_INIT("a.*e") }, { STR_INIT("max"), STR_INIT("50") } };
        const struct policy_options options = { .bindings = bindings, .binding_count = 2 };
        const struct policy_options unknown = { .any_binding = true };
        static const char policy[] =
                HEAD "bind: [org, max]\ntools:\n  allow:\n"
                     "    - { tool: is, when: { x: \"${org}\" } }\n"
                     "    - { tool: is_not, when: { x: { is_not: \"${org}\" } } }\n"
                     "    - { tool: like, when: { x: { like: \"${org}/*\" } } }\n"
                     "    - { tool: matches, when: { x: { matches: '${org}/[a-z]+\\\\?' } } }\n"
                     "    - { tool: most, when: { x: { at_most: \"${max}\" } } }\n"
                     "    - { tool: text, when: { x: \"${max}\" } }\n"
                     "    - { tool: dollar, when: { x: \"\\\\${org}\" } }\n"
                     "  deny: [{ tool: deny, when: { x: \"${org}\" } }]\n";
        static const struct {
                const char *tool, *arguments;
                bool allowed;
        } cases[] = {
                { "is", "{\"x\":\"a.*e\"}", true },
                { "is", "{\"x\":\"axxe\"}", false },
                { "is_not", "{\"x\":\"axxe\"}", true },
                { "like", "{\"x\":\"a.*e/1\"}", true },
                { "like", "{\"x\":\"a.xe/1\"}", false },
                { "matches", "{\"x\":\"a.*e/ab\\\\\"}", true },
                { "matches", "{\"x\":\"a.*e/ab\"}", true },
                { "matches", "{\"x\":\"abe/ab\"}", false },
                { "most", "{\"x\":50}", true },
                { "most", "{\"x\":51}", false },
                { "text", "{\"x\":\"50\"}", true },
                { "text", "{\"x\":50}", false },
                { "dollar", "{\"x\":\"${org}\"}", true },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                struct call call = call_with(policy, &options, cases[i].tool, cases[i].arguments);

                cr_expect_eq(call.decision.verdict == VERDICT_ALLOW, cases[i].allowed, "case %zu", i);
                call_end(&call);
                call = call_with(policy, &unknown, cases[i].tool, cases[i].arguments);
                if (i < 12)
                        cr_expect_eq(call.decision.verdict, VERDICT_DENY, "case %zu without values", i);
                call_end(&call);
        }
        CHECK_NO_LEAKS();
}

static int resolve(void *userdata, struct str path, struct buf *ret)
{
        const char *to = userdata;

        if (!to)
                return -1;
        return buf_append_str(ret, str_eq(path, STR("/srv/a/link")) ? str_from(to) : path);
}

/* The caller looks at symbolic links. */
Test(conditions, paths_are_resolved)
{
        static const struct {
                const char *to;
                enum verdict verdict;
        } cases[] = { { "/srv/a/b", VERDICT_ALLOW }, { "/etc", VERDICT_DENY }, { NULL, VERDICT_DENY } };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                struct policy_host host = { resolve, (void *)(uintptr_t)cases[i].to };
                struct call call = call_of(HEAD "tools: { allow: [{ tool: t, when: { x: { within: /srv/a } } }] }\n", "t", NULL);

                call.request.host = &host;
                call_arguments(&call, "{\"x\":\"/srv/a/link\"}");
                cr_expect_eq(call.decision.verdict, cases[i].verdict, "case %zu", i);
                call_end(&call);
        }
}

Test(conditions, without_scratch_memory_they_refuse)
{
        static const char policy[] = HEAD "tools:\n  allow:\n    - { tool: a, when: { x: { search: a } } }\n"
                                          "    - { tool: b, when: { x: { contains: a } } }\n";
        static const char *const arguments[] = { "{\"x\":\"a\"}", "{\"x\":\"\\u0061\"}" };

        for (size_t i = 0; i < 4; ++i) {
                struct call call = call_of(policy, i < 2 ? "a" : "b", arguments[i % 2]);

                cr_expect_eq(call.decision.verdict, VERDICT_ALLOW, "case %zu", i);
                call.request.scratch = NULL;
                call.request.doc = &call.doc;
                policy_set_decide(call.w.set, &call.request, &call.decision);
                cr_expect_eq(call.decision.verdict, i == 2 ? VERDICT_ALLOW : VERDICT_DENY, "case %zu", i);
                call_end(&call);
        }
        CHECK_NO_LEAKS();
}

/* A text of @count times @piece in an argument's object. */
static char *long_argument(const char *before, const char *piece, size_t count, const char *after)
{
        size_t size = strlen(before) + count * strlen(piece) + strlen(after) + 1, n;
        char *text = malloc(size);

        n = (size_t)snprintf(text, size, "%s", before);
        for (size_t i = 0; i < count; ++i)
                n += (size_t)snprintf(text + n, size - n, "%s", piece);
        snprintf(text + n, size - n, "%s", after);
        return text;
}

Test(conditions, limits)
{
        static const struct {
                const char *when, *before, *piece, *after;
                size_t limit;
        } cases[] = {
                { "x: { search: a }", "{\"x\":\"", "a", "\"}", LIMIT_REGEX_SUBJECT_BYTES },
                /* One step for the list, one for each item but the last, which only looks whether any is left. */
                { "x: { each: { type: number } }", "{\"x\":[1", ",1", "]}", LIMIT_CONDITION_STEPS - 3 },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                for (size_t more = 0; more < 2; ++more) {
                        char policy[512];
                        char *arguments = long_argument(cases[i].before, cases[i].piece, cases[i].limit + more, cases[i].after);

                        snprintf(policy, sizeof(policy), HEAD "tools:\n  allow:\n    - { tool: t, when: { %s } }\n", cases[i].when);
                        cr_expect_eq(arguments_verdict(policy, "t", arguments), more ? VERDICT_DENY : VERDICT_ALLOW, "case %zu, %zu more",
                                i, more);
                        free(arguments);
                }
        }
        CHECK_NO_LEAKS();
}

Test(conditions, lists_ask_what_could_be)
{
        static const char policy[] = HEAD "tools:\n  allow: [plain, { tool: some, when: { x: 1 } }, { tool: [not, part], when: { x: 1 } }]\n"
                                          "  approve: [asked]\n"
                                          "  deny: [not, { tool: [part, plain], when: { x: 1 } }]\n";
        static const struct {
                const char *tool;
                enum verdict verdict;
        } cases[] = {
                { "plain", VERDICT_ALLOW },
                { "some", VERDICT_ALLOW },
                { "asked", VERDICT_APPROVE },
                { "not", VERDICT_DENY },
                { "part", VERDICT_ALLOW },
                { "other", VERDICT_DENY },
        };
        struct world w = world_good(policy);

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                struct policy_decision d;

                cr_expect_eq(policy_set_could_allow(w.set, POLICY_TOOL, str_from(cases[i].tool), 0, &d),
                        cases[i].verdict != VERDICT_DENY, "%s", cases[i].tool);
                cr_expect_eq(d.verdict, cases[i].verdict, "%s", cases[i].tool);
        }
        cr_expect(policy_set_has_conditions(w.set, POLICY_TOOL));
        cr_expect(!policy_set_has_conditions(w.set, POLICY_PROMPT));
        world_end(&w);
}

Test(conditions, approval_is_told)
{
        static const char policy[] = HEAD "lanes: { write: { live: call } }\ntools:\n  allow: [t, { tool: u, lane: write }]\n"
                                          "  approve:\n"
                                          "    - { tool: t, lane: write, say: \"Send {to[].name} {x}\", undo: Unsend it. }\n"
                                          "    - { tool: t, when: { x: 1 }, by: 3 }\n";
        struct call call = call_of(policy, "t", "{\"x\":1}");

        cr_expect_eq(call.decision.verdict, VERDICT_APPROVE);
        cr_expect_eq(call.decision.by, 3, "as many as any rule that matches wants");
        cr_expect(str_eq(call.decision.say, STR("Send {to[].name} {x}")));
        cr_expect(str_eq(call.decision.undo, STR("Unsend it.")));
        cr_expect(str_eq(call.decision.lane, STR("write")));
        cr_expect(policy_set_has_lanes(call.w.set));
        call_end(&call);
        call = call_of(policy, "t", "{\"x\":2}");
        cr_expect_eq(call.decision.by, 1);
        call_end(&call);
        call = call_of(policy, "u", NULL);
        cr_expect_eq(call.decision.verdict, VERDICT_ALLOW);
        cr_expect_eq(call.decision.by, 0);
        cr_expect(str_eq(call.decision.lane, STR("write")));
        call_end(&call);
}
