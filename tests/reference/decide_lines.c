/* SPDX-License-Identifier: Apache-2.0
 *
 * The evaluator as a filter, for tests that compare it with another one. A line in is
 *
 *     {"policies": [POLICY, ...], "calls": [CALL, ...]}
 *     CALL: {"subject": "tool", "name": "t", "now": 0, "after": ["u"], "arguments": {}}     `prompt` as well
 *
 * where the text of a policy is taken as it stands: JSON is YAML. For every call there is a line out, of what the whole way of
 * the call comes to:
 *
 *     VERDICT \t POLICY \t RULE \t ARGUMENTS     policy and rule when a rule decides; arguments as sent, unless denied
 */
#include <stdio.h>
#include <stdlib.h>

#include "cleanup.h"
#include "limit.h"
#include "policy.h"
#include "policy_flow.h"

static uint32_t member(const struct json_doc *doc, uint32_t object, struct str name)
{
        uint32_t ret = json_member(doc, object, name);

        if (!ret) {
                fprintf(stderr, "there is no \"%.*s\"\n", STR_FMT(name));
                exit(2);
        }
        return ret;
}

static struct policy_set *compile(const struct json_doc *doc, uint32_t policies)
{
        struct policy_input inputs[LIMIT_POLICIES];
        struct diagnostics diags = { 0 };
        struct policy_set *set = NULL;
        size_t count = 0;

        json_each_item(doc, policies, item)
        {
                if (count < LIMIT_POLICIES)
                        inputs[count++] = (struct policy_input){ STR("p.yaml"), json_text(doc, item) };
        }
        if (policy_set_new(&set, inputs, count, NULL, &diags) < 0) {
                for (size_t i = 0; i < diags.count; ++i)
                        if (diags.items[i].severity == SEVERITY_ERROR)
                                fprintf(stderr, "%s: %s\n", diags.items[i].code, diags.items[i].message);
                exit(2);
        }
        diagnostics_deinit(&diags);
        return set;
}

static struct policy_request request_of(const struct json_doc *doc, uint32_t call, struct buf *name)
{
        struct policy_request ret = { .doc = doc, .arguments = json_member(doc, call, STR("arguments")) };

        ret.subject = json_string_is(doc, member(doc, call, STR("subject")), STR("prompt")) ? POLICY_PROMPT : POLICY_TOOL;
        if (json_string_get(doc, member(doc, call, STR("name")), name, &ret.name) < 0 ||
                !json_integer_get(doc, member(doc, call, STR("now")), &ret.now_s))
                exit(2);
        return ret;
}

static void meet(const struct policy_set *set, const struct json_doc *doc, uint32_t after, struct policy_marks *marks)
{
        json_each_item(doc, after, item)
        {
                AUTO_BUF struct buf text = BUF_INIT(LIMIT_LINE_BYTES);
                struct str name;

                if (json_string_get(doc, item, &text, &name) == 0)
                        policy_set_mark(set, POLICY_TOOL, name, marks);
        }
}

static void settle(const struct policy_set *set, const struct json_doc *doc, uint32_t call, struct policy_scratch *scratch)
{
        AUTO_BUF struct buf name = BUF_INIT(LIMIT_LINE_BYTES);
        AUTO_BUF struct buf text = BUF_INIT(2 * LIMIT_LINE_BYTES);
        AUTO_BUF struct buf sent = BUF_INIT(2 * LIMIT_LINE_BYTES);
        CLEANUP(json_doc_deinit) struct json_doc narrowed;
        struct policy_request request = request_of(doc, call, &name);
        struct policy_marks marks = { 0 };
        struct policy_decision d;

        json_doc_init(&narrowed, (const uint64_t[2]){ 1, 2 });
        if (json_member(doc, call, STR("after")))
                meet(set, doc, json_member(doc, call, STR("after")), &marks);
        request.marks = &marks;
        request.scratch = scratch;
        policy_set_settle(set, &request, &text, &narrowed, &d);
        if (d.verdict != VERDICT_DENY && request.arguments)
                json_write(&sent, request.doc, request.arguments);
        if (d.reason != POLICY_BY_RULE)
                d.policy_name = d.rule_id = STR("");
        printf("%s\t%.*s\t%.*s\t%.*s\n", verdict_name(d.verdict), STR_FMT(d.policy_name), STR_FMT(d.rule_id),
                STR_FMT(buf_str(&sent)));
}

int main(void)
{
        CLEANUP(json_doc_deinit) struct json_doc doc;
        struct policy_scratch *scratch = policy_scratch_new();
        char *line = NULL;
        size_t size = 0;
        ssize_t len;

        json_doc_init(&doc, (const uint64_t[2]){ 3, 4 });
        while ((len = getline(&line, &size, stdin)) > 0) {
                enum json_error error = json_read(&doc, str_of(line, (size_t)len));
                struct policy_set *set;

                if (error != JSON_OK) {
                        fprintf(stderr, "%s\n", json_error_text(error));
                        return 2;
                }
                set = compile(&doc, member(&doc, 0, STR("policies")));
                json_each_item(&doc, member(&doc, 0, STR("calls")), call) settle(set, &doc, call, scratch);
                policy_set_unref(set);
                fflush(stdout);
        }
        free(line);
        policy_scratch_free(scratch);
        return 0;
}
