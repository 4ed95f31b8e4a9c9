/* SPDX-License-Identifier: Apache-2.0
 *
 * Grants under random policies: one to three layers, some of them the administrator's, with rules that allow, want approved and deny a
 * few tools by their one argument, flow rules, and ends; grants come, expire and are revoked, policies change, and the disk fills up.
 *
 * A model beside the engine reads the rules in the plainest way. A call reaches the server exactly when all layers allow it; or when a
 * grant that is in force covers it, each of the administrator's layers allows it, and no layer has expired, denies it, holds it back
 * by a flow rule, or wants two people for it.
 *
 * usage: grant_properties WORLDS [SEED]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

#define LAYERS 3U
#define RULES 4U
#define STEPS 60U
#define TOOLS 3U /* a, b, c; 3 is every one */
#define VALUES 3U

struct rule {
        enum verdict verdict;
        unsigned tool, n; /* n 0: whatever it is */
        unsigned by;
};

struct layer {
        bool expired;
        struct rule rules[RULES];
        unsigned count;
        unsigned flow_tool; /* TOOLS: none */
        enum verdict flow_then;
};

struct layers {
        struct layer layers[LAYERS];
        unsigned count, administrators;
};

struct granted {
        char id[CARD_ID_BYTES];
        unsigned tool, n;
        uint64_t until;
        bool over;
};

struct world {
        struct driver d;
        struct layers layers;
        struct granted grants[STEPS];
        unsigned count;
        bool met;
        unsigned calls;
};

static const struct str argv_of_server[] = { STR_INIT("server") };
static const struct session_asking asking = {
        .session = STR_INIT("01TESTTESTTESTTESTTESTTEST"), .argv = argv_of_server, .argc = 1, .server = STR_INIT("server")
};
static uint64_t state;
static unsigned long by_policy, by_grant, kept_from_grant, grants_given;

static unsigned below(unsigned n)
{
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return (unsigned)(state >> 33) % n;
}

/* --- random policies --- */

static struct layers random_layers(void)
{
        struct layers l = { .count = 1 + below(LAYERS) };

        l.administrators = below(l.count + 1);
        for (unsigned i = 0; i < l.count; i++) {
                struct layer *layer = &l.layers[i];

                *layer = (struct layer){ .expired = below(25) == 0, .count = 1 + below(RULES) };
                layer->flow_tool = below(3) == 0 ? below(TOOLS) : TOOLS;
                layer->flow_then = below(2) ? VERDICT_APPROVE : VERDICT_DENY;
                for (unsigned r = 0; r < layer->count; r++) {
                        const unsigned kind = below(8);

                        layer->rules[r] = (struct rule){
                                .verdict = kind < 4 ? VERDICT_ALLOW : kind < 7 ? VERDICT_APPROVE : VERDICT_DENY,
                                .tool = below(TOOLS + 1),
                                .n = below(2) ? 0 : 1 + below(VALUES),
                                .by = 1 + (below(4) == 0),
                        };
                }
        }
        return l;
}

static void write_rules(const struct layer *layer, enum verdict verdict, const char *key, struct buf *out)
{
        bool any = false;

        for (unsigned i = 0; i < layer->count; i++) {
                const struct rule *rule = &layer->rules[i];

                if (rule->verdict != verdict)
                        continue;
                buf_printf(out, "%s{ tool: \"%s\"", any ? ", " : key, rule->tool == TOOLS ? "**" : (const char *[]){ "a", "b", "c" }[rule->tool]);
                if (rule->n)
                        buf_printf(out, ", when: { n: %u }", rule->n);
                if (verdict == VERDICT_APPROVE && rule->by > 1)
                        buf_printf(out, ", by: %u", rule->by);
                buf_append_str(out, STR(" }"));
                any = true;
        }
        if (any)
                buf_append_str(out, STR("]\n"));
}

static struct policy_set *compile(const struct layers *l)
{
        struct buf texts[LAYERS];
        struct str inputs[LAYERS];
        struct policy_set *set;

        for (unsigned i = 0; i < l->count; i++) {
                const struct layer *layer = &l->layers[i];
                struct buf *out = &texts[i];

                buf_init(out, 1U << 16);
                buf_printf(out, "leastwise: 1\nname: p%u\npurpose: p\n%stools:\n", i, layer->expired ? "until: 2020-01-01\n" : "");
                write_rules(layer, VERDICT_ALLOW, "  allow: [", out);
                write_rules(layer, VERDICT_APPROVE, "  approve: [", out);
                write_rules(layer, VERDICT_DENY, "  deny: [", out);
                buf_printf(out, "flow: { marks: { met: a, held: %s }, rules: [{ after: met, on: held, then: %s }] }\n",
                        (const char *[]){ "a", "b", "c", "none" }[layer->flow_tool], verdict_name(layer->flow_then));
                inputs[i] = buf_str(out);
        }
        set = driver_policies(inputs, l->count, l->administrators);
        for (unsigned i = 0; i < l->count; i++)
                buf_deinit(&texts[i]);
        return set;
}

/* --- the model --- */

static bool takes(unsigned rule_tool, unsigned rule_n, unsigned tool, unsigned n)
{
        return (rule_tool == TOOLS || rule_tool == tool) && (!rule_n || rule_n == n);
}

struct opinion {
        bool allows, denies, approves, held_back, expired;
        unsigned by;
};

static struct opinion opinion_of(const struct world *w, const struct layer *layer, unsigned tool, unsigned n)
{
        struct opinion o = { .expired = layer->expired, .held_back = w->met && layer->flow_tool == tool };

        for (unsigned i = 0; i < layer->count; i++) {
                const struct rule *rule = &layer->rules[i];

                if (!takes(rule->tool, rule->n, tool, n))
                        continue;
                o.denies |= rule->verdict == VERDICT_DENY;
                o.approves |= rule->verdict == VERDICT_APPROVE;
                o.allows |= rule->verdict == VERDICT_ALLOW;
                if (rule->verdict == VERDICT_APPROVE && rule->by > o.by)
                        o.by = rule->by;
        }
        return o;
}

static bool policies_allow(const struct world *w, unsigned tool, unsigned n)
{
        for (unsigned i = 0; i < w->layers.count; i++) {
                const struct opinion o = opinion_of(w, &w->layers.layers[i], tool, n);

                if (o.expired || o.denies || o.approves || o.held_back || !o.allows)
                        return false;
        }
        return true;
}

static bool is_covered(const struct world *w, unsigned tool, unsigned n)
{
        for (unsigned i = 0; i < w->count; i++) {
                const struct granted *g = &w->grants[i];

                if (!g->over && g->until > w->d.now_ms && takes(g->tool, g->n, tool, n))
                        return true;
        }
        return false;
}

static bool may_be_granted(const struct world *w, unsigned tool, unsigned n)
{
        for (unsigned i = 0; i < w->layers.count; i++) {
                const struct opinion o = opinion_of(w, &w->layers.layers[i], tool, n);

                if (o.expired || o.denies || o.held_back || o.by > 1)
                        return false;
                if (i < w->layers.administrators && (o.approves || !o.allows))
                        return false;
        }
        return true;
}

/* --- steps --- */

static void forget(struct world *w)
{
        for (int to = 0; to < SIDE_MAX_; to++)
                buf_clear(&w->d.to[to], 1U << 16);
}

static bool has(const struct buf *b, const char *text)
{
        return b->len && memmem(b->data, b->len, text, strlen(text));
}

static void call(struct world *w)
{
        const unsigned tool = below(TOOLS), n = 1 + below(VALUES);
        const bool allowed = policies_allow(w, tool, n), covered = is_covered(w, tool, n), grantable = may_be_granted(w, tool, n);
        const bool expected = !w->d.disk_full && (allowed || (covered && grantable));
        char line[256];
        bool ran;

        forget(w);
        snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":\"tools/call\",\"params\":{\"name\":\"%c\",\"arguments\":{\"n\":%u}}}\n",
                ++w->calls, 'a' + (int)tool, n);
        driver_feed(&w->d, SIDE_CLIENT, str_from(line));
        ran = has(&w->d.to[SIDE_SERVER], "tools/call");
        if (ran != expected) {
                fprintf(stderr, "tool %c, n %u: ran %d; by policy %d, covered %d, grantable %d, disk full %d\n", 'a' + (int)tool, n, ran, allowed,
                        covered, grantable, w->d.disk_full);
                abort();
        }
        by_policy += ran && allowed;
        by_grant += ran && !allowed;
        kept_from_grant += !allowed && covered && !grantable;
        if (!ran)
                return;
        snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%u,\"result\":{\"content\":[]}}\n", w->calls);
        driver_feed(&w->d, SIDE_SERVER, str_from(line));
        w->met |= tool == 0;
}

static void grant(struct world *w)
{
        struct granted *g = &w->grants[w->count];
        struct grant_terms terms = { .because = STR("why") };
        char tool[2] = "a", when[16];
        const char *why;

        *g = (struct granted){ .tool = below(TOOLS), .n = below(2) ? 0 : 1 + below(VALUES), .until = w->d.now_ms + 1 + below(1200000) };
        tool[0] = (char)('a' + g->tool);
        terms.tool = str_from(tool);
        terms.expires_ms = g->until;
        snprintf(when, sizeof(when), "n: %u", g->n);
        if (g->n)
                terms.when[terms.when_count++] = str_from(when);
        if (driver_grant(&w->d, &terms, g->id, &why) < 0)
                return;
        if (w->d.disk_full)
                abort();
        w->count++;
        grants_given++;
}

static void revoke(struct world *w)
{
        struct granted *g = w->count ? &w->grants[below(w->count)] : NULL;

        if (!g)
                return;
        (void)driver_revoke(&w->d, g->id);
        g->over = true;
}

static void reload(struct world *w)
{
        struct policy_set *set;

        w->layers = random_layers();
        set = compile(&w->layers);
        driver_set_policy(&w->d, set, NULL);
        policy_set_unref(set);
}

static void step(struct world *w)
{
        const unsigned choice = below(100);

        if (choice < 60)
                call(w);
        else if (choice < 78)
                grant(w);
        else if (choice < 84)
                revoke(w);
        else if (choice < 92)
                driver_wait(&w->d, below(600000));
        else if (choice < 96)
                reload(w);
        else if (below(3) == 0 || w->d.disk_full)
                w->d.disk_full = !w->d.disk_full;
}

int main(int argc, char **argv)
{
        const unsigned long worlds = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
        struct world *w = malloc(sizeof(*w));

        state = argc > 2 ? strtoull(argv[2], NULL, 10) : 88172645463325252ULL;
        for (unsigned long i = 0; w && i < worlds; i++) {
                struct policy_set *set;

                memset(w, 0, sizeof(*w));
                w->layers = random_layers();
                set = compile(&w->layers);
                driver_start_asking(&w->d, set, NULL, true, NULL, &asking);
                policy_set_unref(set);
                for (unsigned j = 0; j < STEPS; j++)
                        step(w);
                driver_stop(&w->d);
        }
        printf("%lu worlds: %lu calls ran by policy, %lu by one of %lu grants, %lu covered by a grant were refused\n", worlds, by_policy, by_grant,
                grants_given, kept_from_grant);
        free(w);
        return by_policy && by_grant && kept_from_grant ? 0 : 1;
}
