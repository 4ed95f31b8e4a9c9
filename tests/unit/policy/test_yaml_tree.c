/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml_tree.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "codes.h"
#include "leaks.h"

struct tree {
        struct arena arena;
        struct diagnostics diags;
        struct yaml_node *root;
        int r;
};

static struct tree tree_of(struct str text)
{
        struct tree t = { 0 };

        t.r = yaml_tree_read(&t.root, &t.arena, STR("t"), text, &t.diags);
        return t;
}

static void tree_end(struct tree *t)
{
        arena_deinit(&t->arena);
        diagnostics_deinit(&t->diags);
}

Test(yaml_tree, shape_and_places)
{
        struct tree t =
                tree_of(STR("a: x\n\xC3\xA9: [1, \"\xC3\xBC\", {b: yes}]\nc:\n  - >-\n    two\n    lines\n  - ''\n"));
        const struct yaml_node *list, *item;

        cr_assert_eq(t.r, 0);
        cr_expect_eq(t.root->count, 3);
        list = yaml_get(t.root, STR("\xC3\xA9"));
        cr_assert_not_null(list);
        cr_expect_eq(list->kind, YAML_LIST);
        cr_expect_eq(list->line, 2);
        cr_expect_eq(list->column, 5, "columns count bytes");
        cr_expect(str_eq(list->first->text, STR("1")));
        item = list->first->next;
        cr_expect(item->quoted);
        cr_expect_eq(item->column, 9);
        cr_expect_eq(item->length, 4);
        item = item->next;
        cr_expect_eq(item->column, 15);
        cr_expect(str_eq(yaml_get(item, STR("b"))->text, STR("yes")));
        cr_expect_eq(yaml_get(item, STR("b"))->column, 19);
        list = yaml_get(t.root, STR("c"));
        cr_expect(str_eq(list->first->text, STR("two lines")));
        cr_expect_eq(list->first->next->line, 7);
        cr_expect_eq(list->first->next->text.len, 0);
        cr_expect(list->first->next->quoted);
        cr_expect_null(yaml_get(t.root, STR("d")));
        tree_end(&t);
        CHECK_NO_LEAKS();
}

/* Builds a text of @count times @piece between @head and @tail. */
static struct str repeat(const char *head, const char *piece, size_t count, const char *tail)
{
        static char out[4U << 20];
        size_t n = (size_t)snprintf(out, sizeof(out), "%s", head);

        for (size_t i = 0; i < count; ++i)
                n += (size_t)snprintf(out + n, sizeof(out) - n, "%s", piece);
        n += (size_t)snprintf(out + n, sizeof(out) - n, "%s", tail);
        return str_of(out, n);
}

static struct str keys(size_t count)
{
        static char out[1U << 16];
        size_t n = 0;

        for (size_t i = 0; i < count; ++i)
                n += (size_t)snprintf(out + n, sizeof(out) - n, "k%zu: x\n", i);
        return str_of(out, n);
}

static void expect_limit(struct str at, struct str past, int (*read)(struct str, const char **), const char *code)
{
        const char *found = NULL;

        cr_expect_eq(read(at, &found), 0, "at the limit: %s", found ? found : "");
        found = NULL;
        cr_expect_eq(read(past, &found), -EINVAL, "past the limit");
        cr_expect_str_eq(found ? found : "", code);
}

static int read_and_tell(struct str text, const char **ret_code)
{
        struct tree t = tree_of(text);
        int r = t.r;

        if (t.diags.count)
                *ret_code = t.diags.items[0].code;
        tree_end(&t);
        return r;
}

Test(yaml_tree, limits_hold_at_their_number_and_not_one_past_it)
{
        static char at[4U << 20];
        struct str s;

        /* The root and the key count too. */
        s = repeat("a: [", "x,", LIMIT_POLICY_NODES - 3, "]\n");
        memcpy(at, s.ptr, s.len);
        expect_limit(str_of(at, s.len), repeat("a: [", "x,", LIMIT_POLICY_NODES - 2, "]\n"), read_and_tell,
                P_TOO_MANY_NODES);
        s = keys(LIMIT_POLICY_KEYS);
        memcpy(at, s.ptr, s.len);
        expect_limit(str_of(at, s.len), keys(LIMIT_POLICY_KEYS + 1), read_and_tell, P_TOO_MANY_KEYS);
        s = repeat("a: ", "[", LIMIT_POLICY_DEPTH - 1, "x");
        s = str_of(at, (size_t)snprintf(at, sizeof(at), "%.*s%.*s", STR_FMT(s), (int)LIMIT_POLICY_DEPTH - 1,
                               "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"));
        expect_limit(s, repeat("a: ", "[", LIMIT_POLICY_DEPTH, "x"), read_and_tell, P_TOO_DEEP);
        CHECK_NO_LEAKS();
}

/* A megabyte on one line, and a megabyte of brackets: no more work than the text is long. */
Test(yaml_tree, hostile_texts_are_read_in_no_time, .timeout = 20)
{
        const char *code = NULL;

        read_and_tell(repeat("a: [", "\xC3\xA9,", 60000, "]\n"), &code);
        read_and_tell(repeat("a: [", "&a \xC3\xA9,", 30000, "]\n"), &code);
        read_and_tell(repeat("a: [", "*\xC3\xA9,", 30000, "]\n"), &code);
        read_and_tell(repeat("a: {", "a: &a \xC3\xA9,", 20000, "}\n"), &code);
        read_and_tell(repeat("", "[", 1000000, ""), &code);
        read_and_tell(repeat("", "{", 1000000, ""), &code);
        read_and_tell(repeat("", "- ", 500000, ""), &code);
        read_and_tell(repeat("", "? ", 500000, ""), &code);
        read_and_tell(repeat("a: \"", "\\\n", 500000, "\"\n"), &code);
        cr_expect_eq(read_and_tell(repeat("a: ", "x", 1000000, "\n"), &code), 0);
        CHECK_NO_LEAKS();
}
