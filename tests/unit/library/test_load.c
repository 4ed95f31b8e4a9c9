/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdio.h>

#include "asker.h"

struct told {
        char text[2048];
        size_t len;
};

static void note(const struct leastwise_diagnostic *d, void *userdata)
{
        struct told *told = userdata;

        cr_expect_eq(d->size, sizeof(*d));
        told->len += (size_t)snprintf(told->text + told->len, sizeof(told->text) - told->len, "%s %s %s:%u:%u %s\n",
                d->severity == LEASTWISE_SEVERITY_ERROR ? "error" : "warning", d->code, d->source, d->line, d->column, d->message);
}

Test(load, layers_tell_what_they_are)
{
        const struct leastwise_source sources[] = {
                source_of("a.yaml", "leastwise: 1\nname: x\npurpose: y\n"),
                source_of("b.yaml", HEAD),
        };
        struct leastwise_policy *policy = NULL;

        cr_assert_eq(leastwise_policy_load(&policy, sources, 2, NULL), 0);
        cr_expect_eq(leastwise_policy_count(policy), 2);
        cr_expect_str_eq(leastwise_policy_name(policy, 0), "x");
        cr_expect_str_eq(leastwise_policy_purpose(policy, 1), "a test");
        cr_expect_str_eq(leastwise_policy_digest(policy, 0),
                "sha256:eb09078cf94596703e19ddfd11994e3625831f6a3448f5943ab90222f6c20530");
        cr_expect_null(leastwise_policy_name(policy, 2));
        cr_expect_null(leastwise_policy_digest(policy, 16));
        cr_expect_eq(leastwise_policy_ref(policy), policy);
        cr_expect_null(leastwise_policy_unref(policy));
        cr_expect_str_eq(leastwise_policy_name(policy, 0), "x");
        leastwise_policy_unrefp(&policy);
        cr_expect_null(policy);
        cr_expect_null(leastwise_policy_unref(NULL));
        cr_expect_null(leastwise_policy_ref(NULL));
        cr_expect_eq(leastwise_policy_count(NULL), 0);
        cr_expect_null(leastwise_policy_name(NULL, 0));
        CHECK_NO_LEAKS();
}

Test(load, what_is_wrong_is_told)
{
        const struct leastwise_source sources[] = {
                source_of("b.yaml", HEAD "bogus: 1\n"),
                source_of("a.yaml", HEAD "tools: { allow: [a, a] }\n"),
        };
        struct told told = { 0 };
        const struct leastwise_load_options options = { .size = sizeof(options), .diagnose = note, .userdata = &told };
        struct leastwise_policy *policy = NULL;

        cr_expect_eq(leastwise_policy_load(&policy, sources, 2, &options), -LEASTWISE_ERROR_POLICY);
        cr_expect_null(policy);
        cr_expect(strstr(told.text, "error P101 b.yaml:4:1 "), "%s", told.text);
        CHECK_NO_LEAKS();
}

Test(load, bindings_and_agent)
{
        const struct leastwise_binding org = { .size = sizeof(org), .name = "org", .value = "acme" };
        const struct leastwise_source source =
                source_of("a.yaml", HEAD "bind: [org]\nagents: [ci]\ntools: { allow: ['${org}_read'] }\n");
        struct leastwise_load_options options = {
                .size = sizeof(options), .bindings = &org, .binding_count = 1, .agent = "ci"
        };
        struct leastwise_policy *policy = NULL;
        struct leastwise_decision *d;

        cr_assert_eq(leastwise_policy_load(&policy, &source, 1, &options), 0);
        d = decide(policy, LEASTWISE_TOOL, "acme_read", NULL);
        cr_expect_eq(leastwise_decision_verdict(d), LEASTWISE_ALLOW);
        leastwise_decision_free(d);
        leastwise_policy_unrefp(&policy);
        options.agent = "me";
        cr_expect_eq(leastwise_policy_load(&policy, &source, 1, &options), -LEASTWISE_ERROR_POLICY);
        options.agent = "ci";
        options.binding_count = 0;
        cr_expect_eq(leastwise_policy_load(&policy, &source, 1, &options), -LEASTWISE_ERROR_POLICY);
        cr_expect_null(policy);
}

/* What deciding about one call does not do must be somebody's business. */
Test(load, what_nobody_sees_to_is_refused)
{
        static const struct {
                const char *text;
                uint32_t enforces;
                const char *place;
        } rows[] = {
                { HEAD "tools: { allow: [a] }\nlimits: { session: { calls: 5 } }\n", LEASTWISE_ENFORCES_LIMITS, "a.yaml:5:" },
                { HEAD "tools: { allow: [a] }\npins: a.lock\n", LEASTWISE_ENFORCES_PINS, "a.yaml:5:" },
                { HEAD "lanes: { w: { credentials: { T: { from: env, name: S } } } }\n"
                       "tools: { allow: [{ tool: a, lane: w }] }\n",
                        LEASTWISE_ENFORCES_LANES, "a.yaml:0:" },
                { HEAD "tools: { approve: [a] }\napprovers: { signers: people }\n", LEASTWISE_ENFORCES_APPROVERS, "a.yaml:5:" },
                { HEAD "tools: { allow: [a] }\nresults: { strip: [invisible-characters] }\n", LEASTWISE_ENFORCES_RESULTS, "a.yaml:0:" },
        };
        const uint32_t all = LEASTWISE_ENFORCES_LIMITS | LEASTWISE_ENFORCES_PINS | LEASTWISE_ENFORCES_LANES |
                             LEASTWISE_ENFORCES_RESULTS | LEASTWISE_ENFORCES_APPROVERS;

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                const struct leastwise_source source = source_of("a.yaml", rows[i].text);
                struct told told = { 0 };
                struct leastwise_load_options options = {
                        .size = sizeof(options), .enforces = all & ~rows[i].enforces, .diagnose = note, .userdata = &told
                };
                struct leastwise_policy *policy = NULL;

                cr_expect_eq(leastwise_policy_load(&policy, &source, 1, &options), -LEASTWISE_ERROR_NOT_ENFORCED, "row %zu", i);
                cr_expect_null(policy);
                cr_expect(strstr(told.text, "error P104 ") && strstr(told.text, rows[i].place), "row %zu: %s", i, told.text);
                options.enforces = rows[i].enforces;
                cr_expect_eq(leastwise_policy_load(&policy, &source, 1, &options), 0, "row %zu: %s", i, told.text);
                leastwise_policy_unref(policy);
        }
        CHECK_NO_LEAKS();
}

Test(load, the_callers_mistakes_are_errors)
{
        const struct leastwise_source good = source_of("a.yaml", HEAD);
        struct leastwise_source bad[] = { good, good, good, good };
        struct leastwise_source many[17];
        struct leastwise_load_options options[] = { { 0 }, { .size = sizeof(options[0]), .enforces = 32 },
                { .size = sizeof(options[0]), .binding_count = 1 } };
        struct leastwise_policy *policy = NULL;

        bad[0].size = 0;
        bad[1].name = NULL;
        bad[2].name = "";
        bad[3].text = NULL;
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                cr_expect_eq(leastwise_policy_load(&policy, &bad[i], 1, NULL), -LEASTWISE_ERROR_ARGUMENT, "row %zu", i);
        for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
                cr_expect_eq(leastwise_policy_load(&policy, &good, 1, &options[i]), -LEASTWISE_ERROR_ARGUMENT, "options %zu", i);
        for (size_t i = 0; i < 17; i++)
                many[i] = good;
        cr_expect_eq(leastwise_policy_load(&policy, many, 16, NULL), 0);
        leastwise_policy_unrefp(&policy);
        cr_expect_eq(leastwise_policy_load(&policy, many, 17, NULL), -LEASTWISE_ERROR_ARGUMENT);
        cr_expect_eq(leastwise_policy_load(&policy, many, 0, NULL), -LEASTWISE_ERROR_ARGUMENT);
        cr_expect_eq(leastwise_policy_load(&policy, NULL, 1, NULL), -LEASTWISE_ERROR_ARGUMENT);
        cr_expect_eq(leastwise_policy_load(NULL, &good, 1, NULL), -LEASTWISE_ERROR_ARGUMENT);
        cr_expect_null(policy);
}

Test(load, errors_and_versions_have_names)
{
        for (int i = 0; i <= LEASTWISE_ERROR_RANDOM; i++) {
                cr_expect_str_eq(leastwise_strerror(i), leastwise_strerror(-i));
                cr_expect_str_neq(leastwise_strerror(i), leastwise_strerror(99), "%d", i);
        }
        cr_expect_not_null(leastwise_strerror(INT32_MIN));
        cr_expect_str_eq(leastwise_version(), LEASTWISE_VERSION);
        for (int i = LEASTWISE_REASON_RULE; i <= LEASTWISE_REASON_ARGUMENTS; i++)
                cr_expect_str_neq(leastwise_reason_name((enum leastwise_reason)i), "unknown", "%d", i);
        cr_expect_str_eq(leastwise_reason_name((enum leastwise_reason)0), "unknown");
        cr_expect_str_eq(leastwise_reason_name((enum leastwise_reason)99), "unknown");
        cr_expect_str_eq(leastwise_verdict_name((enum leastwise_verdict)99), "deny");
}

static void *ask_often(void *userdata)
{
        struct leastwise_policy *policy = userdata;
        size_t wrong = 0;

        for (int i = 0; i < 500; i++) {
                struct leastwise_policy *mine = leastwise_policy_ref(policy);
                struct leastwise_request request = request_of(LEASTWISE_TOOL, "a", i % 2 ? "{\"n\":\"x1\"}" : "{\"n\":\"1x\"}");
                struct leastwise_decision *d = NULL;

                wrong += leastwise_policy_decide(mine, &request, &d) != 0 ||
                         leastwise_decision_verdict(d) != (i % 2 ? LEASTWISE_ALLOW : LEASTWISE_DENY);
                leastwise_decision_free(d);
                leastwise_policy_unref(mine);
        }
        return (void *)wrong;
}

Test(load, threads_share_a_policy)
{
        struct leastwise_policy *policy = load(HEAD "tools: { allow: [{ tool: a, when: { n: { matches: 'x[0-9]+' } } }] }\n");
        pthread_t threads[4];

        for (size_t i = 0; i < 4; i++)
                cr_assert_eq(pthread_create(&threads[i], NULL, ask_often, policy), 0);
        for (size_t i = 0; i < 4; i++) {
                void *wrong = (void *)1;

                cr_assert_eq(pthread_join(threads[i], &wrong), 0);
                cr_expect_null(wrong);
        }
        leastwise_policy_unref(policy);
        CHECK_NO_LEAKS();
}
