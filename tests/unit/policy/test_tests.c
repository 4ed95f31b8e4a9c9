/* SPDX-License-Identifier: Apache-2.0
 *
 * `tests:`: what is read, and what becomes of each.
 */
#include "policy_test.h"

#include "leaks.h"
#include "world.h"

#define RULES                                                                                      \
        "tools:\n"                                                                                 \
        "  allow:\n"                                                                               \
        "    - get_issue\n"                                                                        \
        "    - send_mail\n"                                                                        \
        "    - echo\n"                                                                             \
        "    - tool: list\n"                                                                       \
        "      when: { owner: acme, title: { optional: true, matches: '[a-z]+' } }\n"              \
        "      free: [page]\n"                                                                     \
        "      narrow: { page: { at_most: 50 }, sort: { set: updated } }\n"                        \
        "    - tool: bounds\n"                                                                     \
        "      narrow: { n: { at_most: 5 } }\n"                                                    \
        "    - tool: [bounds]\n"                                                                   \
        "      narrow: { n: { at_least: 6 } }\n"                                                   \
        "  approve: [{ tool: pay, by: 2 }]\n"                                                      \
        "  deny: [{ tool: 'delete_*', because: Deleting is never part of triage. }]\n"             \
        "resources: { allow: ['file:///srv/**'] }\n"                                               \
        "prompts: { allow: [sum] }\n"                                                              \
        "methods: { allow: ['x/list'] }\n"                                                         \
        "server_requests: { sampling: allow, elicitation: { form: deny, url: ['https://a.example/**'] }, roots: ['/srv'] }\n" \
        "flow:\n"                                                                                  \
        "  marks:\n"                                                                                \
        "    untrusted: [get_issue, { prompt: sum, resource: 'file:///srv/inbox/**' }]\n"           \
        "    leaves: ['send_*']\n"                                                                 \
        "    said: echo\n"                                                                         \
        "  rules:\n"                                                                                \
        "    - { after: untrusted, on: leaves, then: deny, because: Text from strangers. }\n"      \
        "    - { after: said, on: said, then: deny, because: It was said once. }\n"

static const struct policy_options with_tests = { .tests = true };

static struct world world_with(const char *test)
{
        static char text[1U << 16];
        const char *texts = text;

        snprintf(text, sizeof(text), HEAD RULES "tests:\n  - %s\n", test);
        return world_of(&texts, 1, &with_tests);
}

Test(tests, each_comes_out_as_it_should)
{
        static const struct {
                const char *test;
                enum policy_test_outcome outcome;
        } rows[] = {
                { "{ call: get_issue, expect: allow }", TEST_PASSES },
                { "{ call: get_issue, expect: deny }", TEST_WRONG_VERDICT },
                { "{ call: get_issue, expect: approve }", TEST_WRONG_VERDICT },
                { "{ call: other, expect: deny }", TEST_PASSES },
                { "{ call: other, expect: deny, because: x }", TEST_WRONG_BECAUSE },
                { "{ call: pay, expect: approve }", TEST_PASSES },
                { "{ call: pay, expect: allow }", TEST_WRONG_VERDICT },
                { "{ call: delete_all, expect: deny, because: never part }", TEST_PASSES },
                { "{ call: delete_all, expect: deny, because: Never part }", TEST_WRONG_BECAUSE },
                { "{ call: list, args: { owner: acme }, expect: allow }", TEST_PASSES },
                { "{ call: list, args: { owner: evil }, expect: deny }", TEST_PASSES },
                { "{ call: list, expect: deny }", TEST_PASSES },
                { "{ call: list, args: { owner: acme, x: 1 }, expect: deny }", TEST_PASSES },
                /* A regular expression needs working memory */
                { "{ call: list, args: { owner: acme, title: abc }, expect: allow }", TEST_PASSES },
                { "{ call: list, args: { owner: acme, title: ABC }, expect: deny }", TEST_PASSES },
                { "{ call: list, args: { owner: acme, page: 80 }, expect: allow, narrowed: { sort: updated, page: 5e1, owner: acme } }", TEST_PASSES },
                { "{ call: list, args: { owner: acme, page: 80 }, expect: allow, narrowed: { sort: updated, page: 80, owner: acme } }", TEST_WRONG_ARGUMENTS },
                { "{ call: list, args: { owner: acme }, expect: allow, narrowed: { owner: acme } }", TEST_WRONG_ARGUMENTS },
                { "{ call: get_issue, expect: allow, narrowed: {} }", TEST_PASSES },
                { "{ call: get_issue, args: {}, expect: allow, narrowed: {} }", TEST_PASSES },
                { "{ call: get_issue, args: { a: 1 }, expect: allow, narrowed: {} }", TEST_WRONG_ARGUMENTS },
                { "{ call: bounds, args: { n: 1 }, expect: deny }", TEST_PASSES },
                { "{ call: get_issue, args: { a: '${HOME}' }, expect: allow, narrowed: '{\"a\":\"\\u0024{HOME}\"}' }", TEST_PASSES },
                { "{ call: send_mail, expect: allow }", TEST_PASSES },
                { "{ call: send_mail, after: get_issue, expect: deny, because: strangers }", TEST_PASSES },
                { "{ call: send_mail, after: [list, get_issue], expect: deny }", TEST_PASSES },
                { "{ call: send_mail, after: [list], expect: allow }", TEST_PASSES },
                { "{ call: send_mail, after: { prompt: sum }, expect: deny }", TEST_PASSES },
                { "{ call: send_mail, after: [list, { resource: 'file:///srv/inbox/1' }], expect: deny }", TEST_PASSES },
                { "{ call: send_mail, after: [{ resource: 'file:///srv/a' }], expect: allow }", TEST_PASSES },
                { "{ call: send_mail, times: 2, expect: allow }", TEST_PASSES },
                { "{ call: echo, expect: allow }", TEST_PASSES },
                { "{ call: echo, times: 2, expect: deny, because: said once }", TEST_PASSES },
                { "{ resource: 'file:///srv/a', expect: allow }", TEST_PASSES },
                { "{ resource: 'file:///etc/a', expect: deny }", TEST_PASSES },
                { "{ prompt: sum, args: { a: '1' }, expect: allow }", TEST_PASSES },
                { "{ prompt: other, expect: deny }", TEST_PASSES },
                { "{ method: x/list, expect: allow }", TEST_PASSES },
                { "{ method: y/list, expect: deny }", TEST_PASSES },
                { "{ root: 'file:///srv/a', expect: allow }", TEST_PASSES },
                { "{ root: 'file:///etc', expect: deny }", TEST_PASSES },
                { "{ url: 'https://a.example/x', expect: allow }", TEST_PASSES },
                { "{ url: 'https://b.example/x', expect: deny }", TEST_PASSES },
                { "{ request: sampling, expect: allow }", TEST_PASSES },
                { "{ request: form, expect: deny }", TEST_PASSES },
        };
        struct policy_scratch *scratch = policy_scratch_new();

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                struct world w = world_with(rows[i].test);
                struct policy_test_result result;

                cr_assert_eq(w.r, 0, "%s: %s", rows[i].test, w.diags.count ? w.diags.items[0].message : "");
                cr_assert_eq(policy_set_test_count(w.set, 0), 1);
                policy_test_run(w.set, policy_set_test(w.set, 0, 0), NULL, scratch, &result);
                cr_expect_eq(result.outcome, rows[i].outcome, "%s: %d", rows[i].test, (int)result.outcome);
                policy_test_result_deinit(&result);
                policy_test_result_deinit(&result);
                world_end(&w);
        }
        policy_scratch_free(scratch);
        CHECK_NO_LEAKS();
}

Test(tests, mistakes)
{
        static const struct {
                const char *test, *code;
        } rows[] = {
                { "{ expect: allow }", P_BAD_TEST },
                { "{ call: a }", P_MISSING_KEY },
                { "{ call: a, expect: ask }", P_UNKNOWN_WORD },
                { "{ call: a, prompt: b, expect: allow }", P_BAD_TEST },
                { "{ call: a, request: form, expect: allow }", P_BAD_TEST },
                { "{ request: roots, expect: allow }", P_UNKNOWN_WORD },
                { "{ call: a, arg: {}, expect: allow }", P_UNKNOWN_KEY },
                { "{ call: a, args: [1], expect: allow }", P_WRONG_KIND },
                { "{ call: a, args: '[1]', expect: allow }", P_BAD_TEST },
                { "{ call: a, args: '{', expect: allow }", P_BAD_TEST },
                { "{ call: a, args: '{\"a\":1,\"a\":2}', expect: allow }", P_BAD_TEST },
                { "{ call: a, args: { b: yes }, expect: allow }", P_AMBIGUOUS_VALUE },
                { "{ resource: 'a:b', args: {}, expect: allow }", P_BAD_TEST },
                { "{ prompt: a, narrowed: {}, expect: allow }", P_BAD_TEST },
                { "{ call: a, narrowed: {}, expect: deny }", P_BAD_TEST },
                { "{ method: a/b, after: b, expect: deny }", P_BAD_TEST },
                { "{ root: 'file:///a', times: 2, expect: deny }", P_BAD_TEST },
                { "{ call: a, times: 0, expect: deny }", P_BAD_TEST },
                { "{ call: a, times: 10001, expect: deny }", P_BAD_TEST },
                { "{ call: a, times: 1.5, expect: deny }", P_BAD_TEST },
                { "{ call: a, times: [2], expect: deny }", P_BAD_TEST },
                { "{ call: a, at: 2027-02-29, expect: deny }", P_BAD_DATE },
                { "{ call: a, at: [2027-02-28], expect: deny }", P_WRONG_KIND },
                { "{ call: a, after: { tool: b }, expect: deny }", P_UNKNOWN_KEY },
                { "{ call: a, after: [''], expect: deny }", P_EMPTY_VALUE },
                { "{ call: a, bind: { org: b }, expect: deny }", P_BIND_UNDECLARED },
                { "{ call: '', expect: deny }", P_EMPTY_VALUE },
                { "a", P_WRONG_KIND },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                struct world w = world_with(rows[i].test);

                cr_expect_eq(w.diags.errors, 1, "%s: %zu", rows[i].test, w.diags.errors);
                cr_expect(world_has_code(&w, rows[i].code), "%s: %s", rows[i].test,
                        w.diags.count ? w.diags.items[0].message : "");
                world_end(&w);
        }
        CHECK_NO_LEAKS();
}

Test(tests, whoever_does_not_ask_gets_none)
{
        struct world w = world_good(HEAD RULES "tests: [{ call: get_issue, expect: allow }, { no: test }]\n");

        cr_expect_eq(policy_set_test_count(w.set, 0), 0);
        world_end(&w);
}

Test(tests, names_are_bound_by_the_test)
{
        const char *text = HEAD "bind: [org]\ntools: { allow: [{ tool: a, when: { o: '${org}' } }] }\n"
                                "tests: [{ call: a, args: { o: acme }, bind: { org: acme }, expect: allow }]\n";
        struct policy_options look = { .tests = true, .any_binding = true };
        struct world w = world_of(&text, 1, &look), bound;
        const struct policy_test *test;
        struct policy_test_result result;

        cr_assert_eq(w.r, 0);
        cr_assert_eq(policy_set_bind_count(w.set, 0), 1);
        cr_expect(str_eq(policy_set_bind_name(w.set, 0, 0), STR("org")));
        test = policy_set_test(w.set, 0, 0);
        cr_assert_eq(test->bind_count, 1);
        bound = world_of(&text, 1, &(struct policy_options){ .bindings = test->bind, .binding_count = test->bind_count });
        cr_assert_eq(bound.r, 0);
        policy_test_run(bound.set, test, NULL, NULL, &result);
        cr_expect_eq(result.outcome, TEST_PASSES);
        policy_test_result_deinit(&result);
        policy_test_run(w.set, test, NULL, NULL, &result);
        cr_expect_eq(result.outcome, TEST_WRONG_VERDICT);
        policy_test_result_deinit(&result);
        world_end(&bound);
        world_end(&w);
        CHECK_NO_LEAKS();
}

/* No test passes because its day is over, unless it says which day it is. */
Test(tests, until_has_a_say_on_the_day_of_the_test)
{
        static const struct {
                const char *test;
                enum policy_test_outcome outcome;
        } rows[] = {
                { "{ call: a, expect: allow }", TEST_PASSES },
                { "{ call: a, at: 2020-01-01, expect: allow }", TEST_PASSES },
                { "{ call: a, at: 2020-01-02, expect: deny }", TEST_PASSES },
                { "{ call: a, at: 9999-12-31, expect: allow }", TEST_WRONG_VERDICT },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                struct policy_test_result result;
                char text[400];
                const char *texts = text;
                struct world w;

                snprintf(text, sizeof(text), HEAD "until: 2020-01-01\ntools: { allow: [a] }\ntests: [%s]\n", rows[i].test);
                w = world_of(&texts, 1, &with_tests);
                cr_assert_eq(w.r, 0, "%s", rows[i].test);
                policy_test_run(w.set, policy_set_test(w.set, 0, 0), NULL, NULL, &result);
                cr_expect_eq(result.outcome, rows[i].outcome, "%s", rows[i].test);
                policy_test_result_deinit(&result);
                world_end(&w);
        }
        CHECK_NO_LEAKS();
}

/* Takes what is left, which is a number. */
static unsigned left, denials;

static bool take(void *userdata, const struct policy_request *request, const struct policy_limit **ret_limit, struct buf *ret_why)
{
        const struct policy_set *set = userdata;

        cr_expect(str_eq(request->name, STR("a")));
        if (left) {
                --left;
                return true;
        }
        *ret_limit = policy_set_limit_count(set) ? policy_set_limit(set, 0) : NULL;
        buf_append_str(ret_why, STR("none is left"));
        return false;
}

static void denied(void *userdata)
{
        (void)userdata;
        ++denials;
}

Test(tests, limits_count_what_rules_let_pass)
{
        static const struct {
                const char *test;
                unsigned left, denials;
                enum policy_test_outcome outcome;
        } rows[] = {
                { "{ call: a, times: 3, expect: allow }", 3, 0, TEST_PASSES },
                { "{ call: a, times: 4, expect: deny, because: none is left }", 3, 1, TEST_PASSES },
                { "{ call: a, times: 6, expect: deny }", 3, 3, TEST_PASSES },
                { "{ call: a, times: 4, expect: deny, because: other }", 3, 1, TEST_WRONG_BECAUSE },
                { "{ call: a, expect: allow }", 0, 1, TEST_WRONG_VERDICT },
                { "{ call: b, times: 5, expect: deny }", 1, 5, TEST_PASSES },
                { "{ method: b, expect: deny }", 0, 0, TEST_PASSES },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                struct policy_test_counts counts = { .take = take, .denied = denied };
                struct policy_test_result result;
                char text[400];
                const char *texts = text;
                struct world w;

                snprintf(text, sizeof(text), HEAD "tools: { allow: [a] }\nlimits: { session: { calls: 3 } }\ntests: [%s]\n", rows[i].test);
                w = world_of(&texts, 1, &with_tests);
                cr_assert_eq(w.r, 0, "%s", rows[i].test);
                counts.userdata = w.set;
                left = rows[i].left;
                denials = 0;
                policy_test_run(w.set, policy_set_test(w.set, 0, 0), &counts, NULL, &result);
                cr_expect_eq(result.outcome, rows[i].outcome, "%s", rows[i].test);
                cr_expect_eq(denials, rows[i].denials, "%s: %u", rows[i].test, denials);
                policy_test_result_deinit(&result);
                world_end(&w);
        }
        CHECK_NO_LEAKS();
}

/* What cannot be counted is not decided. */
Test(tests, uncounted_is_undecided)
{
        const char *text = HEAD "tools: { allow: [a] }\ntests: [{ call: a, expect: deny }]\n";
        struct world w = world_of(&text, 1, &with_tests);
        struct policy_test_counts counts = { .take = take, .denied = denied, .userdata = w.set };
        struct policy_test_result result;

        cr_assert_eq(w.r, 0);
        left = 0;
        policy_test_run(w.set, policy_set_test(w.set, 0, 0), &counts, NULL, &result);
        cr_expect_eq(result.outcome, TEST_UNDECIDED);
        policy_test_result_deinit(&result);
        world_end(&w);
        CHECK_NO_LEAKS();
}
