/* SPDX-License-Identifier: Apache-2.0 */
#include "arguments.h"
#include "leaks.h"

static const char policy[] =
        HEAD "tools:\n"
             "  allow:\n"
             "    - plain\n"
             "    - { tool: some, when: { owner: acme, perPage: { at_least: 1, at_most: 100, optional: true } }, free: [q] }\n"
             "    - { tool: cut, narrow: { perPage: { at_most: 50, default: 20 }, sort: { set: updated }, raw: { remove: true } } }\n"
             "    - { tool: none, free: [] }\n"
             "    - { tool: two, when: { a: 1 } }\n"
             "    - { tool: [two, \"tw*\"], when: { b: [x, z] }, open: true }\n"
             "    - { tool: [wide, \"w*\"], when: { a: 1 } }\n"
             "    - wide\n"
             "    - { tool: gone, when: { a: 1 } }\n"
             "    - { tool: mixed }\n"
             "  approve:\n"
             "    - { tool: asked, by: 2 }\n"
             "    - { tool: mixed, when: { a: { above: 5 } }, open: true }\n"
             "  deny:\n"
             "    - { tool: wide, when: { path: { starts_with: /etc, optional: true } } }\n"
             "    - gone\n";

static const struct {
        const char *tool, *hint;
} cases[] = {
        { "plain", "" },
        { "unknown", "" },
        { "gone", "" },
        { "some", "leastwise: owner is \"acme\"; perPage at least 1 and at most 100 if given; arguments: only owner, perPage, q." },
        { "cut", "leastwise: perPage is cut to at most 50 and is 20 unless given; sort becomes \"updated\"; raw is left out; "
                 "arguments: only perPage, sort, raw." },
        { "none", "leastwise: arguments: none." },
        { "two", "leastwise: (1) a is 1; arguments: only a, or (2) b one of \"x\", \"z\"." },
        { "wide", "leastwise: refused where path starts with \"/etc\" if given." },
        { "asked", "leastwise: needs a person's approval." },
        { "mixed", "leastwise: (1) otherwise, or (2) a above 5; needs a person's approval." },
};

Test(hint, tells_the_limits)
{
        struct world w = world_one(policy);

        for (size_t i = 0; i < w.diags.count; ++i)
                cr_assert_eq(w.diags.items[i].severity, SEVERITY_WARNING, "%u: %s", w.diags.items[i].line, w.diags.items[i].message);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
                AUTO_BUF struct buf out = BUF_INIT(4096);

                policy_set_hint(w.set, str_from(cases[i].tool), &out);
                cr_expect(str_eq(buf_str(&out), str_from(cases[i].hint)), "%s: %.*s", cases[i].tool, STR_FMT(buf_str(&out)));
        }
        world_end(&w);
        CHECK_NO_LEAKS();
}

Test(hint, of_several_policies)
{
        static const char *const texts[] = { HEAD "tools: { allow: [{ tool: t, when: { a: 1 }, open: true }] }\n",
                HEAD "tools: { allow: [\"**\"] }\n", HEAD "tools: { approve: [t] }\n" };
        AUTO_BUF struct buf out = BUF_INIT(4096);
        struct world w = world_of(texts, 3, NULL);

        cr_assert_eq(w.r, 0);
        policy_set_hint(w.set, STR("t"), &out);
        cr_expect(str_eq(buf_str(&out), STR("leastwise: a is 1; needs a person's approval.")), "%.*s", STR_FMT(buf_str(&out)));
        world_end(&w);
}

/* A text that would be too long is not told in part. */
Test(hint, has_a_limit)
{
        for (size_t more = 0; more < 2; ++more) {
                AUTO_BUF struct buf out = BUF_INIT(4096);
                AUTO_BUF struct buf text = BUF_INIT(8192);
                size_t rest = LIMIT_HINT_BYTES - strlen("leastwise: a is 1; arguments: only a, .") + more;
                struct world w;

                buf_printf(&text, HEAD "tools: { allow: [{ tool: t, when: { a: 1 }, free: [");
                for (size_t i = 0; i < rest; ++i)
                        buf_append_char(&text, 'x');
                buf_append_str(&text, STR("] }] }\n"));
                buf_append_char(&text, '\0');
                w = world_one(text.data);
                cr_assert_eq(w.r, 0);
                policy_set_hint(w.set, STR("t"), &out);
                cr_expect_eq(out.len, more ? 0 : LIMIT_HINT_BYTES);
                world_end(&w);
        }
}
