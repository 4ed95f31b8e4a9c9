/* SPDX-License-Identifier: Apache-2.0
 *
 * Policy text and requests: the bytes up to the first NUL are a policy, what is behind it a name. No text crashes or
 * leaks; a refused one has told why; explaining decides as deciding does; a further deny rule for everything denies;
 * and a policy compared with itself is the same.
 */
#include <stdint.h>
#include <stdlib.h>

#include "compare.h"
#include "lint.h"
#include "policy.h"

static struct str text_of(void *userdata, struct str path)
{
        return *(const struct str *)userdata;
}

static void print(const struct diagnostics *diags, struct str text)
{
        struct buf out = BUF_INIT(8U << 20);

        if (diagnostics_print(diags, &out, true, text_of, &text) < 0)
                abort();
        for (size_t i = 0; i < out.len; ++i) {
                unsigned char c = (unsigned char)out.data[i];

                if (c != '\n' && c != '\033' && (c < 0x20 || c >= 0x7F))
                        abort();
        }
        buf_clear(&out, SIZE_MAX);
        if (diagnostics_print_json(diags, &out) < 0)
                abort();
        buf_deinit(&out);
}

static void step(void *userdata, const struct policy_step *s)
{
        *(size_t *)userdata += s->decides;
}

static void decide(const struct policy_set *set, const struct policy_request *request)
{
        enum policy_subject subject = request->subject;
        struct str name = request->name;
        struct policy_decision decided, explained;
        size_t deciding = 0;

        policy_set_decide(set, request, &decided);
        policy_set_explain(set, request, step, &deciding, &explained);
        if (decided.verdict != explained.verdict || decided.reason != explained.reason || deciding == 0)
                abort();
        if (decided.verdict == VERDICT_ALLOW && decided.reason != POLICY_BY_RULE)
                abort();
        for (size_t i = 0; i < name.len; ++i) {
                if (decided.verdict == VERDICT_ALLOW && subject != POLICY_SAMPLING &&
                        subject != POLICY_ELICITATION_FORM &&
                        ((unsigned char)name.ptr[i] < 0x20 || name.ptr[i] == 0x7F))
                        abort();
        }
        if (policy_set_allows_all(set, subject) && decided.verdict != VERDICT_ALLOW &&
                decided.reason != POLICY_BAD_NAME)
                abort();
}

/* Arguments that conditions may speak of. Narrowing them comes to rest, and a hint is one line of text. */
static void decide_call(const struct policy_set *set, struct str name)
{
        static const struct str arguments[] = { STR_INIT("[{}]"),
                STR_INIT("[{\"a\":1,\"x\":\"/srv/work\",\"owner\":\"acme\",\"perPage\":80.5,\"l\":[{\"m\":\"\\u0061\"},null],\"o\":{\"p\":true}}]") };
        struct policy_scratch *scratch = policy_scratch_new();
        struct buf once = BUF_INIT(1U << 20), twice = BUF_INIT(1U << 20);
        struct json_doc doc;

        json_doc_init(&doc, (const uint64_t[2]){ 1, 2 });
        for (size_t i = 0; scratch && i < sizeof(arguments) / sizeof(arguments[0]); ++i) {
                struct policy_request request = {
                        .subject = POLICY_TOOL, .name = name, .doc = &doc, .arguments = 1, .scratch = scratch
                };

                if (json_read(&doc, arguments[i]) != JSON_OK)
                        abort();
                decide(set, &request);
                buf_clear(&once, SIZE_MAX);
                buf_append_char(&once, '[');
                if (policy_set_narrow(set, &request, &once) != NARROW_DONE)
                        continue;
                buf_append_char(&once, ']');
                if (json_read(&doc, buf_str(&once)) != JSON_OK || !doc.canonical)
                        abort();
                if (policy_set_narrow(set, &request, &twice) != NARROW_NONE)
                        abort();
        }
        buf_clear(&once, SIZE_MAX);
        policy_set_hint(set, name, &once);
        if (once.len && memchr(once.data, '\n', once.len))
                abort();
        json_doc_deinit(&doc);
        buf_deinit(&once);
        buf_deinit(&twice);
        policy_scratch_free(scratch);
}

static void decide_name(const struct policy_set *set, enum policy_subject subject, struct str name)
{
        struct policy_request request = { .subject = subject, .name = name, .now_s = 1800000000 };

        decide(set, &request);
}

static void decide_all(const struct policy_set *set, struct str name)
{
        static const struct str world[] = { STR_INIT("add"), STR_INIT("note://public/x"), STR_INIT("https://x.org/"),
                STR_INIT("file:///srv/x"), STR_INIT("") };

        for (int s = 0; s < POLICY_SUBJECT_MAX_; ++s) {
                decide_name(set, (enum policy_subject)s, name);
                for (size_t i = 0; i < sizeof(world) / sizeof(world[0]); ++i)
                        decide_name(set, (enum policy_subject)s, world[i]);
        }
        decide_call(set, name);
        decide_call(set, STR("t"));
}

/* A layer that denies: nothing is allowed any more, whatever the other says. */
static void decide_under_denial(const struct policy_input *input, const struct policy_options *options, struct str name)
{
        struct policy_input inputs[2] = { *input,
                { STR("deny"), STR("leastwise: 1\nname: d\npurpose: d\ntools: { allow: ['**'], deny: ['**'] }\n") } };
        struct policy_request request = { .subject = POLICY_TOOL, .name = name };
        struct diagnostics diags = { 0 };
        struct policy_set *set = NULL;
        struct policy_decision d;

        if (policy_set_new(&set, inputs, 2, options, &diags) == 0) {
                policy_set_decide(set, &request, &d);
                if (d.verdict != VERDICT_DENY)
                        abort();
        }
        policy_set_unref(set);
        diagnostics_deinit(&diags);
}

/* A policy is like itself, and nothing shows otherwise. Comparing wants to know every binding. */
static void compare(const struct policy_input *input, const struct policy_options *options)
{
        struct policy_options bound = *options;
        struct diagnostics diags = { 0 };
        struct policy_set *set = NULL;

        bound.any_binding = false;
        if (policy_set_new(&set, input, 1, &bound, &diags) == 0) {
                struct policy_comparison comparison;

                if (policy_set_compare(set, set) != POLICY_SAME)
                        abort();
                if (policy_compare(&comparison, set, set, true) == 0 && (comparison.change != POLICY_SAME || comparison.count))
                        abort();
                policy_comparison_deinit(&comparison);
        }
        policy_set_unref(set);
        diagnostics_deinit(&diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const uint8_t *end = size ? memchr(data, 0, size) : NULL;
        struct str text = str_of((const char *)data, end ? (size_t)(end - data) : size);
        struct str name = end ? str_of((const char *)end + 1, size - text.len - 1) : str_of("", 0);
        struct policy_pair bind = { STR("org"), STR("acme") };
        struct policy_options options = {
                .bindings = &bind, .binding_count = 1, .any_binding = true, .any_agent = true, .lint = true, .tests = true
        };
        struct policy_input input = { STR("fuzz.yaml"), text };
        const struct lint_tool tool = { name, true };
        struct diagnostics diags = { 0 };
        struct policy_set *set = NULL;
        int r;

        /* Most policies do not declare it. */
        if (!memmem(text.ptr, text.len, "${org}", 6))
                options.binding_count = 0;
        r = policy_set_new(&set, &input, 1, &options, &diags);
        if (r != 0 && diags.errors == 0)
                abort();
        if ((r == 0) != (set != NULL) || (r == 0 && diags.errors))
                abort();
        if (set)
                policy_set_lint(set, &(struct lint){ .now_s = 1, .pins = &(struct lint_pins){ &tool, 1, true } }, &diags);
        print(&diags, text);
        if (set) {
                decide_all(set, name);
                decide_under_denial(&input, &options, name);
                compare(&input, &options);
        }
        policy_set_unref(set);
        diagnostics_deinit(&diags);
        return 0;
}
