/* SPDX-License-Identifier: Apache-2.0
 *
 * `tests:`. Nothing in them is put into force, so that they are read only for those who ask: a mistake in a test keeps no
 * server from starting.
 */
#include "cleanup.h"
#include "compile.h"
#include "policy_flow.h"

#define NAME_BYTES 200U
#define BECAUSE_BYTES 500U
#define DAY_S 86400

struct reading {
        struct policy_test *test;
        struct policy_met *after; /* test->after */
        bool ok;
};

static void refuse(struct compile *c, struct reading *r, const struct yaml_node *at, const char *help, const char *what)
{
        compile_error(c, P_BAD_TEST, at, help, "%s", what);
        r->ok = false;
}

/* --- what is asked about --- */

static void ask(struct compile *c, const struct yaml_node *value, struct reading *r, const char *kind,
        enum policy_subject subject)
{
        if (r->test->kind) {
                refuse(c, r, value, NULL, "a test asks about one thing");
                return;
        }
        r->test->kind = kind;
        r->test->subject = subject;
}

static void ask_name(struct compile *c, const struct yaml_node *value, struct reading *r, const char *kind,
        enum policy_subject subject)
{
        ask(c, value, r, kind, subject);
        r->ok &= compile_text(c, value, kind, LIMIT_URI_BYTES, &r->test->subject_name);
}

static void read_call(struct compile *c, const struct yaml_node *value, void *into)
{
        ask_name(c, value, into, "call", POLICY_TOOL);
}

static void read_resource(struct compile *c, const struct yaml_node *value, void *into)
{
        ask_name(c, value, into, "resource", POLICY_RESOURCE);
}

static void read_prompt(struct compile *c, const struct yaml_node *value, void *into)
{
        ask_name(c, value, into, "prompt", POLICY_PROMPT);
}

static void read_method(struct compile *c, const struct yaml_node *value, void *into)
{
        ask_name(c, value, into, "method", POLICY_METHOD);
}

static void read_root(struct compile *c, const struct yaml_node *value, void *into)
{
        ask_name(c, value, into, "root", POLICY_ROOTS);
}

static void read_url(struct compile *c, const struct yaml_node *value, void *into)
{
        ask_name(c, value, into, "url", POLICY_ELICITATION_URL);
}

static void read_request(struct compile *c, const struct yaml_node *value, void *into)
{
        static const char *const words[] = { "sampling", "form" };
        struct reading *r = into;
        int word = compile_word(c, value, words, 2);

        r->ok &= word >= 0;
        if (word >= 0)
                ask(c, value, r, words[word], word == 0 ? POLICY_SAMPLING : POLICY_ELICITATION_FORM);
}

/* --- what is expected --- */

static void read_name(struct compile *c, const struct yaml_node *value, void *into)
{
        struct reading *r = into;

        r->ok &= compile_text(c, value, "a test's name", NAME_BYTES, &r->test->name);
}

static void read_expect(struct compile *c, const struct yaml_node *value, void *into)
{
        static const char *const words[] = {
                [VERDICT_DENY] = "deny", [VERDICT_APPROVE] = "approve", [VERDICT_ALLOW] = "allow"
        };
        struct reading *r = into;
        int word = compile_word(c, value, words, 3);

        r->ok &= word >= 0;
        if (word >= 0)
                r->test->expect = (enum verdict)word;
}

static void read_because(struct compile *c, const struct yaml_node *value, void *into)
{
        struct reading *r = into;

        r->ok &= compile_text(c, value, "`because`", BECAUSE_BYTES, &r->test->because);
}

/* JSON as a text can say what YAML must not: control characters, for one. */
static void read_json(struct compile *c, const struct yaml_node *value, struct reading *r, struct str *ret)
{
        static const uint64_t no_seed[2] = { 0 };
        CLEANUP(json_doc_deinit) struct json_doc doc;
        AUTO_BUF struct buf text = BUF_INIT(2 * LIMIT_POLICY_BYTES);
        enum json_error error;

        json_doc_init(&doc, no_seed);
        error = json_read(&doc, value->text);
        if (error == JSON_NO_MEMORY)
                c->no_memory = true;
        else if (error != JSON_OK)
                refuse(c, r, value, json_error_text(error), "this text is not JSON");
        else if (json_type_of(&doc, 0) != JSON_OBJECT)
                refuse(c, r, value, NULL, "arguments are a JSON object");
        else if (json_write(&text, &doc, 0) < 0 || arena_str(c->arena, buf_str(&text), ret) < 0)
                c->no_memory = true;
}

static void read_object(struct compile *c, const struct yaml_node *value, struct reading *r, struct str *ret)
{
        if (value->kind == YAML_TEXT)
                read_json(c, value, r, ret);
        else if (compile_wants(c, value, YAML_MAP, "a call's arguments"))
                r->ok &= compile_literal(c, value, ret);
        else
                r->ok = false;
}

static void read_args(struct compile *c, const struct yaml_node *value, void *into)
{
        struct reading *r = into;

        read_object(c, value, r, &r->test->arguments);
}

static void read_narrowed(struct compile *c, const struct yaml_node *value, void *into)
{
        struct reading *r = into;

        read_object(c, value, r, &r->test->narrowed);
}

/* --- under which circumstances --- */

static void add_met(struct compile *c, const struct yaml_node *value, struct reading *r, const char *what,
        enum policy_subject subject)
{
        struct policy_met *met = &r->after[r->test->after_count];

        if (!compile_text(c, value, what, LIMIT_URI_BYTES, &met->name)) {
                r->ok = false;
                return;
        }
        met->subject = subject;
        r->test->after_count++;
}

static void met_resource(struct compile *c, const struct yaml_node *value, void *into)
{
        add_met(c, value, into, "a resource's URI", POLICY_RESOURCE);
}

static void met_prompt(struct compile *c, const struct yaml_node *value, void *into)
{
        add_met(c, value, into, "a prompt's name", POLICY_PROMPT);
}

static void read_met(struct compile *c, const struct yaml_node *node, struct reading *r)
{
        static const struct key_row rows[] = {
                { "resource", KEY_OPTIONAL, met_resource },
                { "prompt", KEY_OPTIONAL, met_prompt },
        };

        if (node->kind == YAML_MAP)
                COMPILE_MAP(c, node, "what has answered", rows, r);
        else
                add_met(c, node, r, "a tool's name", POLICY_TOOL);
}

static size_t count_met(const struct yaml_node *node)
{
        return node->kind == YAML_MAP ? node->count : 1;
}

static void read_after(struct compile *c, const struct yaml_node *value, void *into)
{
        struct reading *r = into;
        const bool is_list = value->kind == YAML_LIST;
        size_t count = 0;

        for (const struct yaml_node *n = is_list ? value->first : value; n; n = is_list ? n->next : NULL)
                count += count_met(n);
        r->test->after = r->after = compile_array(c, count, sizeof(*r->after));
        if (!r->after)
                return;
        for (const struct yaml_node *n = is_list ? value->first : value; n; n = is_list ? n->next : NULL)
                read_met(c, n, r);
}

static void read_at(struct compile *c, const struct yaml_node *value, void *into)
{
        struct reading *r = into;
        int64_t end;

        if (!compile_text(c, value, "a day", NAME_BYTES, &r->test->at)) {
                r->ok = false;
        } else if (!date_end(r->test->at, &end)) {
                compile_error(c, P_BAD_DATE, value, "write it as YYYY-MM-DD: `2027-03-31`", "`%s` is not a day",
                        show(value->text).text);
                r->ok = false;
        } else {
                r->test->now_s = end - DAY_S;
        }
}

/* 1 to POLICY_TEST_TIMES, as a number is written; 0: it is none. */
static uint32_t times_of(struct str text)
{
        uint32_t times = 0;

        for (size_t i = 0; i < text.len; ++i) {
                if (text.ptr[i] < (i ? '0' : '1') || text.ptr[i] > '9')
                        return 0;
                times = times * 10 + (uint32_t)(text.ptr[i] - '0');
                if (times > POLICY_TEST_TIMES)
                        return 0;
        }
        return times;
}

static void read_times(struct compile *c, const struct yaml_node *value, void *into)
{
        struct reading *r = into;

        r->test->times = value->kind == YAML_TEXT ? times_of(value->text) : 0;
        if (r->test->times)
                return;
        compile_error(
                c, P_BAD_TEST, value, "a whole number from 1 to 10000, as in `21`", "this is not a number of times");
        r->ok = false;
}

static void read_binding(struct compile *c, const struct yaml_node *key, struct reading *r, struct policy_pair *ret)
{
        if (!compile_is_declared(c, key, key->text) ||
                !compile_text(c, key->value, "a bound value", LIMIT_BIND_BYTES, &ret->value)) {
                r->ok = false;
                return;
        }
        if (arena_str(c->arena, key->text, &ret->name) < 0)
                c->no_memory = true;
        if (compile_is_bind_value(ret->value))
                return;
        compile_error(c, P_BIND_VALUE, key->value, NULL, "a value is 1 to %u bytes of UTF-8 without control characters",
                LIMIT_BIND_BYTES);
        r->ok = false;
}

static void read_bind(struct compile *c, const struct yaml_node *value, void *into)
{
        struct reading *r = into;
        struct policy_pair *pairs;

        if (!compile_wants(c, value, YAML_MAP, "a test's `bind`")) {
                r->ok = false;
                return;
        }
        pairs = compile_array(c, value->count, sizeof(*pairs));
        if (!pairs)
                return;
        yaml_each (value, key)
                read_binding(c, key, r, &pairs[r->test->bind_count++]);
        r->test->bind = pairs;
}

/* --- a test --- */

static void check_whole(struct compile *c, const struct yaml_node *node, struct reading *r)
{
        const struct policy_test *t = r->test;
        const struct yaml_node *args = yaml_get(node, STR("args")), *after = yaml_get(node, STR("after"));
        const struct yaml_node *narrowed = yaml_get(node, STR("narrowed")), *times = yaml_get(node, STR("times"));

        if (!t->kind && r->ok)
                refuse(c, r, node, "one of: call, resource, prompt, method, root, url, request", "this test asks about nothing");
        if (args && t->kind && t->subject != POLICY_TOOL && t->subject != POLICY_PROMPT)
                refuse(c, r, args, NULL, "only calls and prompts have arguments");
        if (narrowed && t->kind && t->subject != POLICY_TOOL)
                refuse(c, r, narrowed, NULL, "only calls are narrowed");
        else if (narrowed && t->expect == VERDICT_DENY)
                refuse(c, r, narrowed, NULL, "a call that is denied is not sent");
        if (after && t->kind && !policy_is_call(t->subject))
                refuse(c, r, after, NULL, "flow rules are about calls, resources and prompts");
        if (times && t->kind && !policy_is_call(t->subject))
                refuse(c, r, times, NULL, "only calls, resources and prompts are counted");
}

static void read_test(struct compile *c, const struct yaml_node *node)
{
        static const struct key_row rows[] = {
                { "name", KEY_OPTIONAL, read_name },
                { "call", KEY_OPTIONAL, read_call },
                { "resource", KEY_OPTIONAL, read_resource },
                { "prompt", KEY_OPTIONAL, read_prompt },
                { "method", KEY_OPTIONAL, read_method },
                { "root", KEY_OPTIONAL, read_root },
                { "url", KEY_OPTIONAL, read_url },
                { "request", KEY_OPTIONAL, read_request },
                { "args", KEY_OPTIONAL, read_args },
                { "expect", KEY_REQUIRED, read_expect },
                { "because", KEY_OPTIONAL, read_because },
                { "narrowed", KEY_OPTIONAL, read_narrowed },
                { "after", KEY_OPTIONAL, read_after },
                { "at", KEY_OPTIONAL, read_at },
                { "times", KEY_OPTIONAL, read_times },
                { "bind", KEY_OPTIONAL, read_bind },
        };
        struct policy_test test = { .line = node->line, .column = node->column, .length = node->length, .times = 1 };
        struct reading r = { .test = &test, .ok = true };

        COMPILE_MAP(c, node, "a test", rows, &r);
        if (node->kind == YAML_MAP)
                check_whole(c, node, &r);
        if (r.ok && node->kind == YAML_MAP)
                c->policy->tests[c->policy->test_count++] = test;
}

void compile_tests(struct compile *c, const struct yaml_node *value, void *into)
{
        (void)into;
        if (!c->options->tests || !compile_wants(c, value, YAML_LIST, "a list of tests"))
                return;
        c->policy->tests = compile_array(c, value->count, sizeof(*c->policy->tests));
        if (!c->policy->tests)
                return;
        yaml_each (value, item)
                read_test(c, item);
}
