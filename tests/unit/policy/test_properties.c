/* SPDX-License-Identifier: Apache-2.0
 *
 * What must hold of every policy and every request, tried on many random ones. A policy is kept as a list of rules, so
 * that one can be added, removed or moved; letters are few, so that rules often match.
 */
#include <stdlib.h>

#include "world.h"

#define RULES_MAX 8
#define ROUNDS 100000

struct random_rule {
        bool denies;
        char pattern[16];
};

struct random_policy {
        struct random_rule rules[RULES_MAX];
        size_t count;
};

static const enum policy_subject subjects[] = { POLICY_TOOL, POLICY_RESOURCE };
static const char *const sections[] = { "tools", "resources" };

static void random_text(unsigned *seed, const char *const *pieces, size_t count, size_t most, char *out, size_t size)
{
        size_t n = 1 + (size_t)rand_r(seed) % most;

        out[0] = '\0';
        while (n--)
                strncat(out, pieces[(size_t)rand_r(seed) % count], size - strlen(out) - 1);
}

static void random_pattern(unsigned *seed, bool uri, char *out, size_t size)
{
        static const char *const pieces[] = { "a", "b", "*", "?", "[ab]", "**", "[!a]", "/" };

        snprintf(out, size, "%s", uri ? "x:" : "");
        if (rand_r(seed) % 6 == 0)
                snprintf(out, size, "**");
        else
                random_text(seed, pieces, uri ? 8 : 7, 3, out + strlen(out), size - strlen(out));
}

static void random_name(unsigned *seed, bool uri, char *out, size_t size)
{
        static const char *const pieces[] = { "a", "b", "aa", "ab", "/", "\xC3\xA9", "%41", "?", "%3A", ".", ".." };

        snprintf(out, size, "%s", uri ? "x:" : "");
        random_text(seed, pieces, rand_r(seed) % 3 == 0 ? 11 : 5, 3, out + strlen(out), size - strlen(out));
}

static void write_policy(const struct random_policy *p, const char *section, char *out, size_t size)
{
        size_t n = (size_t)snprintf(out, size, HEAD "%s:\n", section);

        for (int denies = 0; denies < 2; ++denies) {
                n += (size_t)snprintf(out + n, size - n, "  %s: [", denies ? "deny" : "allow");
                for (size_t i = 0; i < p->count; ++i) {
                        if (p->rules[i].denies == (denies == 1))
                                n += (size_t)snprintf(out + n, size - n, "\"%s\", ", p->rules[i].pattern);
                }
                n += (size_t)snprintf(out + n, size - n, "]\n");
        }
}

/* The verdict of a policy about a name; *ret_good is false when the policy is refused. */
static enum verdict verdict_of(
        const struct random_policy *const *policies, size_t count, size_t kind, struct str name, bool *ret_good)
{
        static char texts[2][2048];
        const char *pointers[] = { texts[0], texts[1] };
        enum verdict verdict = VERDICT_DENY;
        struct world w;

        for (size_t i = 0; i < count; ++i)
                write_policy(policies[i], sections[kind], texts[i], sizeof(texts[i]));
        w = world_of(pointers, count, NULL);
        *ret_good = w.r == 0;
        if (w.r == 0)
                verdict = world_decide(&w, subjects[kind], name, 0).verdict;
        world_end(&w);
        return verdict;
}

static void random_policy(unsigned *seed, bool uri, struct random_policy *ret)
{
        ret->count = 1 + (size_t)rand_r(seed) % (RULES_MAX - 2);
        for (size_t i = 0; i < ret->count; ++i) {
                ret->rules[i].denies = rand_r(seed) % 4 == 0;
                random_pattern(seed, uri, ret->rules[i].pattern, sizeof(ret->rules[i].pattern));
        }
}

struct tally {
        size_t good, allowed, narrowed;
};

static void try_changes(unsigned *seed, size_t kind, struct tally *tally)
{
        struct random_policy p, more, less, moved, other;
        const struct random_policy *one[] = { &p }, *with_more[] = { &more }, *with_less[] = { &less },
                                   *in_other_order[] = { &moved }, *layered[] = { &p, &other };
        enum verdict before, after;
        char name[32];
        size_t victim;
        bool good;

        random_policy(seed, kind == 1, &p);
        random_name(seed, kind == 1, name, sizeof(name));
        before = verdict_of(one, 1, kind, str_from(name), &good);
        if (!good)
                return;
        tally->good++;
        tally->allowed += before == VERDICT_ALLOW;

        more = p;
        more.rules[more.count].denies = true;
        random_pattern(seed, kind == 1, more.rules[more.count].pattern, sizeof(more.rules[0].pattern));
        more.count++;
        after = verdict_of(with_more, 1, kind, str_from(name), &good);
        cr_expect(after <= before, "a deny rule more allows %s", name);
        tally->narrowed += good && after < before;

        less = p;
        victim = (size_t)rand_r(seed) % p.count;
        if (!p.rules[victim].denies) {
                memmove(&less.rules[victim], &less.rules[victim + 1],
                        (less.count - victim - 1) * sizeof(less.rules[0]));
                less.count--;
                after = verdict_of(with_less, 1, kind, str_from(name), &good);
                cr_expect(after <= before, "an allow rule less allows %s", name);
        }

        moved = p;
        for (size_t i = 0; i < p.count; ++i)
                moved.rules[i] = p.rules[p.count - 1 - i];
        cr_expect_eq(
                verdict_of(in_other_order, 1, kind, str_from(name), &good), before, "the order matters for %s", name);

        random_policy(seed, kind == 1, &other);
        after = verdict_of(layered, 2, kind, str_from(name), &good);
        cr_expect(after <= before, "a layer more allows %s", name);
}

/* Each round makes up to five policies of the first and puts one name to all. */
Test(properties, rules_and_layers_only_narrow, .timeout = 100)
{
        struct tally tally = { 0 };
        unsigned seed = 20261120;

        for (size_t i = 0; i < ROUNDS / 5; ++i)
                try_changes(&seed, i % 2, &tally);
        cr_expect_gt(tally.good, 5000, "%zu", tally.good);
        cr_expect_gt(tally.allowed, 1000, "%zu", tally.allowed);
        cr_expect_gt(tally.narrowed, 100, "%zu", tally.narrowed);
}

struct walk {
        enum verdict strictest_rule;
        size_t rules, deciding, policies;
};

static void step(void *userdata, const struct policy_step *s)
{
        struct walk *w = userdata;

        w->deciding += s->decides;
        if (s->rule_id.len == 0) {
                w->policies++;
                return;
        }
        w->rules++;
        if (s->verdict < w->strictest_rule)
                w->strictest_rule = s->verdict;
}

/* Of one policy: what the walk shows is what was decided. */
static void try_explaining(unsigned *seed, size_t kind, size_t *ret_allowed)
{
        static char text[2048];
        struct random_policy p;
        char name[32];
        struct world w;

        random_policy(seed, kind == 1, &p);
        write_policy(&p, sections[kind], text, sizeof(text));
        w = world_one(text);
        for (int i = 0; i < 10 && w.r == 0; ++i) {
                struct policy_request request = { .subject = subjects[kind] };
                struct walk walk = { .strictest_rule = VERDICT_ALLOW };
                struct policy_decision decided, explained;

                random_name(seed, kind == 1, name, sizeof(name));
                request.name = str_from(name);
                policy_set_decide(w.set, &request, &decided);
                policy_set_explain(w.set, &request, step, &walk, &explained);
                cr_expect_eq(decided.verdict, explained.verdict, "%s", name);
                cr_expect_eq(decided.reason, explained.reason, "%s", name);
                cr_expect(str_eq(decided.rule_id, explained.rule_id), "%s", name);
                cr_expect_eq(walk.policies, 1);
                cr_expect_eq(walk.deciding, decided.reason == POLICY_BY_RULE ? 2 : 1, "%s", name);
                if (decided.reason == POLICY_BY_RULE)
                        cr_expect_eq(walk.strictest_rule, decided.verdict, "%s", name);
                cr_expect(walk.rules > 0 || decided.verdict == VERDICT_DENY, "%s", name);
                *ret_allowed += decided.verdict == VERDICT_ALLOW;
        }
        world_end(&w);
}

Test(properties, explaining_is_deciding, .timeout = 100)
{
        size_t allowed = 0;
        unsigned seed = 7;

        for (size_t i = 0; i < ROUNDS / 10; ++i)
                try_explaining(&seed, i % 2, &allowed);
        cr_expect_gt(allowed, 5000, "%zu", allowed);
}
