/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "leaks.h"
#include "limit.h"
#include "world.h"

#define ALLOW VERDICT_ALLOW
#define DENY VERDICT_DENY

struct row {
        enum policy_subject subject;
        struct str name;
        enum verdict verdict;
        enum policy_reason reason;
        const char *rule; /* id, or NULL */
};

static const char full_policy[] = HEAD
        "bind: [org]\n"
        "tools:\n"
        "  allow:\n"
        "    - add\n"
        "    - 'list_*'\n"
        "    - { tool: [get, 'get_*', 'x_${org}_*'], id: getters, because: They only read. }\n"
        "    - \"caf\xC3\xA9\"\n"
        "  deny:\n"
        "    - { tool: ['get_secret*', list_keys], because: Keys are private. }\n"
        "    - 'list_k*'\n"
        "prompts: { allow: [hello, { prompt: 'say_?', id: say }] }\n"
        "methods: { allow: ['skills/*'] }\n"
        "resources:\n"
        "  allow: ['note://public/**', 'repo://${org}/*', 'odd:a b', { uri: 'https://*.example.com/docs/**' }]\n"
        "server_requests:\n"
        "  sampling: deny\n"
        "  elicitation: { form: allow, url: ['https://github.com/**', 'https://*.example.com/x', 'https://*/y'] }\n"
        "  roots: [/srv/work, /srv/other/]\n";

static const struct row full_rows[] = {
        { POLICY_TOOL, STR_INIT("add"), ALLOW, POLICY_BY_RULE, "tools.allow[0]" },
        { POLICY_TOOL, STR_INIT("ADD"), DENY, POLICY_NO_RULE },
        { POLICY_TOOL, STR_INIT("add "), DENY, POLICY_NO_RULE },
        { POLICY_TOOL, STR_INIT("list_x"), ALLOW, POLICY_BY_RULE, "tools.allow[1]" },
        { POLICY_TOOL, STR_INIT("list_\xC3\xA9"), DENY, POLICY_NO_RULE },
        { POLICY_TOOL, STR_INIT("caf\xC3\xA9"), ALLOW, POLICY_BY_RULE, "tools.allow[3]" },
        { POLICY_TOOL, STR_INIT("cafe\xCC\x81"), DENY, POLICY_NO_RULE },
        { POLICY_TOOL, STR_INIT("get"), ALLOW, POLICY_BY_RULE, "getters" },
        { POLICY_TOOL, STR_INIT("get_x"), ALLOW, POLICY_BY_RULE, "getters" },
        { POLICY_TOOL, STR_INIT("get_secret_x"), DENY, POLICY_BY_RULE, "tools.deny[0]" },
        { POLICY_TOOL, STR_INIT("list_keys"), DENY, POLICY_BY_RULE, "tools.deny[0]" },
        { POLICY_TOOL, STR_INIT("list_k\xC3\xA9"), DENY, POLICY_BY_RULE, "tools.deny[1]" },
        { POLICY_TOOL, STR_INIT("x_a*b_1"), ALLOW, POLICY_BY_RULE, "getters" },
        { POLICY_TOOL, STR_INIT("x_axb_1"), DENY, POLICY_NO_RULE },
        { POLICY_TOOL, STR_INIT(""), DENY, POLICY_BAD_NAME },
        { POLICY_TOOL, STR_INIT("add\0"), DENY, POLICY_BAD_NAME },
        { POLICY_TOOL, STR_INIT("list_\n"), DENY, POLICY_BAD_NAME },
        { POLICY_TOOL, STR_INIT("list_\x7F"), DENY, POLICY_BAD_NAME },
        { POLICY_TOOL, STR_INIT("list_*"), ALLOW, POLICY_BY_RULE, "tools.allow[1]" },
        { POLICY_TOOL, STR_INIT("*"), DENY, POLICY_NO_RULE },
        { POLICY_PROMPT, STR_INIT("hello"), ALLOW, POLICY_BY_RULE, "prompts.allow[0]" },
        { POLICY_PROMPT, STR_INIT("say_x"), ALLOW, POLICY_BY_RULE, "say" },
        { POLICY_PROMPT, STR_INIT("add"), DENY, POLICY_NO_RULE },
        { POLICY_METHOD, STR_INIT("skills/list"), ALLOW, POLICY_BY_RULE, "methods.allow[0]" },
        { POLICY_METHOD, STR_INIT("skills"), DENY, POLICY_NO_RULE },
        { POLICY_RESOURCE, STR_INIT("note://public/a/b"), ALLOW, POLICY_BY_RULE, "resources.allow[0]" },
        { POLICY_RESOURCE, STR_INIT("note://private/a"), DENY, POLICY_NO_RULE },
        { POLICY_RESOURCE, STR_INIT("note://public/../private"), DENY, POLICY_AMBIGUOUS_URI },
        { POLICY_RESOURCE, STR_INIT("note://public/%2e%2e/private"), DENY, POLICY_AMBIGUOUS_URI },
        { POLICY_RESOURCE, STR_INIT("NOTE://public/a"), DENY, POLICY_AMBIGUOUS_URI },
        { POLICY_RESOURCE, STR_INIT("odd:a b"), ALLOW, POLICY_BY_RULE, "resources.allow[2]" },
        { POLICY_RESOURCE, STR_INIT("odd:a%20b"), DENY, POLICY_NO_RULE },
        { POLICY_RESOURCE, STR_INIT("https://a.example.com/docs/x"), ALLOW, POLICY_BY_RULE, "resources.allow[3]" },
        { POLICY_RESOURCE, STR_INIT("https://example.com/docs/x"), DENY, POLICY_NO_RULE },
        { POLICY_RESOURCE, STR_INIT("https://evil.org/.example.com/docs/x"), DENY, POLICY_NO_RULE },
        { POLICY_RESOURCE, STR_INIT("https://evil.org?.example.com/docs/x"), DENY, POLICY_AMBIGUOUS_URI },
        { POLICY_RESOURCE, STR_INIT("note://public/a\0"), DENY, POLICY_BAD_NAME },
        { POLICY_SAMPLING, STR_INIT(""), DENY, POLICY_BY_RULE, "server_requests.sampling" },
        { POLICY_ELICITATION_FORM, STR_INIT(""), ALLOW, POLICY_BY_RULE, "server_requests.elicitation.form" },
        { POLICY_ELICITATION_URL, STR_INIT(""), ALLOW, POLICY_BY_RULE, "server_requests.elicitation.url[0]" },
        { POLICY_ELICITATION_URL, STR_INIT("https://github.com/x"), ALLOW, POLICY_BY_RULE,
                "server_requests.elicitation.url[0]" },
        { POLICY_ELICITATION_URL, STR_INIT("https://github.com.evil.org/"), DENY, POLICY_NO_RULE },
        { POLICY_ELICITATION_URL, STR_INIT("https://github.com@evil.org/"), DENY, POLICY_AMBIGUOUS_URI },
        { POLICY_ELICITATION_URL, STR_INIT("https://github.com:8443/"), DENY, POLICY_NO_RULE },
        { POLICY_ELICITATION_URL, STR_INIT("https://github.com\\.evil.org/"), DENY, POLICY_AMBIGUOUS_URI },
        { POLICY_ELICITATION_URL, STR_INIT("https://github.com%2F.evil.org/"), DENY, POLICY_AMBIGUOUS_URI },
        { POLICY_ELICITATION_URL, STR_INIT("https://github.com/../x"), DENY, POLICY_AMBIGUOUS_URI },
        { POLICY_ELICITATION_URL, STR_INIT("http://github.com/"), DENY, POLICY_NO_RULE },
        { POLICY_ELICITATION_URL, STR_INIT("https://GITHUB.com/"), DENY, POLICY_AMBIGUOUS_URI },
        { POLICY_ELICITATION_URL, STR_INIT("https://a.b.example.com/x"), ALLOW, POLICY_BY_RULE,
                "server_requests.elicitation.url[1]" },
        { POLICY_ELICITATION_URL, STR_INIT("https://evil.org:80.example.com/x"), DENY, POLICY_AMBIGUOUS_URI },
        { POLICY_ELICITATION_URL, STR_INIT("https://evil.org#.example.com/x"), DENY, POLICY_AMBIGUOUS_URI },
        { POLICY_ELICITATION_URL, STR_INIT("https://evil.org/y"), ALLOW, POLICY_BY_RULE,
                "server_requests.elicitation.url[2]" },
        { POLICY_ELICITATION_URL, STR_INIT("javascript:alert(1)"), DENY, POLICY_NO_RULE },
        { POLICY_ROOTS, STR_INIT(""), ALLOW, POLICY_BY_RULE, "server_requests.roots[0]" },
        { POLICY_ROOTS, STR_INIT("file:///srv/work/sub"), ALLOW, POLICY_BY_RULE, "server_requests.roots[0]" },
        { POLICY_ROOTS, STR_INIT("file:///srv/other"), ALLOW, POLICY_BY_RULE, "server_requests.roots[1]" },
        { POLICY_ROOTS, STR_INIT("file:///srv/workshop"), DENY, POLICY_NO_RULE },
        { POLICY_ROOTS, STR_INIT("file:///srv/work/.."), DENY, POLICY_AMBIGUOUS_URI },
        { POLICY_RESOURCE_TEMPLATE, STR_INIT("note://public/{id}"), ALLOW, POLICY_BY_RULE, "resources.allow[0]" },
        { POLICY_RESOURCE_TEMPLATE, STR_INIT("note://{where}/{id}"), ALLOW, POLICY_BY_RULE, "resources.allow[0]" },
        { POLICY_RESOURCE_TEMPLATE, STR_INIT("{+uri}"), ALLOW, POLICY_BY_RULE, "resources.allow[0]" },
        { POLICY_RESOURCE_TEMPLATE, STR_INIT("note://private/{id}"), DENY, POLICY_NO_RULE },
        { POLICY_RESOURCE_TEMPLATE, STR_INIT("odd:a b{x}"), ALLOW, POLICY_BY_RULE, "resources.allow[2]" },
        { POLICY_RESOURCE_TEMPLATE, STR_INIT("odd:a bc{x}"), DENY, POLICY_NO_RULE },
        { POLICY_RESOURCE_TEMPLATE, STR_INIT("odd:a"), DENY, POLICY_NO_RULE },
        { POLICY_RESOURCE_TEMPLATE, STR_INIT(""), DENY, POLICY_BAD_NAME },
};

static void check_rows(const struct world *w, const struct row *rows, size_t count)
{
        for (size_t i = 0; i < count; ++i) {
                struct policy_decision d = world_decide(w, rows[i].subject, rows[i].name, 0);

                cr_expect_eq(d.verdict, rows[i].verdict, "row %zu %s: verdict %d", i, rows[i].name.ptr, d.verdict);
                cr_expect_eq(d.reason, rows[i].reason, "row %zu %s: reason %d", i, rows[i].name.ptr, d.reason);
                cr_expect(str_eq(d.rule_id, str_from(rows[i].rule)), "row %zu %s: rule %.*s", i, rows[i].name.ptr,
                        STR_FMT(d.rule_id));
        }
}

/* A value with a metacharacter cannot stand in a URI ... */
Test(decide, a_value_for_tools_may_not_fit_a_uri)
{
        struct policy_pair bindings[] = { { STR_INIT("org"), STR_INIT("a*b") } };
        struct policy_options options = { .bindings = bindings, .binding_count = 1 };
        const char *text = full_policy;
        struct world w = world_of(&text, 1, &options);

        cr_assert_eq(w.r, -EINVAL);
        cr_expect(world_has_code(&w, P_BIND_VALUE));
        world_end(&w);
        CHECK_NO_LEAKS();
}

/* ... so here the tools alone use it. */
Test(decide, every_subject_as_the_table_says)
{
        static char text[sizeof(full_policy)];
        struct policy_pair bindings[] = { { STR_INIT("org"), STR_INIT("a*b") } };
        struct policy_options options = { .bindings = bindings, .binding_count = 1 };
        const char *texts = text;
        struct world w;
        char *at;

        memcpy(text, full_policy, sizeof(text));
        at = strstr(text, "repo://${org}/*");
        memcpy(at, "repo://acmeeee/", 15);
        w = world_of(&texts, 1, &options);
        cr_assert_eq(w.r, 0);
        check_rows(&w, full_rows, sizeof(full_rows) / sizeof(full_rows[0]));
        world_end(&w);
        CHECK_NO_LEAKS();
}

Test(decide, a_decision_names_its_rule_and_place)
{
        struct world w = world_good(HEAD "tools:\n  allow: [x]\n  deny:\n    - tool: [a, 'b*']\n      because: No.\n");
        struct policy_decision d = world_decide(&w, POLICY_TOOL, STR("bb"), 0);

        cr_expect(str_eq(d.policy_name, STR("test")));
        cr_expect(str_eq(d.file, STR("a.yaml")));
        cr_expect(str_eq(d.rule_id, STR("tools.deny[0]")));
        cr_expect(str_eq(d.because, STR("No.")));
        cr_expect_eq(d.line, 7);
        cr_expect_eq(d.column, 7);
        world_end(&w);
        CHECK_NO_LEAKS();
}

/* With a deny rule about resources, what might be another spelling of the denied one is denied. */
Test(decide, no_spelling_gets_round_a_denied_resource)
{
        static const char policy[] =
                HEAD "resources:\n  allow: ['**']\n  deny: ['note://private/**', 'note://x/secret', "
                     "'file:///etc/**', 'https://evil.org/**']\n";
        static const struct row rows[] = {
                { POLICY_RESOURCE, STR_INIT("note://public/a"), ALLOW, POLICY_BY_RULE, "resources.allow[0]" },
                { POLICY_RESOURCE, STR_INIT("note://private/a"), DENY, POLICY_BY_RULE, "resources.deny[0]" },
                { POLICY_RESOURCE, STR_INIT("note://private"), DENY, POLICY_BY_RULE, "resources.deny[0]" },
                { POLICY_RESOURCE, STR_INIT("note://x/secret"), DENY, POLICY_BY_RULE, "resources.deny[1]" },
                { POLICY_RESOURCE, STR_INIT("note://x/secret?y"), DENY, POLICY_BY_RULE, "resources.deny[1]" },
                { POLICY_RESOURCE, STR_INIT("note://x/secret/"), DENY, POLICY_BY_RULE, "resources.deny[1]" },
                { POLICY_RESOURCE, STR_INIT("note://x/secret/?y"), DENY, POLICY_BY_RULE, "resources.deny[1]" },
                { POLICY_RESOURCE, STR_INIT("note://x/%73ecret"), DENY, POLICY_AMBIGUOUS_URI },
                { POLICY_RESOURCE, STR_INIT("note://x/./secret"), DENY, POLICY_AMBIGUOUS_URI },
                { POLICY_RESOURCE, STR_INIT("note://X/secret"), DENY, POLICY_AMBIGUOUS_URI },
                { POLICY_RESOURCE, STR_INIT("Note://x/secret"), DENY, POLICY_AMBIGUOUS_URI },
                { POLICY_RESOURCE, STR_INIT("note://x/secret#a"), DENY, POLICY_AMBIGUOUS_URI },
                { POLICY_RESOURCE, STR_INIT("note://u@x/secret"), DENY, POLICY_AMBIGUOUS_URI },
                { POLICY_RESOURCE, STR_INIT("note://public/a%3Ab"), DENY, POLICY_AMBIGUOUS_URI },
                { POLICY_RESOURCE, STR_INIT("file:/etc/passwd"), DENY, POLICY_AMBIGUOUS_URI },
                { POLICY_RESOURCE, STR_INIT("file://localhost/etc/passwd"), DENY, POLICY_AMBIGUOUS_URI },
                { POLICY_RESOURCE, STR_INIT("file:///x/../etc/passwd"), DENY, POLICY_AMBIGUOUS_URI },
                { POLICY_RESOURCE, STR_INIT("https://evil.org"), DENY, POLICY_BY_RULE, "resources.deny[3]" },
                { POLICY_RESOURCE, STR_INIT("https://evil.org:443/x"), DENY, POLICY_AMBIGUOUS_URI },
                { POLICY_RESOURCE, STR_INIT("https://evil.org./x"), DENY, POLICY_AMBIGUOUS_URI },
                { POLICY_RESOURCE, STR_INIT("https:evil.org/x"), DENY, POLICY_AMBIGUOUS_URI },
                { POLICY_RESOURCE_TEMPLATE, STR_INIT("note://private/{x}"), DENY, POLICY_BY_RULE, "resources.deny[0]" },
                { POLICY_RESOURCE_TEMPLATE, STR_INIT("note://{x}"), ALLOW, POLICY_BY_RULE, "resources.allow[0]" },
        };
        struct world w = world_good(policy);

        check_rows(&w, rows, sizeof(rows) / sizeof(rows[0]));
        world_end(&w);
        CHECK_NO_LEAKS();
}

Test(decide, everything_open_opens_odd_names_too_but_not_malformed_ones)
{
        static const struct row rows[] = {
                { POLICY_TOOL, STR_INIT("\xC3\xA9"), ALLOW, POLICY_BY_RULE, "tools.allow[0]" },
                { POLICY_TOOL, STR_INIT("a\nb"), DENY, POLICY_BAD_NAME },
                { POLICY_TOOL, STR_INIT(""), DENY, POLICY_BAD_NAME },
                { POLICY_RESOURCE, STR_INIT("a/../b c"), ALLOW, POLICY_BY_RULE, "resources.allow[0]" },
                { POLICY_RESOURCE, STR_INIT("a\x1F"), DENY, POLICY_BAD_NAME },
                { POLICY_ROOTS, STR_INIT("x:y"), ALLOW, POLICY_BY_RULE, "server_requests.roots" },
                { POLICY_ELICITATION_URL, STR_INIT("vscode://x"), ALLOW, POLICY_BY_RULE,
                        "server_requests.elicitation" },
                { POLICY_SAMPLING, STR_INIT(""), ALLOW, POLICY_BY_RULE, "server_requests.sampling" },
        };
        struct world w = world_good(HEAD "tools: { allow: ['**'] }\nresources: { allow: ['**'] }\n"
                                         "server_requests: { sampling: allow, elicitation: allow, roots: allow }\n");

        check_rows(&w, rows, sizeof(rows) / sizeof(rows[0]));
        world_end(&w);
        CHECK_NO_LEAKS();
}

Test(decide, what_a_policy_does_not_mention_is_denied)
{
        struct world w = world_good(HEAD);

        for (int s = 0; s < POLICY_SUBJECT_MAX_; ++s) {
                struct policy_decision d = world_decide(&w, (enum policy_subject)s, STR("file:///x"), 0);

                cr_expect_eq(d.verdict, DENY, "subject %d", s);
                cr_expect_eq(d.reason, POLICY_NO_RULE, "subject %d", s);
                cr_expect(!policy_set_allows_all(w.set, (enum policy_subject)s));
        }
        cr_expect_eq(world_decide(&w, POLICY_SUBJECT_MAX_, STR("x"), 0).verdict, DENY);
        cr_expect(!policy_set_allows_all(w.set, POLICY_SUBJECT_MAX_));
        world_end(&w);
        CHECK_NO_LEAKS();
}

Test(decide, names_are_limited)
{
        static char name[LIMIT_URI_BYTES + 1];
        struct world w = world_good(HEAD "tools: { allow: ['a*'] }\nresources: { allow: ['a:**'] }\n");

        memset(name, 'a', sizeof(name));
        cr_expect_eq(world_decide(&w, POLICY_TOOL, str_of(name, LIMIT_NAME_BYTES), 0).verdict, ALLOW);
        cr_expect_eq(world_decide(&w, POLICY_TOOL, str_of(name, LIMIT_NAME_BYTES + 1), 0).reason, POLICY_BAD_NAME);
        name[1] = ':';
        cr_expect_eq(world_decide(&w, POLICY_RESOURCE, str_of(name, LIMIT_URI_BYTES), 0).verdict, ALLOW);
        cr_expect_eq(world_decide(&w, POLICY_RESOURCE, str_of(name, LIMIT_URI_BYTES + 1), 0).reason, POLICY_BAD_NAME);
        world_end(&w);
        CHECK_NO_LEAKS();
}

/* The longest URI and a deny rule: the spelling with a slash behind it is tried too. */
Test(decide, the_longest_uri_has_room_for_its_other_spelling)
{
        static char uri[LIMIT_URI_BYTES];
        struct world w = world_good(HEAD "resources: { allow: ['**'], deny: ['a:**/'] }\n");

        memset(uri, 'a', sizeof(uri));
        uri[1] = ':';
        cr_expect_eq(world_decide(&w, POLICY_RESOURCE, str_of(uri, sizeof(uri)), 0).verdict, DENY);
        world_end(&w);
        CHECK_NO_LEAKS();
}

Test(decide, until_is_the_last_day)
{
        /* 2027-03-31 ends at 1806537600. */
        struct world w = world_good(HEAD "until: 2027-03-31\ntools: { allow: ['**'] }\n");
        struct policy_decision d = world_decide(&w, POLICY_TOOL, STR("x"), 1806537599);

        cr_expect_eq(d.verdict, ALLOW);
        d = world_decide(&w, POLICY_TOOL, STR("x"), 1806537600);
        cr_expect_eq(d.verdict, DENY);
        cr_expect_eq(d.reason, POLICY_EXPIRED);
        cr_expect_eq(d.line, 4);
        cr_expect_eq(world_decide(&w, POLICY_TOOL, STR("x"), INT64_MAX).reason, POLICY_EXPIRED);
        cr_expect(!policy_set_allows_all(w.set, POLICY_TOOL), "it will not always");
        world_end(&w);
        CHECK_NO_LEAKS();
}

Test(decide, all_is_allowed_only_without_exception)
{
        static const struct {
                const char *text;
                bool tools, resources, sampling, roots, url;
        } rows[] = {
                { HEAD "tools: { allow: ['**'] }\n", true },
                { HEAD "tools: { allow: ['*'] }\n", false },
                { HEAD "tools: { allow: ['**'], deny: [x] }\n", false },
                { HEAD "tools: { allow: [a, { tool: ['b', '**'] }] }\n", true },
                { HEAD "resources: { allow: ['**'] }\n", false, true },
                { HEAD "resources: { allow: ['a:**'] }\n" },
                { HEAD "server_requests: { sampling: allow }\n", .sampling = true },
                { HEAD "server_requests: { sampling: deny }\n" },
                { HEAD "server_requests: { roots: allow, elicitation: allow }\n", .roots = true, .url = true },
                { HEAD "server_requests: { roots: [/], elicitation: { url: ['https://*/**'] } }\n" },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                struct world w = world_good(rows[i].text);

                cr_expect_eq(policy_set_allows_all(w.set, POLICY_TOOL), rows[i].tools, "row %zu", i);
                cr_expect_eq(policy_set_allows_all(w.set, POLICY_RESOURCE), rows[i].resources, "row %zu", i);
                cr_expect_eq(policy_set_allows_all(w.set, POLICY_RESOURCE_TEMPLATE), rows[i].resources, "row %zu", i);
                cr_expect_eq(policy_set_allows_all(w.set, POLICY_SAMPLING), rows[i].sampling, "row %zu", i);
                cr_expect_eq(policy_set_allows_all(w.set, POLICY_ROOTS), rows[i].roots, "row %zu", i);
                cr_expect_eq(policy_set_allows_all(w.set, POLICY_ELICITATION_URL), rows[i].url, "row %zu", i);
                world_end(&w);
        }
        CHECK_NO_LEAKS();
}

struct steps {
        char text[512];
        size_t deciding;
};

static void write_step(void *userdata, const struct policy_step *step)
{
        struct steps *s = userdata;
        size_t n = strlen(s->text);

        s->deciding += step->decides && step->rule_id.len;
        snprintf(s->text + n, sizeof(s->text) - n, "%.*s:%.*s:%s%s ", STR_FMT(step->file), STR_FMT(step->rule_id),
                verdict_name(step->verdict), step->decides ? "!" : "");
}

Test(decide, explaining_walks_every_matching_rule_once)
{
        const char *texts[] = {
                HEAD "tools: { allow: ['get_*', { tool: [get_x, get_x, '*_x', 'get_?'], id: all }], deny: ['*_x'] }\n",
                HEAD "tools: { allow: ['**'] }\n",
        };
        struct world w = world_of(texts, 2, NULL);
        struct policy_request request = { .subject = POLICY_TOOL, .name = STR("get_x") };
        struct policy_decision d;
        struct steps steps = { 0 };

        cr_assert_eq(w.r, 0);
        policy_set_explain(w.set, &request, write_step, &steps, &d);
        cr_expect_str_eq(steps.text,
                "a.yaml:all:allow a.yaml:tools.allow[0]:allow a.yaml:tools.deny[0]:deny! a.yaml::deny! "
                "b.yaml:tools.allow[0]:allow b.yaml::allow ");
        cr_expect_eq(steps.deciding, 1);
        cr_expect_eq(d.verdict, DENY);
        world_end(&w);
        CHECK_NO_LEAKS();
}

Test(decide, of_several_policies_the_strictest_wins)
{
        const char *texts[] = {
                HEAD "tools: { allow: [a, b, 'c*'] }\n",
                "leastwise: 1\nname: second\npurpose: p\ntools: { allow: ['**'], deny: [b] }\n",
                "leastwise: 1\nname: third\npurpose: p\nuntil: 1970-01-02\ntools: { allow: ['**'] }\n",
        };
        struct world w = world_of(texts, 2, NULL);
        struct policy_decision d = world_decide(&w, POLICY_TOOL, STR("a"), 0);

        cr_expect_eq(d.verdict, ALLOW);
        cr_expect(str_eq(d.policy_name, STR("test")));
        d = world_decide(&w, POLICY_TOOL, STR("b"), 0);
        cr_expect_eq(d.verdict, DENY);
        cr_expect(str_eq(d.policy_name, STR("second")));
        cr_expect(str_eq(d.file, STR("b.yaml")));
        cr_expect_eq(world_decide(&w, POLICY_TOOL, STR("x"), 0).reason, POLICY_NO_RULE);
        world_end(&w);

        w = world_of(texts, 3, NULL);
        d = world_decide(&w, POLICY_TOOL, STR("a"), 2 * 86400);
        cr_expect_eq(d.reason, POLICY_EXPIRED);
        cr_expect(str_eq(d.policy_name, STR("third")));
        cr_expect_eq(world_decide(&w, POLICY_TOOL, STR("a"), 2 * 86400 - 1).verdict, ALLOW);
        world_end(&w);
        CHECK_NO_LEAKS();
}

Test(decide, a_thousand_names_are_all_found)
{
        static char text[100000];
        size_t n = (size_t)snprintf(text, sizeof(text), HEAD "tools:\n  allow: [n0");
        struct world w;

        for (int i = 1; i < 1000; ++i)
                n += (size_t)snprintf(text + n, sizeof(text) - n, ", n%d", i);
        snprintf(text + n, sizeof(text) - n, "]\n");
        w = world_good(text);
        for (int i = 0; i < 1000; ++i) {
                char name[16];

                snprintf(name, sizeof(name), "n%d", i);
                cr_expect_eq(world_decide(&w, POLICY_TOOL, str_from(name), 0).verdict, ALLOW, "%s", name);
        }
        cr_expect_eq(world_decide(&w, POLICY_TOOL, STR("n1000"), 0).verdict, DENY);
        world_end(&w);
        CHECK_NO_LEAKS();
}
