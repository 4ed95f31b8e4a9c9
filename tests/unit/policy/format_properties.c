/* SPDX-License-Identifier: Apache-2.0
 *
 * format_properties [POLICIES [SEED]]: what is printed of a policy is that policy. So many random ones are formatted; the text that comes
 * out is read again and held against the one that went in, by other means than the formatter's own. Writes TAP.
 */
#include "cleanup.h"
#include "compare.h"
#include "format.h"
#include "limit.h"
#include "pattern_compare.h"
#include "random_yaml.h"
#include "set.h"
#include "yaml_tree.h"

enum property { FORMATS, SAME_AGAIN, SAME_TREE, SAME_COMMENTS, SAME_POLICY, PROPERTY_MAX_ };
static const char *const property_names[] = { "every policy can be formatted", "formatting again changes nothing",
        "the text that is printed reads as the same tree", "it holds the same comments, each once", "it compiles to the same policy" };

struct tally {
        size_t policies, good, changed, bytes, comments, broken[PROPERTY_MAX_], rows[RANDOM_ROWS_MAX];
        unsigned seed;
};

static void breaks(struct tally *t, enum property property, struct str before, struct str after)
{
        if (t->broken[property]++ < 2)
                printf("# not so: %s; seed %u\n%.*s----\n%.*s----\n", property_names[property], t->seed, STR_FMT(before), STR_FMT(after));
}

/* --- trees --- */

static uint64_t mix(uint64_t a, uint64_t b)
{
        a = (a ^ b) * UINT64_C(0x9E3779B97F4A7C15);
        return a ^ a >> 29;
}

/* Of a value, whatever the order of keys. */
static uint64_t hash_of(const struct yaml_node *node)
{
        uint64_t hash = mix(node->kind, node->kind == YAML_TEXT ? str_hash(node->text) + node->quoted : node->count);

        yaml_each (node, item) {
                if (node->kind == YAML_MAP)
                        hash += mix(mix(str_hash(item->text), item->quoted), item->value ? hash_of(item->value) : 0);
                else
                        hash = mix(hash, hash_of(item));
        }
        return hash;
}

/* 0: it is no policy's text. */
static uint64_t tree_of(struct str text)
{
        CLEANUP(arena_deinit) struct arena arena = { 0 };
        CLEANUP(diagnostics_deinit) struct diagnostics diags = { 0 };
        struct yaml_node *root = NULL;

        return yaml_tree_read(&root, &arena, STR("p.yaml"), text, &diags) == 0 && diags.errors == 0 ? hash_of(root) : 0;
}

/* --- policies --- */

static struct policy_set *compile(struct str text, size_t *ret_errors)
{
        CLEANUP(diagnostics_deinit) struct diagnostics diags = { 0 };
        const struct policy_pair bindings[] = { { STR("org"), STR("acme") } };
        const struct policy_options options = { .bindings = bindings, .binding_count = 1, .any_agent = true, .tests = true };
        const struct policy_input input = { STR("p.yaml"), text };
        struct policy_set *set = NULL;

        if (policy_set_new(&set, &input, 1, &options, &diags) < 0)
                set = NULL;
        *ret_errors = diags.errors;
        return set;
}

/* The keys of rules are put in order, and what they print depends on it; rules are compared one by one. */
static bool has_rules(struct str key)
{
        return str_eq(key, STR("tools")) || str_eq(key, STR("resources")) || str_eq(key, STR("prompts"));
}

static bool same_prints(const struct policy *a, const struct policy *b)
{
        if (a->print_count != b->print_count)
                return false;
        for (size_t i = 0; i < a->print_count; ++i) {
                size_t j = 0;

                while (j < b->print_count && !str_eq(a->prints[i].key, b->prints[j].key))
                        ++j;
                if (j == b->print_count || (!has_rules(a->prints[i].key) && memcmp(a->prints[i].digest, b->prints[j].digest, sizeof(a->prints[i].digest)) != 0))
                        return false;
        }
        return true;
}

static bool same_rules(const struct policy *a, const struct policy *b)
{
        for (size_t s = 0; s < POLICY_SUBJECT_MAX_; ++s) {
                const struct rule *x = a->sections[s].first, *y = b->sections[s].first;

                for (; x && y; x = x->next, y = y->next) {
                        if (x->verdict != y->verdict || !str_eq(x->id, y->id) || !str_eq(x->because, y->because) || x->pattern_count != y->pattern_count)
                                return false;
                        for (size_t i = 0; i < x->pattern_count; ++i) {
                                if (!pattern_same(&x->patterns[i], &y->patterns[i]))
                                        return false;
                        }
                }
                if (x || y)
                        return false;
        }
        return str_eq(a->name, b->name) && str_eq(a->purpose, b->purpose) && str_eq(a->owner, b->owner) && a->expires_at == b->expires_at;
}

static bool same_policy(struct tally *t, struct str before, struct str after)
{
        size_t old_errors, new_errors;
        struct policy_set *old = compile(before, &old_errors), *new = compile(after, &new_errors);
        bool same = !old == !new && old_errors == new_errors;

        if (!old && t->policies > 1000 && t->good < t->policies / 2)
                printf("# refused:\n%.*s", STR_FMT(before));
        if (old && new) {
                struct policy_comparison c;

                same = policy_compare(&c, old, new, false) == 0 && c.change == POLICY_SAME && c.count == 0 &&
                       same_prints(&old->policies[0], &new->policies[0]) && same_rules(&old->policies[0], &new->policies[0]);
                policy_comparison_deinit(&c);
                t->good++;
        }
        policy_set_unref(old);
        policy_set_unref(new);
        return same;
}

/* --- comments --- */

static size_t times(struct str text, const char *what)
{
        const char *at = text.ptr, *end = text.ptr + text.len, *found;
        size_t n = 0;

        for (; (found = memmem(at, (size_t)(end - at), what, strlen(what))) != NULL; at = found + 1)
                ++n;
        return n;
}

static bool has_comments(struct str text, unsigned count)
{
        char what[16];

        for (unsigned i = 0; i < count; ++i) {
                snprintf(what, sizeof(what), "# c%u; ", i);
                if (times(text, what) != 1)
                        return false;
        }
        return times(text, "; ' \" : [ {") + times(text, "; - a: b") == count;
}

/* --- the whole --- */

static void try_policy(struct tally *t, const struct random_yaml *y)
{
        CLEANUP(diagnostics_deinit) struct diagnostics diags = { 0 };
        AUTO_BUF struct buf once = BUF_INIT(LIMIT_POLICY_BYTES), twice = BUF_INIT(LIMIT_POLICY_BYTES);
        const struct str text = buf_str(y->out);
        const size_t good = t->good;
        const uint64_t tree = tree_of(text);

        t->policies++;
        t->bytes += text.len;
        t->comments += y->comments;
        if (policy_format(&once, STR("p.yaml"), text, &diags) != 0) {
                breaks(t, FORMATS, text, diags.count ? str_from(diags.items[0].message) : STR(""));
                return;
        }
        t->changed += !str_eq(buf_str(&once), text);
        if (policy_format(&twice, STR("p.yaml"), buf_str(&once), &diags) != 0 || !str_eq(buf_str(&twice), buf_str(&once)))
                breaks(t, SAME_AGAIN, buf_str(&once), buf_str(&twice));
        if (tree == 0 || tree_of(buf_str(&once)) != tree)
                breaks(t, SAME_TREE, text, buf_str(&once));
        if (!has_comments(buf_str(&once), y->comments))
                breaks(t, SAME_COMMENTS, text, buf_str(&once));
        if (!same_policy(t, text, buf_str(&once)))
                breaks(t, SAME_POLICY, text, buf_str(&once));
        for (size_t i = 0; t->good > good && i < RANDOM_ROWS_MAX; ++i)
                t->rows[i] += y->rows[i / 64] >> (i % 64) & 1;
}

/* The generator is of use only while policies are good, and every key and condition comes up in good ones. */
static bool is_varied(const struct tally *t)
{
        const size_t rows = (sizeof(random_keys) + sizeof(random_conditions) * 2) / sizeof(random_keys[0]);

        for (size_t i = 0; i < rows; ++i) {
                if (t->rows[i] * 1000 < t->policies) {
                        printf("# row %zu stood in %zu policies\n", i, t->rows[i]);
                        return false;
                }
        }
        return t->good > t->policies * 3 / 4 && t->changed > t->policies * 3 / 4 && t->comments > t->policies;
}

int main(int argc, char **argv)
{
        static struct random_yaml y;
        const size_t policies = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;
        AUTO_BUF struct buf text = BUF_INIT(SIZE_MAX);
        struct tally t = { 0 };
        size_t broken = 0;

        y.seed = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 20261121;
        y.out = &text;
        while (t.policies < policies) {
                t.seed = y.seed;
                random_policy(&y);
                try_policy(&t, &y);
        }
        printf("1..%d\n", PROPERTY_MAX_ + 1);
        for (unsigned p = 0; p < PROPERTY_MAX_; ++p) {
                printf("%sok %u - %s\n", t.broken[p] ? "not " : "", p + 1, property_names[p]);
                broken += t.broken[p];
        }
        printf("%sok %d - all kinds of policies come up (of %zu: %zu good, %zu laid out otherwise, %zu comments, %zu bytes)\n", is_varied(&t) ? "" : "not ",
                PROPERTY_MAX_ + 1, t.policies, t.good, t.changed, t.comments, t.bytes);
        return broken || !is_varied(&t);
}
