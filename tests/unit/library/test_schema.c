/* SPDX-License-Identifier: Apache-2.0
 *
 * Arguments against the schema of a tool that the caller gives. What the evaluator finds is tested in
 * tests/unit/schema, and the words of a session in tests/golden/session/schema.
 */
#include <stdio.h>

#include "asker.h"

static const char rules[] = HEAD "tools:\n"
                                 "  allow: [echo, find, { tool: limited, narrow: { perPage: { at_most: 50 } } }, { "
                                 "tool: cut, narrow: { x: { remove: true } } }]\n"
                                 "  approve: [send]\n";

#define ECHO_SCHEMA "{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\"}},\"required\":[\"text\"]}"
#define TOOL(name, schema) "{\"name\":\"" name "\",\"inputSchema\":" schema "}"
#define ECHO TOOL("echo", ECHO_SCHEMA)
#define REFUSED(what) \
        "The arguments do not fit the tool's schema: " what " It was not run; correct the arguments and call again."

static struct leastwise_request request_with(const char *tool, const char *arguments, const char *definition)
{
        struct leastwise_request request = request_of(LEASTWISE_TOOL, tool, arguments);

        request.definition = definition;
        request.definition_length = definition ? strlen(definition) : 0;
        return request;
}

static struct leastwise_decision *decide_with(
        const struct leastwise_policy *policy, const char *tool, const char *arguments, const char *definition)
{
        const struct leastwise_request request = request_with(tool, arguments, definition);
        struct leastwise_decision *d = NULL;

        cr_assert_eq(leastwise_policy_decide(policy, &request, &d), 0, "%s", definition);
        return d;
}

static bool same(const char *a, const char *b)
{
        return a && b ? strcmp(a, b) == 0 : a == b;
}

Test(schema, verdicts_and_words)
{
        static const struct {
                const char *tool, *arguments, *definition;
                enum leastwise_verdict verdict;
                enum leastwise_reason reason;
                enum leastwise_schema schema;
                const char *keyword, *because;
        } rows[] = {
                { "echo", "{\"text\":\"a\"}", ECHO, LEASTWISE_ALLOW, LEASTWISE_REASON_RULE, LEASTWISE_SCHEMA_FITS, NULL,
                        NULL },
                { "echo", "{\"text\":7}", ECHO, LEASTWISE_DENY, LEASTWISE_REASON_SCHEMA, LEASTWISE_SCHEMA_MISMATCH,
                        "type", REFUSED("text must be a string (type).") },
                { "echo", NULL, ECHO, LEASTWISE_DENY, LEASTWISE_REASON_SCHEMA, LEASTWISE_SCHEMA_MISMATCH, "required",
                        REFUSED("the arguments object must have the member \"text\" (required).") },
                { "echo", NULL, TOOL("echo", "{}"), LEASTWISE_ALLOW, LEASTWISE_REASON_RULE, LEASTWISE_SCHEMA_FITS, NULL,
                        NULL },
                /* By a reference, which begins at the schema and not at the definition. */
                { "echo", "{\"n\":6}",
                        TOOL("echo",
                                "{\"properties\":{\"n\":{\"$ref\":\"#/$defs/n\"}},\"$defs\":{\"n\":{\"maximum\":5}}}"),
                        LEASTWISE_DENY, LEASTWISE_REASON_SCHEMA, LEASTWISE_SCHEMA_MISMATCH, "maximum",
                        REFUSED("n must be at most 5 (maximum).") },
                /* What is not evaluated passes, and is never told of as fitting. */
                { "echo", "{}", TOOL("echo", "{\"type\":\"object\",\"nullable\":true}"), LEASTWISE_ALLOW,
                        LEASTWISE_REASON_RULE, LEASTWISE_SCHEMA_NOT_EVALUATED, "nullable", NULL },
                { "echo", "{\"n\":6}", TOOL("echo", "{\"nullable\":true,\"required\":[\"x\"]}"), LEASTWISE_DENY,
                        LEASTWISE_REASON_SCHEMA, LEASTWISE_SCHEMA_MISMATCH, "required",
                        REFUSED("the arguments object must have the member \"x\" (required).") },
                { "echo", "{\"n\":6}", TOOL("echo", "{\"properties\":{\"n\":{\"pattern\":\"(?<!a)b\"},\"m\":5}}"),
                        LEASTWISE_ALLOW, LEASTWISE_REASON_RULE, LEASTWISE_SCHEMA_FITS, NULL, NULL },
                { "echo", "{\"n\":\"b\"}", TOOL("echo", "{\"properties\":{\"n\":{\"pattern\":\"(?<!a)b\"}}}"),
                        LEASTWISE_ALLOW, LEASTWISE_REASON_RULE, LEASTWISE_SCHEMA_NOT_EVALUATED, "pattern", NULL },
                { "echo", "{\"n\":\"c\"}", TOOL("echo", "{\"properties\":{\"n\":{\"pattern\":\"^b\"}}}"),
                        LEASTWISE_DENY, LEASTWISE_REASON_SCHEMA, LEASTWISE_SCHEMA_MISMATCH, "pattern", NULL },
                { "echo", "{}", NULL, LEASTWISE_ALLOW, LEASTWISE_REASON_RULE, LEASTWISE_SCHEMA_UNKNOWN, NULL, NULL },
                { "echo", "{}", "{\"name\":\"echo\"}", LEASTWISE_ALLOW, LEASTWISE_REASON_RULE, LEASTWISE_SCHEMA_UNKNOWN,
                        NULL, NULL },
                /* As it came, and as it would be sent. */
                { "limited", "{\"perPage\":60}", TOOL("limited", "{\"properties\":{\"perPage\":{\"maximum\":100}}}"),
                        LEASTWISE_ALLOW, LEASTWISE_REASON_RULE, LEASTWISE_SCHEMA_FITS, NULL, NULL },
                { "limited", "{\"perPage\":101}", TOOL("limited", "{\"properties\":{\"perPage\":{\"maximum\":100}}}"),
                        LEASTWISE_DENY, LEASTWISE_REASON_SCHEMA, LEASTWISE_SCHEMA_MISMATCH, "maximum",
                        REFUSED("perPage must be at most 100 (maximum).") },
                { "cut", "{\"x\":1}", TOOL("cut", "{\"required\":[\"x\"]}"), LEASTWISE_DENY, LEASTWISE_REASON_SCHEMA,
                        LEASTWISE_SCHEMA_MISMATCH, "required",
                        "The arguments, as policy narrows them, do not fit the tool's schema: the arguments object "
                        "must have the "
                        "member \"x\" (required). It was not run; correct the arguments and call again." },
                /* Nobody is asked about what cannot be. */
                { "send", "{\"text\":7}", TOOL("send", ECHO_SCHEMA), LEASTWISE_DENY, LEASTWISE_REASON_SCHEMA,
                        LEASTWISE_SCHEMA_MISMATCH, "type", REFUSED("text must be a string (type).") },
                { "send", "{\"text\":\"a\"}", TOOL("send", ECHO_SCHEMA), LEASTWISE_APPROVE, LEASTWISE_REASON_RULE,
                        LEASTWISE_SCHEMA_FITS, NULL, NULL },
                /* What policy denies the schema gives nothing away of. */
                { "other", "{}", TOOL("other", ECHO_SCHEMA), LEASTWISE_DENY, LEASTWISE_REASON_NO_RULE,
                        LEASTWISE_SCHEMA_NOT_CHECKED, NULL, NULL },
                { "echo", "[]", ECHO, LEASTWISE_DENY, LEASTWISE_REASON_ARGUMENTS, LEASTWISE_SCHEMA_NOT_CHECKED, NULL,
                        NULL },
                /* A definition in doubt denies. */
                { "echo", "{}", "", LEASTWISE_DENY, LEASTWISE_REASON_DEFINITION, LEASTWISE_SCHEMA_NOT_EVALUATED, NULL,
                        "the tool's definition cannot be read: no value at byte 1" },
                { "echo", "{}", "{\"name\":\"echo\",\"name\":\"find\"}", LEASTWISE_DENY, LEASTWISE_REASON_DEFINITION,
                        LEASTWISE_SCHEMA_NOT_EVALUATED, NULL,
                        "the tool's definition cannot be read: two members of the same name at byte 16" },
                { "echo", "{}", "[]", LEASTWISE_DENY, LEASTWISE_REASON_DEFINITION, LEASTWISE_SCHEMA_NOT_EVALUATED, NULL,
                        "the tool's definition is not a JSON object" },
                { "echo", "{}", TOOL("find", "{}"), LEASTWISE_DENY, LEASTWISE_REASON_DEFINITION,
                        LEASTWISE_SCHEMA_NOT_EVALUATED, NULL, "the tool's definition is that of another tool" },
                { "echo", "{}", ECHO_SCHEMA, LEASTWISE_DENY, LEASTWISE_REASON_DEFINITION,
                        LEASTWISE_SCHEMA_NOT_EVALUATED, NULL, "the tool's definition has no name" },
                { "echo", "{}", "{\"name\":\"echo\",\"inputSchema\":{},\"input_schema\":{}}", LEASTWISE_DENY,
                        LEASTWISE_REASON_DEFINITION, LEASTWISE_SCHEMA_NOT_EVALUATED, NULL,
                        "the tool's definition has members whose names differ only in case, `_` or `-`" },
        };
        struct leastwise_policy *policy = load(rules);

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct leastwise_decision *d = decide_with(policy, rows[i].tool, rows[i].arguments, rows[i].definition);

                cr_expect_eq(
                        leastwise_decision_verdict(d), rows[i].verdict, "row %zu: %s", i, leastwise_decision_text(d));
                cr_expect_eq(
                        leastwise_decision_reason(d), rows[i].reason, "row %zu: %s", i, leastwise_decision_text(d));
                cr_expect_eq(leastwise_decision_schema(d), rows[i].schema, "row %zu: %s", i,
                        leastwise_schema_name(leastwise_decision_schema(d)));
                cr_expect(same(leastwise_decision_schema_keyword(d), rows[i].keyword), "row %zu: %s", i,
                        leastwise_decision_schema_keyword(d));
                cr_expect(!rows[i].because || same(leastwise_decision_because(d), rows[i].because), "row %zu: %s", i,
                        leastwise_decision_because(d));
                cr_expect(rows[i].verdict != LEASTWISE_DENY || !leastwise_decision_arguments(d, NULL), "row %zu", i);
                leastwise_decision_free(d);
        }
        leastwise_policy_unref(policy);
        CHECK_NO_LEAKS();
}

Test(schema, the_line_for_people)
{
        struct leastwise_policy *policy = load(rules);
        struct leastwise_decision *d = decide_with(policy, "echo", "{\"text\":7}", ECHO);

        cr_expect_str_eq(leastwise_decision_text(d),
                "deny: tool \"echo\": policy test: schema-mismatch: " REFUSED("text must be a string (type)."));
        cr_expect_str_eq(leastwise_decision_policy(d), "test");
        cr_expect_str_eq(leastwise_decision_source(d), "a.yaml");
        cr_expect_null(leastwise_decision_rule(d));
        leastwise_decision_free(d);
        d = decide_with(policy, "echo", "{}", TOOL("echo", "{\"nullable\":true}"));
        cr_expect_str_eq(leastwise_decision_text(d), "allow: tool \"echo\": rule tools.allow[0] (a.yaml:5:11); the "
                                                     "tool's schema is not evaluated: nullable");
        leastwise_decision_free(d);
        leastwise_policy_unref(policy);
}

/* Off only when every layer says so; then nobody looks, whatever it is. */
Test(schema, off_is_off)
{
        const struct leastwise_source sources[] = {
                source_of("a.yaml", HEAD "schema: off\ntools: { allow: [echo] }\n"),
                source_of("b.yaml", "leastwise: 1\nname: b\npurpose: b\ntools: { allow: [echo] }\n"),
        };
        struct leastwise_policy *policy = NULL;
        struct leastwise_decision *d;

        for (size_t layers = 1; layers <= 2; layers++) {
                cr_assert_eq(leastwise_policy_load(&policy, sources, layers, NULL), 0);
                d = decide_with(policy, "echo", "{\"text\":7}", ECHO);
                cr_expect_eq(leastwise_decision_verdict(d), layers == 1 ? LEASTWISE_ALLOW : LEASTWISE_DENY);
                cr_expect_eq(leastwise_decision_schema(d),
                        layers == 1 ? LEASTWISE_SCHEMA_NOT_CHECKED : LEASTWISE_SCHEMA_MISMATCH);
                leastwise_decision_free(d);
                d = decide_with(policy, "echo", "{}", "nonsense");
                cr_expect_eq(leastwise_decision_verdict(d), layers == 1 ? LEASTWISE_ALLOW : LEASTWISE_DENY);
                leastwise_decision_free(d);
                leastwise_policy_unref(policy);
        }
}

Test(schema, a_schema_by_itself)
{
        struct leastwise_policy *policy = load(rules);
        struct leastwise_request request = request_of(LEASTWISE_TOOL, "echo", "{\"text\":7}");
        struct leastwise_decision *d = NULL;
        char big[(128 << 10) + 2];

        request.input_schema = ECHO_SCHEMA;
        request.input_schema_length = strlen(ECHO_SCHEMA);
        cr_assert_eq(leastwise_policy_decide(policy, &request, &d), 0);
        cr_expect_str_eq(leastwise_decision_because(d), REFUSED("text must be a string (type)."));
        leastwise_decision_freep(&d);
        request.input_schema = "{";
        request.input_schema_length = 1;
        cr_assert_eq(leastwise_policy_decide(policy, &request, &d), 0);
        cr_expect_str_eq(leastwise_decision_because(d), "the tool's schema cannot be read: not JSON at byte 2");
        leastwise_decision_freep(&d);
        /* As long as a session keeps, and a byte more. */
        memset(big, ' ', sizeof(big));
        memcpy(big, "{\"type\":\"object\",\"title\":\"", 26);
        for (size_t length = 128 << 10; length <= (128 << 10) + 1; length++) {
                memset(big + 26, 'x', length - 26);
                memcpy(big + length - 2, "\"}", 2);
                request.input_schema = big;
                request.input_schema_length = length;
                cr_assert_eq(leastwise_policy_decide(policy, &request, &d), 0);
                cr_expect_eq(leastwise_decision_schema(d),
                        length == 128 << 10 ? LEASTWISE_SCHEMA_FITS : LEASTWISE_SCHEMA_UNKNOWN, "%zu: %s", length,
                        leastwise_decision_text(d));
                leastwise_decision_freep(&d);
        }
        /* The caller's mistakes. */
        request.definition = ECHO;
        request.definition_length = strlen(ECHO);
        cr_expect_eq(leastwise_policy_decide(policy, &request, &d), -LEASTWISE_ERROR_ARGUMENT);
        request = request_of(LEASTWISE_PROMPT, "greet", NULL);
        request.input_schema = "{}";
        request.input_schema_length = 2;
        cr_expect_eq(leastwise_policy_decide(policy, &request, &d), -LEASTWISE_ERROR_ARGUMENT);
        leastwise_policy_unref(policy);
        CHECK_NO_LEAKS();
}

static void tell(const struct leastwise_step *step, void *userdata)
{
        char *told = userdata;
        const size_t len = strlen(told);

        snprintf(told + len, 1024 - len, "%s%s %s %s %s%s%s\n", step->decides ? "* " : "",
                step->rule ? step->rule : step->policy, leastwise_verdict_name(step->verdict),
                leastwise_reason_name(step->reason), step->source, step->because ? " " : "",
                step->because ? step->because : "");
}

Test(schema, explaining_ends_with_it)
{
        struct leastwise_policy *policy = load(rules);
        struct leastwise_request request = request_with("echo", "{\"text\":7}", ECHO);
        struct leastwise_decision *d = NULL;
        char told[1024] = "";

        cr_assert_eq(leastwise_policy_explain(policy, &request, tell, told, &d), 0);
        cr_expect_eq(leastwise_decision_reason(d), LEASTWISE_REASON_SCHEMA);
        cr_expect_str_eq(told, "tools.allow[0] allow rule a.yaml\n"
                               "test allow rule a.yaml\n"
                               "* test deny schema-mismatch a.yaml " REFUSED("text must be a string (type).") "\n");
        leastwise_decision_freep(&d);
        request.arguments = "{\"text\":\"a\"}";
        request.arguments_length = strlen(request.arguments);
        told[0] = '\0';
        cr_assert_eq(leastwise_policy_explain(policy, &request, tell, told, &d), 0);
        cr_expect_str_eq(told, "* tools.allow[0] allow rule a.yaml\n"
                               "* test allow rule a.yaml\n");
        cr_expect_eq(leastwise_decision_schema(d), LEASTWISE_SCHEMA_FITS);
        leastwise_decision_free(d);
        leastwise_policy_unref(policy);
        CHECK_NO_LEAKS();
}

Test(schema, names)
{
        cr_expect_str_eq(leastwise_schema_name(LEASTWISE_SCHEMA_FITS), "fits");
        cr_expect_str_eq(leastwise_schema_name(LEASTWISE_SCHEMA_NOT_CHECKED), "not-checked");
        cr_expect_str_eq(leastwise_schema_name((enum leastwise_schema)99), "not-evaluated");
        cr_expect_str_eq(leastwise_reason_name(LEASTWISE_REASON_DEFINITION), "bad-definition");
        cr_expect_eq(leastwise_decision_schema(NULL), LEASTWISE_SCHEMA_NOT_EVALUATED);
        cr_expect_null(leastwise_decision_schema_keyword(NULL));
}
