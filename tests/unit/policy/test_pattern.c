/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "leaks.h"
#include "limit.h"

static int no_binding(void *userdata, struct str name, size_t offset, struct str *ret, bool *ret_never)
{
        const char *value = userdata;

        if (!value)
                return 1;
        *ret = str_from(value);
        *ret_never = false;
        return 0;
}

struct row {
        const char *pattern;
        struct str name;
        bool allow, deny; /* does it match as an allow pattern, as a deny pattern? */
};

#define ROW(pattern, name, allow, deny) \
        { \
                pattern, STR_INIT(name), allow, deny \
        }

static const struct row names[] = {
        ROW("add", "add", 1, 1),
        ROW("add", "Add", 0, 0),
        ROW("add", "add ", 0, 0),
        ROW("add", "ad", 0, 0),
        ROW("list_*", "list_", 1, 1),
        ROW("list_*", "list_x", 1, 1),
        ROW("list_*", "xlist_x", 0, 0),
        ROW("list_*", "list", 0, 0),
        ROW("*_x", "a_x_x", 1, 1),
        ROW("*", "anything at all", 1, 1),
        ROW("a*b*c", "a1b2c", 1, 1),
        ROW("a*b*c", "abcbc", 1, 1),
        ROW("a*b*c", "acb", 0, 0),
        ROW("?", "a", 1, 1),
        ROW("?", "ab", 0, 0),
        ROW("a?c", "a*c", 1, 1),
        ROW("a?c", "ac", 0, 0),
        ROW("[abc]x", "bx", 1, 1),
        ROW("[abc]x", "dx", 0, 0),
        ROW("[a-c]x", "bx", 1, 1),
        ROW("[a-c-]x", "-x", 1, 1),
        ROW("[!a-c]x", "dx", 1, 1),
        ROW("[!a-c]x", "bx", 0, 0),
        ROW("[\\]]", "]", 1, 1),
        ROW("[\\!a]", "!", 1, 1),
        ROW("\\*", "*", 1, 1),
        ROW("\\*", "x", 0, 0),
        ROW("\\[a\\]", "[a]", 1, 1),
        /* Wildcards of allow patterns take printable ASCII only; those of deny patterns take anything. */
        ROW("list_*", "list_\xC3\xA9", 0, 1),
        ROW("list_*", "list_\xE2\x80\xAE", 0, 1),
        ROW("r*d", "r\xD0\xB5\x61\x64", 0, 1),
        ROW("?", "\xC3\xA9", 0, 1),
        ROW("a?b",
                "a\xE2\x82\xAC"
                "b",
                0, 1),
        ROW("[!a]", "\xC3\xA9", 0, 1),
        ROW("[!a]", "\x01", 0, 1),
        ROW("*", "a\tb", 0, 1),
        ROW("a*", "a\x7F", 0, 1),
        ROW("\xC3\xA9t\xC3\xA9", "\xC3\xA9t\xC3\xA9", 1, 1),
        ROW("\xC3\xA9*", "\xC3\xA9t", 1, 1),
        ROW("\xC3\xA9*", "e\xCC\x81t", 0, 0),
        ROW("*\xC3\xA9*",
                "a\xC3\xA9"
                "b",
                1, 1),
        /* Exactly two stars are every name; two stars in a longer pattern are one. */
        ROW("**", "\xC3\xA9", 1, 1),
        ROW("a**", "a\xC3\xA9", 0, 1),
        ROW("***", "\xC3\xA9", 0, 1),
        ROW("a**b", "a/x/b", 1, 1),
        /* A name's own metacharacters are bytes. */
        ROW("a", "*", 0, 0),
        ROW("a", "[a]", 0, 0),
        ROW("a.c", "abc", 0, 0),
        ROW("a|b", "a", 0, 0),
        ROW("{a,b}", "a", 0, 0),
        ROW("{a,b}", "{a,b}", 1, 1),
        ROW("a", "a\0b", 0, 0),
        ROW("a*", "a\0b", 0, 1),
};

static const struct row uris[] = {
        ROW("note://public/*", "note://public/x", 1, 1),
        ROW("note://public/*", "note://public/x/y", 0, 0),
        ROW("note://public/**", "note://public/x/y", 1, 1),
        ROW("note://public/**", "note://public/", 1, 1),
        ROW("note://public/**", "note://public", 0, 0),
        ROW("note://?/x", "note:////x", 0, 0),
        ROW("note://[!a]/x", "note:////x", 0, 0),
        ROW("file:///**/*.md", "file:///a/b/c.md", 1, 1),
        ROW("file:///**/*.md", "file:///a/b/c.mdx", 0, 0),
        ROW("file:///*/x/*", "file:///a/x/b", 1, 1),
        ROW("file:///*/x/*", "file:///a/b/x/b", 0, 0),
        ROW("file:///**x*/y", "file:///ax/bx/xx/y", 1, 1),
        ROW("file:///**a*b", "file:///a/b/a/ab", 1, 1),
        ROW("file:///**a*b", "file:///a/b/a/b", 0, 0),
        ROW("note://**", "note://\xC3\xA9", 0, 1),
        ROW("**", "\xC3\xA9", 1, 1),
};

static void check(const struct row *row, enum pattern_kind kind, bool denies, bool expected)
{
        struct arena arena = { 0 };
        struct pattern_problem problem = { 0 };
        struct pattern p;
        int r = pattern_compile(&p, &arena, str_from(row->pattern), kind, denies, no_binding, NULL, &problem);

        cr_assert_eq(r, 0, "pattern %s: %s", row->pattern, problem.what);
        cr_expect_eq(pattern_match(&p, row->name), expected ? MATCH_YES : MATCH_NO, "%s %s with %s",
                denies ? "deny" : "allow", row->pattern, row->name.ptr);
        arena_deinit(&arena);
}

Test(pattern, names_match_as_the_table_says)
{
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
                check(&names[i], PATTERN_NAME, false, names[i].allow);
                check(&names[i], PATTERN_NAME, true, names[i].deny);
        }
        CHECK_NO_LEAKS();
}

Test(pattern, uris_match_as_the_table_says)
{
        for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); ++i) {
                check(&uris[i], PATTERN_URI, false, uris[i].allow);
                check(&uris[i], PATTERN_URI, true, uris[i].deny);
        }
        CHECK_NO_LEAKS();
}

/* The plain meaning of a pattern, by trying every run for every star. */
static bool slow_match(const struct pattern *p, size_t op, struct str s)
{
        struct pattern_op part;

        if (op == p->count)
                return s.len == 0;
        part = pattern_op(p, op);
        switch (part.kind) {
        case OP_LITERAL:
                return str_starts_with(s, part.literal) && slow_match(p, op + 1, str_skip(s, part.literal.len));
        case OP_ONE:
                return s.len && s.ptr[0] != '/' && slow_match(p, op + 1, str_skip(s, 1));
        case OP_CLASS:
                return s.len && part.set->bits[(unsigned char)s.ptr[0] / 64] >> ((unsigned char)s.ptr[0] % 64) & 1 &&
                       slow_match(p, op + 1, str_skip(s, 1));
        case OP_STAR:
        case OP_STAR_STAR:
                for (size_t n = 0;; ++n) {
                        if (slow_match(p, op + 1, str_skip(s, n)))
                                return true;
                        if (n >= s.len || (part.kind == OP_STAR && s.ptr[n] == '/'))
                                return false;
                }
        }
        return false;
}

static void random_text(unsigned *seed, const char *letters, size_t most, char *out)
{
        size_t n = (size_t)rand_r(seed) % (most + 1), count = strlen(letters);

        for (size_t i = 0; i < n; ++i)
                out[i] = letters[(size_t)rand_r(seed) % count];
        out[n] = '\0';
}

Test(pattern, fast_matching_is_the_plain_meaning)
{
        unsigned seed = 7, matched = 0;

        for (int i = 0; i < 200000; ++i) {
                struct arena arena = { 0 };
                struct pattern_problem problem;
                char text[12], name[16];
                struct pattern p;

                random_text(&seed, "aab/**?[", 9, text);
                for (char *c = text; *c; ++c) {
                        if (*c == '[')
                                memcpy(c, strlen(c) >= 3 ? "[a]" : "a", strlen(c) >= 3 ? 3 : 1);
                }
                random_text(&seed, "aab/", 12, name);
                if (pattern_compile(&p, &arena, str_from(text), PATTERN_URI, false, no_binding, NULL, &problem) == 0) {
                        bool slow = p.everything || slow_match(&p, 0, str_from(name));

                        matched += slow;
                        cr_expect_eq(pattern_match(&p, str_from(name)), slow ? MATCH_YES : MATCH_NO, "%s with %s", text,
                                name);
                }
                arena_deinit(&arena);
        }
        cr_expect_gt(matched, 10000);
        CHECK_NO_LEAKS();
}

Test(pattern, what_is_not_a_pattern_is_refused_with_its_place)
{
        static const struct {
                const char *text;
                size_t offset;
        } bad[] = { { "", 0 }, { "a[b", 1 }, { "ab\\", 2 }, { "a[]", 1 }, { "[^a]", 0 }, { "[z-a]", 1 },
                { "a[\xC3\xA9]", 2 }, { "a${", 1 }, { "a${}", 1 }, { "ab${x}", 2 }, { "[!", 0 } };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); ++i) {
                struct arena arena = { 0 };
                struct pattern_problem problem = { 0 };
                struct pattern p;

                cr_expect_gt(pattern_compile(&p, &arena, str_from(bad[i].text), PATTERN_NAME, false, no_binding, NULL,
                                     &problem),
                        0, "%s", bad[i].text);
                cr_expect_eq(problem.offset, bad[i].offset, "%s: %zu", bad[i].text, problem.offset);
                arena_deinit(&arena);
        }
        CHECK_NO_LEAKS();
}

Test(pattern, a_class_in_a_uri_pattern_cannot_hold_the_slash)
{
        struct arena arena = { 0 };
        struct pattern_problem problem = { 0 };
        struct pattern p;

        cr_expect_gt(pattern_compile(&p, &arena, STR("a:[.-9]"), PATTERN_URI, false, no_binding, NULL, &problem), 0);
        cr_expect_eq(pattern_compile(&p, &arena, STR("a:[.-9]"), PATTERN_NAME, false, no_binding, NULL, &problem), 0);
        arena_deinit(&arena);
        CHECK_NO_LEAKS();
}

Test(pattern, a_bound_value_is_taken_literally)
{
        struct arena arena = { 0 };
        struct pattern_problem problem = { 0 };
        char value[] = "*[a]?";
        struct pattern p;

        cr_assert_eq(pattern_compile(&p, &arena, STR("x_${v}_*"), PATTERN_NAME, false, no_binding, value, &problem), 0);
        cr_expect_eq(pattern_match(&p, STR("x_*[a]?_y")), MATCH_YES);
        cr_expect_eq(pattern_match(&p, STR("x_za?_y")), MATCH_NO);
        cr_expect_eq(pattern_match(&p, STR("x_aaab_y")), MATCH_NO);
        arena_deinit(&arena);
        CHECK_NO_LEAKS();
}

Test(pattern, length_is_limited)
{
        static char text[LIMIT_PATTERN_BYTES + 1];
        struct arena arena = { 0 };
        struct pattern_problem problem = { 0 };
        struct pattern p;

        memset(text, 'a', sizeof(text));
        cr_expect_eq(pattern_compile(&p, &arena, str_of(text, LIMIT_PATTERN_BYTES), PATTERN_NAME, false, no_binding,
                             NULL, &problem),
                0);
        cr_expect_gt(pattern_compile(
                             &p, &arena, str_of(text, sizeof(text)), PATTERN_NAME, false, no_binding, NULL, &problem),
                0);
        arena_deinit(&arena);
        CHECK_NO_LEAKS();
}

Test(pattern, steps_are_limited_and_the_limit_settles_nothing)
{
        static char text[LIMIT_URI_BYTES];
        struct arena arena = { 0 };
        struct pattern_problem problem = { 0 };
        struct pattern p, easy;

        memset(text, 'a', sizeof(text));
        cr_assert_eq(pattern_compile(&p, &arena, STR("**a*b"), PATTERN_URI, true, no_binding, NULL, &problem), 0);
        cr_expect_eq(pattern_match(&p, str_of(text, sizeof(text))), MATCH_UNSETTLED);
        cr_expect_eq(pattern_match(&p, str_of(text, 100)), MATCH_UNSETTLED, "in proportion to the text");
        cr_expect_eq(pattern_match(&p, str_of(text, 20)), MATCH_NO);
        cr_assert_eq(pattern_compile(&easy, &arena, STR("a*a**a"), PATTERN_URI, true, no_binding, NULL, &problem), 0);
        cr_expect_eq(pattern_match(&easy, str_of(text, sizeof(text))), MATCH_YES);
        arena_deinit(&arena);
        CHECK_NO_LEAKS();
}
