/* SPDX-License-Identifier: Apache-2.0 */
#include "cleanup.h"
#include "evaluator.h"
#include "limit.h"

/* More ways than this to be allowed nobody keeps in mind: then nothing is said. */
#define WAYS_MAX 4U
#define REFUSALS_MAX 8U

/* The rules of one policy that speak of the tool. */
struct ways {
        const struct rule *permits[WAYS_MAX], *refuses[REFUSALS_MAX];
        size_t permit_count, refuse_count;
        bool too_many, approves, denied;
};

/* In the order of the file, each once. */
static bool add_rule(const struct rule **rules, size_t *count, size_t most, const struct rule *rule)
{
        size_t at = 0;

        while (at < *count && rules[at]->index < rule->index)
                ++at;
        if (at < *count && rules[at] == rule)
                return true;
        if (*count == most)
                return false;
        memmove(&rules[at + 1], &rules[at], (*count - at) * sizeof(*rules));
        rules[at] = rule;
        ++*count;
        return true;
}

static void gather(void *userdata, const struct rule *rule, const struct pattern *pattern, const struct terms_result *result)
{
        struct ways *ways = userdata;

        (void)pattern;
        (void)result;
        if (rule->verdict == VERDICT_DENY) {
                ways->denied |= !rule->terms;
                ways->too_many |= rule->terms && !add_rule(ways->refuses, &ways->refuse_count, REFUSALS_MAX, rule);
                return;
        }
        ways->approves |= rule->verdict == VERDICT_APPROVE;
        ways->too_many |= !add_rule(ways->permits, &ways->permit_count, WAYS_MAX, rule);
}

static void separate(struct buf *out, size_t start, struct str with)
{
        if (out->len > start)
                buf_append_str(out, with);
}

static void put_term(struct buf *out, const struct term *term)
{
        buf_append_str(out, term->path.text);
        buf_append_char(out, ' ');
        condition_words(term->conditions, out);
        if (term->optional)
                buf_append_str(out, STR(" if given"));
}

static void put_narrowing(struct buf *out, const struct narrowing *n)
{
        buf_append_str(out, n->path.text);
        if (n->removes)
                buf_append_str(out, STR(" is left out"));
        if (n->value.len)
                buf_printf(out, " becomes %.*s", STR_FMT(n->value));
        if (n->has_least)
                buf_printf(out, " is raised to at least %.*s", STR_FMT(n->least_text));
        if (n->has_most)
                buf_printf(out, "%s is cut to at most %.*s", n->has_least ? " and" : "", STR_FMT(n->most_text));
        if (n->fallback.len)
                buf_printf(out, "%s is %.*s unless given", n->has_least || n->has_most ? " and" : "", STR_FMT(n->fallback));
}

static void put_way(struct buf *out, const struct rule *rule)
{
        const struct terms *terms = rule->terms;
        size_t start = out->len;

        for (size_t i = 0; terms && i < terms->count; ++i) {
                /* That a number is wanted goes without saying where it has bounds. */
                if (terms->terms[i].conditions->implied)
                        continue;
                separate(out, start, STR("; "));
                put_term(out, &terms->terms[i]);
        }
        for (size_t i = 0; terms && i < terms->narrowing_count; ++i) {
                separate(out, start, STR("; "));
                put_narrowing(out, &terms->narrowings[i]);
        }
        if (terms && terms->accepted) {
                separate(out, start, STR("; "));
                buf_printf(out, "arguments: %s%.*s", terms->accepted->first ? "only " : "", STR_FMT(terms->accepts));
        }
        if (rule->verdict == VERDICT_APPROVE) {
                separate(out, start, STR("; "));
                buf_append_str(out, STR("needs a person's approval"));
        }
}

/* A rule without limits makes those of others irrelevant, unless one of them asks for approval. */
static bool is_open(const struct ways *ways)
{
        for (size_t i = 0; i < ways->permit_count && !ways->approves; ++i) {
                const struct terms *terms = ways->permits[i]->terms;

                if (!terms || (!terms->count && !terms->accepted && !terms->narrowing_count))
                        return true;
        }
        return false;
}

static void put_ways(struct buf *out, const struct ways *ways)
{
        size_t start = out->len;

        for (size_t i = 0; i < ways->permit_count && !is_open(ways); ++i) {
                size_t before = out->len;

                if (ways->permit_count > 1)
                        buf_printf(out, "%s(%zu) ", i ? ", or " : "", i + 1);
                put_way(out, ways->permits[i]);
                if (out->len == before)
                        continue;
                if (ways->permit_count > 1 && !ways->permits[i]->terms && ways->permits[i]->verdict == VERDICT_ALLOW)
                        buf_append_str(out, STR("otherwise"));
        }
        for (size_t i = 0; i < ways->refuse_count; ++i) {
                const struct terms *terms = ways->refuses[i]->terms;

                separate(out, start, STR("; "));
                buf_append_str(out, STR("refused where "));
                for (size_t t = 0; t < terms->count; ++t) {
                        buf_append_str(out, t ? STR(" and ") : STR(""));
                        put_term(out, &terms->terms[t]);
                }
        }
}

void policy_set_hint(const struct policy_set *set, struct str name, struct buf *out)
{
        const struct policy_request request = { .subject = POLICY_TOOL, .name = name };
        AUTO_BUF struct buf text = BUF_INIT(LIMIT_HINT_BYTES);

        buf_append_str(&text, STR("leastwise: "));
        for (size_t i = 0; i < set->count; ++i) {
                struct ways ways = { .permit_count = 0 };
                struct collector c = { .request = &request, .any_arguments = true, .observer = gather, .userdata = &ways };
                size_t before = text.len;

                policy_evaluate(&set->policies[i], &c);
                if (ways.denied || ways.too_many)
                        return;
                if (before > sizeof("leastwise: ") - 1)
                        buf_append_str(&text, STR("; "));
                put_ways(&text, &ways);
                /* Nothing was said. */
                if (text.len <= before + 2 && before > sizeof("leastwise: ") - 1)
                        text.len = before;
        }
        buf_append_char(&text, '.');
        if (text.failed || text.len <= sizeof("leastwise: "))
                return;
        buf_append_str(out, buf_str(&text));
}

bool policy_set_hints_off(const struct policy_set *set)
{
        for (size_t i = 0; i < set->count; ++i) {
                if (set->policies[i].hints_off)
                        return true;
        }
        return false;
}

bool policy_set_gives_hints(const struct policy_set *set)
{
        bool any = false;

        for (size_t i = 0; i < set->count; ++i) {
                const struct section *tools = &set->policies[i].sections[POLICY_TOOL];

                if (set->policies[i].hints_off)
                        return false;
                any |= tools->conditional || tools->approves;
        }
        return any;
}
