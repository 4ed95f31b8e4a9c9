/* SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "leaks.h"

#define ALLOW(tool) "leastwise: 1\nname: p\npurpose: x\ntools: { allow: [" tool "] }\n"

/* A set of the texts, each under its own path. */
static struct policy_set *load(const char *const *paths, const char *const *texts, size_t count)
{
        struct policy_input inputs[4];
        struct diagnostics *diags = calloc(1, sizeof(*diags));
        struct policy_set *set = NULL;

        for (size_t i = 0; i < count; i++)
                inputs[i] = (struct policy_input){ str_from(paths[i]), str_from(texts[i]) };
        cr_assert_eq(policy_set_new(&set, inputs, count, NULL, diags), 0);
        diagnostics_deinit(diags);
        free(diags);
        return set;
}

Test(compare, further_policies_narrow_and_all_else_may_widen)
{
        static const struct {
                const char *name;
                const char *paths[2][3], *texts[2][3];
                size_t counts[2];
                enum policy_change change;
        } rows[] = {
                { "the same", { { "a" }, { "a" } }, { { ALLOW("x") }, { ALLOW("x") } }, { 1, 1 }, POLICY_SAME },
                { "other bytes", { { "a" }, { "a" } }, { { ALLOW("x") }, { ALLOW("y") } }, { 1, 1 }, POLICY_WIDER },
                { "a comment", { { "a" }, { "a" } }, { { ALLOW("x") }, { ALLOW("x") "# less\n" } }, { 1, 1 }, POLICY_WIDER },
                { "another path", { { "a" }, { "b" } }, { { ALLOW("x") }, { ALLOW("x") } }, { 1, 1 }, POLICY_WIDER },
                { "one in front", { { "a" }, { "l", "a" } }, { { ALLOW("x") }, { ALLOW("y"), ALLOW("x") } }, { 1, 2 }, POLICY_NARROWER },
                { "one behind", { { "a" }, { "a", "l" } }, { { ALLOW("x") }, { ALLOW("x"), ALLOW("y") } }, { 1, 2 }, POLICY_NARROWER },
                { "one less", { { "l", "a" }, { "a" } }, { { ALLOW("y"), ALLOW("x") }, { ALLOW("x") } }, { 2, 1 }, POLICY_WIDER },
                { "one for another", { { "l", "a" }, { "m", "a" } }, { { ALLOW("y"), ALLOW("x") }, { ALLOW("z"), ALLOW("x") } }, { 2, 2 }, POLICY_WIDER },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct policy_set *before = load(rows[i].paths[0], rows[i].texts[0], rows[i].counts[0]);
                struct policy_set *after = load(rows[i].paths[1], rows[i].texts[1], rows[i].counts[1]);

                cr_expect_eq(policy_set_compare(before, after), rows[i].change, "%s", rows[i].name);
                policy_set_unref(before);
                policy_set_unref(after);
        }
        CHECK_NO_LEAKS();
}

Test(compare, what_counts_at_the_start)
{
        static const char *const texts[] = {
                ALLOW("x"), ALLOW("x") "server: { command: [a] }\n", ALLOW("x") "server: { env: { A: b } }\n",
                ALLOW("x") "server: { env: { A: c } }\n", ALLOW("x") "server: { inherit: [LANG] }\n",
                ALLOW("x") "credentials: { TOKEN: { from: env, name: A } }\n", ALLOW("x") "credentials: { TOKEN: { from: env, name: B } }\n",
                ALLOW("x") "audit: { durable: true }\n", ALLOW("x") "audit: { arguments: redacted }\n",
        };
        const size_t count = sizeof(texts) / sizeof(texts[0]);
        const char *path = "p";

        for (size_t i = 0; i < count; i++) {
                for (size_t j = 0; j < count; j++) {
                        struct policy_set *a = load(&path, &texts[i], 1), *b = load(&path, &texts[j], 1);

                        cr_expect_eq(policy_set_starts_alike(a, b), i == j, "%zu and %zu", i, j);
                        policy_set_unref(a);
                        policy_set_unref(b);
                }
        }
}
