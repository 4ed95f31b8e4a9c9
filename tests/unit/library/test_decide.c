/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "asker.h"

static const char rules[] = HEAD "tools:\n"
                                 "  allow:\n"
                                 "    - list_notes\n"
                                 "    - tool: search\n"
                                 "      when: { limit: { at_most: 50 } }\n"
                                 "    - tool: page\n"
                                 "      narrow: { size: { at_most: 10, default: 5 } }\n"
                                 "      free: [q]\n"
                                 "  approve: [{ tool: send, id: sending, because: It leaves the house., say: 'Send it?', by: 2 }]\n"
                                 "  deny: [{ tool: 'drop_*', because: Never. }]\n"
                                 "resources: { allow: ['note://a/**'] }\n"
                                 "prompts: { allow: [greet] }\n"
                                 "methods: { allow: [x/odd] }\n"
                                 "server_requests: { sampling: allow, roots: [/srv] }\n";

Test(decide, verdicts_and_reasons)
{
        static const struct {
                enum leastwise_subject subject;
                const char *name, *arguments;
                enum leastwise_verdict verdict;
                enum leastwise_reason reason;
                const char *rule;
        } rows[] = {
                { LEASTWISE_TOOL, "list_notes", NULL, LEASTWISE_ALLOW, LEASTWISE_REASON_RULE, "tools.allow[0]" },
                { LEASTWISE_TOOL, "list_notes", "{}", LEASTWISE_ALLOW, LEASTWISE_REASON_RULE, "tools.allow[0]" },
                { LEASTWISE_TOOL, "search", "{\"limit\":50}", LEASTWISE_ALLOW, LEASTWISE_REASON_RULE, "tools.allow[1]" },
                { LEASTWISE_TOOL, "search", "{\"limit\":51}", LEASTWISE_DENY, LEASTWISE_REASON_CONDITION, "tools.allow[1]" },
                { LEASTWISE_TOOL, "search", "{\"limit\":1,\"x\":1}", LEASTWISE_DENY, LEASTWISE_REASON_UNNAMED_ARGUMENT,
                        "tools.allow[1]" },
                { LEASTWISE_TOOL, "send", "{}", LEASTWISE_APPROVE, LEASTWISE_REASON_RULE, "sending" },
                { LEASTWISE_TOOL, "drop_all", "{}", LEASTWISE_DENY, LEASTWISE_REASON_RULE, "tools.deny[0]" },
                { LEASTWISE_TOOL, "other", NULL, LEASTWISE_DENY, LEASTWISE_REASON_NO_RULE, NULL },
                { LEASTWISE_TOOL, "", NULL, LEASTWISE_DENY, LEASTWISE_REASON_BAD_NAME, NULL },
                { LEASTWISE_TOOL, "list\nnotes", NULL, LEASTWISE_DENY, LEASTWISE_REASON_BAD_NAME, NULL },
                { LEASTWISE_TOOL, "list_notes", "[]", LEASTWISE_DENY, LEASTWISE_REASON_ARGUMENTS, NULL },
                { LEASTWISE_TOOL, "list_notes", "", LEASTWISE_DENY, LEASTWISE_REASON_ARGUMENTS, NULL },
                { LEASTWISE_TOOL, "list_notes", "{},{}", LEASTWISE_DENY, LEASTWISE_REASON_ARGUMENTS, NULL },
                { LEASTWISE_TOOL, "list_notes", "{\"a\":1,\"\\u0061\":2}", LEASTWISE_DENY, LEASTWISE_REASON_ARGUMENTS, NULL },
                { LEASTWISE_RESOURCE, "note://a/b", NULL, LEASTWISE_ALLOW, LEASTWISE_REASON_RULE, "resources.allow[0]" },
                { LEASTWISE_RESOURCE, "note://a/../b", NULL, LEASTWISE_DENY, LEASTWISE_REASON_AMBIGUOUS_URI, NULL },
                { LEASTWISE_PROMPT, "greet", "{\"who\":\"me\"}", LEASTWISE_ALLOW, LEASTWISE_REASON_RULE, "prompts.allow[0]" },
                { LEASTWISE_METHOD, "x/odd", NULL, LEASTWISE_ALLOW, LEASTWISE_REASON_RULE, "methods.allow[0]" },
                { LEASTWISE_METHOD, "x/other", NULL, LEASTWISE_DENY, LEASTWISE_REASON_NO_RULE, NULL },
                { LEASTWISE_SAMPLING, NULL, NULL, LEASTWISE_ALLOW, LEASTWISE_REASON_RULE, "server_requests.sampling" },
                { LEASTWISE_ELICITATION_FORM, NULL, NULL, LEASTWISE_DENY, LEASTWISE_REASON_NO_RULE, NULL },
                { LEASTWISE_ELICITATION_URL, "https://x.org/", NULL, LEASTWISE_DENY, LEASTWISE_REASON_NO_RULE, NULL },
                { LEASTWISE_ROOT, "file:///srv/x", NULL, LEASTWISE_ALLOW, LEASTWISE_REASON_RULE, "server_requests.roots[0]" },
                /* No name must not come to mean any name. */
                { LEASTWISE_ROOT, NULL, NULL, LEASTWISE_DENY, LEASTWISE_REASON_BAD_NAME, NULL },
                { LEASTWISE_ELICITATION_URL, "", NULL, LEASTWISE_DENY, LEASTWISE_REASON_BAD_NAME, NULL },
        };
        struct leastwise_policy *policy = load(rules);

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct leastwise_decision *d = decide(policy, rows[i].subject, rows[i].name, rows[i].arguments);
                const char *rule = leastwise_decision_rule(d);

                cr_expect_eq(leastwise_decision_verdict(d), rows[i].verdict, "row %zu: %s", i, leastwise_decision_text(d));
                cr_expect_eq(leastwise_decision_reason(d), rows[i].reason, "row %zu: %s", i, leastwise_decision_text(d));
                cr_expect(rows[i].rule ? rule && strcmp(rule, rows[i].rule) == 0 : !rule, "row %zu: %s", i, rule);
                cr_expect(rows[i].verdict != LEASTWISE_DENY || !leastwise_decision_arguments(d, NULL), "row %zu", i);
                leastwise_decision_freep(&d);
                cr_expect_null(d);
        }
        leastwise_policy_unref(policy);
        CHECK_NO_LEAKS();
}

Test(decide, what_is_sent_is_what_was_decided_about)
{
        static const struct {
                const char *tool, *arguments, *sent;
                int narrowed;
        } rows[] = {
                { "list_notes", NULL, NULL, 0 },
                { "list_notes", " { \"b\" : 1.50 , \"a\" : \"\\u0041\" } ", "{\"b\":1.50,\"a\":\"A\"}", 0 },
                { "page", "{\"q\":\"x\",\"size\":10}", "{\"q\":\"x\",\"size\":10}", 0 },
                { "page", "{\"size\":11, \"q\":\"x\"}", "{\"size\":10,\"q\":\"x\"}", 1 },
                { "page", "{}", "{\"size\":5}", 1 },
                { "page", NULL, "{\"size\":5}", 1 },
        };
        struct leastwise_policy *policy = load(rules);

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct leastwise_decision *d = decide(policy, LEASTWISE_TOOL, rows[i].tool, rows[i].arguments);
                size_t length = 77;
                const char *sent = leastwise_decision_arguments(d, &length);

                cr_expect_eq(leastwise_decision_verdict(d), LEASTWISE_ALLOW, "row %zu: %s", i, leastwise_decision_text(d));
                cr_expect(rows[i].sent ? sent && strcmp(sent, rows[i].sent) == 0 : !sent, "row %zu: %s", i, sent);
                cr_expect_eq(length, sent ? strlen(sent) : 0, "row %zu", i);
                cr_expect_eq(leastwise_decision_is_narrowed(d), rows[i].narrowed, "row %zu", i);
                leastwise_decision_free(d);
        }
        leastwise_policy_unref(policy);
}

Test(decide, a_decision_tells_its_rule_and_outlives_the_policy)
{
        struct leastwise_policy *policy = load(rules);
        struct leastwise_decision *d = decide(policy, LEASTWISE_TOOL, "send", "{}");

        leastwise_policy_unref(policy);
        cr_expect_str_eq(leastwise_decision_policy(d), "test");
        cr_expect_str_eq(leastwise_decision_source(d), "a.yaml");
        cr_expect_str_eq(leastwise_decision_because(d), "It leaves the house.");
        cr_expect_str_eq(leastwise_decision_say(d), "Send it?");
        cr_expect_null(leastwise_decision_undo(d));
        cr_expect_null(leastwise_decision_lane(d));
        cr_expect_null(leastwise_decision_condition(d));
        cr_expect_eq(leastwise_decision_approvers(d), 2);
        cr_expect_eq(leastwise_decision_line(d), 12);
        cr_expect_eq(leastwise_decision_column(d), 13);
        cr_expect_str_eq(leastwise_decision_text(d), "approve: tool \"send\": rule sending (a.yaml:12:13): It leaves the house.");
        leastwise_decision_free(d);
}

/* What a program does that forgets to look at the result. */
Test(decide, no_decision_denies)
{
        size_t length = 77;

        cr_expect_eq(leastwise_decision_verdict(NULL), LEASTWISE_DENY);
        cr_expect_eq(leastwise_decision_reason(NULL), 0);
        cr_expect_null(leastwise_decision_arguments(NULL, &length));
        cr_expect_eq(length, 0);
        cr_expect_str_eq(leastwise_decision_text(NULL), "deny: nothing was decided");
        cr_expect_null(leastwise_decision_rule(NULL));
        cr_expect_eq(leastwise_decision_is_narrowed(NULL), 0);
        cr_expect_eq(leastwise_decision_approvers(NULL), 0);
        cr_expect_null(leastwise_decision_free(NULL));
}

Test(decide, the_callers_mistakes_are_errors)
{
        struct leastwise_policy *policy = load(rules);
        const struct leastwise_request good = request_of(LEASTWISE_TOOL, "list_notes", NULL);
        struct leastwise_decision *d = decide(policy, LEASTWISE_TOOL, "list_notes", NULL), *before = d;
        struct leastwise_request rows[] = { good, good, good, good, good, good, good, good };

        rows[0].now_ms = 0;
        rows[1].size = sizeof(good) - 1;
        rows[2].size = 0;
        rows[3].subject = (enum leastwise_subject)0;
        rows[4].subject = (enum leastwise_subject)10;
        rows[5].subject = LEASTWISE_RESOURCE_TEMPLATE;
        rows[6].name = NULL;
        rows[7] = request_of(LEASTWISE_RESOURCE, "note://a/b", "{}");
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                cr_expect_eq(leastwise_policy_decide(policy, &rows[i], &d), -LEASTWISE_ERROR_ARGUMENT, "row %zu", i);
        cr_expect_eq(leastwise_policy_decide(NULL, &good, &d), -LEASTWISE_ERROR_ARGUMENT);
        cr_expect_eq(leastwise_policy_decide(policy, NULL, &d), -LEASTWISE_ERROR_ARGUMENT);
        cr_expect_eq(leastwise_policy_decide(policy, &good, NULL), -LEASTWISE_ERROR_ARGUMENT);
        cr_expect_eq(d, before, "what fails gives nothing");
        leastwise_decision_free(d);
        leastwise_policy_unref(policy);
}

Test(decide, a_policy_ends)
{
        struct leastwise_policy *policy = load(HEAD "until: 2026-01-01\ntools: { allow: [a] }\n");
        struct leastwise_decision *d = decide(policy, LEASTWISE_TOOL, "a", NULL);

        cr_expect_eq(leastwise_decision_verdict(d), LEASTWISE_DENY);
        cr_expect_eq(leastwise_decision_reason(d), LEASTWISE_REASON_EXPIRED);
        leastwise_decision_free(d);
        leastwise_policy_unref(policy);
}

Test(decide, flow_needs_marks_of_the_same_policy)
{
        static const char text[] = HEAD "tools: { allow: [read_mail, send_mail] }\n"
                                        "flow:\n"
                                        "  marks: { untrusted: read_mail, leaves: send_mail }\n"
                                        "  rules: [{ after: [untrusted], on: leaves, then: deny, because: Mail may be from anybody. }]\n";
        struct leastwise_policy *policy = load(text), *other = load(text);
        struct leastwise_request request = request_of(LEASTWISE_TOOL, "send_mail", "{}");
        struct leastwise_marks *marks = NULL, *others = NULL;
        struct leastwise_decision *d = NULL;

        cr_expect_eq(leastwise_policy_decide(policy, &request, &d), -LEASTWISE_ERROR_NOT_ENFORCED);
        cr_assert_eq(leastwise_marks_new(&marks, policy), 0);
        cr_assert_eq(leastwise_marks_new(&others, other), 0);
        request.marks = others;
        cr_expect_eq(leastwise_policy_decide(policy, &request, &d), -LEASTWISE_ERROR_ARGUMENT);
        request.marks = marks;
        cr_assert_eq(leastwise_policy_decide(policy, &request, &d), 0);
        cr_expect_eq(leastwise_decision_verdict(d), LEASTWISE_ALLOW, "%s", leastwise_decision_text(d));
        leastwise_decision_freep(&d);
        cr_expect_eq(leastwise_marks_add(marks, (enum leastwise_subject)0, "read_mail", strlen("read_mail")),
                -LEASTWISE_ERROR_ARGUMENT);
        cr_expect_eq(leastwise_marks_add(marks, LEASTWISE_PROMPT, "read_mail", strlen("read_mail")), 0);
        cr_assert_eq(leastwise_policy_decide(policy, &request, &d), 0);
        cr_expect_eq(leastwise_decision_verdict(d), LEASTWISE_ALLOW, "%s", leastwise_decision_text(d));
        leastwise_decision_freep(&d);
        cr_expect_eq(leastwise_marks_add(marks, LEASTWISE_TOOL, "read_mail", strlen("read_mail")), 0);
        cr_assert_eq(leastwise_policy_decide(policy, &request, &d), 0);
        cr_expect_eq(leastwise_decision_verdict(d), LEASTWISE_DENY, "%s", leastwise_decision_text(d));
        leastwise_decision_free(d);
        cr_expect_null(leastwise_marks_free(others));
        leastwise_marks_freep(&marks);
        cr_expect_null(marks);
        leastwise_policy_unref(other);
        leastwise_policy_unref(policy);
        CHECK_NO_LEAKS();
}

struct resolver {
        const char *real;
        int result;
};

static int resolve(const char *path, char *ret, size_t ret_size, void *userdata)
{
        const struct resolver *r = userdata;

        if (strcmp(path, "/srv/docs/a") != 0) {
                snprintf(ret, ret_size, "%s", path);
                return 0;
        }
        if (r->real)
                snprintf(ret, ret_size, "%s", r->real);
        else
                memset(ret, '/', ret_size);
        return r->result;
}

Test(decide, paths_are_resolved_by_the_caller)
{
        static const struct {
                const char *real;
                int result;
                enum leastwise_verdict verdict;
        } rows[] = {
                { "/srv/docs/a", 0, LEASTWISE_ALLOW },
                { "/etc/shadow", 0, LEASTWISE_DENY },
                { "/srv/docs/a", -1, LEASTWISE_DENY },
                { "/srv/docs/a", 1, LEASTWISE_DENY },
                { "srv/docs/a", 0, LEASTWISE_DENY },
                { "", 0, LEASTWISE_DENY },
                { NULL, 0, LEASTWISE_DENY }, /* no NUL */
        };
        struct leastwise_policy *policy = load(HEAD "tools: { allow: [{ tool: read, when: { path: { within: /srv/docs } } }] }\n");

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct leastwise_request request = request_of(LEASTWISE_TOOL, "read", "{\"path\":\"/srv/docs/a\"}");
                struct resolver resolver = { rows[i].real, rows[i].result };
                struct leastwise_decision *d = NULL;

                request.resolve = resolve;
                request.userdata = &resolver;
                cr_assert_eq(leastwise_policy_decide(policy, &request, &d), 0);
                cr_expect_eq(leastwise_decision_verdict(d), rows[i].verdict, "row %zu: %s", i, leastwise_decision_text(d));
                leastwise_decision_free(d);
        }
        leastwise_policy_unref(policy);
}

Test(decide, lists_show_what_could_be_allowed)
{
        static const struct {
                enum leastwise_subject subject;
                const char *name;
                int could;
        } rows[] = {
                { LEASTWISE_TOOL, "search", 1 },
                { LEASTWISE_TOOL, "send", 1 },
                { LEASTWISE_TOOL, "drop_all", 0 },
                { LEASTWISE_TOOL, "other", 0 },
                { LEASTWISE_RESOURCE_TEMPLATE, "note://a/{id}", 1 },
                { LEASTWISE_RESOURCE_TEMPLATE, "mail://{id}", 0 },
                { (enum leastwise_subject)77, "search", 0 },
        };
        struct leastwise_policy *policy = load(rules);

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                const struct leastwise_request request = request_of(rows[i].subject, rows[i].name, NULL);

                cr_expect_eq(leastwise_policy_could_allow(policy, &request), rows[i].could, "row %zu", i);
        }
        cr_expect_eq(leastwise_policy_could_allow(NULL, NULL), 0);
        leastwise_policy_unref(policy);
}

/* Arguments as long as a line may be, in the list that they are read in, and one byte more. */
Test(decide, arguments_have_a_limit)
{
        enum { LONGEST = (10 << 20) - 2 };
        struct leastwise_policy *policy = load(rules);
        struct leastwise_request request = request_of(LEASTWISE_TOOL, "list_notes", NULL);
        char *text = malloc(LONGEST + 1);

        cr_assert_not_null(text);
        for (size_t length = LONGEST; length <= LONGEST + 1; length++) {
                struct leastwise_decision *d = NULL;

                memset(text, 'x', length);
                memcpy(text, "{\"a\":\"", 6);
                memcpy(text + length - 2, "\"}", 2);
                request.arguments = text;
                request.arguments_length = length;
                cr_assert_eq(leastwise_policy_decide(policy, &request, &d), 0);
                cr_expect_eq(leastwise_decision_verdict(d), length == LONGEST ? LEASTWISE_ALLOW : LEASTWISE_DENY, "%s",
                        leastwise_decision_text(d));
                leastwise_decision_free(d);
        }
        free(text);
        leastwise_policy_unref(policy);
}
