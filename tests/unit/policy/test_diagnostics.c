/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "diagnostic.h"
#include "leaks.h"
#include "shown.h"
#include "suggest.h"

static struct str text_of(void *userdata, struct str path)
{
        return *(const struct str *)userdata;
}

static struct diagnostic_place at(const char *path, uint32_t line, uint32_t column, uint32_t length)
{
        return (struct diagnostic_place){ str_from(path), line, column, length };
}

Test(diagnostics, are_sorted_by_place_and_keep_their_order_within_one)
{
        static const char expected[] = "a 1 1 x;a 1 1 y;a 2 1 x;a 10 1 x;b 1 2 x;b 1 3 x;";
        struct diagnostics diags = { 0 };
        char found[200] = "";

        diagnostics_add(&diags, SEVERITY_ERROR, "P1", at("b", 1, 3, 1), NULL, "x");
        diagnostics_add(&diags, SEVERITY_ERROR, "P1", at("a", 10, 1, 1), NULL, "x");
        diagnostics_add(&diags, SEVERITY_ERROR, "P1", at("a", 1, 1, 1), NULL, "x");
        diagnostics_add(&diags, SEVERITY_WARNING, "P1", at("b", 1, 2, 1), NULL, "x");
        diagnostics_add(&diags, SEVERITY_ERROR, "P1", at("a", 1, 1, 1), NULL, "y");
        diagnostics_add(&diags, SEVERITY_ERROR, "P1", at("a", 2, 1, 1), NULL, "x");
        diagnostics_sort(&diags);
        for (size_t i = 0; i < diags.count; ++i)
                snprintf(found + strlen(found), sizeof(found) - strlen(found), "%.*s %u %u %s;",
                        STR_FMT(diags.items[i].path), diags.items[i].line, diags.items[i].column,
                        diags.items[i].message);
        cr_expect_str_eq(found, expected);
        cr_expect_eq(diags.errors, 5);
        diagnostics_deinit(&diags);
        diagnostics_deinit(&diags);
        CHECK_NO_LEAKS();
}

Test(diagnostics, past_the_limit_they_are_counted)
{
        struct diagnostics diags = { 0 };

        for (unsigned i = 0; i < LIMIT_DIAGNOSTICS; ++i)
                diagnostics_add(&diags, SEVERITY_ERROR, "P1", at("a", 1, 1, 1), NULL, "x");
        cr_expect_eq(diags.dropped, 0);
        diagnostics_add(&diags, SEVERITY_ERROR, "P1", at("a", 1, 1, 1), NULL, "x");
        cr_expect_eq(diags.count, LIMIT_DIAGNOSTICS);
        cr_expect_eq(diags.errors, LIMIT_DIAGNOSTICS + 1);
        cr_expect_eq(diags.dropped, 1);
        diagnostics_deinit(&diags);
        CHECK_NO_LEAKS();
}

static void *refuse(void *userdata, void *ptr, size_t size)
{
        return NULL;
}

static void release(void *userdata, void *ptr)
{
        free(ptr);
}

Test(diagnostics, without_memory_the_error_still_counts)
{
        struct allocator none = { refuse, release, NULL };
        struct diagnostics diags = { 0 };

        mem_set_allocator(&none);
        diagnostics_add(&diags, SEVERITY_ERROR, "P1", at("a", 1, 1, 1), "help", "x");
        mem_set_allocator(NULL);
        cr_expect_eq(diags.errors, 1);
        cr_expect_eq(diags.count, 0);
        diagnostics_deinit(&diags);
}

static void expect_printed(struct str text, struct diagnostic_place place, const char *help, const char *expected)
{
        struct diagnostics diags = { 0 };
        struct buf out = BUF_INIT(1U << 16);

        diagnostics_add(&diags, SEVERITY_ERROR, "P1", place, help, "m");
        cr_expect_eq(diagnostics_print(&diags, &out, false, text_of, &text), 0);
        buf_append_char(&out, '\0');
        cr_expect_str_eq(out.data, expected);
        buf_deinit(&out);
        diagnostics_deinit(&diags);
}

Test(diagnostics, show_the_place_and_nothing_that_a_terminal_obeys)
{
        expect_printed(STR("a\nbcd: e\n"), at("f", 2, 2, 2), "h1\nh2",
                "f:2:2: error[P1]: m\n  |\n2 | bcd: e\n  |  ^^\n  = help: h1\n  = help: h2\n");
        expect_printed(STR("\tx\033[31m\\y\n"), at("f", 1, 2, 1), NULL,
                "f:1:2: error[P1]: m\n  |\n1 |  x\\x1B[31m\\y\n  |  ^\n");
        expect_printed(STR("\xC3\xA9: x"), at("f", 1, 5, 9), NULL,
                "f:1:5: error[P1]: m\n  |\n1 | \\u{E9}: x\n  |         ^\n");
        expect_printed(STR("a\r\n"), at("f", 1, 9, 1), NULL, "f:1:9: error[P1]: m\n  |\n1 | a\n  |  ^\n");
        expect_printed(STR("a"), at("f", 7, 1, 1), NULL, "f:7:1: error[P1]: m\n  |\n7 | \n  | ^\n");
        expect_printed(STR("a"), at("f\033", 0, 0, 0), "h", "f\\x1B: error[P1]: m\n  = help: h\n");
        CHECK_NO_LEAKS();
}

Test(diagnostics, json_is_one_object)
{
        struct diagnostics diags = { 0 };
        struct buf out = BUF_INIT(1U << 16);

        diagnostics_add(&diags, SEVERITY_ERROR, "P1", at("f", 2, 3, 4), "h", "say \"%s\"", "x");
        diagnostics_add(&diags, SEVERITY_WARNING, "P2", at("g", 0, 0, 0), NULL, "w");
        cr_expect_eq(diagnostics_print_json(&diags, &out), 0);
        buf_append_char(&out, '\0');
        cr_expect_str_eq(out.data,
                "{\"version\":1,\"diagnostics\":[{\"path\":\"f\",\"start\":{\"line\":2,\"col\":3},\"end\":{\"line\":2,"
                "\"col\":7},"
                "\"severity\":\"error\",\"code\":\"P1\",\"message\":\"say \\\"x\\\"\",\"help\":\"h\"},"
                "{\"path\":\"g\",\"start\":{\"line\":0,\"col\":0},\"end\":{\"line\":0,\"col\":0},"
                "\"severity\":\"warning\",\"code\":\"P2\",\"message\":\"w\"}],\"summary\":{\"errors\":1,\"warnings\":1}"
                "}");
        buf_deinit(&out);
        diagnostics_deinit(&diags);
        CHECK_NO_LEAKS();
}

Test(diagnostics, shown_text_is_short_and_printable)
{
        char longer[1000];

        memset(longer, 'a', sizeof(longer));
        cr_expect_lt(strlen(show(str_of(longer, sizeof(longer))).text), 100);
        cr_expect_str_eq(show(STR("a\n\x1B\xC3\xA9\xFFz")).text, "a\\x0A\\x1B\\u{E9}\\xFFz");
        cr_expect_str_eq(show(STR("")).text, "");
}

Test(diagnostics, suggestions_are_near)
{
        static const struct {
                const char *a, *b;
                unsigned distance;
        } rows[] = { { "allow", "allow", 0 }, { "alow", "allow", 1 }, { "lalow", "allow", 1 }, { "ALLOW", "allow", 0 },
                { "becuase", "because", 1 }, { "", "abc", 3 }, { "abc", "", 3 }, { "kitten", "sitting", 3 } };
        struct suggestion s;

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i)
                cr_expect_eq(suggest_distance(str_from(rows[i].a), str_from(rows[i].b), 10), rows[i].distance, "%s %s",
                        rows[i].a, rows[i].b);
        suggest_begin(&s, STR("tols"));
        suggest_offer(&s, STR("tols"), STR("tests"));
        suggest_offer(&s, STR("tols"), STR("tools"));
        cr_expect(str_eq(s.best, STR("tools")));
        suggest_begin(&s, STR("zebra"));
        suggest_offer(&s, STR("zebra"), STR("tools"));
        cr_expect_eq(s.best.len, 0);
}
