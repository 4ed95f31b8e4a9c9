/* SPDX-License-Identifier: Apache-2.0
 *
 * The pages about the language and the policies that ship are what the program does.
 */
#include <dirent.h>

#include "leaks.h"
#include "lint.h"
#include "world.h"

static char text[1U << 20];

static void read_page(const char *path)
{
        FILE *in = fopen(path, "r");
        size_t n;

        cr_assert_not_null(in, "%s", path);
        n = fread(text, 1, sizeof(text) - 1, in);
        fclose(in);
        cr_assert_gt(n, 0, "%s", path);
        text[n] = '\0';
}

static bool is_known(const char *code)
{
        for (size_t i = 0; i < policy_code_count; ++i) {
                if (strncmp(policy_codes[i].code, code, 4) == 0)
                        return true;
        }
        return false;
}

#define LINT_DAY_S INT64_C(1795262400) /* 2026-11-21, noon */

/* The example, with the required keys in front unless it has one of them. */
static struct world check_example(const char *from, size_t len, bool lint)
{
        static char example[1U << 16];
        struct policy_options options = { .any_binding = true, .any_agent = true, .lint = lint, .tests = true };
        static const struct lint_tool tools[] = { { STR_INIT("get_issue"), false }, { STR_INIT("delete_file"), true } };
        const struct lint_pins pins = { tools, 2, true };
        const char *texts = example;

        snprintf(example, sizeof(example), "%s%.*s", memmem(from, len, "leastwise:", 10) ? "" : HEAD, (int)len, from);
        struct world w = world_of(&texts, 1, &options);

        if (lint && w.r == 0)
                policy_set_lint(w.set, &(struct lint){ .now_s = LINT_DAY_S, .pins = &pins }, &w.diags);
        return w;
}

/* The next ```yaml block of the page at or behind @at, but not behind @end; its text is at *ret. */
static size_t next_example(const char *at, const char *end, const char **ret)
{
        const char *open = strstr(at, "```yaml\n"), *close;

        if (!open || open >= end)
                return 0;
        open += strlen("```yaml\n");
        close = strstr(open, "\n```");
        cr_assert_not_null(close);
        *ret = open;
        return (size_t)(close + 1 - open);
}

Test(docs, every_code_is_told_with_an_example_that_draws_it)
{
        size_t drawn = 0;

        read_page(SOURCE_ROOT "/docs/policy-diagnostics.md");
        for (size_t i = 0; i < policy_code_count; ++i) {
                char heading[200];
                const char *section, *end, *example;
                size_t len;

                snprintf(heading, sizeof(heading), "\n## %s: %s\n", policy_codes[i].code, policy_codes[i].title);
                section = strstr(text, heading);
                cr_expect_not_null(section, "docs/policy-diagnostics.md has no %s", heading);
                if (!section)
                        continue;
                end = strstr(section + 4, "\n## ");
                end = end ? end : section + strlen(section);
                len = next_example(section, end, &example);
                if (len) {
                        struct world w = check_example(example, len, true);

                        cr_expect(world_has_code(&w, policy_codes[i].code), "%s: %.*s", policy_codes[i].code, (int)len,
                                example);
                        world_end(&w);
                        ++drawn;
                } else {
                        const char *console = strstr(section, "```console\n$ ");

                        cr_expect(console && console < end, "%s has no example", policy_codes[i].code);
                }
        }
        cr_expect_gt(drawn, 35);
        CHECK_NO_LEAKS();
}

Test(docs, every_code_that_is_told_exists)
{
        read_page(SOURCE_ROOT "/docs/policy-diagnostics.md");
        for (const char *at = text; (at = strstr(at, "\n## P")); ++at)
                cr_expect(is_known(at + 4), "%.10s", at + 4);
}

Test(docs, codes_are_unique_and_in_order)
{
        for (size_t i = 1; i < policy_code_count; ++i)
                cr_expect_lt(strcmp(policy_codes[i - 1].code, policy_codes[i].code), 0, "%s", policy_codes[i].code);
}

Test(docs, every_example_of_the_language_is_good)
{
        static const struct {
                const char *path;
                size_t least;
        } pages[] = {
                { SOURCE_ROOT "/docs/policy-language.md", 6 },
                { SOURCE_ROOT "/docs/credentials.md", 16 },
        };

        for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
                size_t len, count = 0;
                const char *at, *example;

                read_page(pages[i].path);
                for (at = text; (len = next_example(at, text + strlen(text), &example)); at = example + len, ++count) {
                        struct world w = check_example(example, len, false);

                        cr_expect_eq(w.r, 0, "%s in %.*s", w.diags.count ? w.diags.items[0].message : "", (int)len, example);
                        cr_expect_eq(w.diags.count, 0, "%s", w.diags.count ? w.diags.items[0].message : "");
                        world_end(&w);
                }
                cr_expect_geq(count, pages[i].least, "%s has %zu", pages[i].path, count);
        }
        CHECK_NO_LEAKS();
}

/* Every word that the page says comes later is refused with the code that says so. */
Test(docs, words_for_later_are_refused_by_name)
{
        static const char *const rows[] = {
                "sandbox: {}",
        };

        read_page(SOURCE_ROOT "/docs/policy-language.md");
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
                struct world w = check_example(rows[i], strlen(rows[i]), false);

                cr_expect_eq(w.diags.errors, 1, "%s", rows[i]);
                cr_expect(world_has_code(&w, P_NOT_ENFORCED), "%s", rows[i]);
                world_end(&w);
        }
        CHECK_NO_LEAKS();
}

Test(docs, the_policies_that_ship_are_good_and_listed)
{
        static char readme[sizeof(text)];
        const struct policy_options options = { .any_binding = true, .any_agent = true, .tests = true };
        const char *texts = text;
        DIR *folder = opendir(SOURCE_ROOT "/policies");
        struct dirent *entry;
        size_t count = 0;

        cr_assert_not_null(folder);
        read_page(SOURCE_ROOT "/policies/README.md");
        memcpy(readme, text, sizeof(readme));
        while ((entry = readdir(folder))) {
                const char *dot = strrchr(entry->d_name, '.');
                char path[1024];
                struct world w;

                if (!dot || strcmp(dot, ".yaml") != 0)
                        continue;
                snprintf(path, sizeof(path), SOURCE_ROOT "/policies/%s", entry->d_name);
                read_page(path);
                w = world_of(&texts, 1, &options);
                cr_expect_eq(w.r, 0, "%s: %s", entry->d_name, w.diags.count ? w.diags.items[0].message : "");
                cr_expect_eq(w.diags.count, 0, "%s: %s", entry->d_name, w.diags.count ? w.diags.items[0].message : "");
                cr_expect_not_null(strstr(readme, entry->d_name), "policies/README.md does not list %s", entry->d_name);
                world_end(&w);
                ++count;
        }
        closedir(folder);
        cr_expect_geq(count, 3);
        CHECK_NO_LEAKS();
}

Test(docs, allow_all_allows_all)
{
        struct world w;

        read_page(SOURCE_ROOT "/policies/allow-all.yaml");
        w = world_good(text);
        for (int s = 0; s < POLICY_SUBJECT_MAX_; ++s)
                cr_expect(policy_set_allows_all(w.set, (enum policy_subject)s), "subject %d", s);
        world_end(&w);
}
