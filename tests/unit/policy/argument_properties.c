/* SPDX-License-Identifier: Apache-2.0
 *
 * argument_properties [PAIRS [SEED [CALLS]]]: what must hold of every policy with conditions and every call, tried on so many
 * random pairs of both, so many calls a policy. Writes TAP.
 *
 * A policy is a list of rules; next to it stand the one with a deny rule more, with an allow rule less, with its rules in the
 * other order, and with a further policy behind it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cleanup.h"
#include "limit.h"
#include "policy.h"

#define RULES_MAX 6
#define CALLS_OF_A_POLICY 10 /* compiling takes longer than deciding */
#define TEXT_BYTES 8192

enum list { ALLOW, APPROVE, DENY };

struct rule_text {
        enum list list;
        char text[600];
};

struct policy_text {
        struct rule_text rules[RULES_MAX + 1];
        size_t count;
};

enum variant { PLAIN, DENY_MORE, ALLOW_LESS, TURNED_ROUND, LAYERED, VARIANT_MAX_ };
static const char *const variant_names[] = { "plain", "a deny rule more", "an allow rule less", "turned round", "layered" };

enum property { ONLY_NARROWS, ORDER_OF_RULES, ORDER_OF_ARGUMENTS, EXPLAINS, NARROWING_RESTS, PROPERTY_MAX_ };
static const char *const property_names[] = { "a deny rule more, an allow rule less and a layer only narrow",
        "the order of rules is irrelevant", "the order of arguments is irrelevant", "explaining is deciding",
        "narrowing what was narrowed changes nothing" };

struct tally {
        unsigned seed;
        size_t pairs, verdicts[3], missed, narrowed, conflicts, broken[PROPERTY_MAX_];
};

static unsigned below(struct tally *t, unsigned n)
{
        return (unsigned)rand_r(&t->seed) % n;
}

#define PICK(t, array) (array)[below(t, sizeof(array) / sizeof((array)[0]))]

/* --- policies --- */

static const char *const paths[] = { "a", "b", "c", "a.d", "'b[]'", "'b[].d'" };
static const char *const members[] = { "a", "b", "c", "a.d", "e" };
static const char *const conditions[] = { "1", "x", "\"1\"", "true", "null", "[1, x, null]", "{ is_not: 1 }", "{ is_not: null }",
        "{ none_of: [x, xy] }", "{ at_most: 2 }", "{ at_least: 2, below: 3 }", "{ above: 1 }", "{ like: \"x*\" }", "{ matches: 'x+y?' }",
        "{ search: y }", "{ starts_with: x }", "{ ends_with: [y, z] }", "{ contains: y }", "{ length: { at_most: 2 } }", "{ length: 1 }",
        "{ each: 1 }", "{ each: { at_most: 2 }, optional: true }", "{ any: x }", "{ any: { is_not: 1 } }", "{ present: true }",
        "{ absent: true }", "{ type: [integer, string] }", "{ type: object }", "{ is: [1, 2] }", "{ is: { d: 1 } }", "{ at_most: 1, optional: true }",
        "{ within: /srv }", "{ sql: read }", "{ mail: a.example }", "{ command: \"x **\" }", "{ url: { host: a.example } }" };
static const char *const narrowings[] = { "{ at_most: 2 }", "{ at_least: 1 }", "{ at_most: 1, default: 0 }", "{ set: 1 }", "{ set: x }",
        "{ remove: true }", "{ default: 1 }" };
static const char *const tools[] = { "t", "u", "\"*\"", "\"t*\"" };

static void random_rule(struct tally *t, struct rule_text *ret)
{
        static const enum list lists[] = { ALLOW, ALLOW, ALLOW, APPROVE, DENY };
        size_t n, size = sizeof(ret->text), first = below(t, 3);

        ret->list = PICK(t, lists);
        n = (size_t)snprintf(ret->text, size, "{ tool: %s", PICK(t, tools));
        if (below(t, 4)) {
                n += (size_t)snprintf(ret->text + n, size - n, ", when: { %s: %s", paths[first], PICK(t, conditions));
                if (below(t, 2))
                        n += (size_t)snprintf(ret->text + n, size - n, ", %s: %s", paths[3 + below(t, 3)], PICK(t, conditions));
                n += (size_t)snprintf(ret->text + n, size - n, " }%s", below(t, 4) ? "" : ", optional: true");
        }
        if (ret->list != DENY && below(t, 2))
                n += (size_t)snprintf(ret->text + n, size - n, ", free: [%s, %s]", PICK(t, members), PICK(t, members));
        if (ret->list != DENY && below(t, 3) == 0)
                n += (size_t)snprintf(ret->text + n, size - n, ", narrow: { %s: %s }", PICK(t, members), PICK(t, narrowings));
        if (ret->list != DENY && below(t, 3) == 0)
                n += (size_t)snprintf(ret->text + n, size - n, ", open: true");
        snprintf(ret->text + n, size - n, " }");
}

static void random_policy(struct tally *t, struct policy_text *ret)
{
        ret->count = 1 + below(t, RULES_MAX);
        for (size_t i = 0; i < ret->count; ++i)
                random_rule(t, &ret->rules[i]);
}

static void write_policy(const struct policy_text *p, char *out, size_t size)
{
        static const char *const names[] = { "allow", "approve", "deny" };
        size_t n = (size_t)snprintf(out, size, "leastwise: 1\nname: p\npurpose: p\ntools:\n");

        for (unsigned list = ALLOW; list <= DENY; ++list) {
                n += (size_t)snprintf(out + n, size - n, "  %s: [\n", names[list]);
                for (size_t i = 0; i < p->count; ++i) {
                        if (p->rules[i].list == list)
                                n += (size_t)snprintf(out + n, size - n, "    %s,\n", p->rules[i].text);
                }
                n += (size_t)snprintf(out + n, size - n, "  ]\n");
        }
}

static struct policy_set *compile(const struct policy_text *const *policies, size_t count)
{
        static char texts[2][TEXT_BYTES];
        struct policy_input inputs[2];
        struct diagnostics diags = { 0 };
        struct policy_set *set = NULL;

        for (size_t i = 0; i < count; ++i) {
                write_policy(policies[i], texts[i], sizeof(texts[i]));
                inputs[i] = (struct policy_input){ STR("p.yaml"), str_from(texts[i]) };
        }
        if (policy_set_new(&set, inputs, count, NULL, &diags) < 0) {
                printf("Bail out! not a policy: %s\n%s", diags.count ? diags.items[0].message : "?", texts[0]);
                exit(1);
        }
        diagnostics_deinit(&diags);
        return set;
}

/* Removes the first allow rule, if there is one. (An approve rule less may allow what had to be asked about.) */
static void allow_less(struct policy_text *p)
{
        for (size_t i = 0; i < p->count; ++i) {
                if (p->rules[i].list != ALLOW)
                        continue;
                memmove(&p->rules[i], &p->rules[i + 1], (p->count - i - 1) * sizeof(p->rules[0]));
                p->count--;
                return;
        }
}

static void compile_variants(struct tally *t, struct policy_set **ret)
{
        struct policy_text plain, other, changed;

        random_policy(t, &plain);
        random_policy(t, &other);
        ret[PLAIN] = compile((const struct policy_text *[]){ &plain }, 1);
        ret[LAYERED] = compile((const struct policy_text *[]){ &plain, &other }, 2);
        changed = plain;
        random_rule(t, &changed.rules[changed.count]);
        while (changed.rules[changed.count].list != DENY)
                random_rule(t, &changed.rules[changed.count]);
        changed.count++;
        ret[DENY_MORE] = compile((const struct policy_text *[]){ &changed }, 1);
        changed = plain;
        allow_less(&changed);
        ret[ALLOW_LESS] = compile((const struct policy_text *[]){ &changed }, 1);
        for (size_t i = 0; i < plain.count; ++i)
                changed.rules[i] = plain.rules[plain.count - 1 - i];
        changed.count = plain.count;
        ret[TURNED_ROUND] = compile((const struct policy_text *[]){ &changed }, 1);
}

/* --- calls --- */

static const char *const values[] = { "0", "1", "1.0", "2", "25e-1", "3", "-1e-30", "\"x\"", "\"xy\"", "\"\\u0078\"", "\"1\"", "true", "null", "[]",
        "[1]", "[1,2]", "[\"x\",1]", "{}", "{\"d\":1}", "{\"d\":\"x\",\"f\":2}", "[{\"d\":1},{\"d\":2}]", "\"/srv/a\"", "\"SELECT 1\"",
        "\"x@a.example\"", "\"https://a.example/\"" };

/* The same members twice, once in the other order. */
static void random_arguments(struct tally *t, char *out, char *turned, size_t size)
{
        static const char *const names[] = { "a", "b", "c", "e" };
        char one[100];

        out[0] = turned[0] = '\0';
        for (size_t i = 0; i < 4; ++i) {
                size_t len = strlen(turned), n;

                if (below(t, 2))
                        continue;
                n = (size_t)snprintf(one, sizeof(one), "\"%s\":%s%s", names[i], PICK(t, values), len ? "," : "");
                if (n >= sizeof(one) || n + len >= size)
                        abort();
                memmove(turned + n, turned, len + 1);
                memcpy(turned, one, n);
                if (len)
                        one[n - 1] = '\0';
                if (out[0])
                        strncat(out, ",", size - strlen(out) - 1);
                strncat(out, one, size - strlen(out) - 1);
        }
}

struct asked {
        struct json_doc doc;
        struct buf text;
        struct policy_request request;
};

static void ask(struct asked *a, const char *tool, struct str arguments, struct policy_scratch *scratch)
{
        buf_clear(&a->text, SIZE_MAX);
        buf_printf(&a->text, "[%.*s]", STR_FMT(arguments));
        if (json_read(&a->doc, buf_str(&a->text)) != JSON_OK) {
                printf("Bail out! not JSON: %.*s\n", STR_FMT(arguments));
                exit(1);
        }
        a->request = (struct policy_request){ .subject = POLICY_TOOL,
                .name = str_from(tool),
                .doc = &a->doc,
                .arguments = 1,
                .scratch = scratch };
}

static void breaks(struct tally *t, enum property property, const char *what, struct str arguments, unsigned seed)
{
        if (t->broken[property]++ < 5)
                printf("# %s: %s, arguments %.*s, seed of the policy %u\n", property_names[property], what, STR_FMT(arguments), seed);
}

struct walk {
        enum verdict strictest;
        size_t deciding, matching;
};

static void step(void *userdata, const struct policy_step *s)
{
        struct walk *w = userdata;

        w->deciding += s->decides;
        if (s->rule_id.len == 0 || s->reason != POLICY_BY_RULE)
                return;
        w->matching++;
        if (s->verdict < w->strictest)
                w->strictest = s->verdict;
}

static bool explains(const struct policy_set *set, const struct policy_request *request, const struct policy_decision *d)
{
        struct walk walk = { .strictest = VERDICT_ALLOW };
        struct policy_decision explained;
        bool by_rule = d->reason == POLICY_BY_RULE;

        policy_set_explain(set, request, step, &walk, &explained);
        if (explained.verdict != d->verdict || explained.reason != d->reason || !str_eq(explained.rule_id, d->rule_id) ||
                !str_eq(explained.condition, d->condition) || explained.argument != d->argument || explained.narrows != d->narrows)
                return false;
        return by_rule ? walk.matching > 0 && walk.strictest == d->verdict && walk.deciding == 2 : walk.matching == 0;
}

/* *ret_verdict: of the call as it is sent in the end. */
static bool narrowing_rests(struct tally *t, const struct policy_set *set, const struct asked *a, struct policy_scratch *scratch,
        const char *tool, enum verdict *ret_verdict)
{
        AUTO_BUF struct buf once = BUF_INIT(LIMIT_LINE_BYTES);
        AUTO_BUF struct buf twice = BUF_INIT(LIMIT_LINE_BYTES);
        struct asked narrowed = { .text = BUF_INIT(LIMIT_LINE_BYTES) };
        enum policy_narrowing first = policy_set_narrow(set, &a->request, &once), second = NARROW_NONE;
        struct policy_decision d;

        policy_set_decide(set, &a->request, &d);
        *ret_verdict = first == NARROW_CONFLICT ? VERDICT_DENY : d.verdict;
        t->conflicts += first == NARROW_CONFLICT;
        if (first != NARROW_DONE)
                return once.len == 0;
        t->narrowed++;
        json_doc_init(&narrowed.doc, (const uint64_t[2]){ 3, 4 });
        ask(&narrowed, tool, buf_str(&once), scratch);
        second = policy_set_narrow(set, &narrowed.request, &twice);
        if (d.verdict != VERDICT_DENY) {
                policy_set_decide(set, &narrowed.request, &d);
                *ret_verdict = d.verdict;
        }
        json_doc_deinit(&narrowed.doc);
        buf_deinit(&narrowed.text);
        return second == NARROW_NONE && twice.len == 0;
}

static void try_pair(struct tally *t, struct policy_set *const *sets, struct asked *a, struct asked *turned,
        struct policy_scratch *scratch, unsigned seed)
{
        static const char *const names[] = { "t", "u", "t2" };
        const char *tool = PICK(t, names);
        char members_text[1024], turned_text[1024], text[1100], other_text[1100];
        struct policy_decision d[VARIANT_MAX_], other;
        enum verdict last, last_denied;

        random_arguments(t, members_text, turned_text, sizeof(members_text));
        snprintf(text, sizeof(text), "{%s}", members_text);
        snprintf(other_text, sizeof(other_text), "{%s}", turned_text);
        ask(a, tool, str_from(text), scratch);
        ask(turned, tool, str_from(other_text), scratch);
        for (unsigned v = 0; v < VARIANT_MAX_; ++v) {
                policy_set_decide(sets[v], &a->request, &d[v]);
                if (v != TURNED_ROUND && d[v].verdict > d[PLAIN].verdict)
                        breaks(t, ONLY_NARROWS, variant_names[v], str_from(text), seed);
        }
        t->pairs++;
        t->verdicts[d[PLAIN].verdict]++;
        t->missed += d[PLAIN].reason == POLICY_CONDITION || d[PLAIN].reason == POLICY_UNNAMED_ARGUMENT;
        if (d[TURNED_ROUND].verdict != d[PLAIN].verdict || d[TURNED_ROUND].narrows != d[PLAIN].narrows)
                breaks(t, ORDER_OF_RULES, tool, str_from(text), seed);
        policy_set_decide(sets[PLAIN], &turned->request, &other);
        if (other.verdict != d[PLAIN].verdict || !str_eq(other.rule_id, d[PLAIN].rule_id))
                breaks(t, ORDER_OF_ARGUMENTS, tool, str_from(text), seed);
        if (!explains(sets[PLAIN], &a->request, &d[PLAIN]))
                breaks(t, EXPLAINS, tool, str_from(text), seed);
        if (!narrowing_rests(t, sets[PLAIN], a, scratch, tool, &last))
                breaks(t, NARROWING_RESTS, tool, str_from(text), seed);
        if (!narrowing_rests(t, sets[DENY_MORE], a, scratch, tool, &last_denied) || last_denied > last)
                breaks(t, ONLY_NARROWS, "a deny rule more, after narrowing", str_from(text), seed);
        if (!narrowing_rests(t, sets[TURNED_ROUND], a, scratch, tool, &last_denied) || last_denied != last)
                breaks(t, ORDER_OF_RULES, "after narrowing", str_from(text), seed);
}

/* The generator is of use only while all kinds of outcomes come up. */
static bool is_varied(const struct tally *t)
{
        size_t least = t->pairs / 100;

        return t->verdicts[VERDICT_DENY] > least && t->verdicts[VERDICT_APPROVE] > least && t->verdicts[VERDICT_ALLOW] > least &&
               t->missed > least && t->narrowed > least && t->conflicts >= least / 10;
}

int main(int argc, char **argv)
{
        size_t pairs = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
        size_t calls = argc > 3 ? strtoul(argv[3], NULL, 10) : CALLS_OF_A_POLICY;
        struct tally t = { .seed = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 20261121 };
        struct asked a = { .text = BUF_INIT(LIMIT_LINE_BYTES) }, turned = { .text = BUF_INIT(LIMIT_LINE_BYTES) };
        struct policy_scratch *scratch = policy_scratch_new();
        size_t broken = 0;

        json_doc_init(&a.doc, (const uint64_t[2]){ 1, 2 });
        json_doc_init(&turned.doc, (const uint64_t[2]){ 1, 2 });
        while (t.pairs < pairs) {
                struct policy_set *sets[VARIANT_MAX_];
                unsigned seed = t.seed;

                compile_variants(&t, sets);
                for (size_t i = 0; i < calls && t.pairs < pairs; ++i)
                        try_pair(&t, sets, &a, &turned, scratch, seed);
                for (unsigned v = 0; v < VARIANT_MAX_; ++v)
                        policy_set_unref(sets[v]);
        }
        printf("1..%d\n", PROPERTY_MAX_ + 1);
        for (unsigned p = 0; p < PROPERTY_MAX_; ++p) {
                printf("%sok %u - %s\n", t.broken[p] ? "not " : "", p + 1, property_names[p]);
                broken += t.broken[p];
        }
        printf("%sok %d - all kinds of outcomes come up (of %zu: %zu denied, %zu to approve, %zu allowed, %zu missed, %zu narrowed, %zu conflicts)\n",
                is_varied(&t) ? "" : "not ", PROPERTY_MAX_ + 1, t.pairs, t.verdicts[VERDICT_DENY], t.verdicts[VERDICT_APPROVE],
                t.verdicts[VERDICT_ALLOW], t.missed, t.narrowed, t.conflicts);
        json_doc_deinit(&a.doc);
        json_doc_deinit(&turned.doc);
        buf_deinit(&a.text);
        buf_deinit(&turned.text);
        policy_scratch_free(scratch);
        return broken || !is_varied(&t);
}
