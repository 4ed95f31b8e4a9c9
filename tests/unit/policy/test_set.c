/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "alloc.h"
#include "leaks.h"
#include "limit.h"
#include "world.h"

static const char all_kinds[] = HEAD
        "owner: me\nuntil: 2030-01-01\nbind: [org]\nagents: [ci]\n"
        "server: { command: [prog, -x], env: { A: '${org}', B: x }, inherit: [LANG, TZ] }\n"
        "credentials:\n"
        "  T: { from: env, name: SRC }\n"
        "  F: { from: file, path: /run/secret }\n"
        "  E: { from: exec, command: [helper, get], timeout: 5s }\n"
        "tools: { allow: [a, 'b_${org}*', { tool: [c, d], id: cd, because: why }], deny: ['z*'] }\n"
        "resources: { allow: ['note://${org}/**'] }\n"
        "prompts: { allow: [p] }\n"
        "server_requests: { sampling: allow, elicitation: { form: deny, url: ['https://x.org/**'] }, roots: [/srv] }\n"
        "methods: { allow: [m] }\n"
        "audit: { arguments: redacted, durable: true }\n";

static const struct policy_pair org_acme[] = { { STR_INIT("org"), STR_INIT("acme") } };
static const struct policy_options acme_ci = { .bindings = org_acme, .binding_count = 1, .agent = STR_INIT("ci") };

/* Whoever does not say otherwise wants it. */
Test(set, arguments_are_held_against_schemas_unless_all_say_off)
{
        static const char *const off = HEAD "schema: off\n", *const on = HEAD "schema: on\n", *const silent = HEAD;
        const struct {
                const char *texts[2];
                size_t count;
                bool checks;
        } rows[] = {
                { { silent }, 1, true },
                { { on }, 1, true },
                { { off }, 1, false },
                { { off, off }, 2, false },
                { { off, silent }, 2, true },
                { { on, off }, 2, true },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct world w = world_of(rows[i].texts, rows[i].count, NULL);

                cr_assert_eq(w.r, 0);
                cr_expect_eq(policy_set_checks_schema(w.set), rows[i].checks, "%zu", i);
                world_end(&w);
        }
        CHECK_NO_LEAKS();
}

Test(set, what_it_says_about_starting_the_server)
{
        const char *text = all_kinds;
        struct world w = world_of(&text, 1, &acme_ci);
        struct policy_launch l;

        cr_assert_eq(w.r, 0, "%s", w.diags.count ? w.diags.items[0].message : "");
        policy_set_launch(w.set, &l);
        cr_assert_eq(l.command_count, 2);
        cr_expect(str_eq(l.command[0], STR("prog")) && str_eq(l.command[1], STR("-x")));
        cr_assert_eq(l.env_count, 2);
        cr_expect(str_eq(l.env[0].name, STR("A")) && str_eq(l.env[0].value, STR("acme")));
        cr_assert_eq(l.inherit_count, 2);
        cr_expect(str_eq(l.inherit[1], STR("TZ")));
        cr_assert_eq(l.credential_count, 3);
        cr_expect_eq(l.credentials[0].from, CREDENTIAL_ENV);
        cr_expect(str_eq(l.credentials[0].env_name, STR("T")) && str_eq(l.credentials[0].source, STR("SRC")));
        cr_expect_eq(l.credentials[1].from, CREDENTIAL_FILE);
        cr_expect(str_eq(l.credentials[1].source, STR("/run/secret")));
        cr_expect_eq(l.credentials[1].timeout_ms, 10000);
        cr_expect_eq(l.credentials[2].from, CREDENTIAL_EXEC);
        cr_expect_eq(l.credentials[2].argc, 2);
        cr_expect_eq(l.credentials[2].timeout_ms, 5000);
        cr_expect_eq(l.credentials[2].line, 12);
        cr_expect(str_eq(l.credentials[2].file, STR("a.yaml")));
        cr_expect_eq(l.audit_arguments, POLICY_AUDIT_REDACTED);
        cr_expect(l.audit_durable);
        cr_expect_eq(policy_set_count(w.set), 1);
        cr_expect(str_eq(policy_set_name(w.set, 0), STR("test")));
        cr_expect(str_eq(policy_set_purpose(w.set, 0), STR("a test")));
        cr_expect(str_eq(policy_set_path(w.set, 0), STR("a.yaml")));
        world_end(&w);
        CHECK_NO_LEAKS();
}

Test(set, the_digest_is_of_the_files_bytes)
{
        struct world w = world_good("leastwise: 1\nname: x\npurpose: y\n");

        cr_expect(str_eq(policy_set_digest(w.set, 0),
                          STR("sha256:eb09078cf94596703e19ddfd11994e3625831f6a3448f5943ab90222f6c20530")),
                "%.*s", STR_FMT(policy_set_digest(w.set, 0)));
        world_end(&w);
        CHECK_NO_LEAKS();
}

Test(set, policies_are_merged_and_conflicts_refused)
{
        static const struct {
                const char *a, *b;
                const char *code; /* NULL: no conflict */
        } rows[] = {
                { "server: { command: [a] }\n", "server: { command: [a] }\n", NULL },
                { "server: { command: [a] }\n", "server: { command: [a, b] }\n", P_COMMAND_CONFLICT },
                { "server: { command: [a, b] }\n", "server: { command: [a, c] }\n", P_COMMAND_CONFLICT },
                { "server: { env: { A: x } }\n", "server: { env: { A: x } }\n", NULL },
                { "server: { env: { A: x } }\n", "server: { env: { A: y } }\n", P_ENV_CONFLICT },
                { "credentials: { A: { from: env, name: X } }\n", "credentials: { A: { from: env, name: X } }\n",
                        NULL },
                { "credentials: { A: { from: env, name: X } }\n", "credentials: { A: { from: env, name: Y } }\n",
                        P_ENV_CONFLICT },
                { "credentials: { A: { from: exec, command: [x] } }\n",
                        "credentials: { A: { from: exec, command: [x, y] } }\n", P_ENV_CONFLICT },
                { "credentials: { A: { from: env, name: X } }\n", "server: { env: { A: x } }\n", P_ENV_CONFLICT },
                { "server: { inherit: [A] }\n", "credentials: { A: { from: env, name: X } }\n", P_ENV_CONFLICT },
                { "server: { inherit: [A] }\n", "server: { env: { A: x } }\n", P_ENV_CONFLICT },
                { "server: { inherit: [A], env: { A: x } }\n", "", P_ENV_TWICE },
                { "server: { inherit: [A] }\n", "server: { inherit: [A, B] }\n", NULL },
                { "server: { env: { U: 'u:{{A}}' } }\ncredentials: { A: { from: env, name: X } }\n", "lanes: { w: {} }\n", P_PLACEHOLDER },
                { "server: { env: { U: 'u:{{A}}' } }\ncredentials: { A: { from: env, name: X } }\n",
                        "lanes: { w: { credentials: { A: { from: env, name: Y } } } }\n", NULL },
                { "lanes: { w: { credentials: { A: { from: env, name: X }, B: { from: env, name: Y } }, live: 1s } }\n",
                        "lanes: { w: { credentials: { B: { from: env, name: Y }, A: { from: env, name: X } }, live: 1s } }\n", NULL },
                { "lanes: { w: { credentials: { A: { from: env, name: X } } } }\n",
                        "lanes: { w: { credentials: { A: { from: env, name: Y } } } }\n", P_LANE_CONFLICT },
                { "lanes: { w: { credentials: { A: { from: env, name: X } } } }\n", "lanes: { w: {} }\n", P_LANE_CONFLICT },
                { "lanes: { w: {} }\n", "lanes: { w: { live: call } }\n", P_LANE_CONFLICT },
                { "lanes: { w: {} }\n", "lanes: { w: { live: 1s } }\n", P_LANE_CONFLICT },
                { "lanes: { a: {}, b: {}, c: {} }\n", "lanes: { c: {}, d: {} }\n", NULL },
                { "lanes: { a: {}, b: {}, c: {} }\n", "lanes: { d: {}, e: {} }\n", P_TOO_MANY_LANES },
                { "lanes: { a: {}, b: {}, c: {}, d: {}, e: {} }\n", "", P_TOO_MANY_LANES },
                /* A variable with one lane's credential is not passed on to all servers. */
                { "lanes: { w: { credentials: { A: { from: env, name: X } } } }\n", "server: { inherit: [X] }\n", P_SOURCE_PASSED_ON },
                { "lanes: { w: { credentials: { A: 'env:X' } } }\nserver: { inherit: [X] }\n", "", P_SOURCE_PASSED_ON },
                { "lanes: { w: {} }\ncredentials: { A: 'env:X' }\n", "server: { inherit: [X] }\n", P_SOURCE_PASSED_ON },
                { "lanes: { w: { credentials: { A: 'env:X' } } }\n", "server: { inherit: [A, Y] }\n", NULL },
                { "lanes: { w: { credentials: { A: 'file:/X' } } }\n", "server: { inherit: [X] }\n", NULL },
                { "credentials: { A: 'env:X' }\n", "server: { inherit: [X] }\n", NULL },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                char a[300], b[300];
                const char *texts[] = { a, b };
                struct world w;

                snprintf(a, sizeof(a), HEAD "%s", rows[i].a);
                snprintf(b, sizeof(b), HEAD "%s", rows[i].b);
                w = world_of(texts, 2, NULL);
                cr_expect_eq(w.r, rows[i].code ? -EINVAL : 0, "row %zu", i);
                cr_expect(!rows[i].code || world_has_code(&w, rows[i].code), "row %zu", i);
                world_end(&w);
        }
        CHECK_NO_LEAKS();
}

Test(set, any_policy_may_say_how_servers_are_replaced)
{
        static const struct {
                const char *a, *b;
                enum policy_restart restart;
                bool keeps_state;
        } rows[] = {
                { "", "", POLICY_RESTART_NEVER, false },
                { "server: { restart: on-failure }\n", "server: { restart: never }\n", POLICY_RESTART_ON_FAILURE, false },
                { "server: { keeps_state: false }\n", "server: { keeps_state: true }\n", POLICY_RESTART_NEVER, true },
                { "server: { restart: never, keeps_state: true }\n", "server: { restart: on-failure }\n", POLICY_RESTART_ON_FAILURE, true },
        };
        const char *bad[] = { HEAD "server: { restart: always }\n" };
        struct world w;

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                char a[300], b[300];
                const char *texts[] = { a, b };
                struct policy_launch l;

                snprintf(a, sizeof(a), HEAD "%s", rows[i].a);
                snprintf(b, sizeof(b), HEAD "%s", rows[i].b);
                w = world_of(texts, 2, NULL);
                cr_assert_eq(w.r, 0, "row %zu", i);
                policy_set_launch(w.set, &l);
                cr_expect_eq(l.restart, rows[i].restart, "row %zu", i);
                cr_expect_eq(l.keeps_state, rows[i].keeps_state, "row %zu", i);
                world_end(&w);
        }
        w = world_of(bad, 1, NULL);
        cr_expect_eq(w.r, -EINVAL);
        world_end(&w);
        CHECK_NO_LEAKS();
}

Test(set, inherit_is_the_union_and_audit_the_stricter)
{
        static const struct {
                const char *a, *b;
                enum policy_audit_arguments arguments;
                bool durable;
        } rows[] = {
                { "", "", POLICY_AUDIT_DIGEST, false },
                { "audit: { arguments: redacted }\n", "", POLICY_AUDIT_REDACTED, false },
                { "audit: { arguments: redacted }\n", "audit: { arguments: digest }\n", POLICY_AUDIT_DIGEST, false },
                { "audit: { arguments: redacted, durable: false }\n", "audit: { arguments: redacted, durable: true }\n",
                        POLICY_AUDIT_REDACTED, true },
                { "audit: { durable: true }\n", "audit: { durable: false }\n", POLICY_AUDIT_DIGEST, true },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                char a[300], b[300];
                const char *texts[] = { a, b };
                struct policy_launch l;
                struct world w;

                snprintf(a, sizeof(a), HEAD "%sserver: { inherit: [A, A] }\n", rows[i].a);
                snprintf(b, sizeof(b), HEAD "%sserver: { inherit: [B, A] }\n", rows[i].b);
                w = world_of(texts, 2, NULL);
                cr_assert_eq(w.r, 0, "row %zu", i);
                policy_set_launch(w.set, &l);
                cr_expect_eq(l.inherit_count, 2);
                cr_expect_eq(l.audit_arguments, rows[i].arguments, "row %zu", i);
                cr_expect_eq(l.audit_durable, rows[i].durable, "row %zu", i);
                world_end(&w);
        }
        CHECK_NO_LEAKS();
}

Test(set, bound_values_are_checked_before_they_are_used)
{
        static const struct {
                const char *policy, *name, *value, *code;
        } rows[] = {
                { "bind: [v]\ntools: { allow: ['${v}'] }\n", "v", "x", NULL },
                { "bind: [v]\ntools: { allow: ['${v}'] }\n", "w", "x", P_BIND_UNBOUND },
                { "bind: [v]\ntools: { allow: ['${v}'] }\n", "w", "x", P_BIND_UNKNOWN },
                { "tools: { allow: ['${v}'] }\n", "v", "x", P_BIND_UNDECLARED },
                { "tools: { allow: [a] }\n", "v", "x", P_BIND_UNKNOWN },
                { "bind: [v]\ntools: { allow: ['${v}'] }\n", "v", "", P_BIND_VALUE },
                { "bind: [v]\ntools: { allow: ['${v}'] }\n", "v", "a\nb", P_BIND_VALUE },
                { "bind: [v]\ntools: { allow: ['${v}'] }\n", "v", "a\xFF", P_BIND_VALUE },
                { "bind: [v]\ntools: { allow: ['${v}'] }\n", "v", "a\xE2\x80\xAE", P_BIND_VALUE },
                { "bind: [v]\ntools: { allow: ['${v}'] }\n", "v", "a*/[", NULL },
                { "bind: [v]\nresources: { allow: ['a://${v}/**'] }\n", "v", "acme", NULL },
                { "bind: [v]\nresources: { allow: ['a://x/${v}/**'] }\n", "v", "..", P_BIND_VALUE },
                { "bind: [v]\nresources: { allow: ['a://x/${v}/**'] }\n", "v", "a/b", P_BIND_VALUE },
                { "bind: [v]\nresources: { allow: ['a://x/${v}/**'] }\n", "v", "a%2E", P_BIND_VALUE },
                { "bind: [v]\nresources: { allow: ['a://x/${v}/**'] }\n", "v", "a?b", P_BIND_VALUE },
                { "bind: [v]\nresources: { allow: ['a://x/${v}/**'] }\n", "v", "a*", P_BIND_VALUE },
                { "bind: [v]\nresources: { allow: ['a://x.${v}/**'] }\n", "v", "a@b", P_BIND_VALUE },
                { "bind: [v]\nresources: { allow: ['a://${v}/**'] }\n", "v", "Acme", P_BAD_URI_PATTERN },
                { "bind: [v]\nserver_requests: { elicitation: { url: ['https://${v}/**'] } }\n", "v", "x.org", NULL },
                { "bind: [v]\nserver_requests: { elicitation: { url: ['https://${v}/**'] } }\n", "v", "x:1",
                        P_BIND_VALUE },
                { "bind: [v]\nserver_requests: { roots: ['${v}'] }\n", "v", "/srv/a b", NULL },
                { "bind: [v]\nserver_requests: { roots: ['${v}'] }\n", "v", "/srv/../etc", P_BIND_VALUE },
                { "bind: [v]\nserver_requests: { roots: ['${v}'] }\n", "v", "srv", P_BIND_VALUE },
                { "bind: [v]\nserver_requests: { roots: ['/srv/${v}'] }\n", "v", "a/b", P_BIND_VALUE },
                { "bind: [v]\nserver_requests: { roots: ['/srv/${v}'] }\n", "v", "..", P_BIND_VALUE },
                { "bind: [v]\nserver: { env: { A: 'x-${v}-\\${y' } }\n", "v", "a/b", NULL },
                { "bind: [v]\nserver: { env: { A: '${v' } }\n", "v", "a", P_BIND_SYNTAX },
                { "bind: [v]\nserver: { env: { A: '${w}' } }\n", "v", "a", P_BIND_UNDECLARED },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                struct policy_pair pair = { str_from(rows[i].name), str_from(rows[i].value) };
                struct policy_options options = { .bindings = &pair, .binding_count = 1 };
                char text[300];
                const char *texts = text;
                struct world w;

                snprintf(text, sizeof(text), HEAD "%s", rows[i].policy);
                w = world_of(&texts, 1, &options);
                cr_expect_eq(w.r, rows[i].code ? -EINVAL : 0, "row %zu: %s", i,
                        w.diags.count ? w.diags.items[0].message : "");
                cr_expect(!rows[i].code || world_has_code(&w, rows[i].code), "row %zu", i);
                world_end(&w);
        }
        CHECK_NO_LEAKS();
}

Test(set, a_value_is_limited_and_given_once)
{
        static char value[LIMIT_BIND_BYTES + 1];
        struct policy_pair pairs[] = { { STR_INIT("v"), { value, LIMIT_BIND_BYTES } },
                { STR_INIT("v"), STR_INIT("x") } };
        struct policy_options options = { .bindings = pairs, .binding_count = 1 };
        const char *text = HEAD "bind: [v]\ntools: { allow: ['${v}*'] }\n";
        struct world w;

        memset(value, 'a', sizeof(value));
        w = world_of(&text, 1, &options);
        cr_expect_eq(w.r, 0);
        world_end(&w);
        pairs[0].value.len++;
        w = world_of(&text, 1, &options);
        cr_expect(world_has_code(&w, P_BIND_VALUE));
        world_end(&w);
        pairs[0].value.len = 1;
        options.binding_count = 2;
        w = world_of(&text, 1, &options);
        cr_expect(world_has_code(&w, P_BIND_TWICE));
        world_end(&w);
        CHECK_NO_LEAKS();
}

/* `check` without --bind: the policy is good, and what depends on the value matches nothing. */
Test(set, unbound_names_match_nothing)
{
        struct policy_options options = { .any_binding = true, .any_agent = true };
        const char *text = HEAD "bind: [v]\nagents: [ci]\ntools: { allow: ['${v}', '${v}*', '*${v}', a] }\n"
                                "resources: { allow: ['a:${v}/**'] }\nserver_requests: { roots: ['${v}'] }\n";
        struct world w = world_of(&text, 1, &options);

        cr_assert_eq(w.r, 0, "%s", w.diags.count ? w.diags.items[0].message : "");
        cr_expect_eq(world_decide(&w, POLICY_TOOL, STR("x"), 0).verdict, VERDICT_DENY);
        cr_expect_eq(world_decide(&w, POLICY_TOOL, STR("a"), 0).verdict, VERDICT_ALLOW);
        cr_expect_eq(world_decide(&w, POLICY_RESOURCE, STR("a:x/y"), 0).verdict, VERDICT_DENY);
        cr_expect_eq(world_decide(&w, POLICY_RESOURCE_TEMPLATE, STR("a:{x}"), 0).verdict, VERDICT_DENY);
        cr_expect_eq(world_decide(&w, POLICY_ROOTS, STR("file:///x"), 0).verdict, VERDICT_DENY);
        cr_expect_eq(world_decide(&w, POLICY_ROOTS, STR(""), 0).verdict, VERDICT_DENY);
        world_end(&w);
        CHECK_NO_LEAKS();
}

Test(set, a_policy_for_some_agents_is_for_no_others)
{
        const char *text = HEAD "agents: [ci, nightly]\n";
        struct policy_options options = { .agent = STR("nightly") };
        struct world w = world_of(&text, 1, &options);

        cr_expect_eq(w.r, 0);
        world_end(&w);
        options.agent = STR("CI");
        w = world_of(&text, 1, &options);
        cr_expect(world_has_code(&w, P_AGENT));
        world_end(&w);
        w = world_of(&text, 1, NULL);
        cr_expect(world_has_code(&w, P_AGENT));
        world_end(&w);
        CHECK_NO_LEAKS();
}

Test(set, one_bad_file_does_not_hide_the_next)
{
        const char *texts[] = { "a: b: c\n", HEAD "tols: {}\n", "" };
        struct world w = world_of(texts, 3, NULL);

        cr_expect_eq(w.r, -EINVAL);
        cr_expect(world_has_code(&w, P_YAML_SYNTAX));
        cr_expect(world_has_code(&w, P_UNKNOWN_KEY));
        cr_expect(world_has_code(&w, P_EMPTY));
        cr_expect_null(w.set);
        world_end(&w);
        CHECK_NO_LEAKS();
}

Test(set, the_number_of_policies_is_limited)
{
        static struct policy_input inputs[LIMIT_POLICIES + 1];
        struct diagnostics diags = { 0 };
        struct policy_set *set = NULL;

        for (size_t i = 0; i < LIMIT_POLICIES + 1; ++i)
                inputs[i] = (struct policy_input){ STR("x"), STR(HEAD) };
        cr_expect_eq(policy_set_new(&set, inputs, LIMIT_POLICIES, NULL, &diags), 0);
        set = policy_set_unref(set);
        cr_expect_eq(policy_set_new(&set, inputs, LIMIT_POLICIES + 1, NULL, &diags), -EINVAL);
        cr_expect_eq(policy_set_new(&set, inputs, 0, NULL, &diags), -EINVAL);
        cr_expect_eq(diags.errors, 2);
        diagnostics_deinit(&diags);
        CHECK_NO_LEAKS();
}

Test(set, references_keep_it_alive)
{
        struct world w = world_good(HEAD "tools: { allow: [a] }\n");
        struct policy_set *other = policy_set_ref(w.set);

        cr_expect_null(policy_set_unref(w.set));
        w.set = other;
        cr_expect_eq(world_decide(&w, POLICY_TOOL, STR("a"), 0).verdict, VERDICT_ALLOW);
        world_end(&w);
        cr_expect_null(policy_set_unref(NULL));
        CHECK_NO_LEAKS();
}

struct failing {
        size_t countdown, living;
};

static void *fail_at_zero(void *userdata, void *ptr, size_t size)
{
        struct failing *f = userdata;
        void *grown;

        if (f->countdown == 0)
                return NULL;
        f->countdown--;
        grown = realloc(ptr, size);
        if (grown && !ptr)
                f->living++;
        return grown;
}

static void count_release(void *userdata, void *ptr)
{
        struct failing *f = userdata;

        f->living -= ptr != NULL;
        free(ptr);
}

/* Every allocation fails once, and from there on all of them. */
Test(set, without_memory_there_is_no_policy_and_no_leak)
{
        struct failing f = { 0 };
        struct allocator allocator = { fail_at_zero, count_release, &f };
        const char *texts[] = { all_kinds, HEAD "tools: { allow: [a, a], deny: [a] }\nbogus: 1\nsandbox: {}\n",
                HEAD "lanes: { w: {} }\ntools:\n  allow:\n"
                     "    - tool: t\n"
                     "      when: { a: [1, x], b: { matches: 'x+', length: 3 }, c: { like: \"x*\", each: { is: { k: [1] } } },\n"
                     "              d: { url: { host: [a.example], port: 1, path: \"/**\" } }, e: { mail: a.example }, f: { command: ls } }\n"
                     "      narrow: { p: { at_most: 5, default: 1 }, q.r: { set: x } }\n"
                     "      lane: w\n"
                     "  approve: [{ tool: t, say: \"{a}\", by: 2 }]\n" };
        size_t n = 0;

        mem_set_allocator(&allocator);
        for (size_t text = 0; text < sizeof(texts) / sizeof(texts[0]); ++text) {
                int expected = text == 1 ? -EINVAL : 0;

                for (n = 0; n < 10000; ++n) {
                        struct world w;
                        bool done;

                        f.countdown = n;
                        w = world_of(&texts[text], 1, text ? NULL : &acme_ci);
                        done = f.countdown > 0;
                        cr_expect(w.r == -ENOMEM || w.r == expected, "allocation %zu: %d", n, w.r);
                        cr_expect_eq(w.set != NULL, w.r == 0);
                        world_end(&w);
                        cr_expect_eq(f.living, 0, "allocation %zu leaves %zu", n, f.living);
                        if (done)
                                break;
                }
                cr_expect_gt(n, 3);
                cr_expect_lt(n, 10000);
        }
        mem_set_allocator(NULL);
        CHECK_NO_LEAKS();
}
