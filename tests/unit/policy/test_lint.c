/* SPDX-License-Identifier: Apache-2.0
 *
 * What lints rest on. What they say is in tests/golden/lint.
 */
#include "leaks.h"
#include "linter.h"
#include "world.h"

#include "env_name.h"

Test(lint, words_that_look_random)
{
        static const struct {
                const char *text;
                bool random;
        } rows[] = {
                { "tH7kq2Vn/Wz0pLr9BxYc3/fDgJm5sQeA8uXiRoT1", true },
                { "tH7kq2Vn_Wz0pLr9BxYc3-fDgJm5sQeA", true },
                { "tH7kq2Vn_Wz0pLr9BxYc3-fDgJm5sQe", false }, /* too short */
                { "/H7kq2Vn/Wz0pLr9BxYc3/fDgJm5sQeA8uXiRoT1", false },
                { "0123456789abcdef0123456789abcdef01234567", false },
                { "123e4567-e89b-12d3-a456-426614174000", false },
                { "ThisIsASettingWithAVeryLongNameOf2Words", false },
                { "https://api.example.com/v1/Projects/2026/X", false },
                { "aA1aA1aA1aA1aA1aA1aA1aA1aA1aA1aA1aA1", false },
                { "", false },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i)
                cr_expect_eq(env_value_looks_random(str_from(rows[i].text)), rows[i].random, "%s", rows[i].text);
}

/* What somebody else wrote is not told of, and those who do not ask are told nothing. */
Test(lint, only_who_asks_is_told)
{
        const char *texts[] = { HEAD "tools: { allow: [{ tool: a, when: { x: { search: y } } }] }\n",
                "leastwise: 1\nname: b\npurpose: y\ntools: { allow: ['*'] }\n" };
        struct policy_options quiet = { .tests = true }, loud = { .tests = true, .lint = true };
        struct world w = world_of(texts, 2, &quiet);

        cr_expect_eq(w.diags.count, 0);
        policy_set_lint(w.set, &(struct lint){ .from = 1 }, &w.diags);
        cr_expect_eq(w.diags.count, 2);
        for (size_t i = 0; i < w.diags.count; ++i)
                cr_expect(str_eq(w.diags.items[i].path, STR("b.yaml")));
        world_end(&w);
        w = world_of(texts, 2, &loud);
        cr_expect_eq(w.diags.count, 1);
        cr_expect(world_has_code(&w, P_UNANCHORED));
        world_end(&w);
        CHECK_NO_LEAKS();
}
