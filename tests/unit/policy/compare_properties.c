/* SPDX-License-Identifier: Apache-2.0
 *
 * compare_properties [PAIRS]: a policy is made of random rules and changed a little, again and again; each is held against the one
 * before it and the one before that. Whatever comparing then claims, random calls must not contradict. Writes TAP.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "compare.h"

#define HEAD "leastwise: 1\nname: test\npurpose: a test\n"
#define RULES_MAX 6

/* The first thing that does not hold ends the test. */
#define MUST(condition, ...)                                           \
        do {                                                           \
                if (!(condition)) {                                    \
                        printf("not ok 1 - %s\n# ", #condition);       \
                        printf(__VA_ARGS__);                           \
                        printf("\n");                                  \
                        exit(1);                                       \
                }                                                      \
        } while (0)

struct rule_text {
        unsigned verdict;
        char text[400];
};

struct random_policy {
        struct rule_text rules[RULES_MAX + 1];
        size_t count;
};

#define PICK(seed, words) ((words)[(size_t)rand_r(seed) % (sizeof(words) / sizeof((words)[0]))])

static void random_condition(unsigned *seed, char *out, size_t size)
{
        static const char *const conditions[] = { "at_most: 1", "at_most: 2", "below: 2", "at_least: 1", "above: 1",
                "at_most: 1.0", "one_of: [1, 2]", "one_of: [1, a]", "is: a", "is_not: a", "none_of: [1, 2]", "like: \"a*\"",
                "like: \"a?\"", "like: [a, \"*b\"]", "starts_with: a", "starts_with: ab", "ends_with: b", "contains: a",
                "contains: ab", "matches: \"a.*\"", "search: b", "length: 1", "length: { at_most: 1 }", "length: { at_least: 1 }",
                "each: a", "each: { like: \"a*\" }", "any: a", "any: { starts_with: a }", "present: true", "absent: true",
                "type: number", "type: integer", "type: [string, array]", "within: /a", "within: [/a, /b]", "mail: a.example",
                "mail: \"*.a.example\"", "sql: read", "command: \"ls a\"", "command: [\"ls a\", \"ls *\"]",
                "url: { host: a.example }", "url: { host: [a.example, b.example] }", "url: { host: public }" };
        size_t n = 1 + (size_t)rand_r(seed) % 5 / 4;

        snprintf(out, size, "{ %s", PICK(seed, conditions));
        for (size_t i = 1; i < n; ++i) {
                char more[64];

                snprintf(more, sizeof(more), "%s", PICK(seed, conditions));
                if (memcmp(more, out + 2, 4) != 0)
                        snprintf(out + strlen(out), size - strlen(out), ", %s", more);
        }
        snprintf(out + strlen(out), size - strlen(out), "%s }", rand_r(seed) % 4 == 0 ? ", optional: true" : "");
}

static void random_rule(unsigned *seed, struct rule_text *rule)
{
        static const char *const tools[] = { "a", "b", "ab", "\"a*\"", "\"*b\"", "\"?\"", "\"[ab]*\"", "\"[!a]\"", "\"**\"",
                "[a, b]", "[\"a*\", b]" };
        static const char *const narrows[] = { "x: { at_most: 1 }", "x: { at_most: 2 }", "x: { at_least: 1, at_most: 2 }",
                "y: { remove: true }", "y: { set: a }", "y: { default: a }", "x: { default: 1, at_most: 2 }", "y: { default: b }" };
        static const char *const frees[] = { "", ", free: [z]", ", free: [z, y]", ", open: true", ", free: [x, y]" };
        char x[200], y[200];
        size_t size = sizeof(rule->text);
        char *out = rule->text;

        rule->verdict = (unsigned)rand_r(seed) % 5;
        rule->verdict = rule->verdict < 3 ? 2 : rule->verdict - 3;
        random_condition(seed, x, sizeof(x));
        random_condition(seed, y, sizeof(y));
        snprintf(out, size, "{ tool: %s", PICK(seed, tools));
        if (rand_r(seed) % 3) {
                snprintf(out + strlen(out), size - strlen(out), ", when: { %s: %s", rand_r(seed) % 4 ? "x" : "o.p", x);
                if (rand_r(seed) % 3 == 0)
                        snprintf(out + strlen(out), size - strlen(out), ", y: %s", y);
                snprintf(out + strlen(out), size - strlen(out), " }");
        }
        if (rule->verdict > 0) {
                snprintf(out + strlen(out), size - strlen(out), "%s", PICK(seed, frees));
                if (rand_r(seed) % 4 == 0)
                        snprintf(out + strlen(out), size - strlen(out), ", narrow: { %s }", PICK(seed, narrows));
        }
        if (rule->verdict == 1 && rand_r(seed) % 2)
                snprintf(out + strlen(out), size - strlen(out), ", by: %d", 1 + rand_r(seed) % 3);
        snprintf(out + strlen(out), size - strlen(out), " }");
}

static void change(unsigned *seed, struct random_policy *p)
{
        size_t victim = (size_t)rand_r(seed) % p->count;
        struct rule_text fresh, *rule = &p->rules[victim];
        char *digit;

        switch (rand_r(seed) % 6) {
        case 0:
                random_rule(seed, rule);
                break;
        case 1:
                if (p->count > RULES_MAX)
                        break;
                random_rule(seed, &p->rules[p->count++]);
                break;
        case 2:
                *rule = p->rules[p->count - 1];
                p->count -= p->count > 1;
                break;
        case 3:
                fresh = *rule;
                *rule = p->rules[0];
                p->rules[0] = fresh;
                break;
        default:
                digit = rule->text + strcspn(rule->text, "12");
                if (*digit)
                        *digit = *digit == '1' ? '2' : '1';
                else
                        random_rule(seed, rule);
        }
}

static void write_policy(const struct random_policy *p, char *out, size_t size)
{
        static const char *const names[] = { "deny", "approve", "allow" };

        snprintf(out, size, HEAD "tools:\n");
        for (unsigned v = 0; v < 3; ++v) {
                snprintf(out + strlen(out), size - strlen(out), "  %s:\n", names[v]);
                for (size_t i = 0; i < p->count; ++i) {
                        if (p->rules[i].verdict == v)
                                snprintf(out + strlen(out), size - strlen(out), "    - %s\n", p->rules[i].text);
                }
                snprintf(out + strlen(out), size - strlen(out), "    - \"never-%u\"\n", v);
        }
}

struct tally {
        size_t pairs, good, of[POLICY_SAME + 1], unshown;
};

/* One of a row of policies, each of which is the changed one before it. */
struct world {
        struct policy_set *set;
        char text[8192];
};

struct trial {
        const struct world *worlds[2]; /* the old one, the new one */
        struct policy_scratch *scratch;
        struct json_doc doc;
};

/* What exactly this call comes to: 2 allowed, 1 minus a hundredth for each person who is asked, 0 otherwise. */
static int reach(struct trial *t, size_t side, struct policy_request *request)
{
        AUTO_BUF struct buf out = BUF_INIT(1U << 16);
        struct policy_decision d;

        policy_set_decide(t->worlds[side]->set, request, &d);
        if (d.verdict == VERDICT_DENY || (d.narrows && policy_set_narrow(t->worlds[side]->set, request, &out) != NARROW_NONE))
                return 0;
        return d.verdict == VERDICT_ALLOW ? 200 : 100 - (int)d.by;
}

static void random_call(unsigned *seed, struct buf *out)
{
        static const char *const values[] = { "1", "2", "0", "1.0", "3", "\"a\"", "\"b\"", "\"ab\"", "\"abb\"", "\"\"", "null",
                "true", "[]", "[\"a\"]", "[\"a\",\"b\"]", "[\"ab\",1]", "{}", "{\"p\":1}", "\"/a/x\"", "\"/b\"",
                "\"x@a.example\"", "\"x@b.a.example\"", "\"SELECT 1\"", "\"ls a\"", "\"ls b\"", "\"https://a.example/\"",
                "\"https://b.example/\"", "\"https://www.wikipedia.org/\"", "1.5" };
        static const char *const names[] = { "\"x\":", "\"y\":", "\"z\":", "\"o\":", "\"q\":" };
        bool any = false;

        buf_clear(out, SIZE_MAX);
        buf_append_str(out, STR("[{"));
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
                if (rand_r(seed) % (i == 4 ? 12 : i > 1 ? 4 : 2))
                        continue;
                buf_append_str(out, any ? STR(",") : STR(""));
                buf_append_str(out, str_from(names[i]));
                buf_append_str(out, i == 3 ? STR("{\"p\":") : STR(""));
                buf_append_str(out, str_from(PICK(seed, values)));
                buf_append_str(out, i == 3 ? STR("}") : STR(""));
                any = true;
        }
        buf_append_str(out, STR("}]"));
}

static void try_calls(unsigned *seed, struct trial *t, enum policy_change change, struct tally *tally)
{
        static const char *const tools[] = { "a", "b", "ab", "abb", "bb", "\xC3\xA9" };
        AUTO_BUF struct buf call = BUF_INIT(1U << 16);
        bool shown = false;

        for (int i = 0; i < 24; ++i) {
                struct policy_request request = {
                        .subject = POLICY_TOOL, .name = str_from(PICK(seed, tools)), .scratch = t->scratch, .doc = &t->doc, .arguments = 1
                };
                int old, new;

                random_call(seed, &call);
                MUST(json_read(&t->doc, buf_str(&call)) == JSON_OK, "%.*s", STR_FMT(buf_str(&call)));
                old = reach(t, 0, &request);
                new = reach(t, 1, &request);
                shown |= old != new;
                if (change == POLICY_NARROWER || change == POLICY_SAME)
                        MUST(new <= old, "%s %.*s: %d, then %d\n%s\n%s", request.name.ptr, STR_FMT(buf_str(&call)), old, new, t->worlds[0]->text, t->worlds[1]->text);
                if (change == POLICY_WIDER || change == POLICY_SAME)
                        MUST(new >= old, "%s %.*s: %d, then %d\n%s\n%s", request.name.ptr, STR_FMT(buf_str(&call)), old, new, t->worlds[0]->text, t->worlds[1]->text);
        }
        tally->unshown += !shown && change != POLICY_SAME;
}

/* Every witness must stand: it was asked of the evaluator, and is asked again here. */
static void try_witnesses(struct trial *t, const struct policy_comparison *c)
{
        AUTO_BUF struct buf text = BUF_INIT(SIZE_MAX);

        for (size_t i = 0; i < c->count; ++i) {
                const struct policy_difference *d = &c->items[i];
                struct policy_request request = { .subject = d->witness.subject, .name = d->witness.name, .scratch = t->scratch };
                int old, new;

                MUST(strcmp(d->text.ptr, "the two policies decide differently") != 0, "%s", d->witness.name.ptr);
                if (!d->has_witness)
                        continue;
                if (d->witness.arguments.len) {
                        buf_clear(&text, SIZE_MAX);
                        buf_printf(&text, "[%.*s]", STR_FMT(d->witness.arguments));
                        MUST(json_read(&t->doc, buf_str(&text)) == JSON_OK, "%.*s", STR_FMT(buf_str(&text)));
                        request.doc = &t->doc;
                        request.arguments = 1;
                }
                old = reach(t, 0, &request);
                new = reach(t, 1, &request);
                MUST(d->change == POLICY_WIDER ? new > old : new < old, "%s", d->witness.name.ptr);
        }
}

static void try_pair(unsigned *seed, struct trial *t, struct tally *tally)
{
        const bool witnesses = tally->pairs++ % 10 == 0;
        struct policy_comparison c;

        if (!t->worlds[0]->set || !t->worlds[1]->set)
                return;
        MUST(policy_compare(&c, t->worlds[0]->set, t->worlds[1]->set, witnesses) == 0, "no memory");
        tally->good++;
        tally->of[c.change]++;
        if (witnesses)
                try_witnesses(t, &c);
        try_calls(seed, t, c.change, tally);
        policy_comparison_deinit(&c);
}

/* A policy that is refused has no set. */
static void compile(const struct random_policy *p, struct world *ret)
{
        struct diagnostics diags = { 0 };
        struct policy_input input = { .path = STR("p.yaml") };

        policy_set_unref(ret->set);
        ret->set = NULL;
        write_policy(p, ret->text, sizeof(ret->text));
        input.text = str_from(ret->text);
        if (policy_set_new(&ret->set, &input, 1, NULL, &diags) < 0)
                ret->set = NULL;
        diagnostics_deinit(&diags);
}

/* A policy, changed so many times. */
#define ROW 8

static void try_row(unsigned *seed, struct trial *t, size_t pairs, struct tally *tally)
{
        static struct world row[3];
        struct random_policy p = { .count = 1 + (size_t)rand_r(seed) % (RULES_MAX - 1) };

        for (size_t i = 0; i < p.count; ++i)
                random_rule(seed, &p.rules[i]);
        compile(&p, &row[0]);
        for (size_t i = 1; i <= ROW; ++i) {
                change(seed, &p);
                compile(&p, &row[i % 3]);
                for (size_t back = 1; back <= 2 && back <= i && tally->pairs < pairs; ++back) {
                        t->worlds[0] = &row[(i - back) % 3];
                        t->worlds[1] = &row[i % 3];
                        try_pair(seed, t, tally);
                }
        }
        for (size_t i = 0; i < 3; ++i) {
                policy_set_unref(row[i].set);
                row[i].set = NULL;
        }
}

int main(int argc, char **argv)
{
        size_t pairs = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
        struct trial t = { .scratch = policy_scratch_new() };
        struct tally tally = { 0 };
        unsigned seed = 20261121;

        printf("1..1\n");
        json_doc_init(&t.doc, (const uint64_t[2]){ 1, 2 });
        while (tally.pairs < pairs)
                try_row(&seed, &t, pairs, &tally);
        printf("# %zu pairs, %zu good: %zu same, %zu narrower, %zu wider, %zu both; of %zu nothing was shown\n", tally.pairs, tally.good,
                tally.of[POLICY_SAME], tally.of[POLICY_NARROWER], tally.of[POLICY_WIDER], tally.of[POLICY_BOTH], tally.unshown);
        MUST(tally.good > pairs / 3, "%zu", tally.good);
        MUST(tally.of[POLICY_NARROWER] > pairs / 100 && tally.of[POLICY_WIDER] > pairs / 100, "too few of one sort");
        json_doc_deinit(&t.doc);
        policy_scratch_free(t.scratch);
        printf("ok 1 - no call contradicts\n");
        return 0;
}
